import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { missionKinds } from '#contracts/fleet.ts';
import { Id } from '#contracts/schema.ts';
import type { Bed, Site } from '#contracts/site.ts';
import type { Order } from '#contracts/ward-state.ts';
import type { ArgsOf } from '#runtime/commands.ts';
import { OperationalError } from '#runtime/errors.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import { askUntilAnswered } from '../../flows-house.ts';
import { defineNode, listening } from '../define-node.ts';
import { choice, flag, text } from '../forms.ts';

const Form = Type.Object({
  kind: choice(missionKinds),
  from: text,
  to: text,
  zone: text,
  load: text,
  isUrgent: flag,
  oncePer: choice(['event', 'order'] as const),
});
type Form = Static<typeof Form>;

/** What a message must say to send a robot for: which bed, and enough to tell one event from the next. */
const Cause = Type.Object({
  ward: Id,
  bed: Id,
  line: Type.Optional(Id),
  kind: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String()),
  occurrence: Type.Optional(Type.Number()),
  at: Type.Optional(Type.Number()),
});
type Cause = Static<typeof Cause>;

export type Plan =
  | { readonly ok: true; readonly key: string; readonly args: ArgsOf<'sendRobot'> }
  | { readonly ok: false; readonly because: string };

const KEY_MAX = 128;
const keyOf = (parts: readonly (string | number | undefined)[]): string => {
  const key = parts.join('/');
  return key.length <= KEY_MAX ? key : `${parts[0]}/${createHash('sha256').update(key).digest('hex')}`;
};

/** The mission for a bed, or why there is none. `order` is the order of the line, where the message names one. */
export function planFor(form: Form, cause: Cause, site: Site, order: Order | undefined): Plan {
  const no = (because: string): Plan => ({ ok: false, because });
  const { ward, bed } = cause;
  const place: Bed | undefined = site.wards.find(({ id }) => id === ward)?.beds.find(({ id }) => id === bed);
  if (!place) return no(`bed ${bed} of ${ward} is not in the site file`);
  const kind = form.kind || 'delivery';
  if (form.oncePer === 'order' && order?.state !== 'running') return no(`no order runs at bed ${bed}`);
  const event = cause.occurrence === undefined ? cause.at : cause.occurrence;
  const key = form.oncePer === 'order' ? keyOf([kind, order?.order]) : keyOf([kind, ward, bed, cause.kind, cause.subject, event]);
  const shared = { kind, ward, bed, key, ...(form.isUrgent ? { isUrgent: true } : {}) };
  if (kind === 'disinfection') {
    const zone = form.zone || place.zone;
    return zone ? { ok: true, key, args: { ...shared, zone } } : no(`bed ${bed} has no zone in the site file`);
  }
  const from = form.from || site.pharmacyStation;
  const to = form.to || place.station;
  if (!from) return no('the site has no pharmacy station');
  if (!to) return no(`bed ${bed} has no station in the site file`);
  return { ok: true, key, args: { ...shared, from, to, ...(form.load ? { load: `${form.load} ${bed}` } : {}) } };
}

export default defineNode('dispatch robot', Form, (form, { house, say, isClosed }) => {
  const causes = parser(Cause);
  const { feed, sentOnce, site } = house;
  const failures = listening(() =>
    feed.listen('mission', ({ message }) => {
      if (message.state === 'failed') sentOnce.forget(message.mission);
    }),
  );
  return {
    ...failures,
    async input(message) {
      const parsed = causes.parse(message.payload);
      if (!parsed.ok) throw new OperationalError('INPUT_INVALID', `payload names no bed: ${sayProblems(parsed.problems)}`);
      const { ward, bed, line } = parsed.value;
      const plan = planFor(form, parsed.value, site, line === undefined ? undefined : feed.current('order', [ward, bed, line]));
      if (!plan.ok) {
        say({ fill: 'grey', text: plan.because });
        return undefined;
      }
      const sent = sentOnce.missionFor(plan.key);
      if (sent !== undefined) {
        say({ fill: 'grey', text: `bed ${bed}: sent before (${sent})` });
        return undefined;
      }
      const { mission } = await askUntilAnswered(house, 'sendRobot', plan.args, { isWanted: () => !isClosed() });
      sentOnce.remember(plan.key, mission, house.clock.now());
      say({ fill: 'green', text: `bed ${bed}: ${mission}` });
      return { ...message, mission };
    },
  };
});

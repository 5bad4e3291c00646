import { type Static, Type } from 'typebox';
import { priorities, recipients } from '#contracts/alarm-kinds.ts';
import type { Finding } from '#contracts/findings.ts';
import { milliseconds } from '#contracts/units.ts';
import { parserOf } from '#runtime/bus.ts';
import { sleep } from '#runtime/clock.ts';
import { type ArgsOf, Refusal } from '#runtime/commands.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import { sayProblems } from '#runtime/validate.ts';
import type { FlowsHouse } from '../../flows-house.ts';
import { defineNode } from '../define-node.ts';
import { choice, choices } from '../forms.ts';

const Form = Type.Object({
  priority: choice(priorities),
  route: choices(recipients),
  /** Seconds as typed; empty: the ward's own. */
  onDelaySeconds: Type.Optional(Type.String({ pattern: '^([0-9]{1,3}([.][0-9]{1,3})?)?$', description: 'seconds, 0 to 600' })),
});
type Form = Static<typeof Form>;

/** The decision that a form takes on a finding; what the form leaves open is the ward's rule. */
export function decisionOf({ priority, route, onDelaySeconds }: Form, { ward, kind, subject, occurrence }: Finding): ArgsOf<'raise'> {
  return {
    ward,
    kind,
    subject,
    occurrence,
    ...(priority ? { priority } : {}),
    ...(route && route.length > 0 ? { route: [...route] } : {}),
    ...(onDelaySeconds ? { onDelayMs: milliseconds(Math.min(Number(onDelaySeconds) * 1000, 600_000)) } : {}),
  };
}

const UNKNOWN_TRIES = 4;
const UNKNOWN_WAIT_MS = milliseconds(200);

/** The flow may be ahead of the ledger by a moment: it is asked again before the ledger's own 2 s are over. */
async function raise({ request, clock }: FlowsHouse, args: ArgsOf<'raise'>): Promise<string> {
  for (let tried = 1; ; tried++) {
    try {
      return (await request('raise', args)).alarm;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'unknown' || tried >= UNKNOWN_TRIES) throw error;
      await sleep(clock, UNKNOWN_WAIT_MS);
    }
  }
}

export default defineNode('raise alarm', Form, (form, { house, say }) => {
  const findings = parserOf('finding');
  let count = 0;
  return {
    async input(message) {
      const parsed = findings.parse(message.payload);
      if (!parsed.ok) throw new OperationalError('INPUT_INVALID', `payload is no finding: ${sayProblems(parsed.problems.slice(0, 3))}`);
      const finding = parsed.value as Finding;
      if (!finding.isPresent) return undefined;
      try {
        const alarm = await raise(house, decisionOf(form, finding));
        say({ fill: 'green', text: `${++count} decided` });
        return { ...message, alarm };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // The finding has ended or come again meanwhile: nothing is left to decide.
        say({ fill: 'grey', text: `not taken: ${asError(error).message}`.slice(0, 80) });
        return undefined;
      }
    },
  };
});

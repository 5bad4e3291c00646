import { type Static, Type } from 'typebox';
import { alarmKindNames } from '#contracts/alarm-kinds.ts';
import type { Finding } from '#contracts/findings.ts';
import { defineNode, listening } from '../define-node.ts';
import { choice, choices, flag, isAmong, isWanted, text } from '../forms.ts';

const Form = Type.Object({
  ward: text,
  kinds: choices(alarmKindNames),
  /** All kinds but the chosen ones. */
  isExcluding: flag,
  when: choice(['present', 'absent', 'both'] as const),
});
type Form = Static<typeof Form>;

/** Does a finding pass the form? No kinds chosen: every kind. */
export function passes({ ward, kinds, isExcluding, when }: Form, finding: Finding): boolean {
  if (!isWanted(ward, finding.ward)) return false;
  if (when !== 'both' && finding.isPresent === (when === 'absent')) return false;
  const isChosen = isAmong(kinds, finding.kind);
  return isExcluding && kinds && kinds.length > 0 ? !isChosen : isChosen;
}

export default defineNode('findings', Form, (form, { house, send, say }) => {
  let count = 0;
  say({ fill: 'grey', text: 'listening' });
  return listening(() =>
    house.feed.listen('finding', ({ message, isReplay }) => {
      if (!passes(form, message)) return;
      count++;
      say({ fill: message.isPresent ? 'yellow' : 'green', text: `${message.kind} ${message.subject} · ${count}` });
      send({ topic: `${message.ward}/${message.kind}/${message.subject}`, payload: message, isReplay });
    }),
  );
});

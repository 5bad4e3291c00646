import { Type } from 'typebox';
import { Id } from '#contracts/schema.ts';
import { Refusal } from '#runtime/commands.ts';
import { OperationalError } from '#runtime/errors.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import { askUntilAnswered } from '../../flows-house.ts';
import { defineNode } from '../define-node.ts';
import { choice } from '../forms.ts';

const Form = Type.Object({ state: choice(['cleaning', 'cleaned'] as const) });
const AtBed = parser(Type.Object({ ward: Id, bed: Id }));

export default defineNode('mark bed', Form, ({ state }, { house, say, isClosed }) => ({
  async input(message) {
    const at = AtBed.parse(message.payload);
    if (!at.ok) throw new OperationalError('INPUT_INVALID', `payload names no bed: ${sayProblems(at.problems)}`);
    const { ward, bed } = at.value;
    const word = state || 'cleaned';
    try {
      await askUntilAnswered(house, word === 'cleaned' ? 'bedCleaned' : 'bedCleaning', { ward, bed }, { isWanted: () => !isClosed() });
      say({ fill: 'green', text: `${ward}/${bed} ${word}` });
      return message;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The bed is in that state already, or somebody lies in it by now.
      say({ fill: 'grey', text: `${ward}/${bed}: ${error.message}`.slice(0, 80) });
      return undefined;
    }
  },
}));

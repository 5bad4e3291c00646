import type { Selectable } from 'kysely';
import { instant } from '#contracts/units.ts';
import { Duty, Occupancy, Order, Placement } from '#contracts/ward-state.ts';
import { type Parser, parser, sayProblems } from '#runtime/validate.ts';
import type { Tables } from './migrations.ts';

const checked = <T>(what: Parser<T>, value: unknown): T => {
  const parsed = what.parse(value);
  if (!parsed.ok) throw new Error(`a stored row does not fit its schema: ${sayProblems(parsed.problems)}`);
  return parsed.value;
};

const orders = parser(Order);
const duties = parser(Duty);
const occupancies = parser(Occupancy);
const placements = parser(Placement);

/** Messages out of rows. A row that does not fit its schema is our bug: it throws. */
export const orderOf = (row: Pick<Selectable<Tables['infusion_order']>, 'body'>): Order => checked(orders, JSON.parse(row.body));
export const dutyOf = (row: Pick<Selectable<Tables['duty']>, 'body'>): Duty => checked(duties, JSON.parse(row.body));

export const occupancyOf = ({ ward, bed, state, patient, tag, at }: Selectable<Tables['bed']>): Occupancy =>
  checked(occupancies, {
    schema: 'occupancy.v1',
    ward,
    bed,
    state,
    ...(patient === null ? {} : { patient }),
    ...(tag === null ? {} : { tag }),
    at,
  });

export const placementOf = ({ device, ward, edge, bed, line, at }: Selectable<Tables['placement']>): Placement =>
  checked(placements, {
    schema: 'placement.v1',
    device,
    ward,
    edge,
    ...(bed === null ? {} : { bed }),
    ...(line === null ? {} : { line }),
    at: instant(at),
  });

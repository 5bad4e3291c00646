import { type ArgsOf, Refusal } from '#runtime/commands.ts';
import type { Tables } from './migrations.ts';
import type { Places } from './places.ts';
import { placementOf } from './rows.ts';
import type { Change } from './transaction.ts';

export async function writePlacement(change: Change, row: Omit<Tables['placement'], 'at'>): Promise<void> {
  const next = { ...row, at: change.now };
  const { device: _device, ...rest } = next;
  await change.db
    .insertInto('placement')
    .values(next)
    .onConflict((c) => c.column('device').doUpdateSet(rest))
    .execute();
  change.said.push({ channel: 'placement', message: placementOf(next) });
}

/** Says at which bed and line of its edge's ward a device is; without a bed it is taken off. */
export async function placeDevice(change: Change, places: Places, args: ArgsOf<'placeDevice'>): Promise<Record<never, never>> {
  const { device, bed, line } = args;
  const home = places.devices.get(device);
  if (!home) throw new Refusal(`there is no device ${device} in the site file`);
  if (line !== undefined && bed === undefined) throw new Refusal('a line needs its bed');
  if (bed !== undefined) {
    if (!places.beds.get(home.ward)?.has(bed))
      throw new Refusal(`device ${device} belongs to ward ${home.ward}, which has no bed ${bed}; it cannot be read from elsewhere`);
    if (line !== undefined) places.checkLine(home.ward, bed, line);
  }
  await writePlacement(change, { device, ward: home.ward, edge: home.edge, bed: bed ?? null, line: line ?? null });
  await change.audit('place-device', { ward: home.ward, ...(bed === undefined ? {} : { bed }) }, { device, line });
  return {};
}

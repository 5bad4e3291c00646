import type { Device, Ward } from '#contracts/site.ts';
import type { Order, Placement } from '#contracts/ward-state.ts';

const USUAL_LINE = '1';

/** Which order is in force at which device. Orders and placements come in any order and may be withdrawn. Pure. */
export interface Assignments {
  /** The devices whose order has changed by this, with the order now in force. */
  order(bed: string, line: string, order: Order | undefined): ReadonlyMap<string, Order | undefined>;
  placement(device: string, placement: Placement | undefined): ReadonlyMap<string, Order | undefined>;
}

/** `edge`: a device that records have placed at another edge has no order here. Until records speak, devices stand where the site file puts them. */
export function createAssignments(edge: string, ward: Ward, devices: readonly Device[]): Assignments {
  const firstLine = new Map(ward.beds.map(({ id, lines }) => [id, lines?.[0] ?? USUAL_LINE]));
  const orders = new Map<string, Order>();
  const places = new Map<string, string>();
  const placeOf = (bed: string | undefined, line: string | undefined) =>
    bed === undefined ? undefined : `${bed}/${line ?? firstLine.get(bed) ?? USUAL_LINE}`;
  const move = (device: string, place: string | undefined) => {
    if (place === undefined) places.delete(device);
    else places.set(device, place);
  };
  for (const { id, placement } of devices) move(id, placeOf(placement?.bed, placement?.line));

  return {
    order(bed, line, order) {
      const place = `${bed}/${line}`;
      if (order) orders.set(place, order);
      else orders.delete(place);
      return new Map([...places].filter(([, at]) => at === place).map(([device]) => [device, order]));
    },
    placement(device, placement) {
      if (!devices.some(({ id }) => id === device)) return new Map();
      const before = places.get(device);
      move(device, placement?.edge === edge ? placeOf(placement.bed, placement.line) : undefined);
      const after = places.get(device);
      return before === after ? new Map() : new Map([[device, after === undefined ? undefined : orders.get(after)]]);
    },
  };
}

import type { Site } from '#contracts/site.ts';
import { Refusal } from '#runtime/commands.ts';

/** Lines of a bed whose site file names none. */
const USUAL_LINES: readonly string[] = ['1'];

export interface DeviceHome {
  readonly edge: string;
  readonly ward: string;
  readonly placement?: { readonly bed: string; readonly line?: string };
}

/** What stands where by the site file: the frame that records moves within. */
export interface Places {
  readonly timeZone: string;
  readonly beds: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly devices: ReadonlyMap<string, DeviceHome>;
  /** Lines of a bed. Refuses a ward or bed that does not exist, in the words shown to the person. */
  linesOf(ward: string, bed: string): readonly string[];
  /** Refuses a line that the bed does not have. */
  checkLine(ward: string, bed: string, line: string): void;
}

export function placesOf(site: Site): Places {
  const beds = new Map(site.wards.map((ward) => [ward.id, new Map(ward.beds.map((bed) => [bed.id, bed.lines ?? USUAL_LINES]))]));
  const wardOfEdge = new Map((site.edges ?? []).map((edge) => [edge.id, edge.ward]));
  const devices = new Map(
    (site.devices ?? []).map(({ id, edge, placement }) => [
      id,
      {
        edge,
        ward: wardOfEdge.get(edge) ?? '',
        ...(placement ? { placement: { bed: placement.bed, ...(placement.line === undefined ? {} : { line: placement.line }) } } : {}),
      },
    ]),
  );
  const linesOf = (ward: string, bed: string): readonly string[] => {
    const bedsOfWard = beds.get(ward);
    if (!bedsOfWard) throw new Refusal(`there is no ward ${ward}`);
    const lines = bedsOfWard.get(bed);
    if (!lines) throw new Refusal(`ward ${ward} has no bed ${bed}`);
    return lines;
  };
  return {
    timeZone: site.timeZone,
    beds,
    devices,
    linesOf,
    checkLine(ward, bed, line) {
      const lines = linesOf(ward, bed);
      if (!lines.includes(line)) throw new Refusal(`bed ${bed} of ward ${ward} has no line ${line}; it has ${lines.join(', ')}`);
    },
  };
}

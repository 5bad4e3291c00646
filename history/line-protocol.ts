import { escape as influxEscape } from '@influxdata/influxdb-client';
import { fieldNames, type Measurement, measurements, type Point } from './measurements.ts';

/**
 * One line of InfluxDB line protocol, or undefined for a point without any known field (InfluxDB refuses those).
 * The ordinal fills the nanoseconds below the millisecond, so that two transitions of one millisecond stay two points.
 */
export function lineOf(point: Point): string | undefined {
  const definition: Measurement = measurements[point.measurement];
  const names = fieldNames[point.measurement];
  let fields = '';
  for (let i = 0; i < names.length; i++) {
    const value = point.fields[i];
    if (value === undefined) continue;
    const name = names[i]!;
    const written = writtenField(value, definition.fields[name] === 'INTEGER');
    if (written === undefined) continue;
    fields += `${fields === '' ? '' : ','}${name}=${written}`;
  }
  if (fields === '') return undefined;
  let series: string = point.measurement;
  for (let i = 0; i < point.tags.length; i++) {
    const value = point.tags[i]!;
    if (value !== '') series += `,${definition.tags[i]}=${escapeTag(value)}`;
  }
  return `${series} ${fields} ${Math.round(point.at)}${String(point.ordinal % 1_000_000).padStart(6, '0')}`;
}

function writtenField(value: number | string | boolean, isInteger: boolean): string | undefined {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return influxEscape.quoted(value.replaceAll('\n', ' '));
  if (!Number.isFinite(value)) return undefined; // InfluxDB has no NaN and no infinity.
  return isInteger ? `${Math.trunc(value)}i` : `${value}`;
}

const tags = new Map<string, string>();
/** Names of wards, devices and kinds come again and again: their escaped form is kept, within bounds. */
function escapeTag(value: string): string {
  let escaped = tags.get(value);
  if (escaped === undefined) {
    escaped = influxEscape.tag(value.replaceAll('\n', ' '));
    if (tags.size > 20_000) tags.clear();
    tags.set(value, escaped);
  }
  return escaped;
}

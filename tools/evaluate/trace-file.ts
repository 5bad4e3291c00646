import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Recorded material that cannot be read; the message names the file, the line and what is wrong there. */
export class TraceError extends Error {}

/** The trace files of a folder by name. Truth files are never listed, so that no estimate can have seen one. */
export function traceFiles(dir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (cause) {
    throw new TraceError(`the folder ${dir} cannot be read`, { cause });
  }
  const traces = names.filter((name) => /\.jsonl(\.gz)?$/.test(name) && !/truth/i.test(name)).sort();
  if (traces.length === 0) throw new TraceError(`no trace (*.jsonl or *.jsonl.gz) lies in ${dir}`);
  return traces.map((name) => join(dir, name));
}

export interface TraceLine {
  readonly number: number;
  readonly value: unknown;
}

/** The lines of a JSONL file, unpacked where it is gzip'd, in order. */
export function* traceLines(path: string): Generator<TraceLine> {
  let text: string;
  try {
    const bytes = readFileSync(path);
    text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    throw new TraceError(`${path} cannot be read or unpacked`, { cause });
  }
  let start = 0;
  let number = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end).trim();
    start = end + 1;
    number += 1;
    if (line === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new TraceError(`${basename(path)} line ${number}: not JSON (${line.slice(0, 40)}…)`, { cause });
    }
    yield { number, value };
  }
}

/** Checks a line against its schema. */
export function parseLine<Schema extends TSchema>(schema: Schema, line: TraceLine | undefined, path: string): Static<Schema> {
  if (line === undefined) throw new TraceError(`${basename(path)} is empty: the first line must be the trace's header`);
  if (Value.Check(schema, line.value)) return line.value as Static<Schema>;
  const [first] = Value.Errors(schema, line.value);
  const where = first?.instancePath === '' || first === undefined ? 'the line' : first.instancePath;
  throw new TraceError(`${basename(path)} line ${line.number}: ${where} ${first?.message ?? 'is not as the format says'}`);
}

/** Opens a trace: its header, checked, and the lines after it. */
export function openTrace<Header extends TSchema>(path: string, header: Header): { header: Static<Header>; lines: Generator<TraceLine> } {
  const lines = traceLines(path);
  const first = lines.next();
  return { header: parseLine(header, first.done ? undefined : first.value, path), lines };
}

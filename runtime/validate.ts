import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

export interface Problem {
  readonly path: string;
  readonly value: unknown;
  readonly allowed: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a value that came from outside. The compiled check is fast; problems are worked out only when it fails. */
export interface Parser<T> {
  check(value: unknown): value is T;
  parse(value: unknown): Parsed<T>;
}

export function parser<S extends TSchema>(schema: S): Parser<Static<S>> {
  const compiled = Compile(schema);
  return {
    check: (value): value is Static<S> => compiled.Check(value),
    parse(value) {
      if (compiled.Check(value)) return { ok: true, value: value as Static<S> };
      return { ok: false, problems: problemsOf(value, compiled.Errors(value) as unknown as RawError[]) };
    },
  };
}

interface RawError {
  keyword: string;
  instancePath: string;
  message?: string;
  params: { additionalProperties?: string[]; requiredProperties?: string[]; allowedValue?: unknown; allowedValues?: unknown[] };
}

function problemsOf(root: unknown, errors: RawError[]): Problem[] {
  const found = new Map<string, Problem>();
  const add = (path: string, allowed: string) => {
    const key = `${path} ${allowed}`;
    if (!found.has(key)) found.set(key, { path: readable(path), value: valueAt(root, path), allowed });
  };
  // A union reports the misses of every branch: only the union's own line and the deeper paths say something to a person.
  const unions = errors.filter((e) => e.keyword === 'anyOf').map((e) => e.instancePath);
  for (const e of errors) {
    if (e.keyword === 'const' && unions.includes(e.instancePath)) continue;
    if (e.keyword === 'boolean') continue;
    if (e.keyword === 'additionalProperties')
      for (const p of e.params.additionalProperties ?? []) add(`${e.instancePath}/${p}`, 'no such field');
    else if (e.keyword === 'required') for (const p of e.params.requiredProperties ?? []) add(`${e.instancePath}/${p}`, 'must be given');
    else if (e.keyword === 'enum') add(e.instancePath, `must be one of ${(e.params.allowedValues ?? []).join(', ')}`);
    else if (e.keyword === 'const') add(e.instancePath, `must be ${JSON.stringify(e.params.allowedValue)}`);
    else add(e.instancePath, e.keyword === 'anyOf' ? constsAt(errors, e.instancePath) : (e.message ?? e.keyword));
  }
  return [...found.values()];
}

function constsAt(errors: RawError[], path: string): string {
  const words = errors.filter((e) => e.keyword === 'const' && e.instancePath === path).map((e) => JSON.stringify(e.params.allowedValue));
  return words.length > 0 ? `must be one of ${words.join(', ')}` : 'must fit one of the allowed forms';
}

const readable = (pointer: string): string => pointer.replace(/^\//, '').replaceAll('/', '.') || '(whole)';

function valueAt(root: unknown, pointer: string): unknown {
  let value: unknown = root;
  for (const key of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** One line a problem: `wards.0.beds.3.id: "7 E": must match pattern …`. */
export function sayProblem({ path, value, allowed }: Problem): string {
  if (value === undefined) return `${path}: ${allowed}`;
  const shown = JSON.stringify(value) ?? String(value);
  return `${path}: ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}: ${allowed}`;
}

export const sayProblems = (problems: readonly Problem[]): string => problems.map(sayProblem).join('; ');

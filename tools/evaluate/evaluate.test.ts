import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type EvaluationKind, evaluate, evaluationKinds } from './evaluate.ts';
import { traceFiles } from './trace-file.ts';

const fixtures = new URL('../../tests/fixtures/', import.meta.url).pathname;
const dirOf = (kind: EvaluationKind) => join(fixtures, kind === 'level' ? 'pictures' : `traces/${kind}`);
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
});
after(() => rmSync(folder, { recursive: true }));

const linesOf = (path: string) =>
  (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('every kind gives results in its format, packed or not', async () => {
  for (const kind of evaluationKinds) {
    const plain = join(folder, `${kind}.jsonl`);
    const packed = join(folder, `${kind}.jsonl.gz`);
    const told: string[] = [];
    const run = await evaluate(kind, dirOf(kind), plain, { onProgress: ({ trace }) => told.push(trace) });
    assert.equal(told.length, run.traces);
    assert.ok(run.samples > 0 && run.results > 0, kind);
    await evaluate(kind, dirOf(kind), packed);
    const lines = linesOf(plain);
    assert.deepEqual(linesOf(packed), lines);
    for (const line of lines) {
      if (kind === 'level') assert.ok('file' in line && 'fraction' in line && 'confidence' in line);
      else if (kind === 'tags') assert.ok('trace' in line && ('zone' in line || 'milestone' in line || 'mismatch' in line));
      else assert.ok('trace' in line && 't_s' in line && ('state' in line || 'alarm' in line));
    }
  }
});

/** A trace cut at a time, to see whether what was said before that time depends on what came after. */
function cutWeighing(at: number): string {
  const [header, ...rest] = gunzipSync(readFileSync(join(dirOf('weighing'), 'A_05.jsonl.gz')))
    .toString('utf8')
    .trim()
    .split('\n');
  const kept = rest
    .map((line) => (JSON.parse(line) as { rows: number[][] }).rows.filter(([t]) => t! <= at))
    .filter((rows) => rows.length > 0)
    .map((rows) => JSON.stringify({ rows }));
  const dir = mkdtempSync(join(folder, 'cut-'));
  writeFileSync(join(dir, 'A_05.jsonl.gz'), gzipSync([header, ...kept].join('\n')));
  return dir;
}

test('what is said at a time does not depend on what comes after it', async () => {
  const whole = join(folder, 'whole.jsonl');
  await evaluate('weighing', dirOf('weighing'), whole);
  for (const at of [200, 610.3]) {
    const part = join(folder, 'part.jsonl');
    await evaluate('weighing', cutWeighing(at), part);
    assert.deepEqual(
      linesOf(part),
      linesOf(whole).filter(({ t_s }) => (t_s as number) <= at),
    );
  }
});

test('truth files are never listed', () => {
  const dir = mkdtempSync(join(folder, 'truth-'));
  copyFileSync(join(dirOf('drip'), 'B_13.jsonl.gz'), join(dir, 'B_13.jsonl.gz'));
  for (const name of ['truth.jsonl.gz', 'truth.jsonl', 'Truth_B.jsonl']) writeFileSync(join(dir, name), 'not to be read');
  assert.deepEqual(traceFiles(dir), [join(dir, 'B_13.jsonl.gz')]);
});

test('wrong input is answered with the place and the reason', async () => {
  const out = join(folder, 'none.jsonl');
  const write = (text: string) => {
    const dir = mkdtempSync(join(folder, 'wrong-'));
    writeFileSync(join(dir, 'B_99.jsonl'), text);
    return dir;
  };
  const header = '{"trace":"B_99","dur_s":60,"drop_factor":20,"orders":[]}';
  await assert.rejects(evaluate('drip', join(folder, 'missing'), out), /missing cannot be read/);
  await assert.rejects(evaluate('drip', mkdtempSync(join(folder, 'empty-')), out), /no trace/);
  await assert.rejects(evaluate('drip', write(''), out), /B_99\.jsonl is empty/);
  await assert.rejects(evaluate('drip', write(`${header}\n{"t0":0,"drops":[`), out), /B_99\.jsonl line 2: not JSON/);
  await assert.rejects(evaluate('drip', write(`${header}\n{"t0":0,"drops":["x"],"amb":[]}`), out), /B_99\.jsonl line 2: .*drops/);
  await assert.rejects(evaluate('tags', dirOf('drip'), out), /site\.json/);
  await assert.rejects(evaluate('level', dirOf('drip'), out), /input\.jsonl/);
  await assert.rejects(evaluate('drip', dirOf('drip'), join(folder, 'no/such/place.jsonl')), /cannot be written/);
});

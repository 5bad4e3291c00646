import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Kind, WordOf } from '#edge/drivers/driver.ts';
import { driverOf } from '#edge/drivers/drivers.ts';
import { TraceError } from '#tools/evaluate/trace-file.ts';
import type { Track } from './track.ts';
import { openTracks } from './tracks.ts';

const fixtures = new URL('../../tests/fixtures/', import.meta.url).pathname;
type AnyWord = WordOf<Kind>;

/** Plays a track to a position in steps, asking its questions at each step, and reads what it says with the edge's own driver. */
function listen(track: Track, until: number, step = 1) {
  const driver = driverOf(track.driver)!;
  const decoder = driver.decoder();
  const words: { at: number; word: AnyWord }[] = [];
  let at = 0;
  const conversation = track.device!.connect((bytes) => {
    const raw = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    decoder.take(raw, (word: AnyWord) => words.push({ at, word }));
  });
  for (at = step; at <= until; at += step) {
    track.advance(at);
    for (const { command } of driver.polls) conversation.receive(command);
  }
  return words;
}
const only = (dir: string): Track => openTracks(join(fixtures, 'traces', dir), 1)[0]!;

test('a recorded scale answers with the sample of the moment', () => {
  const words = listen(only('weighing'), 60);
  assert.ok(words.length >= 55);
  assert.ok(words.every(({ word }) => word.kind === 'mass'));
});

test('a recorded drip counter says its drops and its light; at twice the speed its own clock runs half as far', () => {
  const words = listen(only('drip'), 120);
  const light = words.filter(({ word }) => word.kind === 'light');
  assert.equal(light.length, 120);
  const drops = words.flatMap(({ word }) => (word.kind === 'drop' ? [word.deviceMs] : []));
  assert.ok(drops.length > 5);
  const fast = openTracks(join(fixtures, 'traces', 'drip'), 2)[0]!;
  const fastDrops = listen(fast, 120).flatMap(({ word }) => (word.kind === 'drop' ? [word.deviceMs] : []));
  assert.equal(fastDrops.length, drops.length);
  assert.ok(Math.abs(fastDrops.at(-1)! * 2 - drops.at(-1)!) < 4);
});

test('a recorded pump answers what its rows say', () => {
  const words = listen(only('pump'), 600);
  const statuses = words.flatMap(({ word }) => (word.kind === 'pump_status' ? [word] : []));
  assert.ok(statuses.length > 500);
  assert.ok(statuses.some(({ mode, rateMlPerHour }) => mode === 'infusing' && rateMlPerHour! > 0));
  assert.ok(words.some(({ word }) => word.kind === 'to_infuse' && word.toInfuseMl !== undefined));
  assert.ok(words.every(({ word }) => word.kind !== 'fault'));
});

test('a recorded pump says its alarms, and nothing where nothing had come', () => {
  const dir = mkdtempSync(join(tmpdir(), 'wardline-replay-'));
  const rows = [
    [1, 1, 50, 20, 3, 30, 'infusing'],
    [3, 3, 0, 20, 3, 610, 'alarm_occlusion'],
    [5, 5, 50, 19, 4, 30, 'infusing|batt_low'],
    [30, 30, 0, 19, 4, 30, 'door_open'],
  ];
  const header = { trace: 'C_x', kind: 'C', dur_s: 40 };
  writeFileSync(join(dir, 'C_x.jsonl'), `${JSON.stringify(header)}\n${JSON.stringify({ rows })}\n`);
  const words = listen(openTracks(dir, 1)[0]!, 32);
  const alarms = words.flatMap(({ at, word }) => (word.kind === 'pump_alarm' ? [[at, word.alarm] as const] : []));
  assert.deepEqual(
    alarms.filter(([, alarm], i) => alarm !== alarms[i - 1]?.[1]),
    [
      [1, 'none'],
      [3, 'occlusion'],
      [5, 'battery_low'],
      [30, 'door_open'],
    ],
  );
  assert.ok(words.every(({ at }) => at <= 10 || at >= 30));
});

test('recorded readers say their tags, with the antenna', () => {
  const tracks = openTracks(join(fixtures, 'traces', 'tags'), 1);
  assert.equal(tracks.length, 24);
  const words = tracks.slice(0, 1).flatMap((track) => listen(track, 600));
  const tags = words.flatMap(({ word }) => (word.kind === 'tag' ? [word] : []));
  assert.ok(tags.length > 100, `${tags.length} reads`);
  assert.ok(tags.some(({ antenna }) => antenna > 1));
  assert.ok(tags.every(({ tag, rssiDbm }) => /^E280[0-9A-F]{20}$/.test(tag) && rssiDbm < -20 && rssiDbm > -100));
});

test('a recorded camera shows the picture of the moment', () => {
  const [camera] = openTracks(join(fixtures, 'pictures'), 1);
  assert.equal(camera!.picture!(), undefined);
  camera!.advance(1);
  const first = camera!.picture!();
  camera!.advance(684);
  assert.notDeepEqual(camera!.picture!(), first);
});

test('a truth file in the folder is never opened', () => {
  const dir = mkdtempSync(join(tmpdir(), 'wardline-replay-'));
  copyFileSync(join(fixtures, 'traces/drip/B_13.jsonl.gz'), join(dir, 'B_13.jsonl.gz'));
  writeFileSync(join(dir, 'truth.jsonl.gz'), 'opened, it would end the replay');
  assert.equal(openTracks(dir, 1).length, 1);
  const pictures = mkdtempSync(join(tmpdir(), 'wardline-replay-'));
  writeFileSync(join(pictures, 'input.jsonl'), '{"file":"../truth.jsonl","seq":"s","elapsed_s":0}\n');
  assert.throws(() => openTracks(pictures, 1), TraceError);
});

test('a folder without material, and a name that is not there, are said', () => {
  assert.throws(() => openTracks(mkdtempSync(join(tmpdir(), 'wardline-replay-')), 1), /no trace/);
  assert.throws(() => openTracks(join(fixtures, 'traces', 'drip'), 1, ['B_99']), /nothing of that name/);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultCodes } from '#contracts/faults.ts';
import { ID_PATTERN } from '#contracts/schema.ts';
import type { Driver, Kind, WordOf } from '#edge/drivers/driver.ts';
import { drivers } from '#edge/drivers/drivers.ts';

const RANDOM_MS = 1000;
type AnyWord = WordOf<Kind>;

/** A fresh decoder fed with these pieces. */
function read(driver: Driver, pieces: readonly Uint8Array[]): AnyWord[] {
  const words: AnyWord[] = [];
  const decoder = driver.decoder();
  for (const piece of pieces) decoder.take(piece, (word: AnyWord) => words.push(word));
  return words;
}

const join = (pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(pieces.flatMap((piece) => [...piece]));

/** Mulberry32: the same bytes at every run. */
function randomBytes(seed: number) {
  let state = seed;
  return (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) & 0xff;
    });
}

it('lists at least one driver of every kind, each under its own name', () => {
  const kinds = new Set(drivers.map((driver) => driver.kind));
  assert.deepEqual([...kinds].sort(), ['camera', 'drip', 'presence', 'pump', 'reader', 'scale']);
  assert.equal(new Set(drivers.map((driver) => driver.id)).size, drivers.length);
});

for (const driver of drivers) {
  describe(`driver ${driver.id}`, () => {
    const isFault = (words: readonly AnyWord[]) => words.some((word) => word.kind === 'fault');
    const isFramed = driver.kind !== 'camera';

    it('is described and has a good and a garbled example', () => {
      assert.match(driver.id, new RegExp(ID_PATTERN));
      assert.ok(driver.manual.length > 0 && driver.model.length > 0);
      assert.ok(driver.silentAfter > 0);
      assert.ok(faultCodes.includes(driver.garbled));
      assert.ok(driver.examples.some(({ words }) => !isFault(words)));
      assert.ok(driver.examples.some(({ words }) => words.some((word) => word.kind === 'fault' && word.fault === driver.garbled)));
    });

    it('reads every example as it says', () => {
      for (const { wire, words } of driver.examples) assert.deepEqual(read(driver, [wire]), words);
    });

    if (isFramed) {
      it('reads frames that come byte by byte', () => {
        for (const { wire, words } of driver.examples)
          assert.deepEqual(
            read(
              driver,
              [...wire].map((byte) => Uint8Array.of(byte)),
            ),
            words,
          );
      });

      it('reads all frames that come in one piece', () => {
        const good = driver.examples.filter(({ words }) => !isFault(words));
        assert.deepEqual(
          read(driver, [join(good.map(({ wire }) => wire))]),
          good.flatMap(({ words }): readonly AnyWord[] => words),
        );
      });

      it('finds the next good frame after garbage', () => {
        const good = driver.examples.find(({ words }) => !isFault(words))!;
        const terminator = driver.kind === 'reader' ? [] : [0x0d, 0x0a];
        const words = read(driver, [Uint8Array.from([0xbb, 0x02, 0x00, 0x7e, 0x41, ...terminator]), good.wire]);
        assert.deepEqual(words.slice(-good.words.length), good.words);
        assert.ok(isFault(words));
      });
    }

    it(`takes random bytes for ${RANDOM_MS} ms and says only what its kind can say`, () => {
      const next = randomBytes(4711);
      const decoder = driver.decoder();
      const until = performance.now() + RANDOM_MS;
      let taken = 0;
      let said = 0;
      while (performance.now() < until) {
        const piece = next(1 + (taken % 700));
        taken += piece.length;
        decoder.take(piece, (word: AnyWord) => {
          said += 1;
          if (word.kind === 'fault') assert.ok(faultCodes.includes(word.fault));
        });
      }
      assert.ok(taken > 10_000 && said > 0, `${taken} bytes gave ${said} words`);
    });
  });
}

/** What may ever be written to a pump: questions. Anything that sets, starts, stops or takes control is a command. */
const PUMP_QUESTIONS = ['!INF|4961\r', '!INF_VTBI|8456\r', '!ALARM|50B2\r'];
const PUMP_COMMAND = /REMOTE|START|STOP|RATE|BOLUS|ACTIV|\^/;

it('writes no command to any pump', () => {
  const pumps = drivers.filter((driver) => driver.kind === 'pump');
  assert.ok(pumps.length > 0);
  for (const pump of pumps) {
    assert.ok(pump.polls.length > 0);
    for (const { command } of pump.polls) {
      const text = String.fromCharCode(...command);
      assert.doesNotMatch(text, PUMP_COMMAND);
      assert.ok(PUMP_QUESTIONS.includes(text), `${pump.id} writes ${JSON.stringify(text)}`);
    }
  }
});

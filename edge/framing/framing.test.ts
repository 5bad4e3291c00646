import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ascii, hex } from '../drivers/driver.ts';
import type { Framing } from './framing.ts';
import { lines } from './lines.ts';
import { checksum, type Yrm100Frame, yrm100Frames } from './yrm100-frames.ts';

function read<Frame>(framing: Framing<Frame>, pieces: readonly Uint8Array[]) {
  const frames: Frame[] = [];
  let garbled = 0;
  for (const piece of pieces)
    framing.take(
      piece,
      (frame) => frames.push(frame),
      () => {
        garbled += 1;
      },
    );
  return { frames, garbled };
}

/** The same bytes cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i]!, end));
}

const frameOf = (type: number, command: number, data: readonly number[]): Uint8Array => {
  const body = Uint8Array.from([type, command, data.length >> 8, data.length & 0xff, ...data]);
  return Uint8Array.from([0xbb, ...body, checksum(body, 0, body.length), 0x7e]);
};

test('lines do not depend on how the bytes are cut', () => {
  const text = fc.stringMatching(/^[ -~]{1,40}$/);
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 10 }), fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
      const bytes = ascii(sent.map((line) => `${line}\r\n`).join(''));
      assert.deepEqual(read(lines('\r\n'), cut(bytes, places)), { frames: sent, garbled: 0 });
    }),
  );
});

test('an endless line is garbled once, and the line after it is read', () => {
  const framing = lines('\r\n', 20);
  const endless = Array.from({ length: 50 }, () => ascii('x'.repeat(15)));
  assert.deepEqual(read(framing, [...endless, ascii('\r\nS S 1 g\r\n')]), { frames: ['S S 1 g'], garbled: 1 });
});

test('a line begun before a break does not join the one after it', () => {
  const framing = lines('\r\n');
  read(framing, [ascii('S S   10')]);
  framing.reset();
  assert.deepEqual(read(framing, [ascii('S S 2 g\r\n')]).frames, ['S S 2 g']);
});

test('frames do not depend on how the bytes are cut, whatever stands in them', () => {
  const one = fc.record({
    type: fc.integer({ min: 0, max: 2 }),
    command: fc.nat(255),
    data: fc.array(fc.constantFrom(0xbb, 0x7e, 0, 1, 0x22, 0xff), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
      const bytes = Uint8Array.from(sent.flatMap(({ type, command, data }) => [...frameOf(type, command, data)]));
      const { frames, garbled } = read<Yrm100Frame>(yrm100Frames(), cut(bytes, places));
      assert.equal(garbled, 0);
      assert.deepEqual(
        frames.map(({ type, command, data }) => ({ type, command, data: [...data] })),
        sent.map(({ type, command, data }) => ({ type, command, data })),
      );
    }),
  );
});

test('garbage between two frames is one garbled stretch', () => {
  const good = hex('BB 01 FF 00 01 15 16 7E');
  const { frames, garbled } = read(yrm100Frames(), [good, hex('00 11 22 BB 09 33 7E'), good]);
  assert.deepEqual([frames.length, garbled], [2, 1]);
});

test('a frame that announces more than there can be is not waited for', () => {
  const { frames } = read(yrm100Frames(), [hex('BB 02 22 FF FF'), hex('BB 01 FF 00 01 15 16 7E')]);
  assert.equal(frames.length, 1);
});

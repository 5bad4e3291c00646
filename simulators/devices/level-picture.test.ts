import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import { levelPictures, pictureScenes } from './level-picture.ts';

const pictures = levelPictures();
const pixels = (bytes: Buffer) => jpeg.decode(bytes, { useTArray: true });
/** Mean difference of two pictures over some rows, levels of grey. */
function difference(a: Buffer, b: Buffer, fromRow: number, toRow: number): number {
  const [one, two] = [pixels(a), pixels(b)];
  let sum = 0;
  for (let i = fromRow * 240 * 4; i < toRow * 240 * 4; i++) sum += Math.abs(one.data[i]! - two.data[i]!);
  return sum / ((toRow - fromRow) * 240 * 4);
}

describe('pictures of a filling', () => {
  for (const scene of pictureScenes) {
    it(`${scene}: JPEG of 240 × 320, other for another filling, the same for the same`, () => {
      const full = pictures(scene, 0.85);
      const { width, height } = pixels(full);
      assert.deepEqual([width, height], [240, 320]);
      assert.equal(pictures(scene, 0.85), full);
      assert.notEqual(pictures(scene, 0.45), full);
      assert.ok(pictures(scene, 1.08).length > 1000 && pictures(scene, 0).length > 1000);
    });
  }
  it('changes where the level moves and hardly elsewhere', () => {
    const [higher, lower] = [pictures('window', 0.8), pictures('window', 0.3)];
    assert.ok(difference(higher, lower, 120, 160) > 1.5 * difference(higher, lower, 280, 320));
  });
  it('shows an empty hook without a container', () => {
    assert.notEqual(pictures('night', undefined), pictures('night', 0.5));
  });
});

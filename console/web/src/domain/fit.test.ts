import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TileSize } from './board.ts';
import { fitBoard, rowsFor } from './fit.ts';

const tiles = (now: number, soon: number, calm: number): TileSize[] => [
  ...Array<TileSize>(now).fill('now'),
  ...Array<TileSize>(soon).fill('soon'),
  ...Array<TileSize>(calm).fill('calm'),
];
const cellMin = { width: 106, height: 116 };

describe('fit of the board', () => {
  it('packs as a dense grid does', () => {
    assert.equal(rowsFor(tiles(0, 0, 7), 4), 2);
    assert.equal(rowsFor(tiles(1, 0, 4), 4), 2);
    assert.equal(rowsFor(tiles(2, 1, 2), 4), 3);
    assert.equal(rowsFor(tiles(1, 0, 0), 2), 2);
  });

  it('shows sixty beds on a wall without scrolling, with room to read', () => {
    const fit = fitBoard(tiles(2, 6, 52), 1500, 860, 12, cellMin);
    assert.ok(fit.isWhole);
    assert.ok(fit.rows * fit.cellHeight + (fit.rows - 1) * 12 <= 861);
  });

  it('shows twelve beds with cells larger than sixty', () => {
    const few = fitBoard(tiles(1, 2, 9), 1500, 860, 12, cellMin);
    const many = fitBoard(tiles(2, 6, 52), 1500, 860, 12, cellMin);
    assert.ok(few.cellHeight > many.cellHeight * 1.5);
  });

  it('says when even the smallest tiles are too many', () => {
    const fit = fitBoard(tiles(0, 0, 60), 740, 500, 12, cellMin);
    assert.ok(!fit.isWhole);
    assert.equal(fit.cellHeight, cellMin.height);
  });
});

import type { TileSize } from './board.ts';

/** Cells that a tile takes: it grows with urgency. */
const CELLS: Record<TileSize, readonly [width: number, height: number]> = { now: [2, 2], soon: [2, 1], calm: [1, 1] };
export const spanOf = (size: TileSize) => CELLS[size];

/** How wide a calm tile may be for its height: beyond it, more columns serve better. */
const WIDTH_OVER_HEIGHT = 0.92;

/** Rows that the tiles take in a grid of `columns`, placed as CSS `grid-auto-flow: dense` does. */
export function rowsFor(sizes: readonly TileSize[], columns: number): number {
  const taken: boolean[][] = [];
  const isFree = (row: number, column: number, width: number, height: number) => {
    for (let r = row; r < row + height; r++) for (let c = column; c < column + width; c++) if (taken[r]?.[c]) return false;
    return true;
  };
  for (const size of sizes) {
    const [width, height] = CELLS[size];
    const span = Math.min(width, columns);
    place: for (let row = 0; ; row++)
      for (let column = 0; column + span <= columns; column++) {
        if (!isFree(row, column, span, height)) continue;
        for (let r = row; r < row + height; r++) {
          taken[r] ??= [];
          for (let c = column; c < column + span; c++) (taken[r] as boolean[])[c] = true;
        }
        break place;
      }
  }
  return taken.length;
}

export interface Fit {
  readonly columns: number;
  readonly rows: number;
  readonly cellHeight: number;
  /** False: even the smallest readable tiles are too many; the board scrolls. */
  readonly isWhole: boolean;
}

/** The grid with the largest cells in which every bed is seen without scrolling. Sizes and gaps in CSS pixels. */
export function fitBoard(
  sizes: readonly TileSize[],
  width: number,
  height: number,
  gap: number,
  cellMin: { width: number; height: number },
): Fit {
  let best: Fit | undefined;
  let bestSide = 0;
  const columnsMax = Math.max(2, Math.floor((width + gap) / (cellMin.width + gap)));
  for (let columns = 2; columns <= columnsMax; columns++) {
    const rows = Math.max(1, rowsFor(sizes, columns));
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    if (cellHeight < cellMin.height) continue;
    const side = Math.min(cellWidth, cellHeight * WIDTH_OVER_HEIGHT);
    if (side <= bestSide) continue;
    bestSide = side;
    best = { columns, rows, cellHeight: Math.min(cellHeight, cellWidth * 1.5), isWhole: true };
  }
  if (best) return best;
  const columns = columnsMax;
  return { columns, rows: rowsFor(sizes, columns), cellHeight: cellMin.height, isWhole: false };
}

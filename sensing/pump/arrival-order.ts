/**
 * Tells new rows of a pump from late and repeated ones by the pump's own clock, although that clock has an offset, drifts and steps.
 *
 * A row older than the newest taken is late, unless rows keep coming that agree on another clock offset: then the clock was set back.
 * Buffered rows sent in a burst after a gap never agree so, because their offsets differ by their ages.
 */

/** Rows of a live stream agree on the clock offset this closely: delivery times scatter by less. */
const OFFSET_AGREES_MS = 1500;
/** So many agreeing rows over at least so long mean that the clock was set back. */
const STEP_ROWS = 4;
const STEP_SPAN_MS = 2500;
/** Crystal drift stays far below this; it lets the least-delay offset follow one. */
const OFFSET_LEAK = 0.0005;

export type Arrival = 'new' | 'late' | 'repeated';

export interface ArrivalOrder {
  /** Judges a row by arrival and device time, both in ms. */
  judge(receivedAt: number, deviceAt: number): Arrival;
  /** Device clock minus edge clock by the rows that were delivered fastest, ms. */
  offset(): number | undefined;
}

export function createArrivalOrder(): ArrivalOrder {
  let newest = Number.NEGATIVE_INFINITY;
  let offset: number | undefined;
  let offsetAt = 0;
  let rivalOffset = 0;
  let rivalNewest = 0;
  let rivalSince = 0;
  let rivalRows = 0;

  function take(receivedAt: number, deviceAt: number): 'new' {
    newest = deviceAt;
    rivalRows = 0;
    const seen = deviceAt - receivedAt;
    const leaked = offset === undefined ? seen : offset - OFFSET_LEAK * Math.max(0, receivedAt - offsetAt);
    offset = Math.abs(seen - leaked) > OFFSET_AGREES_MS * 2 && seen < leaked ? leaked : Math.max(seen, leaked);
    offsetAt = receivedAt;
    return 'new';
  }

  return {
    judge(receivedAt, deviceAt) {
      if (deviceAt > newest) return take(receivedAt, deviceAt);
      if (deviceAt === newest) return 'repeated';
      const seen = deviceAt - receivedAt;
      if (rivalRows === 0 || Math.abs(seen - rivalOffset) > OFFSET_AGREES_MS) {
        rivalRows = 1;
        rivalOffset = seen;
        rivalNewest = deviceAt;
        rivalSince = receivedAt;
        return 'late';
      }
      if (deviceAt <= rivalNewest) return 'repeated';
      rivalRows += 1;
      rivalNewest = deviceAt;
      if (rivalRows < STEP_ROWS || receivedAt - rivalSince < STEP_SPAN_MS) return 'late';
      offset = undefined;
      return take(receivedAt, deviceAt);
    },
    offset: () => offset,
  };
}

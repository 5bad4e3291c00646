import type { Instant } from '#contracts/units.ts';

interface Entry {
  readonly at: Instant;
  readonly key: string;
}

/** A binary heap of moments at which a key falls due. Entries that have been overtaken are dropped when they come up: whoever takes one asks the state whether it still holds. */
export class Deadlines {
  readonly #heap: Entry[] = [];

  get next(): Instant | undefined {
    return this.#heap[0]?.at;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(at: Instant, key: string): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push({ at, key });
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.at <= heap[i]!.at) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Takes a key that is due, or undefined. */
  take(now: Instant): string | undefined {
    const heap = this.#heap;
    const top = heap[0];
    if (!top || top.at > now) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink(0);
    }
    return top.key;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let i = from; ; ) {
      const left = 2 * i + 1;
      let least = i;
      if (left < heap.length && heap[left]!.at < heap[least]!.at) least = left;
      if (left + 1 < heap.length && heap[left + 1]!.at < heap[least]!.at) least = left + 1;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = kept;
  }
}

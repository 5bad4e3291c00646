/** A binary heap of keyed entries, smallest key first: the open list of the path searches. */
export class Heap<T> {
  readonly #entries: { key: number; value: T }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(key: number, value: T): void {
    const entries = this.#entries;
    let i = entries.length;
    entries.push({ key, value });
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (entries[parent]!.key <= key) break;
      entries[i] = entries[parent]!;
      i = parent;
    }
    entries[i] = { key, value };
  }

  pop(): { key: number; value: T } | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (top === undefined || last === undefined || entries.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && entries[child + 1]!.key < entries[child]!.key) child++;
      if (entries[child]!.key >= last.key) break;
      entries[i] = entries[child]!;
      i = child;
    }
    entries[i] = last;
    return top;
  }
}

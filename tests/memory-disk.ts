import type { Disk } from '#broker/disk.ts';

export interface MemoryDisk extends Disk {
  readonly content: Map<string, Buffer>;
  readonly writes: { readonly keys: string[]; readonly isSynced: boolean }[];
  isFull: boolean;
  /** Writes wait until `release`. */
  hold(): void;
  release(): void;
}

/** A disk that a test can fill, slow down and read. */
export function memoryDisk(content = new Map<string, Buffer>()): MemoryDisk {
  let held: Promise<void> | undefined;
  let release: () => void = () => undefined;
  const keysOf = (prefix: string) => [...content.keys()].filter((key) => key.startsWith(prefix)).sort();
  const disk: MemoryDisk = {
    content,
    writes: [],
    isFull: false,
    hold() {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    release() {
      held = undefined;
      release();
    },
    async write(operations, isSynced) {
      await held;
      if (disk.isFull) throw new Error('IO error: no space left on device');
      disk.writes.push({ keys: operations.map(({ key }) => key), isSynced });
      for (const operation of operations) {
        if (operation.type === 'put') content.set(operation.key, operation.value);
        else content.delete(operation.key);
      }
    },
    async read(key) {
      return content.get(key);
    },
    async *entries(prefix) {
      for (const key of keysOf(prefix)) yield [key, content.get(key)!];
    },
    async *keys(prefix) {
      yield* keysOf(prefix);
    },
    async reopen() {
      if (disk.isFull) throw new Error('IO error: no space left on device');
    },
    async close() {
      await held;
    },
  };
  return disk;
}

import { mkdirSync } from 'node:fs';
import { Level } from 'level';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string };

/** An ordered key-value store. Writes of one batch are whole or not at all. */
export interface Disk {
  /** `isSynced`: on the medium when it resolves, not only handed to the kernel. */
  write(operations: readonly Operation[], isSynced: boolean): Promise<void>;
  read(key: string): Promise<Buffer | undefined>;
  /** Entries whose key begins with `prefix`, which ends with a slash, in order. */
  entries(prefix: string): AsyncIterable<[string, Buffer]>;
  keys(prefix: string): AsyncIterable<string>;
  /** After a failed write the store takes no more until it is opened anew. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** LevelDB in a folder. Survives a killed process at any point. */
export async function openLevelDisk(folder: string): Promise<Disk> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const level = new Level<string, Buffer>(folder, { keyEncoding: 'utf8', valueEncoding: 'buffer', writeBufferSize: 16 * 1024 * 1024 });
  await level.open();
  return {
    write: (operations, isSynced) => level.batch([...operations], { sync: isSynced }),
    read: (key) => level.get(key),
    entries: (prefix) => level.iterator(within(prefix)),
    keys: (prefix) => level.keys(within(prefix)),
    async reopen() {
      await level.close();
      await level.open();
    },
    close: () => level.close(),
  };
}

/** `0` is the character after the slash. */
const within = (prefix: string) => ({ gte: prefix, lt: `${prefix.slice(0, -1)}0` });

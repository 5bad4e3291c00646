/** A simulated device as its wire sees it: bytes in, bytes out. Any number of hosts may be connected, as with a serial server. */
export interface Device {
  connect(send: Send): Conversation;
}
export type Send = (bytes: Uint8Array | string) => void;
export interface Conversation {
  receive(bytes: Uint8Array): void;
  close(): void;
}

/** Cuts a stream into lines that end with `end` (which is taken off). Keeps at most 256 bytes of an unfinished line, as a small device does. */
export function lineReader(end: string, onLine: (line: string) => void): (bytes: Uint8Array) => void {
  let pending = '';
  return (bytes) => {
    pending += Buffer.from(bytes).toString('latin1');
    for (let cut = pending.indexOf(end); cut >= 0; cut = pending.indexOf(end)) {
      onLine(pending.slice(0, cut));
      pending = pending.slice(cut + end.length);
    }
    if (pending.length > 256) pending = '';
  };
}

/** Hosts that are listening to a device which speaks by itself. */
export function audience(): { say: Send; device: Device; readonly size: number } {
  const hosts = new Set<Send>();
  return {
    say(bytes) {
      for (const send of hosts) send(bytes);
    },
    get size() {
      return hosts.size;
    },
    device: {
      connect(send) {
        hosts.add(send);
        return { receive: () => undefined, close: () => void hosts.delete(send) };
      },
    },
  };
}

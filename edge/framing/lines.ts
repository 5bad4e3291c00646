import { Buffer } from 'node:buffer';
import type { Framing } from './framing.ts';

/** Longest line that any of our devices sends, with room to spare. */
const LONGEST = 160;

/** Lines of ASCII text, without their terminator; empty lines are skipped. A line of more than `longest` characters is garbled up to its end. */
export function lines(terminator: '\r\n' | '\r' | '\n', longest = LONGEST): Framing<string> {
  const end = terminator.at(-1)!;
  let begun = '';
  let isTooLong = false;
  return {
    take(bytes, onFrame, onGarbled) {
      const text = begun + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      let from = 0;
      for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, from)) {
        // Terminal servers like to add a line feed to a carriage return.
        if (end === '\r' && text[from] === '\n') from += 1;
        // A lost carriage return costs no line: the line feed alone ends it.
        const line = text.slice(from, terminator.length === 2 && text[at - 1] === '\r' && at > from ? at - 1 : at);
        from = at + 1;
        if (isTooLong) isTooLong = false;
        else if (line.length > longest) onGarbled();
        else if (line !== '') onFrame(line);
      }
      begun = text.slice(from);
      if (begun.length <= longest) return;
      if (!isTooLong) onGarbled();
      isTooLong = true;
      begun = '';
    },
    reset() {
      begun = '';
      isTooLong = false;
    },
  };
}

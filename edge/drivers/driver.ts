import type { FaultCode } from '#contracts/faults.ts';
import type { Decibels, Grams, Millilitres, MillilitresPerHour, MillimetresOfMercury, Milliseconds } from '#contracts/units.ts';
import type { Framing } from '../framing/framing.ts';

/** What devices say, one type a kind. A driver turns frames into these words; the sessions turn words into readings. */
export interface MassWord {
  readonly kind: 'mass';
  readonly massGrams: Grams;
  readonly isStable: boolean;
}
export interface DropWord {
  readonly kind: 'drop';
  /** The counter's own milliseconds since it was switched on. */
  readonly deviceMs: number;
}
export interface LightWord {
  readonly kind: 'light';
  readonly deviceMs: number;
  /** Steady light on the detector as a share of full scale, 0 to 1. */
  readonly share: number;
}
export const pumpModes = ['infusing', 'kvo', 'standby', 'stopped'] as const;
export const pumpAlarms = ['none', 'occlusion', 'air_in_line', 'door_open', 'battery_low', 'other'] as const;
export interface PumpStatusWord {
  readonly kind: 'pump_status';
  readonly mode: (typeof pumpModes)[number];
  /** The pump says that one of its own alarms is on; which one is another word. */
  readonly hasAlarm: boolean;
  readonly rateMlPerHour?: MillilitresPerHour;
  readonly infusedMl?: Millilitres;
  readonly pressureMmHg?: MillimetresOfMercury;
}
export interface PumpAlarmWord {
  readonly kind: 'pump_alarm';
  readonly alarm: (typeof pumpAlarms)[number];
}
export interface ToInfuseWord {
  readonly kind: 'to_infuse';
  /** Absent: no volume limit is set on the pump. */
  readonly toInfuseMl?: Millilitres;
}
export interface TagWord {
  readonly kind: 'tag';
  /** EPC in upper-case hex. */
  readonly tag: string;
  readonly antenna: number;
  readonly rssiDbm: Decibels;
}
export interface PictureWord {
  readonly kind: 'picture';
  readonly jpeg: Uint8Array;
}
export interface PresenceWord {
  readonly kind: 'presence';
  readonly isPresent: boolean;
}
/** Alive, with nothing to say: a reader that hears no tag. */
export interface IdleWord {
  readonly kind: 'idle';
}
export interface FaultWord {
  readonly kind: 'fault';
  readonly fault: FaultCode;
}

export interface Words {
  scale: MassWord;
  drip: DropWord | LightWord;
  pump: PumpStatusWord | PumpAlarmWord | ToInfuseWord;
  reader: TagWord;
  camera: PictureWord;
  presence: PresenceWord;
}
export type Kind = keyof Words;
/** Everything that a driver of a kind can say. */
export type WordOf<K extends Kind> = Words[K] | IdleWord | FaultWord;

export interface SerialSettings {
  readonly baudRate: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
}

/** Constant bytes sent again and again, the first time when the connection opens. A driver has no other way to write. */
export interface Poll {
  readonly command: Uint8Array;
  readonly every: Milliseconds;
}

export interface Example<Word> {
  /** Bytes as they come over the wire, terminators included. */
  readonly wire: Uint8Array;
  readonly words: readonly Word[];
}

interface DriverFacts<K extends Kind> {
  /** The name in the site file. */
  readonly id: string;
  readonly kind: K;
  readonly model: string;
  readonly manual: string;
  /** Absent where the device has no serial port. */
  readonly serial?: SerialSettings;
  readonly polls: readonly Poll[];
  /** A working device is never quiet for longer. */
  readonly silentAfter: Milliseconds;
  /** Said of bytes that are no frame. */
  readonly garbled: FaultCode;
  /** Documentation and tests: at least one that reads well and one that is garbled. */
  readonly examples: readonly Example<WordOf<K>>[];
}

/** How a driver file reads: facts, a framing and a decoder from frame to words. It does no input or output. */
export interface DriverSpec<K extends Kind, Frame> extends DriverFacts<K> {
  framing(): Framing<Frame>;
  decode(frame: Frame): readonly WordOf<K>[];
}

/** Bytes in, words out, for one connection of one device. */
export interface Decoder<Word> {
  take(bytes: Uint8Array, onWord: (word: Word) => void): void;
  reset(): void;
}

export interface DriverOf<K extends Kind> extends DriverFacts<K> {
  decoder(): Decoder<WordOf<K>>;
}
export type Driver = { [K in Kind]: DriverOf<K> }[Kind];

/** Closes a driver's description over its frame type, so that all drivers stand in one list. */
export function defineDriver<K extends Kind, Frame>(spec: DriverSpec<K, Frame>): DriverOf<K> {
  return {
    ...spec,
    decoder() {
      const framing = spec.framing();
      return {
        take(bytes, onWord) {
          framing.take(
            bytes,
            (frame) => {
              for (const word of spec.decode(frame)) onWord(word);
            },
            () => onWord({ kind: 'fault', fault: spec.garbled }),
          );
        },
        reset: () => framing.reset(),
      };
    },
  };
}

/** ASCII text as bytes. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** Bytes written as hex, spaces allowed. */
export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

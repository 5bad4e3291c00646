import type { PumpFigures } from '#simulators/infusion/infusion.ts';
import { type Device, lineReader } from './device.ts';

/**
 * An Alaris / Asena GH pump as recorded exchanges show it ("Asena Rev 2.1.5"): `!NAME|CRC\r` asks, `!NAME^field^…|CRC\r` answers, the CRC (CRC-16/CCITT-FALSE, four
 * hexadecimal digits) over what stands between `!` and `|`. Anything that would change the infusion is refused.
 */
export interface PumpOptions {
  readonly figures: () => PumpFigures | undefined;
  readonly serialNumber: string;
}

const MODES = { infusing: 'INF', kvo: 'KVO', hold: 'HLD' } as const;
const ALARMS = { none: 'AL_NOALM', occlusion: 'AL_OCCLU', air: 'AL_AIR', complete: 'AL_NOALM' } as const;

export function crcCcittFalse(text: string): string {
  let crc = 0xffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

const frame = (content: string): string => `!${content}|${crcCcittFalse(content)}\r`;

/** Time left as the pump shows it: hours, minutes, seconds, or `24+`. */
function timeLeft({ toInfuseMl, rateMlPerHour }: PumpFigures): string {
  const seconds = rateMlPerHour > 0 ? Math.round((toInfuseMl / rateMlPerHour) * 3600) : 86_400;
  if (seconds >= 86_400) return '24+';
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) => String(n).padStart(2, '0')).join(':');
}

export function alarisPump({ figures, serialNumber }: PumpOptions): Device {
  let event = 100_000;
  const status = (): string => {
    const pump = figures();
    event++;
    if (!pump) return `INF^${serialNumber}^-^HLD^0.00^ml/h^^0.000^ml^0.00^mmHg^24+^EVENT^${event}`;
    const rate = pump.mode === 'hold' ? 0 : pump.mode === 'kvo' ? 3 : pump.rateMlPerHour;
    const mark = pump.alarm === 'occlusion' || pump.alarm === 'air' ? 'A' : '-';
    const infused = pump.infusedMl.toFixed(3);
    return `INF^${serialNumber}^${mark}^${MODES[pump.mode]}^${rate.toFixed(2)}^ml/h^^${infused}^ml^${pump.pressureMmHg.toFixed(2)}^mmHg^${timeLeft(pump)}^EVENT^${event}`;
  };
  const answers: Record<string, () => string> = {
    INF: status,
    INF_VTBI() {
      const pump = figures();
      return pump ? `INF_VTBI^ACTIV^${pump.toInfuseMl.toFixed(3)}^ml^KVO` : 'INF_VTBI^DEACT';
    },
    ALARM: () => `ALARM^${ALARMS[figures()?.alarm ?? 'none']}^ ^ `,
    INST_SERIALNO: () => `INST_SERIALNO^${serialNumber}`,
    COMMS_PROTOCOL: () => 'COMMS_PROTOCOL^Asena Rev 2.1.5',
  };
  return {
    connect: (send) => ({
      receive: lineReader('\r', (line) => {
        const cut = line.lastIndexOf('|');
        const content = line.slice(1, cut);
        // A question with a wrong checksum is not answered.
        if (!line.startsWith('!') || cut < 0 || line.slice(cut + 1) !== crcCcittFalse(content)) return;
        const answer = answers[content];
        send(frame(answer ? answer() : `ERROR^${content.split('^')[0]}`));
      }),
      close: () => undefined,
    }),
  };
}

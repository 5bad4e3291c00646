import { Refusal } from '#runtime/commands.ts';
import type { TrendQuestion } from './history-store.ts';
import { fieldNames, type MeasurementName } from './measurements.ts';

/** The measurement that a trend is drawn from: the infusion, the robot, or the device's own readings. Throws Refusal when the field is not in it. */
export function measurementOfTrend(question: TrendQuestion): MeasurementName {
  const name: MeasurementName = question.measurement === 'reading' ? readingOf(question) : question.measurement;
  if (!fieldNames[name].includes(question.field)) throw new Refusal(`${question.measurement} has no ${question.field}`, 'invalid');
  if (question.until <= question.from) throw new Refusal('until must be later than from', 'invalid');
  return name;
}

const readingOf = ({ field }: TrendQuestion): MeasurementName => {
  const owner = {
    massGrams: 'weight',
    remainingMl: 'weight',
    flowMlPerHour: 'weight',
    dropsPerMinute: 'drip',
    rateMlPerHour: 'pump',
    pressureMmHg: 'pump',
    fraction: 'level',
  } as const;
  if (field === 'batteryPercent') return 'device';
  return owner[field];
};

/** Milliseconds that one point of the trend stands for; at least one second. */
export const thinning = ({ from, until, points }: TrendQuestion): number => Math.max(1000, Math.ceil((until - from) / points));

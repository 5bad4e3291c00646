import type { Site } from '#contracts/site.ts';
import { ConfigError } from '#runtime/errors.ts';
import type { ProcessPlan } from './supervise.ts';

/** The parts of the house in the order in which they are listed. */
export const parts = ['broker', 'records', 'watch', 'alarms', 'flows', 'fleet', 'history', 'console', 'edge', 'simulators'] as const;
export type Part = (typeof parts)[number];

/** Reads `--only broker,flows`. Throws ConfigError naming what is not a part. */
export function readOnly(text: string | undefined): readonly Part[] {
  if (text === undefined) return parts;
  const asked = text.split(',').map((word) => word.trim());
  const unknown = asked.filter((word) => !(parts as readonly string[]).includes(word));
  if (unknown.length > 0) throw new ConfigError('--only', [`${unknown.join(', ')}: must be among ${parts.join(', ')}`]);
  return parts.filter((part) => asked.includes(part));
}

/** The processes to run: one for each part, one for each edge agent. */
export function planHouse(site: Site, settingsFile: string, only: readonly Part[], isSimulated: boolean): ProcessPlan[] {
  const settings = ['--settings', settingsFile];
  return only.flatMap((part): ProcessPlan[] => {
    if (part === 'edge')
      return (site.edges ?? []).map(({ id }) => ({ name: `edge-${id}`, script: 'edge/main.ts', args: [...settings, '--edge', id] }));
    if (part === 'simulators' && !isSimulated) return [];
    return [{ name: part, script: `${part}/main.ts`, args: settings, isFirst: part === 'broker' }];
  });
}

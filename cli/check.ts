import { parseArgs } from 'node:util';
import { loadSite } from '#runtime/site.ts';
import { chooseSite } from './site-choice.ts';

const HELP = `Usage: wardline check --site FILE

Checks a site file and its layout. Every mistake is named with its path, its value and what is allowed.
Exit code: 0 all is well, 78 there are mistakes.
`;

/** `wardline check`. */
export async function checkCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { site: { type: 'string', default: 'demo' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return void process.stdout.write(HELP);
  const { site } = loadSite(chooseSite(values.site).file);
  const beds = site.wards.reduce((sum, ward) => sum + ward.beds.length, 0);
  process.stdout.write(
    `${site.site}: ${site.wards.length} wards, ${beds} beds, ${site.devices?.length ?? 0} devices, ${site.robots?.length ?? 0} robots, ${site.lifts?.length ?? 0} lifts, ${site.doors?.length ?? 0} doors: all is well\n`,
  );
}

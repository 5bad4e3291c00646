import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { Site } from '#contracts/site.ts';
import { asError, ConfigError } from './errors.ts';
import { LayoutFile } from './layout.ts';
import { checkSite } from './site-check.ts';
import { parser, sayProblem } from './validate.ts';

export interface LoadedSite {
  readonly file: string;
  readonly site: Site;
  /** Absent where the site has no robots. */
  readonly layout?: LayoutFile;
}

/** Reads and checks a site file and its layout. Throws ConfigError with every mistake: path, value and what is allowed. */
export function loadSite(file: string): LoadedSite {
  const parsed = parser(Site).parse(read(file, file.endsWith('.json') ? JSON.parse : parseYaml));
  if (!parsed.ok) throw new ConfigError(file, parsed.problems.map(sayProblem));
  const site = parsed.value;
  let layout: LayoutFile | undefined;
  const problems: string[] = [];
  if (site.layout !== undefined) {
    const layoutFile = resolve(dirname(file), site.layout);
    const layoutParsed = parser(LayoutFile).parse(read(layoutFile, JSON.parse));
    if (layoutParsed.ok) layout = layoutParsed.value;
    else problems.push(...layoutParsed.problems.map((p) => `layout ${site.layout}: ${sayProblem(p)}`));
  }
  problems.push(...checkSite(site, layout).map(sayProblem));
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { file, site, ...(layout ? { layout } : {}) };
}

function read(file: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(file, [asError(error).message]);
  }
}

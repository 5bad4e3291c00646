import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { basename, join } from 'node:path';

const TIMEOUT_MS = 2000;

/** The metrics of every process of the house that answers: name of the process and its text in the Prometheus format. */
export async function scrapeHouse(dataDir: string): Promise<Map<string, string>> {
  const folder = join(dataDir, 'run');
  const sockets = readdirSync(folder).filter((file) => file.endsWith('.metrics.sock'));
  const texts = await Promise.all(
    sockets.map(async (file) => [basename(file, '.metrics.sock'), await scrape(join(folder, file))] as const),
  );
  return new Map(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

/** Undefined when the process does not answer: its socket file may outlive it. */
function scrape(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/', timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

/** One value out of a scrape; undefined when it is not there. */
export function metricOf(text: string, name: string): number | undefined {
  for (const line of text.split('\n'))
    if (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) return Number(line.slice(line.lastIndexOf(' ') + 1));
  return undefined;
}

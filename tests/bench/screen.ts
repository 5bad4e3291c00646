import { parseArgs } from 'node:util';
import type { Alarm } from '#contracts/alarms.ts';
import { logIn, openBrowser, openScreen } from '#tools/screens.ts';
import { runLoad, startLoadedHouse } from './pipeline/loaded-house.ts';
import { percentile, probe, round } from './pipeline/probe.ts';

const HELP = `npm run bench -- screen [--seconds N] [--rate N]

Loads the reference hospital's house and looks at the alarm list of one ward in a real browser: milliseconds from the moment at which an edge
publishes a reading to the frame that shows its alarm. Prints one JSON line.
`;

/** `npm run bench -- screen`. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '60' }, rate: { type: 'string', default: '1950' }, help: { type: 'boolean' } },
  });
  if (values.help) return void process.stdout.write(HELP);
  const plain = await probe();
  await using house = await startLoadedHouse('reference');
  const nurse = house.accounts.find(({ roles }) => roles.includes('nurse'));
  const ward = house.site.people?.find(({ username }) => username === nurse?.username)?.wards?.[0];
  if (!nurse || !ward) throw new Error('the reference hospital has no nurse with a ward');
  const bus = await house.bus('service.console', { connectionName: 'screen' });
  const measuredAt = new Map<string, number>();
  await bus.subscribe('alarm', { ward }, (alarm: Alarm | undefined, { isRetained }) => {
    if (alarm?.condition !== 'present' || isRetained || alarm.bed === undefined) return;
    const key = `${alarm.bed} ${alarm.presentSince}`;
    if (!measuredAt.has(key)) measuredAt.set(key, alarm.presentSince);
  });
  const browser = await openBrowser();
  try {
    const context = await logIn(browser, house.consoleUrl, { user: nurse.username, password: nurse.password, language: 'en' });
    const page = await openScreen(context, house.consoleUrl, '/alarms', { width: 1024, height: 768 });
    await page.evaluate(watchCards);
    await runLoad(house, { rate: Number(values.rate), seconds: Number(values.seconds), batchMs: 200 });
    const seen = (await page.evaluate('window.wardlineSeen')) as { bed: string; at: number }[];
    const latencies: number[] = [];
    for (const [key, since] of measuredAt) {
      const bed = key.split(' ', 1)[0];
      const shown = seen.find((card) => card.bed === bed && card.at >= since && card.at - since < 5000);
      if (shown) latencies.push(shown.at - since);
    }
    latencies.sort((a, b) => a - b);
    const pixelMs = { p50: round(percentile(latencies, 0.5)), p99: round(percentile(latencies, 0.99)) };
    process.stdout.write(
      `${JSON.stringify({ bench: 'screen', site: 'reference', rate: Number(values.rate), alarms: measuredAt.size, shown: latencies.length, pixelMs, probe: plain, ratioToProbe: round(pixelMs.p50 / (plain.fsyncMs.p50 + plain.loopbackMs.p50)) })}\n`,
    );
  } finally {
    await browser.close();
  }
}

/** Runs inside the page: notes each frame's new cards, after the frame was drawn. */
function watchCards(): void {
  const seen: { bed: string; at: number }[] = [];
  let shown = new Set<string>();
  Object.assign(window, { wardlineSeen: seen });
  const look = () => {
    const beds = new Set([...document.querySelectorAll('article .bed')].map((bed) => bed.textContent ?? ''));
    const fresh = [...beds].filter((bed) => !shown.has(bed));
    shown = beds;
    // A task after the frame's callbacks: the frame is with the compositor by then.
    if (fresh.length > 0) setTimeout(() => seen.push(...fresh.map((bed) => ({ bed, at: Date.now() }))), 0);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

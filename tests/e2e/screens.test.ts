import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { findFlaws, languages, logIn, missingChromium, openBrowser, openScreen, screens, settle, sizes } from '#tools/screens.ts';
import { type ConsoleHouse, openConsoleHouse, PASSWORD } from './console-house.ts';
import { sayScene } from './console-scene.ts';

const missing = missingChromium();
if (missing && process.env.CI === 'true') throw new Error(`${missing}, and CI demands it`);
if (missing) process.stdout.write(`!!! SKIPPED: ${missing}\n`);

const PLAN = ['F1.W0327', 'F1.W0353', 'F1.W0380', 'w1-r01.in', 'w1-r01.row1', 'w1-r01.bed02'].map((node, i) => ({
  node,
  isReleased: i < 3,
}));
const wall = sizes[0];
const further = [
  { name: 'engineer', path: '/engineer', user: 'engineer' },
  { name: 'bed', path: '/ward/w1/bed/02', user: 'charge' },
] as const;

describe('the screens in a browser', { skip: missing ?? false, timeout: 180_000 }, () => {
  let house: ConsoleHouse;
  let browser: Browser;
  const pictures = join(tmpdir(), 'wardline-screens');

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    house = await openConsoleHouse();
    await sayScene(house.bus, house.bus.clock.now(), PLAN);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
  });
  const enter = (user: string, language = 'en', theme = 'light') =>
    logIn(browser, house.url, { user, password: PASSWORD, language, theme });
  const flawsOf = async (page: Page, contrastMin: number) =>
    (await findFlaws(page, contrastMin)).map(({ what, figure, where }) => `${what}: ${figure} ${where}`);

  it('are looked over by something that sees flaws', async () => {
    const context = await enter('nurse');
    const page = await openScreen(context, house.url, '/ward', wall);
    await page.evaluate(() => {
      const add = (tag: string, text: string, style: Partial<CSSStyleDeclaration>) =>
        Object.assign(document.body.appendChild(Object.assign(document.createElement(tag), { textContent: text })).style, style);
      document.body.style.overflow = 'visible';
      add('p', 'too small', { fontSize: '11px', width: '3000px' });
      add('p', 'too pale', { color: '#999', background: '#fff' });
      add('div', 'cut off here', { width: '30px', overflow: 'hidden', whiteSpace: 'nowrap' });
      add('button', '', { width: '20px', height: '20px' });
    });
    const found = new Set((await findFlaws(page)).map((flaw) => flaw.what));
    assert.deepEqual([...found].sort(), ['cut text', 'low contrast', 'overflow', 'small target', 'small text']);
    await context.close();
  });

  for (const { name, path, user } of [...screens, ...further])
    for (const language of languages)
      it(`${name} in ${language} has no overflow, no small, pale or cut text, no small target, on wall, tablet and phone, by day and night`, async () => {
        const context = await enter(user, language);
        const problems: string[] = [];
        context.on('weberror', (error) => problems.push(error.error().message));
        const page = await openScreen(context, house.url, path, wall);
        for (const size of sizes) {
          await page.setViewportSize({ width: size.width, height: size.height });
          await settle(page);
          await page.screenshot({ path: join(pictures, `${name}-${language}-${size.name}.png`) });
          problems.push(...(await flawsOf(page, size.name === 'wall' ? 7 : 4.5)).map((flaw) => `${size.name}: ${flaw}`));
        }
        for (const theme of ['dark', 'night']) {
          await page.setViewportSize({ width: wall.width, height: wall.height });
          await page.evaluate((word) => {
            document.documentElement.dataset.theme = word;
          }, theme);
          await settle(page);
          problems.push(...(await flawsOf(page, 7)).map((flaw) => `${theme}: ${flaw}`));
        }
        assert.deepEqual(problems, []);
        await context.close();
      });
});

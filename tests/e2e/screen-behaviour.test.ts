import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { logIn, missingChromium, openBrowser, openScreen, sizes } from '#tools/screens.ts';
import { type ConsoleHouse, openConsoleHouse, PASSWORD } from './console-house.ts';
import { alarmOf, sayScene } from './console-scene.ts';

const missing = missingChromium();
if (missing && process.env.CI === 'true') throw new Error(`${missing}, and CI demands it`);
if (missing) process.stdout.write(`!!! SKIPPED: ${missing}\n`);

const wall = sizes[0];

describe('what the screens do', { skip: missing ?? false, timeout: 120_000 }, () => {
  let house: ConsoleHouse;
  let browser: Browser;

  before(async () => {
    house = await openConsoleHouse();
    await sayScene(house.bus, house.bus.clock.now(), []);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
  });
  const enter = (user: string) => logIn(browser, house.url, { user, password: PASSWORD, language: 'en' });

  it('show an alarm within 250 ms of its word on the bus', async () => {
    const context = await enter('nurse');
    const page = await openScreen(context, house.url, '/ward', wall);
    const raised = alarmOf(house.bus.clock.now(), 'free_flow', { ward: 'w1', subject: '11.1', bed: '11', line: '1' }, { sinceMs: 0 });
    await page.evaluate(() => {
      new MutationObserver(() => {
        if (document.body.textContent.includes('Running far too fast')) document.body.dataset.seenAt ??= String(Date.now());
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    const start = Date.now();
    await house.bus.publish('alarm', { ward: 'w1', alarm: raised.alarm }, raised);
    await page.waitForFunction(() => document.body.dataset.seenAt !== undefined);
    const tookMs = (await page.evaluate(() => Number(document.body.dataset.seenAt))) - start;
    await house.bus.retract('alarm', { ward: 'w1', alarm: raised.alarm });
    assert.ok(tookMs <= 250, `${tookMs} ms`);
    await page.getByText('Running far too fast').first().waitFor({ state: 'detached' });
    await context.close();
  });

  it('show a cut connection as dead within 5 s, with since when, and come back by themselves', async () => {
    const context = await enter('nurse');
    const page = await openScreen(context, house.url, '/ward', wall);
    house.setBrokerAway(true);
    const start = performance.now();
    await page.waitForSelector('.dead', { timeout: 5000 });
    assert.match((await page.textContent('.dead')) ?? '', /since \d\d:\d\d:\d\d/);
    assert.ok((await page.locator('.figures.old').count()) > 8, 'figures are hollow');
    house.setBrokerAway(false);
    await page.waitForSelector('.dead', { state: 'detached', timeout: 10_000 });

    await context.setOffline(true);
    await page.evaluate(() => window.dispatchEvent(new Event('offline')));
    const offlineAt = performance.now();
    await page.waitForSelector('.dead', { timeout: 5000 });
    assert.ok(performance.now() - offlineAt < 5000 && offlineAt > start);
    await context.close();
  });

  it('say large that they are silent until somebody touches them', async () => {
    const context = await enter('nurse');
    const page = await context.newPage();
    await page.setViewportSize(wall);
    await page.goto(`${house.url}/ward`);
    const gate = page.locator('.gate');
    await gate.waitFor();
    const size = await gate.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    assert.ok(size >= 30, `${size} px`);
    await page.mouse.click(600, 500);
    await gate.waitFor({ state: 'detached' });
    await context.close();
  });

  it('take an answer with one tap, and leave other wards to their people', async () => {
    const context = await enter('nurse');
    const page = await openScreen(context, house.url, '/alarms', sizes[2]);
    const first = page.locator('article.card').first();
    assert.match((await first.textContent()) ?? '', /Empty/);
    await first.getByRole('button', { name: "I'll go" }).click();
    for (let waited = 0; !house.asked.some(({ command }) => command === 'acknowledge') && waited < 50; waited++)
      await page.waitForTimeout(50);
    assert.deepEqual(
      house.asked.find(({ command }) => command === 'acknowledge'),
      {
        command: 'acknowledge',
        person: 'nurse',
        args: { alarm: 'empty-w1-08.1', occurrence: 1 },
      },
    );
    assert.equal(await page.getByText('Running too slow').count(), 0);
    await context.close();
  });

  it('send a robot in two taps', async () => {
    const context = await enter('logistics');
    const page = await openScreen(context, house.url, '/dispatch', sizes[1]);
    await page.locator('.send .chips button').first().click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText(/On its way/).waitFor();
    const sent = house.asked.find(({ command }) => command === 'sendRobot');
    assert.equal(sent?.person, 'logistics');
    assert.deepEqual(sent?.args, {
      kind: 'delivery',
      from: 'pharmacy',
      to: 'bed-w1-08',
      load: 'Next bag',
      ward: 'w1',
      bed: '08',
      isUrgent: false,
    });
    await context.close();
  });

  it('flash only for unanswered high and medium alarms, and not where somebody asked for less motion', async () => {
    const context = await enter('nurse');
    const page = await openScreen(context, house.url, '/ward', wall);
    const moving = () =>
      page.evaluate(() => document.getAnimations().map((animation) => ((animation.effect as KeyframeEffect).target as Element).className));
    assert.deepEqual(await moving(), []);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    const flashing = await moving();
    assert.ok(flashing.length >= 4);
    for (const name of flashing) assert.doesNotMatch(name, /priority-low|is-answered/);
    await context.close();
  });
});

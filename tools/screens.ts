import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** The console's screens as a person meets them: which, in which languages, at which sizes; and what is wrong with how one looks. */
export const screens = [
  { name: 'ward', path: '/ward', user: 'nurse' },
  { name: 'alarms', path: '/alarms', user: 'charge' },
  { name: 'dispatch', path: '/dispatch', user: 'logistics' },
  { name: 'command', path: '/command', user: 'command' },
] as const;
export const languages = ['zh-CN', 'en'] as const;
export const sizes = [
  { name: 'wall', width: 1920, height: 1080 },
  { name: 'tablet', width: 1024, height: 768 },
  { name: 'phone', width: 390, height: 844 },
] as const;

export const CHROMIUM = '/usr/bin/chromium';
/** Why no browser can be had, or undefined. */
export const missingChromium = (): string | undefined => (existsSync(CHROMIUM) ? undefined : `${CHROMIUM} is not installed`);

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });

/** A browser of its own for one person. */
export async function logIn(
  browser: Browser,
  base: string,
  { user, password, language, theme = 'light' }: { user: string; password: string; language: string; theme?: string },
): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: language, reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } });
  await context.addInitScript(
    ([kept, brightness]) => {
      if (location.protocol === 'about:') return;
      localStorage.setItem('wardline.language', kept as string);
      localStorage.setItem('wardline.theme', brightness as string);
    },
    [language, theme],
  );
  const answer = await context.request.post(`${base}/api/login`, { data: { username: user, password } });
  if (!answer.ok()) throw new Error(`${user} cannot log in: ${answer.status()} ${await answer.text()}`);
  return context;
}

/** Opens a screen and waits until it shows live figures. The touch lets it sound, as a person's would. */
export async function openScreen(
  context: BrowserContext,
  base: string,
  path: string,
  size: { width: number; height: number },
): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width: size.width, height: size.height });
  await page.goto(base + path);
  await page.waitForSelector('.word.live', { state: 'attached' });
  await page.mouse.click(size.width / 2, 4);
  await page.waitForSelector('.gate', { state: 'detached' });
  await settle(page);
  return page;
}

/** Two frames later everything has taken its new size. */
export const settle = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)))));

export interface Flaw {
  readonly what: 'overflow' | 'small text' | 'low contrast' | 'small target' | 'cut text';
  readonly where: string;
  readonly figure: string;
}

/** Looks over the page as it stands: sideways scrolling, text under 14 px, contrast under `contrastMin`, touch targets under 44 px, text that is cut off. */
export const findFlaws = (page: Page, contrastMin = 4.5): Promise<Flaw[]> => page.evaluate(inspect, contrastMin);

/** Runs inside the page; it may use nothing from outside itself. */
function inspect(contrastMin: number): Flaw[] {
  const flaws: Flaw[] = [];
  const describe = (element: Element): string => {
    const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} "${text}"`;
  };
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  const colours = new Map<string, [number, number, number, number]>();
  const colourOf = (css: string): [number, number, number, number] => {
    let found = colours.get(css);
    if (!found) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      found = [r as number, g as number, b as number, (a as number) / 255];
      colours.set(css, found);
    }
    return found;
  };
  const luminance = ([r, g, b]: readonly number[]) => {
    const [x, y, z] = [r, g, b].map((channel) => {
      const share = (channel as number) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * (x as number) + 0.7152 * (y as number) + 0.0722 * (z as number);
  };
  const backgroundOf = (element: Element): [number, number, number] => {
    let mixed: [number, number, number] = [0, 0, 0];
    let open = 1;
    for (let at: Element | null = element; at && open > 0.001; at = at.parentElement) {
      const [r, g, b, a] = colourOf(getComputedStyle(at).backgroundColor);
      mixed = [mixed[0] + r * a * open, mixed[1] + g * a * open, mixed[2] + b * a * open];
      open *= 1 - a;
    }
    return [mixed[0] + 255 * open, mixed[1] + 255 * open, mixed[2] + 255 * open];
  };
  const isSeen = (element: Element): boolean => {
    if (element.closest('.visually-hidden')) return false;
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  };

  /** By how much a text leaves the nearest box that hides what leaves it; text shortened with an ellipsis is meant. */
  const cutOff = (text: Node, element: Element): string | undefined => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const ink = range.getBoundingClientRect();
    for (let at: Element | null = element; at && at !== document.body; at = at.parentElement) {
      const { overflowX, overflowY, textOverflow } = getComputedStyle(at);
      if (textOverflow === 'ellipsis') return undefined;
      const box = at.getBoundingClientRect();
      if (overflowX === 'auto' || overflowX === 'scroll') return undefined;
      if (overflowX === 'hidden' && (ink.right > box.right + 1 || ink.left < box.left - 1))
        return `${Math.round(Math.max(ink.right - box.right, box.left - ink.left))} px beside ${describe(at)}`;
      if (overflowY === 'auto' || overflowY === 'scroll') return undefined;
      // Hidden as a whole is meant: a row shows what fits.
      if (overflowY === 'hidden' && ink.top >= box.bottom) return undefined;
      if (overflowY === 'hidden' && ink.bottom > box.bottom + 1) return `${Math.round(ink.bottom - box.bottom)} px below ${describe(at)}`;
    }
    return undefined;
  };

  const root = document.scrollingElement as Element;
  if (root.scrollWidth > root.clientWidth)
    flaws.push({ what: 'overflow', where: 'page', figure: `${root.scrollWidth} > ${root.clientWidth}` });
  for (const scroller of document.querySelectorAll('.screen'))
    if (scroller.scrollWidth > scroller.clientWidth)
      flaws.push({ what: 'overflow', where: describe(scroller), figure: `${scroller.scrollWidth} > ${scroller.clientWidth}` });

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set<Element>();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element || !walker.currentNode.textContent?.trim() || seen.has(element)) continue;
    if (['TITLE', 'SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName) || !isSeen(element)) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const px = Number.parseFloat(style.fontSize);
    if (px < 14) flaws.push({ what: 'small text', where: describe(element), figure: `${px} px` });
    const isDrawn = element instanceof SVGElement;
    // Words on the map have a halo or stand on the rooms' own fill, the lightest and darkest of which are the panel's.
    const ink = colourOf(isDrawn ? style.fill : style.color);
    const paper = backgroundOf(isDrawn ? (element.closest('svg')?.parentElement as Element) : element);
    const [light, dark] = [luminance(ink), luminance(paper)].sort((a, b) => b - a) as [number, number];
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < contrastMin) flaws.push({ what: 'low contrast', where: describe(element), figure: ratio.toFixed(2) });
    const cut = cutOff(walker.currentNode, element);
    if (cut !== undefined) flaws.push({ what: 'cut text', where: describe(element), figure: cut });
  }
  for (const target of document.querySelectorAll('button, a, select, input')) {
    if (!isSeen(target)) continue;
    const { width, height } = target.getBoundingClientRect();
    if (width < 44 || height < 44)
      flaws.push({ what: 'small target', where: describe(target), figure: `${Math.round(width)}×${Math.round(height)}` });
  }
  return flaws;
}

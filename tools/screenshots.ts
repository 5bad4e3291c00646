import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { languages, logIn, openBrowser, openScreen, screens, settle, sizes } from './screens.ts';

const HELP = `Usage: node tools/screenshots.ts --url URL --login USER=PASSWORD [--login …] [--out DIR] [--theme light|dark|night]

Writes a picture of every screen in every language and size (default docs/screenshots). Each screen is taken as the user that it is for
(${screens.map(({ name, user }) => `${name}: ${user}`).join(', ')}), or as the only one given.
`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    login: { type: 'string', multiple: true },
    out: { type: 'string', default: fileURLToPath(new URL('../docs/screenshots', import.meta.url)) },
    theme: { type: 'string', default: 'light' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help || !values.url || !values.login) {
  process.stdout.write(HELP);
  process.exit(values.help ? 0 : 64);
}

const passwords = new Map(values.login.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
const base = values.url.replace(/\/$/, '');
mkdirSync(values.out, { recursive: true });
const browser = await openBrowser();
try {
  for (const { name, path, user: wanted } of screens)
    for (const language of languages) {
      const user = passwords.has(wanted) ? wanted : ([...passwords.keys()][0] as string);
      const context = await logIn(browser, base, { user, password: passwords.get(user) ?? '', language, theme: values.theme });
      const page = await openScreen(context, base, path, sizes[0]);
      for (const size of sizes) {
        await page.setViewportSize({ width: size.width, height: size.height });
        await settle(page);
        const file = join(values.out, `${name}-${language}-${size.name}.png`);
        await page.screenshot({ path: file });
        process.stdout.write(`${file}\n`);
      }
      await context.close();
    }
} finally {
  await browser.close();
}

/** The same thousand episodes in a real Chromium: the page's world is Node's, byte for byte. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const missing = executable === undefined;
if (missing && process.env.REQUIRE_BROWSER === '1') throw new Error('no Chromium: apt-get install chromium');

/** `playGolden` and all it needs as one script that leaves the hashes in `globalThis.golden`. */
async function bundleGolden(): Promise<string> {
  const module = fileURLToPath(new URL('../support/coinrunGolden.ts', import.meta.url));
  const entry = '\0golden';
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'golden',
        resolveId: (id) => (id === 'golden' ? entry : null),
        load: (id) =>
          id === entry
            ? `import { playGolden } from ${JSON.stringify(module)}; globalThis.golden = playGolden();`
            : null,
      },
    ],
    build: { write: false, minify: false, rollupOptions: { input: 'golden', output: { format: 'iife' } } },
  });
  const [bundle] = Array.isArray(output) ? output : [output];
  if (!('output' in bundle)) throw new Error('the bundle was not built');
  const [chunk] = bundle.output;
  return chunk.code;
}

describe(missing ? 'Chromium (skipped: apt-get install chromium)' : 'Chromium', () => {
  it.skipIf(missing)('computes the states and pixels that Node computes', async () => {
    const expected: unknown = JSON.parse(readFileSync(new URL('../golden/coinrun.json', import.meta.url), 'utf8'));
    const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.setContent('<title>golden</title>');
      await page.addScriptTag({ content: await bundleGolden() });
      expect(await page.evaluate('globalThis.golden')).toEqual(expected);
    } finally {
      await browser.close();
    }
  });
});

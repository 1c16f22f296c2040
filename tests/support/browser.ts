/**
 * A real Chromium for the tests that need one. Where there is none they are skipped, with the line that installs it;
 * under REQUIRE_BROWSER=1, which the check of a clean machine sets, skipping fails.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { describe, it } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
export const installLine = 'apt-get install chromium';

/** The first Chromium on the PATH. */
export function findChromium(path = process.env.PATH ?? ''): string | undefined {
  for (const name of NAMES) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here: the next folder.
      }
    }
  }
  return undefined;
}

/** How long a condition on the screen may take, milliseconds: the machine may have much else to do. */
export const PATIENCE = 90_000;

/** Headless, WebGL computed in software, colours unaltered, and nothing of its own sent anywhere. @param more flags */
export async function launchBrowser(...more: string[]): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`no Chromium on the PATH: ${installLine}`);
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--enable-unsafe-swiftshader',
      '--force-color-profile=srgb',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
  browser.on('context', (context) => context.setDefaultTimeout(PATIENCE));
  return browser;
}

/** A page drawn in software on a machine that is busy with other tests takes its time. */
const TIMEOUT = 300_000;

/** `describe` for tests that need a browser. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (findChromium() !== undefined) {
    describe(name, { timeout: TIMEOUT }, tests);
    return;
  }
  if (process.env.REQUIRE_BROWSER === '1') {
    describe(name, () => {
      it('finds a Chromium, since REQUIRE_BROWSER=1 forbids to skip', () => {
        throw new Error(`no Chromium on the PATH: ${installLine}`);
      });
    });
    return;
  }
  // Reporters do not name what they skip.
  console.warn(`Skipped, for want of a Chromium: ${name}. To run it: ${installLine}`);
  describe.skip(`${name} (skipped: ${installLine})`, tests);
}

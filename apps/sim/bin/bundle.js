// Turns the TypeScript of apps/sim and libs into JavaScript that Node runs: measured on two cores, `--help` answers in
// 75 ms from a bundle and in 190 ms through a transpiling loader, and worker threads need no loader of their own.
// A bundle lies in dist/apps/sim/<fingerprint of the sources>, is built beside it and moved into place, and is never
// changed afterwards: two processes cannot disturb each other, nor can an edit disturb a running training.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from './fingerprint.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bundles = join(root, 'dist', 'apps', 'sim');
const workersFolder = join(root, 'apps', 'sim', 'src', 'workers');
const commandsIndex = join('commands', 'index.ts');
const keptBundles = 10;
const keptFor = 7 * 24 * 3600 * 1000;

function sources() {
  const libs = readdirSync(join(root, 'libs')).map((lib) => join(root, 'libs', lib, 'src'));
  const own = ['src', 'bin', 'package.json'].map((name) => join(root, 'apps', 'sim', name));
  return [...libs.filter((folder) => existsSync(folder)), ...own, join(root, 'package-lock.json')];
}

function removeOldBundles(output) {
  const found = readdirSync(output)
    .map((name) => ({ path: join(output, name), time: statSync(join(output, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path, time } of found.slice(keptBundles)) {
    if (Date.now() - time > keptFor) rmSync(path, { recursive: true, force: true });
  }
}

/** Leaves out what a command imports once it runs. */
const descriptionsOnly = {
  name: 'descriptions-only',
  setup(plugin) {
    plugin.onResolve({ filter: /./ }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && !importer.endsWith(commandsIndex) ? { path, external: true } : undefined,
    );
  },
};

async function build(folder, forHelp) {
  const { build: esbuild } = await import('esbuild');
  const workers = forHelp ? [] : readdirSync(workersFolder).filter((name) => name.endsWith('.worker.ts'));
  await esbuild({
    absWorkingDir: root,
    entryPoints: [
      { in: 'apps/sim/src/main.ts', out: 'main' },
      ...workers.map((name) => ({ in: `apps/sim/src/workers/${name}`, out: `workers/${name.slice(0, -3)}` })),
    ],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'silent',
    plugins: [
      ...(forHelp ? [descriptionsOnly] : []),
      {
        name: 'our-own-packages-only',
        setup(plugin) {
          plugin.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@saccade/') ? undefined : { path, external: true },
          );
        },
      },
    ],
  });
}

/**
 * Builds the bundle where it is missing or stale. Returns its folder: main.js, and workers/<name>.worker.js.
 * @param forHelp only what describes the commands is needed: the first `--help` after an installation waits for no more
 * @param output folder inside the repository that holds the bundles
 */
export async function bundle({ forHelp = false, output = bundles } = {}) {
  const whole = join(output, fingerprint(sources(), root));
  if (existsSync(whole)) return whole;
  const folder = forHelp ? `${whole}-help` : whole;
  if (existsSync(folder)) return folder;
  mkdirSync(output, { recursive: true });
  const fresh = mkdtempSync(join(output, 'building-'));
  try {
    await build(fresh, forHelp);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      // Another process was faster: its bundle has the same sources.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  removeOldBundles(output);
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await bundle());

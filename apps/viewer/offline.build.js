// Bundles what runs without a server: `player`, the script of the single file, and `film`, which turns the same episode
// into a video inside a browser. Both the page's build and the command line call this, each with nothing but esbuild.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entries = { player: 'main.ts', film: 'film.ts' };

/**
 * Our libs run nothing on import: what is not used is left out. The doors also lead to networks, which nothing here
 * runs, so TensorFlow.js is not even read.
 */
const withoutEngines = {
  name: 'without-engines',
  setup(plugin) {
    plugin.onResolve({ filter: /^@tensorflow\// }, ({ path }) => ({ path, namespace: 'absent', sideEffects: false }));
    plugin.onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'module.exports = {}' }));
    plugin.onResolve({ filter: /^(\.|@saccade\/)/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData?.asked || !/[\\/](libs|apps)[\\/]/.test(rest.resolveDir)) return undefined;
      const found = await plugin.resolve(path, { ...rest, pluginData: { asked: true } });
      return found.errors.length === 0 && /[\\/]libs[\\/]/.test(found.path)
        ? { ...found, sideEffects: false }
        : undefined;
    });
  },
};

/**
 * @param {'player' | 'film'} name
 * @returns {Promise<{ script: string, style: string }>}
 */
export async function bundleOffline(name) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`apps/viewer/src/offline/${entries[name]}`],
    outdir: 'dist/offline',
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
    plugins: [withoutEngines],
  });
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

const virtual = 'virtual:saccade-offline';

/** For Vite: `virtual:saccade-offline` is the single file's script and style, as text. */
export const offlineModule = {
  name: 'saccade-offline',
  resolveId: (id) => (id === virtual ? `\0${virtual}` : undefined),
  async load(id) {
    if (id !== `\0${virtual}`) return undefined;
    const { script, style } = await bundleOffline('player');
    return `export const script = ${JSON.stringify(script)};\nexport const style = ${JSON.stringify(style)};`;
  },
};

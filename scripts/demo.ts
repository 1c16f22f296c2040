/**
 * Builds the static demo: a folder for any static host, in which world, policy and attribution run inside the page.
 * `npm run build:demo [folder]`; dist/demo unless a folder is named. Policies are those of models/ at that moment.
 */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, mergeConfig } from 'vite';
import { shippedFeatures } from '../apps/sim/src/storage/features.ts';
import { findPolicies, loadPolicy } from '../apps/sim/src/storage/policies.ts';
import type { ShelvedPolicy } from '../apps/viewer/src/workers/policyShelf.ts';
import viewer from '../apps/viewer/vite.config.ts';
import { engineBuild } from '../apps/viewer/vite.engine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'apps', 'viewer', 'demo.html');

/** Policies with their cards, and the list that the page reads first. */
async function shelve(folder: string): Promise<readonly string[]> {
  const list: ShelvedPolicy[] = [];
  for (const found of await findPolicies()) {
    const { name, path, policy, bytes, hash, description, warnings = {} } = await loadPolicy(found);
    const { network, actions, training } = policy;
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'policy.safetensors'), bytes);
    for (const beside of ['card.json', 'README.md']) {
      await copyFile(join(dirname(path), beside), join(folder, name, beside)).catch(() => undefined);
    }
    const { architecture, observationShape } = network;
    const file = `${name}/policy.safetensors`;
    const known = await shippedFeatures(path, hash);
    const features = known ? `${name}/features.json` : null;
    if (known) await writeFile(join(folder, name, 'features.json'), JSON.stringify(known));
    const about = { architecture, observationShape, actions, training, warnings, features };
    list.push({ name, description, hash, file, bytes: bytes.length, ...about });
  }
  if (list.length === 0) throw new Error('demo: expected a policy in models/, got none');
  await writeFile(join(folder, 'index.json'), JSON.stringify(list));
  return list.map(({ name }) => name);
}

/** @param folder replaced as a whole once everything is built */
export async function buildDemo(folder = join(root, 'dist', 'demo')): Promise<readonly string[]> {
  const fresh = `${folder}.${process.pid}.new`;
  try {
    await build(
      mergeConfig(mergeConfig(viewer, engineBuild), {
        configFile: false,
        logLevel: 'error',
        build: { outDir: fresh, rolldownOptions: { input: entry } },
      }),
    );
    await rename(join(fresh, 'demo.html'), join(fresh, 'index.html'));
    const policies = await shelve(join(fresh, 'policies'));
    // Some hosts run a site generator over what they are given.
    await writeFile(join(fresh, '.nojekyll'), '');
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    await rename(fresh, folder);
    return policies;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(root, 'dist', 'demo'));
  const policies = await buildDemo(folder);
  console.log(`The demo is in ${folder}, with ${policies.join(', ')}; any static host will do.`);
}

/** What runs without a server, bundled from the page's sources when it is needed; and the files that carry it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { annotatedDocument, packAnnotated } from '@saccade/protocol';
import type { AnnotatedEpisode } from '@saccade/protocol';
import { root } from '../../../installation.ts';

type Bundle = (name: 'player' | 'film') => Promise<{ readonly script: string; readonly style: string }>;

async function bundled(name: 'player' | 'film'): ReturnType<Bundle> {
  // Not a literal: a bundler must not follow it.
  const file = pathToFileURL(join(root, 'apps', 'viewer', 'offline.build.js')).href;
  const { bundleOffline } = (await import(/* @vite-ignore */ file)) as { bundleOffline: Bundle };
  return bundleOffline(name);
}

/** An HTML file in which `name` runs, with the episode inside. */
export async function offlineDocument(name: 'player' | 'film', episode: AnnotatedEpisode): Promise<string> {
  const { script, style } = await bundled(name);
  const levels = [...new Set(episode.frames.map(({ levelSeed }) => levelSeed))].join(', ');
  const title = `${episode.policy} in level ${levels}`;
  const { lens, frames } = episode;
  const what = lens ? ` and what changed ${lens.target}, by ${lens.method}` : '';
  return annotatedDocument({
    title: `${title}, seen by Saccade`,
    description: `${title}: ${frames.length} steps${what}.`,
    script,
    style,
    episode: (await promisify(gzip)(packAnnotated(episode), { level: 9 })).toString('base64'),
  });
}

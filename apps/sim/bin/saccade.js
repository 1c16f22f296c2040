#!/usr/bin/env node
// The `saccade` command: brings the bundle up to date (a few milliseconds when it is) and runs it. What a fresh clone
// lacks is said here, in one line, since nothing else can run yet.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19) || major >= 23) {
  console.error(`saccade: expected Node.js 20.19 or later, below 23, got ${process.version}`);
  process.exit(1);
}

const words = process.argv.slice(2);
const forHelp =
  words.length === 0 || words[0] === 'help' || words.some((word) => /^(-h|--help|--version|-V)$/.test(word));
let main;
try {
  const { bundle } = await import('./bundle.js');
  ({ main } = await import(pathToFileURL(join(await bundle({ forHelp }), 'main.js')).href));
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const missing = /'([^']+)'/.exec(error.message)?.[1] ?? error.message;
  const folder = fileURLToPath(new URL('../../..', import.meta.url));
  console.error(`saccade: expected the package ${missing}, which is not installed: run npm ci in ${folder}`);
  process.exit(1);
}
await main(words);

#!/usr/bin/env node
// The `saccade` command: brings the bundle up to date (a few milliseconds when it is) and runs it.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { bundle } from './bundle.js';

const { main } = await import(pathToFileURL(join(await bundle(), 'main.js')).href);
await main(process.argv.slice(2));

#!/usr/bin/env node
// `npm run setup:cuda`: npm skips install scripts here (.npmrc), and TensorFlow's downloads its library in one. This
// says first what will happen, then rebuilds that one package with scripts on.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const name = '@tensorflow/tfjs-node-gpu';
const [major] = process.versions.node.split('.').map(Number);

function stop(message) {
  console.error(`setup:cuda: ${message}`);
  process.exit(1);
}

if (major >= 23) stop(`expected Node.js below 23, on which ${name} runs, got ${process.version}`);
if (!existsSync(`${root}/node_modules/${name}`)) stop(`expected ${name} to be installed: npm ci --include=optional`);
console.log(`${name} is about to download, over the network:
  - TensorFlow's C library with CUDA kernels (libtensorflow 2.9.1, several hundred MB)
  - a prebuilt binding for this Node.js, or else it compiles one (python3, make and g++)
To compute with it, the machine also needs an NVIDIA driver, CUDA 11.2 and cuDNN 8.1.`);
if (!process.argv.includes('--yes') && process.stdin.isTTY) {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Go on? [y/N] ');
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) stop('nothing was downloaded');
} else if (!process.argv.includes('--yes')) {
  stop('expected an answer or --yes (npm run setup:cuda -- --yes); nothing was downloaded');
}
const { status } = spawnSync('npm', ['rebuild', name, '--ignore-scripts=false', '--foreground-scripts'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) stop('the package did not build; the CPU and WebGPU engines are as they were');
console.log('Done: saccade doctor tells whether TensorFlow sees the GPU.');

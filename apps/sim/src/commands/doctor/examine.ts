/**
 * The checks of `saccade doctor`. Each says what was found and, where something is absent, what its absence costs and
 * how to get it. Nothing here throws: a check that fails is a finding.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { root, version } from '../../installation.ts';
import { findPolicies } from '../../storage/policyFiles.ts';
import type { Imports } from '../../workers/devices/engine.ts';
import { installedImports } from '../../workers/devices/imports.ts';
import { isSoftwareAdapter } from '../../workers/devices/webGpuProbe.ts';

export interface Check {
  readonly name: string;
  /** absent: optional, and not there; bad: needed. */
  readonly state: 'good' | 'absent' | 'bad';
  readonly found: string;
  readonly fix?: string;
}

export interface Report {
  readonly version: string;
  readonly healthy: boolean;
  /** What --device auto computes on here. */
  readonly engine: string;
  readonly checks: readonly Check[];
}

const require = createRequire(join(root, 'apps', 'sim', 'package.json'));

/** Version of an installed package, also of one whose exports hide its package.json. */
function packageVersion(name: string): string | undefined {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return undefined;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}

function checkNode(): Check {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const good = (major === 20 && minor >= 19) || major === 21 || major === 22;
  return {
    name: 'Node.js',
    state: good ? 'good' : 'bad',
    found: `${process.version} on ${platform()} ${arch()}`,
    ...(good ? {} : { fix: 'install Node.js 20.19 or later, below 23' }),
  };
}

function checkMachine(): Check {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const gigabytes = (totalmem() / 2 ** 30).toFixed(1);
  return { name: 'machine', state: 'good', found: `${availableParallelism()} x ${model}, ${gigabytes} GiB memory` };
}

async function checkOnnxRuntime({ onnxRuntime }: Imports): Promise<Check> {
  const name = 'ONNX Runtime (CPU)';
  try {
    await onnxRuntime();
    return {
      name,
      state: 'good',
      found: `onnxruntime-node ${packageVersion('onnxruntime-node') ?? '?'}: --device cpu`,
    };
  } catch (error) {
    return {
      name,
      state: 'bad',
      found: firstLine(error),
      fix: 'npm ci (in the folder of Saccade); until then TensorFlow.js computes, many times slower',
    };
  }
}

/** What is left without ONNX Runtime. */
async function checkWasm({ wasm }: Imports): Promise<Check> {
  const name = 'TensorFlow.js (wasm)';
  try {
    await wasm();
    const version = packageVersion('@tensorflow/tfjs-backend-wasm') ?? '?';
    return {
      name,
      state: 'good',
      found: `@tensorflow/tfjs-backend-wasm ${version}: only where ONNX Runtime is missing`,
    };
  } catch (error) {
    const fix = 'npm ci (in the folder of Saccade); only needed where ONNX Runtime is missing';
    return { name, state: 'absent', found: firstLine(error), fix };
  }
}

function checkTensorFlow(): Check {
  const found = packageVersion('@tensorflow/tfjs');
  return found === undefined
    ? { name: 'TensorFlow.js', state: 'bad', found: 'not installed', fix: 'npm ci (in the folder of Saccade)' }
    : { name: 'TensorFlow.js', state: 'good', found: `@tensorflow/tfjs ${found}; in plain JavaScript the last resort` };
}

function checkCuda(): Check {
  const name = 'TensorFlow CUDA';
  const found = packageVersion('@tensorflow/tfjs-node-gpu');
  const library = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib');
  const driver = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
  const facts = [
    found === undefined ? '@tensorflow/tfjs-node-gpu is not installed' : `@tensorflow/tfjs-node-gpu ${found}`,
    ...(found === undefined ? [] : [existsSync(library) ? 'its library is there' : 'its library was not downloaded']),
    driver ? 'an NVIDIA driver is there' : 'no NVIDIA driver',
  ];
  if (found !== undefined && existsSync(library) && driver) return { name, state: 'good', found: facts.join('; ') };
  return {
    name,
    state: 'absent',
    found: facts.join('; '),
    fix: 'optional, for an NVIDIA GPU with CUDA 11.2: npm run setup:cuda (then --device cuda; not run on hardware by us)',
  };
}

async function checkWebGpu({ probeWebGpu }: Imports): Promise<Check> {
  const name = 'WebGPU (Dawn)';
  const version = packageVersion('webgpu');
  if (version === undefined) {
    return { name, state: 'absent', found: 'webgpu is not installed', fix: 'optional: npm install webgpu' };
  }
  const adapter = await probeWebGpu().catch(() => '');
  if (adapter !== '') {
    const software = isSoftwareAdapter(adapter) ? ' (software: used only with --device webgpu)' : '';
    return { name, state: 'good', found: `webgpu ${version}: ${adapter}${software}` };
  }
  return {
    name,
    state: 'absent',
    found: `webgpu ${version}, but it finds no GPU`,
    fix: 'optional: a GPU with a Vulkan driver and libvulkan.so.1 (Debian: apt-get install libvulkan1)',
  };
}

/** Where Linux, macOS and Windows put a Chromium or Chrome. */
const browsers = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function checkBrowser(): Check {
  const found = browsers.find((path) => path !== undefined && existsSync(path));
  return found === undefined
    ? {
        name: 'Chromium',
        state: 'absent',
        found: 'none found',
        fix: 'optional, for browser tests: apt-get install chromium (or set CHROMIUM_PATH)',
      }
    : { name: 'Chromium', state: 'good', found };
}

function checkPage(): Check {
  const name = 'viewer page';
  return existsSync(join(root, 'dist', 'apps', 'viewer', 'index.html'))
    ? { name, state: 'good', found: 'built' }
    : { name, state: 'good', found: 'not built yet: saccade view builds it in a few seconds' };
}

async function checkPolicies(): Promise<Check> {
  const policies = await findPolicies();
  return policies.length > 0
    ? { name: 'policies', state: 'good', found: policies.map(({ name }) => name).join(', ') }
    : {
        name: 'policies',
        state: 'bad',
        found: `none in ${join(root, 'models')}`,
        fix: 'saccade train, or restore models/ from the repository',
      };
}

/** The engine that `--device auto` takes, given what the checks of engines found, best first. */
function chosenEngine(cuda: Check, webGpu: Check, runtime: Check, wasm: Check): string {
  if (cuda.state === 'good') return 'TensorFlow on CUDA';
  if (webGpu.state === 'good' && !webGpu.found.includes('(software')) return webGpu.name;
  if (runtime.state === 'good') return runtime.name;
  return wasm.state === 'good' ? wasm.name : 'TensorFlow.js in plain JavaScript';
}

export async function examine(imports: Imports = installedImports): Promise<Report> {
  const runtime = await checkOnnxRuntime(imports);
  const wasm = await checkWasm(imports);
  const cuda = checkCuda();
  const webGpu = await checkWebGpu(imports);
  const checks = [
    checkNode(),
    checkMachine(),
    cuda,
    webGpu,
    runtime,
    wasm,
    checkTensorFlow(),
    checkBrowser(),
    checkPage(),
    await checkPolicies(),
  ];
  return {
    version,
    healthy: checks.every(({ state }) => state !== 'bad'),
    engine: chosenEngine(cuda, webGpu, runtime, wasm),
    checks,
  };
}

#!/usr/bin/env node
// Runs the analyses of docs/results/ on the bundled policies, one ordinary `saccade` command after another, and keeps
// their pages there with an index. What is there for the same policy bytes and the same command is not run again;
// a command that was stopped goes on where it was, if it can.
//
//   node scripts/results.js --list                     the commands, and what is missing
//   node scripts/results.js                            everything that is missing, small budget
//   node scripts/results.js --budget full --policies compact-easy --only dictionary,blind
//   node scripts/results.js --minutes 45               stops then; started again it goes on
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const kept = 'docs/results';
const work = 'results';
const indexFile = join(root, kept, 'index.json');

const { values: flags } = parseArgs({
  options: {
    budget: { type: 'string', default: 'small' },
    policies: { type: 'string' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
    minutes: { type: 'string' },
    list: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** What the budgets differ in. Nothing else: seeds, controls and layers are the same. */
const budgets = {
  small: {
    frames: 4096,
    episodes: 200,
    pairs: 64,
    levels: 10_000,
    controlLevels: 500,
    discoveryLevels: 300,
    singleHazard: 500,
    editLevels: 300,
    routes: 200,
    represented: 300,
    study: ['--counts', '16,100,all', '--steps', '100000', '--checkpoints', '3', '--evaluate-levels', '200'],
  },
  full: {
    frames: 4096,
    episodes: 1000,
    pairs: 256,
    levels: 10_000,
    controlLevels: 2000,
    discoveryLevels: 1000,
    singleHazard: 2000,
    editLevels: 2000,
    routes: 1000,
    represented: 500,
    study: ['--counts', '16,100,1000,all', '--steps', '1000000', '--checkpoints', '6', '--evaluate-levels', '500'],
  },
};

const minutes = flags.minutes === undefined ? Infinity : Number(flags.minutes);
if (flags.help || !Object.hasOwn(budgets, flags.budget) || !(minutes > 0)) {
  console.log(
    'node scripts/results.js [--budget small|full] [--policies a,b] [--only dictionary,blind] [--threads 2] [--minutes 45] [--list] [--again]',
  );
  process.exit(flags.help ? 0 : 2);
}
const budget = budgets[flags.budget];

const shipped = readdirSync(join(root, 'models'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(root, 'models', entry.name, 'policy.safetensors')))
  .map(({ name }) => name);
const policies = flags.policies?.split(',') ?? shipped;

const hashOf = (parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
};
const bytesOf = (policy) => {
  const path = join(root, 'models', policy, 'policy.safetensors');
  if (!existsSync(path)) {
    console.error(`results: expected one of ${shipped.join(', ')}, got ${policy}`);
    process.exit(2);
  }
  return readFileSync(path);
};

/**
 * The analyses, those that others build on first. `page` is what the command calls its files; `subject` is the policy,
 * or what a page about several is called.
 */
function jobsOf(policy) {
  const dictionaryFolder = join(work, 'dictionary', policy);
  const dictionary = join(dictionaryFolder, 'dictionary.json');
  const known = ['--dictionary', dictionary];
  const job = (analysis, args, more = {}) => ({
    analysis,
    page: analysis,
    subject: policy,
    policies: [policy],
    args: [analysis, '--policy', policy, ...args],
    ...more,
  });
  const of = (count) => String(count);
  return [
    job('dictionary', ['--layer', '2b', '--factors', '8', '--frames', of(budget.frames), '--out', dictionaryFolder], {
      page: 'dictionary-report',
      folder: dictionaryFolder,
    }),
    job('frame', ['--level', '7', '--step', '20', ...known]),
    job('episode', [...known, '--episodes', of(budget.episodes)]),
    job('patch', [...known, '--object', 'coin', '--pairs', of(budget.pairs)], { subject: `${policy}-coin` }),
    job('patch', [...known, '--object', 'saw', '--pairs', of(budget.pairs)], { subject: `${policy}-saw` }),
    job('probe', ['--frames', '1024']),
    job('misgeneralise', ['--levels', of(budget.routes)]),
    job('field', ['--level', '7', '--remove', 'coin']),
    job('edit', [...known, '--levels', of(budget.editLevels)]),
    job(
      'blind',
      [
        ...[...known, '--levels', of(budget.levels), '--control-levels', of(budget.controlLevels)],
        ...['--discovery-levels', of(budget.discoveryLevels), '--single-hazard', of(budget.singleHazard)],
      ],
      { resume: ['--resume'] },
    ),
  ];
}

const jobs = [
  ...policies.flatMap(jobsOf),
  ...(policies.length > 0
    ? [
        {
          analysis: 'represent',
          page: 'represent',
          subject: 'all-policies',
          policies,
          args: [
            ...['represent', '--policy', policies[0], '--frames', String(budget.represented)],
            ...(policies.length > 1 ? ['--with', ...policies.slice(1)] : []),
          ],
        },
      ]
    : []),
  {
    analysis: 'study',
    page: 'study',
    subject: `levels-${flags.budget}`,
    policies: [],
    args: ['study', 'levels', '--seeds', '3', ...budget.study],
    resume: [],
  },
].filter(({ analysis }) => !flags.only || flags.only.split(',').includes(analysis));

// Time may run out: cheap pages of every policy come before the long experiments of any.
const later = ['represent', 'blind', 'study', 'edit'];
jobs.sort((a, b) => later.indexOf(a.analysis) - later.indexOf(b.analysis));

const index = existsSync(indexFile) ? JSON.parse(readFileSync(indexFile, 'utf8')) : {};
const keyOf = (job) => hashOf([...job.policies.map(bytesOf), job.args.join(' ')]);
const done = (job) => {
  const entry = index[`${job.analysis}/${job.subject}`];
  return entry?.key === keyOf(job) && existsSync(join(root, kept, job.analysis, `${job.subject}.html`));
};

const began = performance.now();
/** Milliseconds until the time is up. */
const left = () => began + minutes * 60_000 - performance.now();

/** @returns {Promise<number>} the exit code; 130 where it was stopped, as it is once the time is up */
function saccade(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'apps/sim/bin/saccade.js'), ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const timer = Number.isFinite(left()) ? setTimeout(() => child.kill('SIGINT'), Math.max(1, left())) : undefined;
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

const durationText = (seconds) =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

function writeIndex() {
  mkdirSync(join(root, kept), { recursive: true });
  writeFileSync(indexFile, `${JSON.stringify(index, null, 2)}\n`);
  const titles = {
    dictionary: 'What a layer’s features are',
    frame: 'One frame, read from all sides',
    episode: 'Episodes explained',
    patch: 'What carries an object’s effect',
    probe: 'What can be read off each layer',
    misgeneralise: 'The coin, or the place where coins were',
    field: 'Where the policy would go',
    edit: 'What edits of a layer do',
    blind: 'What fails without one factor',
    represent: 'Representations side by side',
    study: 'What training on more levels does',
  };
  const sections = Object.entries(titles).flatMap(([analysis, title]) => {
    const entries = Object.values(index).filter((entry) => entry.analysis === analysis);
    if (entries.length === 0) return [];
    const lines = entries
      .sort((a, b) => a.subject.localeCompare(b.subject))
      .flatMap(({ subject, summary, args, seconds }) => [
        `**[${subject}](${analysis}/${subject}.html)** ([data](${analysis}/${subject}.json), ${durationText(seconds)}): ${summary}`,
        '',
        ['```sh', `npm run saccade -- ${args.join(' ')}`, '```'].join('\n'),
        '',
      ]);
    return [`## ${title}`, '', ...lines];
  });
  const text = [
    '# Results',
    '',
    'What the [analyses](../analyses.md) found on the bundled policies. Each page needs nothing beside it (download it and',
    'open it in a browser), has its numbers as JSON beside it, and was made by the command under it; `npm run results` runs',
    'those that are missing. The times are of two CPU cores that other work shared.',
    '',
    ...sections,
  ].join('\n');
  writeFileSync(join(root, kept, 'README.md'), `${text.trimEnd()}\n`);
}

if (flags.list) {
  for (const job of jobs) console.log(`${done(job) ? 'there  ' : 'missing'} saccade ${job.args.join(' ')}`);
  process.exit(0);
}

let failed = 0;
for (const [i, job] of jobs.entries()) {
  if (done(job) && !flags.again) continue;
  if (left() <= 0) break;
  const name = `${job.analysis}/${job.subject}`;
  console.error(
    `\n[${i + 1}/${jobs.length}, ${durationText((performance.now() - began) / 1000)}] saccade ${job.args.join(' ')}`,
  );
  // A command that goes on does so only with the same policy and settings; others begin anew.
  const key = keyOf(job);
  const folder = job.folder ?? join(work, `${name}-${key.slice(0, 8)}`);
  if (!job.resume) rmSync(join(root, folder), { recursive: true, force: true });
  const start = performance.now();
  const code = await saccade([
    ...[...job.args, ...(job.resume ?? []), '--threads', flags.threads],
    ...(job.folder ? [] : ['--out', folder]),
  ]);
  const seconds = (performance.now() - start) / 1000;
  if (code === 130) {
    writeIndex();
    console.error(
      `results: stopped in ${name}; ${jobs.filter(done).length} of ${jobs.length} there. Run again to go on.`,
    );
    process.exit(left() <= 0 ? 0 : code);
  }
  if (code !== 0) {
    console.error(`results: ${name} failed (${code}); going on with the others`);
    failed++;
    continue;
  }
  const files = join(root, folder, job.page);
  mkdirSync(join(root, kept, job.analysis), { recursive: true });
  for (const extension of ['html', 'json']) {
    writeFileSync(join(root, kept, job.analysis, `${job.subject}.${extension}`), readFileSync(`${files}.${extension}`));
  }
  const { summary } = JSON.parse(readFileSync(`${files}.json`, 'utf8'));
  index[name] = {
    ...job,
    page: undefined,
    folder: undefined,
    resume: undefined,
    key,
    seconds: Math.round(seconds),
    summary,
  };
  writeIndex();
}
writeIndex();
console.error(
  `results: ${jobs.filter(done).length} of ${jobs.length} there, ${durationText((performance.now() - began) / 1000)}`,
);
process.exit(failed > 0 ? 1 : 0);

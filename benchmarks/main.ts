/** `npm run bench -- <suite> [--json]`: ratios against peers and absolute figures, measured side by side in one run. */
import { createReport } from './report.ts';
import type { Report } from './report.ts';

const suites = {
  env: async () => (await import('./env.ts')).envSuite,
  engines: async () => (await import('./engines.ts')).enginesSuite,
  train: async () => (await import('./train.ts')).trainSuite,
  attribution: async () => (await import('./attribution.ts')).attributionSuite,
  viewer: async () => (await import('./viewer.ts')).viewerSuite,
} satisfies Record<string, () => Promise<(report: Report) => Promise<void>>>;

const names = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const json = process.argv.includes('--json');
const unknown = names.find((name) => !Object.hasOwn(suites, name));
if (names.length === 0 || unknown !== undefined) {
  process.stderr.write(`bench: expected one of ${Object.keys(suites).join(', ')}, got ${unknown ?? 'nothing'}\n`);
  process.exitCode = 2;
} else {
  const report = createReport(json, (line) => process.stdout.write(`${line}\n`));
  for (const name of names as (keyof typeof suites)[]) await (await suites[name]())(report);
}

/** `saccade doctor`: what this machine has, what is missing and how to get it. */
import type { CommandDefinition } from './shell/command.ts';

export const doctor: CommandDefinition = {
  describe(command) {
    command.addHelpText('after', '\nExits with 1 when something that Saccade needs is missing.');
  },
  async run(_flags, { output }) {
    const { examine } = await import('./doctor/examine.ts');
    const report = await examine();
    const width = Math.max(...report.checks.map(({ name }) => name.length));
    for (const { name, state, found, fix } of report.checks) {
      output.print(`${{ good: 'ok     ', absent: 'absent ', bad: 'MISSING' }[state]}  ${name.padEnd(width)}  ${found}`);
      if (fix !== undefined) output.print(`${' '.repeat(9 + width)}  -> ${fix}`);
    }
    output.print(`\nSaccade computes on: ${report.engine}`);
    output.result(report);
    if (!report.healthy) process.exitCode = 1;
  },
};

/**
 * The program `saccade`: finds the command, loads its file alone, and turns whatever it throws into one line and an
 * exit code. This file and what it imports decide how fast `--help` answers: keep them few.
 */
import { Command, CommanderError } from 'commander';
import { CancelledError } from '@saccade/core';
import { commands } from './commands/index.ts';
import type { CommandEntry } from './commands/index.ts';
import { describeFailure } from './commands/shell/failure.ts';
import { createOutput } from './commands/shell/output.ts';
import { version } from './installation.ts';

/** The first Ctrl+C asks, the second one kills. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new CancelledError(signal));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

function quietly(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(true);
}

async function addCommand(program: Command, name: string, entry: CommandEntry, chosen: boolean): Promise<void> {
  const command = quietly(program.command(name).summary(entry.summary).description(entry.summary));
  if (!chosen) return;
  const definition = await entry.load();
  definition.describe(command);
  command
    .option('--seed <n>', 'seed of every random choice', '0')
    .option('--json', 'one JSON document on stdout, for machines')
    .action(async (flags: Record<string, unknown>) => {
      const output = createOutput(flags['json'] === true, process.stdout, process.stderr);
      await definition.run(flags, { output, signal: interruption() });
    });
}

/** Runs one command line, without the first two of `process.argv`. Sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`saccade eval | head -1`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const program = quietly(new Command('saccade'))
    .description('See what a reinforcement-learning agent sees.')
    .version(version)
    .addHelpText('after', '\n`saccade <command> --help` describes a command.');
  const wanted = argv.find((word) => !word.startsWith('-') && word !== 'help');
  const known = wanted !== undefined && Object.hasOwn(commands, wanted) ? wanted : undefined;
  try {
    for (const [name, entry] of Object.entries<CommandEntry>(commands)) {
      await addCommand(program, name, entry, name === known);
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return usageError(known, error);
    const { code, text } = describeFailure(known, error);
    process.stderr.write(`${text}\n`);
    process.exitCode = code;
  }
}

function usageError(command: string | undefined, error: CommanderError): void {
  if (error.exitCode === 0) return;
  process.exitCode = 2;
  // Help that was asked for by giving nothing has been printed already.
  if (error.code === 'commander.help') return;
  const who = command === undefined ? 'saccade' : `saccade ${command}`;
  const line = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  process.stderr.write(`${who}: ${line}; \`${who} --help\` lists what there is\n`);
}

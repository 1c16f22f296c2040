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
import type { WordStream } from './commands/shell/output.ts';
import { version } from './installation.ts';

/** The first Ctrl+C asks, the second one kills. */
function interruptionOfProcess(): AbortSignal {
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

/** What a command line runs in: where its words go, and what stops it. */
export interface Surroundings {
  readonly stdout: WordStream;
  readonly stderr: WordStream;
  /** Handles Ctrl+C from now on; asked for once a command runs. */
  interruption(): AbortSignal;
}

async function addCommand(
  program: Command,
  name: string,
  entry: CommandEntry,
  chosen: boolean,
  { stdout, stderr, interruption }: Surroundings,
): Promise<void> {
  const command = quietly(program.command(name).summary(entry.summary).description(entry.summary));
  if (!chosen) return;
  const definition = await entry.load();
  definition.describe(command);
  command
    // The default is the parser's, so that a command can tell a seed that was given from one that was not.
    .option('--seed <n>', 'seed of every random choice (default: 0)')
    .option('--json', 'one JSON document on stdout, for machines')
    .action(async (flags: Record<string, unknown>) => {
      const output = createOutput(flags['json'] === true, stdout, stderr);
      await definition.run(flags, { output, signal: interruption() });
    });
}

/** Runs one command line, without the first two of `process.argv`. Returns the exit code. */
export async function runCommandLine(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  const program = quietly(new Command('saccade'))
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .description('See what a reinforcement-learning agent sees.')
    .version(version)
    .addHelpText('after', '\n`saccade <command> --help` describes a command.');
  const wanted = argv.find((word) => !word.startsWith('-') && word !== 'help');
  const known = wanted !== undefined && Object.hasOwn(commands, wanted) ? wanted : undefined;
  try {
    for (const [name, entry] of Object.entries<CommandEntry>(commands)) {
      await addCommand(program, name, entry, name === known, surroundings);
    }
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return usageError(known, error, stderr);
    const { code, text } = describeFailure(known, error);
    stderr.write(`${text}\n`);
    return code;
  }
}

function usageError(command: string | undefined, error: CommanderError, stderr: WordStream): number {
  if (error.exitCode === 0) return 0;
  // Help that was asked for by giving nothing has been printed already.
  if (error.code === 'commander.help') return 2;
  const who = command === undefined ? 'saccade' : `saccade ${command}`;
  const line = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  stderr.write(`${who}: ${line}; \`${who} --help\` lists what there is\n`);
  return 2;
}

/** The program: runs one command line in this process, and sets its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const { stdout, stderr } = process;
  // A reader that has seen enough (`saccade eval | head -1`) is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const code = await runCommandLine(argv, { stdout, stderr, interruption: interruptionOfProcess });
  // A command may have set one itself without failing.
  if (code !== 0) process.exitCode = code;
}

/** What a command is. Importing its file must stay cheap (`--help` reads it): `run` imports what it needs. */
import type { Command } from 'commander';
import type { Output } from './output.ts';

export interface CommandContext {
  readonly output: Output;
  /** Aborted by the first Ctrl+C (or SIGTERM): finish what must be finished, and return. A second one kills. */
  readonly signal: AbortSignal;
}

export interface CommandDefinition {
  /** Adds description, flags and examples. `--seed` and `--json` are there already. */
  describe(command: Command): void;
  /** @param flags as commander names them; strings and booleans, still to be checked (`parseFlags`). */
  run(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void>;
}

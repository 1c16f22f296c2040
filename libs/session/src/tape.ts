/**
 * Writes down the episode that a session plays, instant by instant, so that any part of it up to now can become a
 * recording: from its beginning (with the branch and the edits that it began with), or from an instant on.
 */
import { InputError } from '@saccade/core';
import type { EnvironmentState } from '@saccade/envs';
import { recordingVersion } from '@saccade/protocol';
import type { FactorTurn, Manifest, RecordedStep, Recording, RecordingEvent, WireEdit } from '@saccade/protocol';
import type { HeldInstant } from './history.ts';

/** How the episode began, unless at the start of its seed's level. */
export interface TapeOrigin {
  /** Before the edits. */
  readonly state: EnvironmentState;
  readonly edits: readonly WireEdit[];
  /** Of the session, and the global step that it left; null for a level that was drawn. */
  readonly branch: { readonly recording: string; readonly step: number } | null;
}

export interface TapeHead {
  /** Version of the package. */
  readonly saccade: string;
  readonly environment: Manifest['environment'];
  readonly levelSeed: number;
  readonly seed: number;
  readonly actions: readonly string[];
  readonly policy: { readonly name: string; readonly hash: string };
  /** State hash at the start of the seed's level. */
  readonly startHash: () => string;
  readonly origin: TapeOrigin | null;
}

interface Taped extends RecordedStep {
  readonly returned: number;
  /** Factors that were turned down when its action was chosen. */
  readonly turns: readonly FactorTurn[];
}

/** From `step` of the recording on the policy played with these factors turned down; none: as it was trained. */
interface WeightEdit {
  readonly kind: 'turnFactors';
  readonly step: number;
  readonly turns: readonly FactorTurn[];
}

function weightEditsOf(rows: readonly Taped[]): WeightEdit[] {
  const edits: WeightEdit[] = [];
  let before = '[]';
  rows.forEach(({ turns }, step) => {
    const now = JSON.stringify(turns);
    if (now !== before) edits.push({ kind: 'turnFactors', step, turns });
    before = now;
  });
  return edits;
}

/** Steps of one recording. */
export const longestTape = 4000;

export class EpisodeTape {
  private readonly steps: Taped[] = [];
  private first: HeldInstant | null = null;
  /** The beginning of a very long episode has been let go. */
  private cut = false;
  /** Its action is taped once the next instant says where it led. */
  private last: HeldInstant | null = null;
  private turns: readonly FactorTurn[] = [];
  /** Where a recording begins, among `steps`; null while none runs. */
  private mark: { readonly row: number; readonly step: number; readonly instant: HeldInstant | null } | null = null;

  constructor(private readonly head: TapeHead) {}

  /** Global step of the instant with which the running recording begins; null while none runs. */
  get since(): number | null {
    return this.mark?.step ?? null;
  }

  /** Is the running recording as long as one may be? */
  get full(): boolean {
    return this.mark !== null && this.steps.length - this.mark.row >= longestTape;
  }

  /** @param turns factors that were turned down when the instant was thought about */
  add(instant: HeldInstant, turns: readonly FactorTurn[] = []): void {
    const { last } = this;
    if (last && last.action !== null) {
      const { action, actor, reward, value, logits, end } = last;
      this.steps.push({
        action,
        actor,
        reward,
        value,
        logits,
        end,
        stateHash: instant.stateHash,
        returned: last.return,
        turns: this.turns,
      });
    }
    this.last = instant;
    this.turns = turns;
    this.first ??= instant;
    if (this.mark || this.steps.length < 2 * longestTape) return;
    this.steps.splice(0, longestTape);
    this.cut = true;
  }

  /** Begins a recording. @throws InputError when one runs already, or there is nothing to record any more */
  start(from: 'now' | 'episode'): void {
    const { last, first } = this;
    if (this.mark) throw new InputError('record: expected no recording to run, but one does');
    if (!last || !first) throw new InputError('record: expected an episode that has begun');
    if (from === 'episode') {
      if (this.cut || this.steps.length >= longestTape) {
        throw new InputError(`record: expected an episode of at most ${longestTape} steps, got a longer one`);
      }
      this.mark = { row: 0, step: first.step, instant: null };
    } else if (last.action === null)
      throw new InputError('record: expected an episode that runs, got one that is over');
    else this.mark = { row: this.steps.length, step: last.step, instant: last };
  }

  /** Ends it. @returns null when it holds no step yet. @throws InputError when none runs */
  stop(): Recording | null {
    const { mark, head, last } = this;
    if (!mark || !last) throw new InputError('stopRecording: expected a recording to run');
    this.mark = null;
    const { saccade, environment, levelSeed, seed, actions, policy, startHash, origin } = head;
    const rows = this.steps.slice(mark.row);
    if (rows.length === 0) return null;
    const events: RecordingEvent[] =
      mark.instant !== null
        ? [{ kind: 'setState', step: 0, state: json(mark.instant.state) }]
        : origin === null
          ? []
          : [
              { kind: 'setState', step: 0, state: json(origin.state) },
              ...origin.edits.map((edit) => ({ kind: 'edit' as const, step: 0, edit })),
            ];
    const manifest: Manifest = {
      format: 'saccade-recording',
      version: recordingVersion,
      saccade,
      environment,
      levelSeed,
      seed,
      actions: [...actions],
      policy: { ...policy, weightEdits: weightEditsOf(rows) },
      branch: origin?.branch ?? null,
      startHash: startHash(),
      steps: rows.length,
      return: rows[rows.length - 1].returned,
      end: rows[rows.length - 1].end,
    };
    return { manifest, steps: rows.map(({ returned: _return, turns: _turns, ...step }) => step), events };
  }
}

/** As the file holds it. */
function json(state: EnvironmentState): Record<string, unknown> {
  return JSON.parse(JSON.stringify(state)) as Record<string, unknown>;
}

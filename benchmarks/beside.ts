/** Rows with a peer: our runs and the peer's take turns, and the ratio is the median of the turns' ratios. */
import { medianOf } from './measure.ts';
import type { Peer, PeerSetup, PeerTask, Spent } from './peer.ts';
import type { Report } from './report.ts';

/** `--quick` proves that a suite runs to its end; its figures mean nothing. */
export const quick = process.argv.includes('--quick');
const turns = quick ? 1 : 7;

/**
 * Between turns, in ms. Threads of either side spin for a while after their work and would take a core from the other:
 * calls of 10 ms were measured at twice that right after the peer's.
 */
const rest = quick ? 0 : 150;
const rested = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, rest));

export type MaybePeer = Peer | { readonly unavailable: string };

export interface BesideRow {
  readonly name: string;
  readonly unit: 'frames/s' | 'ms';
  /** Frames of one call, for `frames/s`. */
  readonly frames?: number;
  /** Calls of one turn. */
  readonly repeats: number;
  ours(): Promise<unknown>;
  /** Absent: nothing to be timed beside. */
  readonly peer?: { readonly of: MaybePeer; readonly setup: PeerSetup; readonly task: PeerTask };
  /** Calls that `ours` makes at once, for two sessions beside each other. */
  readonly atOnce?: number;
  readonly note?: string;
}

export async function measureBeside(report: Report, row: BesideRow): Promise<void> {
  const { name, unit, frames = 1, ours, peer, atOnce = 1, note } = row;
  const repeats = quick ? 1 : row.repeats;
  const figure = (seconds: number): number =>
    unit === 'ms' ? (seconds * 1000) / repeats : (frames * repeats) / seconds;
  const timeOurs = async (): Promise<Spent> => {
    const begun = performance.now();
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i += atOnce) await Promise.all(Array.from({ length: atOnce }, ours));
    const share = repeats / (Math.ceil(repeats / atOnce) * atOnce);
    const { user, system } = process.cpuUsage(before);
    return { seconds: ((performance.now() - begun) / 1000) * share, processor: ((user + system) / 1e6) * share };
  };
  const other = peer && 'run' in peer.of ? peer.of : undefined;
  await timeOurs();
  if (other && peer) {
    await other.prepare(peer.setup);
    await other.run(peer.task, quick ? 1 : 3);
  }
  const ownTurns: Spent[] = [];
  const theirTurns: Spent[] = [];
  for (let turn = 0; turn < turns; turn++) {
    if (other) await rested();
    ownTurns.push(await timeOurs());
    if (!other || !peer) continue;
    await rested();
    theirTurns.push(await other.run(peer.task, repeats));
  }
  const own = ownTurns.map(({ seconds }) => figure(seconds));
  const theirs = theirTurns.map(({ seconds }) => figure(seconds));
  const { median, spread } = medianOf(own);
  const shared = { name, value: median, unit, spread, note };
  if (!peer) return report.row(shared);
  if (!other) {
    const why = 'unavailable' in peer.of ? peer.of.unavailable : '';
    return report.row({ ...shared, peer: `unavailable: ${why}` });
  }
  const ratios = own.map((value, i) => (unit === 'ms' ? theirs[i] / value : value / theirs[i]));
  const least = (spent: readonly Spent[]): number => Math.min(...spent.map(({ processor }) => processor));
  report.row({
    ...shared,
    peer: other.name,
    peerValue: medianOf(theirs).median,
    ratio: medianOf(ratios).median,
    processorRatio: least(theirTurns) / least(ownTurns),
  });
}

/**
 * How far a long task is: one line with done, rate and time left, redrawn on a terminal, printed now and then
 * elsewhere (a log file wants lines, not carriage returns). It goes to stderr, so that stdout stays the result's.
 */

export interface ProgressTask {
  /** First word of the line: `training`. */
  readonly label: string;
  /** Units in all; undefined when nobody knows. */
  readonly total?: number;
  /** `steps` */
  readonly unit: string;
  /** Units done before this process began (a resumed run): they count as done, not towards the rate. */
  readonly start?: number;
}

export interface Progress {
  /** @param done units done, those before the start included; @param note more to say: `return 4.2` */
  update(done: number, note?: string): void;
  /** Writes a line of its own without breaking the progress line. */
  log(line: string): void;
  /** Ends the line. Call it in `finally`. */
  finish(): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawEvery = 100;
const lineEvery = 5000;
/** Half-life of the rate's memory, ms: recent speed matters, one slow step does not. */
const halfLife = 10_000;

/** `4 s`, `3 min 20 s`, `2 h 05 min` */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** `950`, `12.4k`, `3.20M` */
export function countText(count: number): string {
  if (count < 10) return String(Math.round(count * 10) / 10);
  if (count < 10_000) return String(Math.round(count));
  return count < 1e6 ? `${(count / 1e3).toFixed(1)}k` : `${(count / 1e6).toFixed(2)}M`;
}

/** @param rate units a second; undefined before it is known */
export function progressLine(task: ProgressTask, done: number, rate: number | undefined, note = ''): string {
  const { label, total, unit } = task;
  const parts = [
    total === undefined
      ? `${label} ${countText(done)} ${unit}`
      : `${label} ${countText(done)}/${countText(total)} ${unit} (${Math.floor((100 * done) / Math.max(total, 1))}%)`,
  ];
  if (rate !== undefined) parts.push(`${countText(rate)} ${unit}/s`);
  if (rate !== undefined && rate > 0 && total !== undefined && done < total) {
    parts.push(`${durationText((total - done) / rate)} left`);
  }
  if (note) parts.push(note);
  return parts.join(' | ');
}

/** @param now milliseconds on any steady clock */
export function createProgress(stream: ProgressStream, task: ProgressTask, now: () => number): Progress {
  const redraws = stream.isTTY === true;
  const began = now();
  let seen = { time: began, done: task.start ?? 0 };
  let rate: number | undefined;
  let last = '';
  let drawn: number | undefined;
  let shown = false;
  const draw = (): void => {
    if (redraws) stream.write(`\r${last.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}\x1b[K`);
    else stream.write(`${last}\n`);
    shown = true;
    drawn = now();
  };
  return {
    update(done, note) {
      const time = now();
      const passed = time - seen.time;
      if (passed > 0 && done > seen.done) {
        const current = ((done - seen.done) * 1000) / passed;
        const keep = 0.5 ** (passed / Math.min(halfLife, time - began));
        rate = rate === undefined ? current : rate * keep + current * (1 - keep);
        seen = { time, done };
      }
      last = progressLine(task, done, rate, note);
      shown = false;
      if (drawn === undefined || time - drawn >= (redraws ? redrawEvery : lineEvery)) draw();
    },
    log(line) {
      if (!redraws) stream.write(`${line}\n`);
      else {
        stream.write(`\r\x1b[K${line}\n`);
        if (last) draw();
      }
    },
    finish() {
      if (last && !shown) draw();
      if (redraws && last) stream.write('\n');
      last = '';
    },
  };
}

/**
 * The terminal while someone plays: a screen of its own, raw keys, and everything as it was afterwards, however the
 * program ends.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { InputError } from '@saccade/core';
import { keysIn } from './keys.ts';
import type { Key } from './keys.ts';

/** A screen of its own, no cursor, no wrapped lines; and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';

export interface Terminal {
  /** Characters. */
  readonly columns: number;
  readonly rows: number;
  /** Shows `lines` from the top; only those that changed are written. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back as it was. Harmless when called again. */
  close(): void;
}

export interface TerminalEvents {
  key(key: Key): void;
  resize(): void;
  /** Nobody is there any more. */
  hangUp(): void;
}

/** Throws InputError unless both are terminals; nothing has been written then. */
export function expectTerminal(
  stdin: { readonly isTTY?: boolean },
  screen: { readonly isTTY?: boolean },
  screenName: string,
): void {
  const missing = [...(stdin.isTTY ? [] : ['stdin']), ...(screen.isTTY ? [] : [screenName])];
  if (missing.length > 0) {
    throw new InputError(
      `expected a terminal to play in, got ${missing.join(' and ')} that ${missing.length > 1 ? 'are' : 'is'} none (a pipe or a file)`,
    );
  }
}

export function openTerminal(stdin: ReadStream, screen: WriteStream, events: TerminalEvents): Terminal {
  let drawn: readonly string[] = [];
  let open = true;
  const onData = (text: string): void => {
    for (const key of keysIn(text)) events.key(key);
  };
  const onResize = (): void => {
    drawn = [];
    screen.write('\x1b[0m\x1b[2J');
    events.resize();
  };
  const onEnd = (): void => events.hangUp();
  const close = (): void => {
    if (!open) return;
    open = false;
    process.off('exit', close);
    stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
    screen.off('resize', onResize);
    stdin.setRawMode(false);
    stdin.pause();
    screen.write(LEAVE);
  };
  // A second Ctrl+C, or a fault, ends the process without coming back here.
  process.on('exit', close);
  screen.write(ENTER);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', onData).on('end', onEnd).on('error', onEnd).resume();
  screen.on('resize', onResize);
  return {
    get columns() {
      return screen.columns;
    },
    get rows() {
      return screen.rows;
    },
    draw(lines) {
      if (!open) return;
      let text = '';
      lines.forEach((line, row) => {
        if (line !== drawn[row]) text += `\x1b[${row + 1};1H${line}\x1b[K`;
      });
      if (text !== '') screen.write(`\x1b[?2026h${text}\x1b[?2026l`);
      drawn = [...lines];
    },
    close,
  };
}

/** `saccade play` in a pseudo terminal: what is on the screen, what keys do, and that the terminal comes back. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCoinRun, renderView } from '@saccade/envs';
import type { EpisodeRecord } from '@saccade/envs';
import { HeldKeys, keysIn } from '../../apps/sim/src/commands/play/keys.ts';
import { hasPseudoTerminal, openPseudoTerminal } from '../support/pseudoTerminal.ts';
import { saccade } from '../support/saccade.ts';

const COLUMNS = 60;
const ROWS = 24;
const RIGHT = '\x1b[C';

/** The colours of the first picture written to a terminal: RGB, [2 (ROWS - 1), COLUMNS, 3]. */
function firstPicture(text: string): number[] {
  const rows: number[][] = [];
  for (let row = 1; row < ROWS; row++) {
    const start = text.indexOf(`\x1b[${row};1H`);
    const line = text.slice(start, text.indexOf('\x1b[K', start));
    const [upper, lower]: number[][] = [[], []];
    let above: number[] = [];
    let below: number[] = [];
    for (const [, layer, colour] of line.matchAll(/\x1b\[(38|48);2;(\d+;\d+;\d+)m|▀/g)) {
      if (layer === '38') above = colour.split(';').map(Number);
      else if (layer === '48') below = colour.split(';').map(Number);
      else {
        upper.push(...above);
        lower.push(...below);
      }
    }
    rows.push(upper, lower);
  }
  return rows.flat();
}

/** Was the terminal left as it was found? */
function expectRestored(text: string, code: number): void {
  const before = /before (\S+:\S+)/.exec(text)?.[1];
  expect(/ended (\d+) (\S+:\S+)/.exec(text)?.slice(1)).toEqual([String(code), before]);
  // Leaves the second screen, shows the cursor, wraps lines.
  const left = text.lastIndexOf('\x1b[?1049l');
  expect(left).toBeGreaterThan(text.indexOf('\x1b[?1049h'));
  expect(text.slice(0, left)).toMatch(/\x1b\[\?7h\x1b\[\?25h$/);
  expect(text.slice(left + 8)).not.toMatch(/▀|\x1b\[\?25l/);
}

describe('saccade play without a terminal', () => {
  it('says so and exits with 2', async () => {
    const { code, stdout, stderr } = await saccade('play');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'saccade play: expected a terminal to play in, got stdin and stdout that are none (a pipe or a file)\n',
    );
  });
});

describe.skipIf(!hasPseudoTerminal)('saccade play in a terminal', () => {
  it('draws the level as the large view has it, moves by the keys, marks the steps as human and restores the terminal', async () => {
    const run = `--level 7 --difficulty hard --speed 0 --json`.split(' ');
    // Steps only at a key.
    const terminal = openPseudoTerminal(COLUMNS, ROWS, 'play', ...run);
    await terminal.seen(/step 0 .*\x1b\[\?2026l/s);
    const environment = createCoinRun({ difficulty: 'hard' });
    environment.reset({ options: { levelSeed: 7 } });
    const { x, y } = environment.scene.agent;
    const height = 2 * (ROWS - 1);
    const view = renderView(environment.scene, {
      width: COLUMNS,
      height,
      centreX: x,
      centreY: y,
      cellsAcross: (COLUMNS * 12.8) / height,
    });
    const drawn = firstPicture(terminal.read());
    expect(drawn.length).toBe(COLUMNS * height * 3);
    expect(drawn).toEqual([...view.filter((_, index) => index % 4 !== 3)]);

    for (let step = 1; step <= 3; step++) {
      terminal.type(RIGHT);
      await terminal.seen(new RegExp(`step ${step} `));
    }
    terminal.type('q');
    const text = await terminal.finished;
    expectRestored(text, 0);
    const document = JSON.parse(text.slice(text.lastIndexOf('\x1b[?1049l') + 8, text.lastIndexOf('ended ')).trim()) as {
      episodes: EpisodeRecord[];
    };
    const [episode] = document.episodes;
    expect(episode).toMatchObject({ levelSeed: 7, cause: null });
    expect(episode.steps.map(({ actor, action }) => [actor, action])).toEqual(Array(3).fill(['human', 1]));
    for (const { action, stateHash } of episode.steps) {
      environment.step(action);
      expect(environment.stateHash()).toBe(stateHash);
    }
  });

  it('gives the terminal back on Ctrl+C and when it is told to stop', async () => {
    const typed = openPseudoTerminal(COLUMNS, ROWS, 'play', '--level', '3');
    await typed.seen(/step \d+ .*▀/s);
    typed.type('\x03');
    expectRestored(await typed.finished, 0);

    const told = openPseudoTerminal(COLUMNS, ROWS, 'play', '--level', '3');
    const [, pid] = await told.seen(/pid (\d+)/);
    await told.seen(/step \d+ .*▀/s);
    process.kill(Number(pid), 'SIGTERM');
    const text = await told.finished;
    expectRestored(text, 130);
    expect(text).toContain('saccade play: stopped');
  });

  it('plays on by itself: the planner reaches the coin of a level drawn as text, as a script', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saccade-play-'));
    try {
      const file = join(folder, 'level.txt');
      await writeFile(file, '##########\n#........#\n#........#\n#@......o#\n##########\n');
      const terminal = openPseudoTerminal(
        30,
        12,
        'play',
        '--text',
        file,
        '--watch',
        'planner',
        '--speed',
        '200',
        '--json',
      );
      await terminal.seen(/The coin!/);
      terminal.type('q');
      const text = await terminal.finished;
      expectRestored(text, 0);
      expect(text).toMatch(/"actor": "script"/);
      expect(text).toMatch(/"cause": "coin"/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('keys', () => {
  it('are read from arrows of both kinds, letters and control characters, and others are ignored', () => {
    expect(keysIn('\x1b[D\x1bOC\x1b[A wS\x1b[5~zQ\x03')).toEqual([
      'left',
      'right',
      'jump',
      'jump',
      'jump',
      'down',
      'quit',
      'quit',
    ]);
  });

  it('count as held until their repeat is overdue, and the opposite one ends them', () => {
    const held = new HeldKeys();
    expect(held.action(0)).toBe('noop');
    held.press('right', 0);
    expect([held.action(1), held.action(440), held.action(460)]).toEqual(['right', 'right', 'noop']);
    held.press('right', 1000);
    held.press('jump', 1010);
    expect(held.action(1020)).toBe('right+jump');
    held.press('left', 1030);
    expect(held.action(1040)).toBe('left+jump');
    held.press('down', 1050);
    expect(held.action(1060)).toBe('left');
    expect(held.action(1490)).toBe('down');
    for (let at = 2000; at < 3000; at += 50) held.press('left', at);
    expect([held.action(3000), held.action(3120)]).toEqual(['left', 'noop']);
  });
});

/**
 * Levels as text and back, to write by hand, to keep under version control, to read in a message. One character a
 * cell, the top row first; objects stand in the middle of their cell. Whatever shares a cell with something already
 * drawn follows below the map, a line each: character, column, row (row 0 at the bottom).
 */
import { InputError } from '@saccade/core';
import { AGENT_HALF_HEIGHT, OBJECT_HALF } from './constants.ts';
import { createEmptyLevel } from './level.ts';
import type { Level, LevelObject } from './level.ts';
import { Cell } from './scene.ts';
import type { ObjectKind } from './scene.ts';

/** What each character of a level's text stands for. */
export const levelCharacters = {
  '.': 'empty',
  '#': 'ground',
  '~': 'lava',
  '|': 'empty, and enemies turn round',
  '@': 'where the agent starts',
  o: 'coin',
  O: 'coin, and enemies turn round',
  '*': 'saw',
  e: 'enemy; its seed says which way it sets out',
  '<': 'enemy that sets out to the left',
  '>': 'enemy that sets out to the right',
  x: 'crate',
  '!': 'invisible end marker',
  '1': 'invisible end marker, and enemies turn round',
} as const;

type LevelCharacter = keyof typeof levelCharacters;

const MIN_SIDE = 3;
const MAX_SIDE = 256;

const OBJECTS: Partial<Record<LevelCharacter, { kind: ObjectKind; heading?: -1 | 1 }>> = {
  o: { kind: 'coin' },
  O: { kind: 'coin' },
  '*': { kind: 'saw' },
  e: { kind: 'enemy' },
  '<': { kind: 'enemy', heading: -1 },
  '>': { kind: 'enemy', heading: 1 },
  x: { kind: 'crate' },
};

function fail(expected: string, got: unknown): never {
  throw new InputError(`levelFromText: expected ${expected}, got ${String(got)}`);
}

/** Parses a level. Needs a start and a coin; throws InputError that names the line and column otherwise. */
export function levelFromText(text: string): Level {
  if (typeof text !== 'string') fail('text', typeof text);
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines[lines.length - 1].trim() === '') lines.pop();
  while (lines.length > 0 && lines[0].trim() === '') lines.shift();
  const mapEnd = lines.findIndex((line) => /^\S \d+ \d+$/.test(line));
  const map = mapEnd < 0 ? lines : lines.slice(0, mapEnd);
  const extras = mapEnd < 0 ? [] : lines.slice(mapEnd);
  const height = map.length;
  const width = map[0]?.length ?? 0;
  if (height < MIN_SIDE || height > MAX_SIDE) fail(`${MIN_SIDE}..${MAX_SIDE} lines`, height);
  if (width < MIN_SIDE || width > MAX_SIDE) fail(`lines of ${MIN_SIDE}..${MAX_SIDE} characters`, width);

  const level = createEmptyLevel(width, height);
  let starts = 0;
  const place = (character: string, column: number, row: number, where: string): void => {
    if (!Object.hasOwn(levelCharacters, character)) {
      fail(`one of ${Object.keys(levelCharacters).join(' ')} in ${where}`, `'${character}'`);
    }
    const known = character as LevelCharacter;
    const index = row * width + column;
    const x = column + OBJECT_HALF;
    const y = row + OBJECT_HALF;
    if (known === '#') level.cells[index] = Cell.ground;
    if (known === '~') level.cells[index] = Cell.lava;
    if (known === '|' || known === 'O' || known === '1') level.barriers[index] = 1;
    if (known === '@') {
      starts += 1;
      level.spawn = { x, y: row + AGENT_HALF_HEIGHT };
    }
    if (known === '!' || known === '1') {
      if (level.marker !== null) fail('one end marker', `another in ${where}`);
      level.marker = { x, y };
    }
    const object = OBJECTS[known];
    if (object !== undefined) level.objects.push({ id: level.objects.length + 1, ...object, x, y });
  };
  map.forEach((line, fromTop) => {
    if (line.length !== width) fail(`line ${fromTop + 1} of ${width} characters`, line.length);
    for (let column = 0; column < width; column++) {
      place(line[column], column, height - 1 - fromTop, `line ${fromTop + 1}, column ${column + 1}`);
    }
  });
  extras.forEach((line, index) => {
    const [character, column, row] = line.split(' ');
    if (!/^\S \d+ \d+$/.test(line) || !(Number(column) < width) || !(Number(row) < height)) {
      fail(`'character column row' within the map in line ${height + index + 1}`, `'${line}'`);
    }
    place(character, Number(column), Number(row), `line ${height + index + 1}`);
  });
  if (starts !== 1) fail('one @ for the agent', starts);
  if (!level.objects.some(({ kind }) => kind === 'coin')) fail('a coin (o)', 'none');
  const { x, y } = level.spawn;
  const head = Math.floor(y + AGENT_HALF_HEIGHT - 0.05);
  for (const row of [Math.floor(y), head]) {
    const outside = row >= height;
    if (outside || level.cells[row * width + Math.floor(x)] === Cell.ground) {
      fail('room for the agent: its cell and the one above', 'ground');
    }
  }
  return level;
}

/**
 * The text of a level; `levelFromText` gives the same layout again where every object stands in the middle of a cell,
 * as in generated levels. Others are moved to the middle of the cell in which they are.
 */
export function textFromLevel(level: Level): string {
  const { width, height, cells, barriers } = level;
  const map: string[][] = Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_unused, column) => {
      const index = row * width + column;
      if (cells[index] === Cell.ground) return '#';
      if (cells[index] === Cell.lava) return '~';
      return barriers[index] === 1 ? '|' : '.';
    }),
  );
  const extras: string[] = [];
  const draw = (character: string, onBarrier: string | null, { x, y }: { x: number; y: number }): void => {
    const column = Math.min(width - 1, Math.floor(x));
    const row = Math.min(height - 1, Math.floor(y));
    if (map[row][column] === '.') map[row][column] = character;
    else if (map[row][column] === '|' && onBarrier !== null) map[row][column] = onBarrier;
    else extras.push(`${character} ${column} ${row}`);
  };
  draw('@', null, level.spawn);
  for (const object of level.objects) draw(characterOf(object), object.kind === 'coin' ? 'O' : null, object);
  if (level.marker !== null) draw('!', '1', level.marker);
  const rows = map.map((row) => row.join('')).reverse();
  return `${[...rows, ...extras].join('\n')}\n`;
}

function characterOf({ kind, heading }: LevelObject): LevelCharacter {
  switch (kind) {
    case 'coin':
      return 'o';
    case 'saw':
      return '*';
    case 'crate':
      return 'x';
    case 'enemy':
      return heading === undefined ? 'e' : heading < 0 ? '<' : '>';
    default:
      return kind satisfies never;
  }
}

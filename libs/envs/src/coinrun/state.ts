/**
 * A CoinRun instant as JSON and back. The JSON says everything that the future and the picture depend on, so that an
 * edited level, a custom one and one from a seed are restored alike; docs/environments.md describes it for others.
 */
import { InputError } from '@saccade/core';
import { variety } from './art/index.ts';
import { AGENT_HALF_HEIGHT, AGENT_HALF_WIDTH, JUMP_SPEED } from './constants.ts';
import type { Point } from './level.ts';
import { Cell } from './scene.ts';
import type { ObjectKind, SceneObject, Theme } from './scene.ts';
import { World } from './world.ts';

export interface AgentState {
  /** Centre, cells, and velocity, cells a step. */
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
  readonly facing: -1 | 1;
}

export interface CoinRunState {
  /** Cells, the top row first: `.` empty, `#` ground, `~` lava, `|` empty with an enemy barrier. */
  readonly rows: readonly string[];
  readonly objects: readonly Readonly<SceneObject>[];
  readonly agent: AgentState;
  readonly theme: Theme;
  readonly lavaHidden: boolean;
  /** The invisible end marker, centre. */
  readonly marker: Point | null;
  readonly coinTaken: boolean;
  readonly reachedMarker: boolean;
  /** Steps since the episode began. */
  readonly step: number;
}

const CELL_CHARACTERS = '.#~|';
const BARRIER = CELL_CHARACTERS.indexOf('|');
const KINDS: readonly ObjectKind[] = ['coin', 'saw', 'enemy', 'crate'];
const MAX_SIDE = 256;
const MAX_OBJECTS = 1024;

/** The cells as text, the top row first. */
export function rowsOf(world: World): string[] {
  const { width, height, cells } = world.scene;
  return Array.from({ length: height }, (_, fromTop) => {
    let row = '';
    const start = (height - 1 - fromTop) * width;
    for (let i = start; i < start + width; i++) {
      row += CELL_CHARACTERS[cells[i] === Cell.empty && world.barriers[i] === 1 ? BARRIER : cells[i]];
    }
    return row;
  });
}

/** A fresh copy of everything but `rows`, which may be handed in where the cells have not changed. */
export function captureState(world: World, rows: readonly string[] = rowsOf(world)): CoinRunState {
  const { scene, marker, coinTaken, reachedMarker } = world;
  const { x, y, vx, vy, facing } = scene.agent;
  return {
    rows,
    objects: scene.objects.map((object) => {
      const { tint, ...rest } = object;
      return tint === undefined ? rest : { ...rest, tint };
    }),
    agent: { x, y, vx, vy, facing },
    theme: { ...scene.theme },
    lavaHidden: scene.lavaHidden ?? false,
    marker: marker === null ? null : { x: marker.x, y: marker.y },
    coinTaken,
    reachedMarker,
    step: scene.step,
  };
}

/** A world of its own, in that state. Throws InputError on anything that is not one. */
export function worldFromState(state: unknown): World {
  const from = expectObject('a state', state);
  const { rows, objects } = from;
  if (!Array.isArray(rows) || rows.length < 3 || rows.length > MAX_SIDE) {
    return fail(`3..${MAX_SIDE} rows`, Array.isArray(rows) ? rows.length : rows);
  }
  const { width, height, cells, barriers } = parseRows(rows);
  if (!Array.isArray(objects) || objects.length > MAX_OBJECTS) {
    return fail(`at most ${MAX_OBJECTS} objects`, Array.isArray(objects) ? objects.length : objects);
  }
  const parsed = objects.map((object, index) => parseObject(object, `objects[${index}]`, width, height));
  if (new Set(parsed.map(({ id }) => id)).size !== parsed.length) fail('every object id once', 'a repeated id');

  const agent = expectObject('agent', from.agent);
  const facing = agent.facing;
  if (facing !== 1 && facing !== -1) return fail('agent.facing 1 or -1', facing);
  const world = new World(
    {
      width,
      height,
      cells,
      objects: parsed,
      agent: {
        x: expectNumber('agent.x', agent.x, AGENT_HALF_WIDTH, width - AGENT_HALF_WIDTH),
        y: expectNumber('agent.y', agent.y, AGENT_HALF_HEIGHT, height - AGENT_HALF_HEIGHT),
        vx: expectNumber('agent.vx', agent.vx, -1, 1),
        vy: expectNumber('agent.vy', agent.vy, -JUMP_SPEED, JUMP_SPEED),
        facing,
        supported: false,
      },
      theme: parseTheme(from.theme),
      lavaHidden: expectFlag('lavaHidden', from.lavaHidden),
      step: expectWhole('step', from.step, 0, 2 ** 31 - 1),
    },
    barriers,
    from.marker === null ? null : parsePoint('marker', from.marker, width, height),
  );
  if (world.agentIsStuck()) fail('the agent outside of the ground', `(${String(agent.x)}, ${String(agent.y)})`);
  world.coinTaken = expectFlag('coinTaken', from.coinTaken);
  world.reachedMarker = expectFlag('reachedMarker', from.reachedMarker);
  return world;
}

function parseRows(rows: readonly unknown[]): {
  width: number;
  height: number;
  cells: Uint8Array;
  barriers: Uint8Array;
} {
  const height = rows.length;
  const width = typeof rows[0] === 'string' ? rows[0].length : 0;
  if (width < 3 || width > MAX_SIDE) fail(`rows of 3..${MAX_SIDE} characters`, width);
  const cells = new Uint8Array(width * height);
  const barriers = new Uint8Array(width * height);
  rows.forEach((row, fromTop) => {
    if (typeof row !== 'string' || row.length !== width) {
      return fail(`row ${fromTop} of ${width} characters`, typeof row === 'string' ? row.length : row);
    }
    for (let column = 0; column < width; column++) {
      const code = CELL_CHARACTERS.indexOf(row[column]);
      if (code < 0) fail(`row ${fromTop} to hold ${CELL_CHARACTERS}`, `'${row[column]}' in column ${column}`);
      const index = (height - 1 - fromTop) * width + column;
      if (code === BARRIER) barriers[index] = 1;
      else cells[index] = code;
    }
    return undefined;
  });
  return { width, height, cells, barriers };
}

function parseObject(value: unknown, where: string, width: number, height: number): SceneObject {
  const object = expectObject(where, value);
  const kind = object.kind as ObjectKind;
  if (!KINDS.includes(kind)) return fail(`${where}.kind ${KINDS.join(', ')}`, kind);
  const { tint } = object;
  return {
    id: expectWhole(`${where}.id`, object.id, 1, 65535),
    kind,
    x: expectNumber(`${where}.x`, object.x, 0, width),
    y: expectNumber(`${where}.y`, object.y, 0, height),
    vx: expectNumber(`${where}.vx`, object.vx, -1, 1),
    variant: expectWhole(`${where}.variant`, object.variant, 0, variantsOf(kind) - 1),
    visible: expectFlag(`${where}.visible`, object.visible),
    tint: tint === undefined ? undefined : expectWhole(`${where}.tint`, tint, 0, 0xffffff),
  };
}

/** How many looks the art has for a kind. */
function variantsOf(kind: ObjectKind): number {
  if (kind === 'enemy') return variety.enemies;
  return kind === 'crate' ? variety.crates : 1;
}

function parseTheme(value: unknown): Theme {
  const theme = expectObject('theme', value);
  return {
    background: expectWhole('theme.background', theme.background, 0, variety.backgrounds - 1),
    ground: expectWhole('theme.ground', theme.ground, 0, variety.grounds - 1),
    agent: expectWhole('theme.agent', theme.agent, 0, variety.agents - 1),
    monochrome: expectFlag('theme.monochrome', theme.monochrome),
    backgrounds: expectFlag('theme.backgrounds', theme.backgrounds),
  };
}

function parsePoint(where: string, value: unknown, width: number, height: number): Point {
  const point = expectObject(where, value);
  return { x: expectNumber(`${where}.x`, point.x, 0, width), y: expectNumber(`${where}.y`, point.y, 0, height) };
}

function fail(expected: string, got: unknown): never {
  throw new InputError(`CoinRun state: expected ${expected}, got ${String(got)}`);
}

function expectObject(where: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(`${where} as an object`, value);
  return value as Record<string, unknown>;
}

function expectNumber(where: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number' || !(value >= low && value <= high)) return fail(`${where} in ${low}..${high}`, value);
  return value + 0;
}

function expectWhole(where: string, value: unknown, low: number, high: number): number {
  const number = expectNumber(where, value, low, high);
  return Number.isInteger(number) ? number : fail(`${where} to be whole`, value);
}

function expectFlag(where: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : fail(`${where} true or false`, value);
}

/** Scenes drawn by hand for the art's tests: a level as text, and chance in places where a property must hold anyway. */
import { createStream } from '@saccade/core';
import type { Scene, SceneObject, Theme } from '@saccade/envs';

const LEVEL = `
........................
........................
.............###........
...................o....
......S.............##..
....#######.....E..####.
...........c...#########
.........#.cc..#..S.....
..E.c..####~~~~#########
#######.###~~~##########`;

export const plainTheme: Theme = { background: 0, ground: 0, agent: 0, monochrome: false, backgrounds: true };

export interface SceneChanges {
  readonly x?: number;
  readonly y?: number;
  readonly agent?: Partial<Scene['agent']>;
  readonly theme?: Partial<Theme>;
  readonly step?: number;
  readonly lavaHidden?: boolean;
  readonly objects?: (objects: readonly SceneObject[]) => readonly SceneObject[];
}

/** The hand-drawn level with the agent's feet at (x, y). */
export function drawnScene(changes: SceneChanges = {}): Scene {
  const lines = LEVEL.trim().split('\n').reverse();
  const width = lines[0].length;
  const cells = new Uint8Array(width * lines.length);
  const objects: SceneObject[] = [];
  const kinds = { S: 'saw', E: 'enemy', c: 'crate', o: 'coin' } as const;
  lines.forEach((line, row) => {
    [...line].forEach((mark, column) => {
      if (mark === '#') cells[row * width + column] = 1;
      if (mark === '~') cells[row * width + column] = 2;
      const kind = kinds[mark as keyof typeof kinds] as SceneObject['kind'] | undefined;
      if (kind === undefined) return;
      const vx = kind === 'enemy' ? (column % 2 === 0 ? 0.15 : -0.15) : 0;
      objects.push({ id: objects.length + 1, kind, x: column + 0.5, y: row + 0.5, vx, variant: 0, visible: true });
    });
  });
  const { x = 5.5, y = 2, agent, theme, step = 0, lavaHidden = false } = changes;
  return {
    width,
    height: lines.length,
    cells,
    objects: changes.objects?.(objects) ?? objects,
    agent: { x, y: y + 0.5787, vx: 0, vy: 0, supported: true, facing: 1, ...agent },
    theme: { ...plainTheme, ...theme },
    lavaHidden,
    step,
  };
}

/** A scene that no game would reach: random cells, objects anywhere, the agent too. */
export function chanceScene(
  seed: number,
  variety: Record<'backgrounds' | 'grounds' | 'agents' | 'enemies' | 'crates', number>,
): Scene {
  const stream = createStream(seed, 'chance scene');
  const width = stream.between(4, 40);
  const height = stream.between(4, 30);
  const cells = new Uint8Array(width * height);
  for (let i = 0; i < cells.length; i++) cells[i] = stream.chance(0.4) ? 1 : stream.chance(0.2) ? 2 : 0;
  const agent = {
    x: stream.next() * width,
    y: stream.next() * height,
    vx: stream.next() - 0.5,
    vy: 3 * stream.next() - 1.5,
    supported: stream.chance(0.5),
    facing: stream.chance(0.5) ? (1 as const) : (-1 as const),
  };
  const kinds = ['coin', 'saw', 'enemy', 'crate'] as const;
  const objects = Array.from({ length: stream.integer(30) }, (_, i): SceneObject => {
    const kind = kinds[stream.integer(4)];
    const looks = kind === 'enemy' ? variety.enemies : kind === 'crate' ? variety.crates : 1;
    return {
      id: i + 1,
      kind,
      x: agent.x + 18 * (stream.next() - 0.5),
      y: agent.y + 18 * (stream.next() - 0.5),
      vx: stream.next() - 0.5,
      variant: stream.integer(looks),
      visible: stream.chance(0.9),
      tint: stream.chance(0.2) ? stream.integer(0x1000000) : undefined,
    };
  });
  return {
    width,
    height,
    cells,
    objects,
    agent,
    theme: {
      background: stream.integer(variety.backgrounds),
      ground: stream.integer(variety.grounds),
      agent: stream.integer(variety.agents),
      monochrome: stream.chance(0.1),
      backgrounds: stream.chance(0.9),
    },
    lavaHidden: stream.chance(0.1),
    step: stream.integer(1000),
  };
}

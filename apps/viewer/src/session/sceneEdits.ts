/**
 * Edits as the page shows them at once, before the server has said what the agent makes of them: the same edits, in
 * the same order, on the scene that is drawn. Whether they make sense is the server's to say.
 */
import type { WireEdit, WireScene } from '@saccade/protocol';

type SceneObject = WireScene['objects'][number];

/** What one can take hold of. */
export type Grip = { readonly kind: 'agent' } | { readonly kind: 'object'; readonly id: number };

/** Cells, y up. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

const codes = { '.': 0, '#': 1, '~': 2, '|': 3 } as const;
/** Half of the agent's height, cells: its feet stand on the cell's floor. */
const AGENT_HALF = 0.5787;
/** An enemy walks to the left unless told otherwise, as @saccade/envs adds it. Only the way it faces shows here. */
const TURNED_LEFT = -0.1;

export function sceneAfter(scene: WireScene, edits: readonly WireEdit[]): WireScene {
  let { cells, objects, agent, theme } = scene;
  const change = (id: number, map: (object: SceneObject) => SceneObject[]): void => {
    objects = objects.flatMap((object) => (object.id === id ? map(object) : [object]));
  };
  for (const edit of edits) {
    switch (edit.kind) {
      case 'add': {
        const { kind, x, y, vx = kind === 'enemy' ? TURNED_LEFT : 0, variant = 0 } = edit.object;
        const id = 1 + Math.max(0, ...objects.map((object) => object.id));
        objects = [...objects, { id, kind, x, y, vx, variant, visible: true }];
        break;
      }
      case 'move':
        change(edit.id, (object) => [{ ...object, x: edit.x, y: edit.y }]);
        break;
      case 'remove':
        change(edit.id, () => []);
        break;
      case 'recolour':
        change(edit.id, ({ tint: _old, ...object }) => [edit.tint === null ? object : { ...object, tint: edit.tint }]);
        break;
      case 'show':
        change(edit.id, (object) => [{ ...object, visible: edit.visible }]);
        break;
      case 'cell':
        cells = cells === scene.cells ? cells.slice() : cells;
        cells[edit.row * scene.width + edit.column] = codes[edit.cell];
        break;
      case 'agent':
        agent = { ...agent, x: edit.x, y: edit.y, vx: edit.vx ?? 0, vy: edit.vy ?? 0 };
        break;
      case 'theme':
        theme = { ...theme, ...edit.theme };
        break;
      default:
        edit satisfies never;
    }
  }
  return { ...scene, cells, objects, agent, theme };
}

/** What lies under a point: the topmost object, or the agent. @param slack cells around, for fingers */
export function gripAt({ objects, agent }: WireScene, { x, y }: Spot, slack = 0): Grip | null {
  const near = (at: Spot, half: number): boolean =>
    Math.abs(at.x - x) <= 0.5 + slack && Math.abs(at.y - y) <= half + slack;
  if (near(agent, AGENT_HALF)) return { kind: 'agent' };
  const object = objects.findLast((one) => one.visible && near(one, 0.5));
  return object ? { kind: 'object', id: object.id } : null;
}

export function spotOf({ objects, agent }: WireScene, grip: Grip): Spot | null {
  if (grip.kind === 'agent') return agent;
  return objects.find(({ id }) => id === grip.id) ?? null;
}

/** The middle of the cell that a spot lies in; the agent's feet stand on its floor. */
export function snapped({ x, y }: Spot, grip: Grip['kind']): Spot {
  return { x: Math.floor(x) + 0.5, y: Math.floor(y) + (grip === 'agent' ? AGENT_HALF : 0.5) };
}

/** Names for people. */
export function nameOf({ objects }: WireScene, grip: Grip): string {
  return grip.kind === 'agent' ? 'agent' : (objects.find(({ id }) => id === grip.id)?.kind ?? 'object');
}

/**
 * Changes to a running level, as plain JSON commands: what an editor sends, what a recording keeps. Each is checked as
 * a whole before it takes effect, so that a refused edit changes nothing.
 */
import { InputError } from '@saccade/core';
import { ENEMY_SPEED } from './constants.ts';
import type { ObjectKind, SceneObject, Theme } from './scene.ts';
import { worldFromState } from './state.ts';
import type { CoinRunState } from './state.ts';

export type Edit =
  /** Adds an object with its centre at (x, y), under the next free id. */
  | {
      readonly kind: 'add';
      readonly object: {
        readonly kind: ObjectKind;
        readonly x: number;
        readonly y: number;
        /** Cells a step; an enemy walks to the left unless told otherwise. */
        readonly vx?: number;
        readonly variant?: number;
      };
    }
  | { readonly kind: 'move'; readonly id: number; readonly x: number; readonly y: number }
  | { readonly kind: 'remove'; readonly id: number }
  /** Multiplies the object's colour by 0xRRGGBB; null shows it as it was. */
  | { readonly kind: 'recolour'; readonly id: number; readonly tint: number | null }
  /** Hides or shows an object, which acts all the same. */
  | { readonly kind: 'show'; readonly id: number; readonly visible: boolean }
  /** Changes one cell; row 0 is the bottom. `.` empty, `#` ground, `~` lava, `|` enemy barrier. */
  | { readonly kind: 'cell'; readonly column: number; readonly row: number; readonly cell: '.' | '#' | '~' | '|' }
  /** Puts the agent's centre at (x, y), at rest unless velocities are given. */
  | { readonly kind: 'agent'; readonly x: number; readonly y: number; readonly vx?: number; readonly vy?: number }
  /** Dresses the level differently. */
  | { readonly kind: 'theme'; readonly theme: Partial<Theme> };

/** Every kind of edit: an editor's menu. */
export const editKinds = ['add', 'move', 'remove', 'recolour', 'show', 'cell', 'agent', 'theme'] as const;

/** The state after `edit`; `state` itself stays as it is. Throws InputError on an edit that makes no sense. */
export function applyEdit(state: CoinRunState, edit: Edit): CoinRunState {
  const edited = change(state, edit);
  worldFromState(edited);
  return edited;
}

function change(state: CoinRunState, edit: Edit): CoinRunState {
  const withObject = (id: number, map: (object: Readonly<SceneObject>) => Readonly<SceneObject>[]): CoinRunState => {
    if (!state.objects.some((object) => object.id === id)) {
      throw new InputError(`applyEdit: expected the id of an object of the level, got ${String(id)}`);
    }
    return { ...state, objects: state.objects.flatMap((object) => (object.id === id ? map(object) : [object])) };
  };
  switch (edit?.kind) {
    case 'add': {
      const { kind, x, y, vx = kind === 'enemy' ? -ENEMY_SPEED : 0, variant = 0 } = edit.object ?? {};
      const id = 1 + Math.max(0, ...state.objects.map((object) => object.id));
      const object: SceneObject = { id, kind, x, y, vx, variant, visible: true };
      return { ...state, objects: [...state.objects, object] };
    }
    case 'move':
      return withObject(edit.id, (object) => [{ ...object, x: edit.x, y: edit.y }]);
    case 'remove':
      return withObject(edit.id, () => []);
    case 'recolour':
      return withObject(edit.id, ({ tint: _old, ...object }) => [
        edit.tint === null ? object : { ...object, tint: edit.tint },
      ]);
    case 'show':
      return withObject(edit.id, (object) => [{ ...object, visible: edit.visible }]);
    case 'cell':
      return { ...state, rows: changeCell(state.rows, edit.column, edit.row, edit.cell) };
    case 'agent': {
      const { x, y, vx = 0, vy = 0 } = edit;
      return { ...state, agent: { ...state.agent, x, y, vx, vy } };
    }
    case 'theme':
      return { ...state, theme: { ...state.theme, ...edit.theme } };
    default: {
      const kind: unknown = (edit as { kind?: unknown } | null | undefined)?.kind;
      void (edit satisfies never);
      throw new InputError(`applyEdit: expected kind ${editKinds.join(', ')}, got ${String(kind)}`);
    }
  }
}

function changeCell(rows: readonly string[], column: number, row: number, cell: string): string[] {
  const inside = (value: number, below: number): boolean => Number.isInteger(value) && value >= 0 && value < below;
  const width = rows[0].length;
  if (!inside(column, width) || !inside(row, rows.length)) {
    throw new InputError(`applyEdit: expected a cell within ${width} x ${rows.length}, got (${column}, ${row})`);
  }
  if (typeof cell !== 'string' || !['.', '#', '~', '|'].includes(cell)) {
    throw new InputError(`applyEdit: expected cell . # ~ or |, got ${String(cell)}`);
  }
  return rows.map((text, fromTop) =>
    fromTop === rows.length - 1 - row ? text.slice(0, column) + cell + text.slice(column + 1) : text,
  );
}

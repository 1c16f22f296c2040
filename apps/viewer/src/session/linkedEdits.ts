/**
 * What the page changed about an instant, in its address: `edit=add|saw|12.5|4.5` and its like, one for each change of
 * the level, and `ignore=layer|factor|per cent` for each factor that is turned down.
 */
import { editSchema, turnSchema } from '@saccade/protocol';
import type { FactorTurn, WireEdit } from '@saccade/protocol';

/** The kinds of edits that the page's editor makes, in words that an address can hold. */
const cells = { ground: '#', lava: '~', air: '.' } as const;

export const editForms = 'add|what|x|y, move|id|x|y, remove|id, cell|column|row|ground, lava or air, or agent|x|y';
export const turnForm = 'layer|factor|per cent';

const NUMBER = /^-?\d{1,5}(\.\d{1,6})?$/;

function candidate(kind: string, [a, , c]: readonly string[], numbers: readonly number[]): unknown {
  const [x, y, z] = numbers;
  switch (kind) {
    case 'add':
      return { kind, object: { kind: a, x: y, y: z } };
    case 'move':
      return { kind, id: x, x: y, y: z };
    case 'remove':
      return { kind, id: x };
    case 'cell':
      return { kind, column: x, row: y, cell: Object.hasOwn(cells, c) ? cells[c as keyof typeof cells] : undefined };
    case 'agent':
      return { kind, x, y };
    default:
      return undefined;
  }
}

const lengths: Readonly<Record<string, number>> = { add: 3, move: 3, remove: 1, cell: 3, agent: 2 };

/** Undefined where the text is no edit; whether one makes sense in its level is the server's to say. */
export function editFrom(text: string): WireEdit | undefined {
  const [kind, ...parts] = text.split('|');
  if (!Object.hasOwn(lengths, kind) || parts.length !== lengths[kind]) return undefined;
  const numbers = parts.map((part) => (NUMBER.test(part) ? Number(part) : NaN));
  const result = editSchema.safeParse(candidate(kind, parts, numbers));
  return result.success ? result.data : undefined;
}

/** Undefined for what the page's editor does not make. */
export function editText(edit: WireEdit): string | undefined {
  const short = (value: number): string => String(Number(value.toFixed(4)));
  switch (edit.kind) {
    case 'add':
      return ['add', edit.object.kind, short(edit.object.x), short(edit.object.y)].join('|');
    case 'move':
      return ['move', edit.id, short(edit.x), short(edit.y)].join('|');
    case 'remove':
      return `remove|${edit.id}`;
    case 'cell': {
      const name = Object.entries(cells).find(([, cell]) => cell === edit.cell)?.[0];
      return name && ['cell', edit.column, edit.row, name].join('|');
    }
    case 'agent':
      return ['agent', short(edit.x), short(edit.y)].join('|');
    default:
      return undefined;
  }
}

export function turnFrom(text: string): FactorTurn | undefined {
  const [layer, factor, share, ...rest] = text.split('|');
  if (rest.length > 0 || !/^\d{1,3}$/.test(factor ?? '') || !/^\d{1,3}$/.test(share ?? '')) return undefined;
  const result = turnSchema.safeParse({ layer, factor: Number(factor), strength: Number(share) / 100 });
  return result.success ? result.data : undefined;
}

export function turnText({ layer, factor, strength }: FactorTurn): string {
  return [layer, factor, Math.round(strength * 100)].join('|');
}

/**
 * Editing a held level: tools, what was done, undone, and taken hold of. An edited level is a list of edits of one
 * instant; nobody but this page sees it until somebody plays on from it.
 */
import type { WireEdit, WireScene } from '@saccade/protocol';
import { gripAt, nameOf, sceneAfter, snapped, spotOf } from './sceneEdits.ts';
import type { Grip, Spot } from './sceneEdits.ts';

export const addable = ['enemy', 'saw', 'crate', 'coin'] as const;
export const paintable = ['ground', 'lava', 'air'] as const;
export type Tool = 'move' | (typeof addable)[number] | (typeof paintable)[number];

const cellCodes = { ground: '#', lava: '~', air: '.' } as const;
/** As the protocol bounds it. */
const MOST_EDITS = 256;

export interface EditorPort {
  /** The instant to be edited, as it was. */
  scene(): WireScene | null;
  /** The edits have changed. */
  changed(): void;
  complain(message: string): void;
}

const isAddable = (tool: Tool): tool is (typeof addable)[number] => (addable as readonly string[]).includes(tool);
const isPaintable = (tool: Tool): tool is (typeof paintable)[number] => (paintable as readonly string[]).includes(tool);

export class LevelEditor {
  /** Is the mouse editing? */
  open = $state(false);
  tool = $state<Tool>('move');
  edits = $state.raw<readonly WireEdit[]>([]);
  selected = $state.raw<Grip | null>(null);
  private past = $state.raw<readonly (readonly WireEdit[])[]>([]);
  private future = $state.raw<readonly (readonly WireEdit[])[]>([]);
  /** Edits before the gesture that runs. */
  private before: readonly WireEdit[] | null = null;
  private painted: string[] = [];
  private readonly port: EditorPort;

  constructor(port: EditorPort) {
    this.port = port;
  }

  readonly canUndo = $derived(this.past.length > 0);
  readonly canRedo = $derived(this.future.length > 0);
  /** The level as it is edited so far. */
  readonly scene = $derived.by(() => {
    const scene = this.port.scene();
    return scene && this.edits.length > 0 ? sceneAfter(scene, this.edits) : scene;
  });
  readonly selectedSpot = $derived(this.scene && this.selected ? spotOf(this.scene, this.selected) : null);
  readonly selectedName = $derived(this.scene && this.selected ? nameOf(this.scene, this.selected) : null);

  choose(tool: Tool): void {
    this.tool = tool;
    if (tool !== 'move') this.selected = null;
  }

  // A press, its drag and its release are one gesture, and one step of undo.

  /** @param slack cells, wider for fingers @returns whether something was taken hold of or done */
  press(spot: Spot, slack: number): boolean {
    const { scene, tool } = this;
    if (!scene) return false;
    this.before = this.edits;
    this.painted = [];
    if (isPaintable(tool)) return this.paint(spot);
    if (isAddable(tool)) {
      const { x, y } = snapped(spot, 'object');
      if (!this.inside(scene, spot) || !this.push({ kind: 'add', object: { kind: tool, x, y } })) return false;
      const added = this.scene?.objects.at(-1);
      this.selected = added ? { kind: 'object', id: added.id } : null;
      // Whoever has put something down wants to move it next.
      this.tool = 'move';
      return true;
    }
    this.selected = gripAt(scene, spot, 0) ?? gripAt(scene, spot, slack);
    return this.selected !== null;
  }

  drag(spot: Spot): void {
    if (this.before === null || !this.scene) return;
    if (isPaintable(this.tool)) this.paint(spot);
    else if (this.selected && this.inside(this.scene, spot)) this.place(snapped(spot, this.selected.kind));
  }

  release(): void {
    if (this.before !== null && this.before !== this.edits) {
      this.past = [...this.past, this.before];
      this.future = [];
    }
    this.before = null;
  }

  /** Moves what is selected by whole cells. */
  nudge(dx: number, dy: number): void {
    const { selectedSpot } = this;
    if (!selectedSpot) return;
    this.before = this.edits;
    this.place({ x: selectedSpot.x + dx, y: selectedSpot.y + dy });
    this.release();
  }

  remove(): void {
    const { selected } = this;
    if (selected?.kind === 'agent') this.port.complain('The agent cannot be taken away: without it nothing is seen.');
    if (selected?.kind !== 'object') return;
    this.before = this.edits;
    this.push({ kind: 'remove', id: selected.id });
    this.selected = null;
    this.release();
  }

  undo(): void {
    const last = this.past.at(-1);
    if (!last) return;
    this.future = [...this.future, this.edits];
    this.past = this.past.slice(0, -1);
    this.set(last);
  }

  redo(): void {
    const next = this.future.at(-1);
    if (!next) return;
    this.past = [...this.past, this.edits];
    this.future = this.future.slice(0, -1);
    this.set(next);
  }

  /** Back to the level as it was; can be undone. */
  reset(): void {
    if (this.edits.length === 0) return;
    this.past = [...this.past, this.edits];
    this.future = [];
    this.set([]);
  }

  /** Forgets it all: another instant is looked at. */
  forget(): void {
    this.past = [];
    this.future = [];
    this.before = null;
    this.selected = null;
    if (this.edits.length > 0) this.set([]);
  }

  /** What a link says was done to the instant: one gesture. */
  restore(edits: readonly WireEdit[]): void {
    this.past = [[]];
    this.future = [];
    this.set(edits);
  }

  /** The server refused the last gesture. */
  takeBack(): void {
    const last = this.past.at(-1);
    this.past = this.past.slice(0, -1);
    this.before = null;
    this.set(last ?? []);
  }

  private set(edits: readonly WireEdit[]): void {
    this.edits = edits;
    if (this.selected && this.scene && !spotOf(this.scene, this.selected)) this.selected = null;
    this.port.changed();
  }

  private inside({ width, height }: WireScene, { x, y }: Spot): boolean {
    return x >= 0 && y >= 0 && x < width && y < height;
  }

  private push(edit: WireEdit): boolean {
    if (this.edits.length >= MOST_EDITS) {
      this.port.complain(`At most ${MOST_EDITS} changes to one instant: undo some, or play on from here.`);
      return false;
    }
    this.set([...this.edits, edit]);
    return true;
  }

  private place({ x, y }: Spot): void {
    const { selected, selectedSpot, edits, before } = this;
    if (!selected || (selectedSpot?.x === x && selectedSpot.y === y)) return;
    const edit: WireEdit =
      selected.kind === 'agent' ? { kind: 'agent', x, y } : { kind: 'move', id: selected.id, x, y };
    // A drag is one move, however far it went.
    const last = edits.at(-1);
    const same = last?.kind === edit.kind && (last.kind !== 'move' || edit.kind !== 'move' || last.id === edit.id);
    if (same && before !== edits) this.set([...edits.slice(0, -1), edit]);
    else this.push(edit);
  }

  private paint(spot: Spot): boolean {
    const { scene, tool } = this;
    if (!scene || !isPaintable(tool) || !this.inside(scene, spot)) return false;
    const [column, row] = [Math.floor(spot.x), Math.floor(spot.y)];
    const key = `${column} ${row}`;
    if (this.painted.includes(key)) return true;
    this.painted.push(key);
    return this.push({ kind: 'cell', column, row, cell: cellCodes[tool] });
  }
}

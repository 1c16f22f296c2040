/**
 * Small pictures of what the agent saw, by global step: drawn from frames as they stream, and asked for where frames
 * went by unseen. They lie side by side on tiles of a fixed size, whatever number of steps is held: one long strip
 * would exceed what a canvas or a texture can hold.
 */
import type { ThumbnailsMessage } from '@saccade/protocol';

/** Pixels of a picture's side, and of a tile's. */
export const THUMBNAIL = 32;
const TILE = 512;
const PER_ROW = TILE / THUMBNAIL;
const PER_TILE = PER_ROW * PER_ROW;
/** Pictures of one question; the server takes no more. */
const MOST_ASKED = 64;
const PATIENCE_MS = 2000;

export class Thumbnails {
  /** Counts changes, so that whoever draws them knows when to. */
  changes = $state(0);
  private readonly ask: (steps: readonly number[]) => void;
  private capacity = 1;
  private tiles: (CanvasRenderingContext2D | null)[] = [];
  /** Which step a place shows; -1 for none. */
  private places = new Int32Array(0);
  private readonly scratch = new ImageData(THUMBNAIL, THUMBNAIL);
  private askedAt = -Infinity;

  constructor(ask: (steps: readonly number[]) => void) {
    this.ask = ask;
  }

  reset(capacity: number): void {
    this.capacity = Math.max(capacity, 1);
    this.tiles = new Array<null>(Math.ceil(this.capacity / PER_TILE)).fill(null);
    this.places = new Int32Array(this.capacity).fill(-1);
    this.askedAt = -Infinity;
    this.changes++;
  }

  has(step: number): boolean {
    return this.places[step % this.capacity] === step;
  }

  /** @param observation RGB bytes, [side, side, 3], its side a multiple of a picture's */
  add(step: number, observation: Uint8Array): void {
    if (this.has(step)) return;
    const side = Math.sqrt(observation.length / 3);
    const stride = side / THUMBNAIL;
    if (!Number.isInteger(stride)) return;
    const { data } = this.scratch;
    for (let y = 0; y < THUMBNAIL; y++) {
      for (let x = 0; x < THUMBNAIL; x++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let dy = 0; dy < stride; dy++) {
            const row = ((y * stride + dy) * side + x * stride) * 3 + c;
            for (let dx = 0; dx < stride; dx++) sum += observation[row + dx * 3];
          }
          data[(y * THUMBNAIL + x) * 4 + c] = sum / (stride * stride);
        }
        data[(y * THUMBNAIL + x) * 4 + 3] = 255;
      }
    }
    this.put(step);
  }

  arrive({ size, steps, pixels }: ThumbnailsMessage): void {
    this.askedAt = -Infinity;
    const length = size * size * 3;
    steps.forEach((step, i) => this.add(step, pixels.subarray(i * length, (i + 1) * length)));
    this.changes++;
  }

  /** Asks for those of `steps` that are not here, one question at a time. */
  want(steps: readonly number[]): void {
    const missing = steps.filter((step) => !this.has(step)).slice(0, MOST_ASKED);
    const now = performance.now();
    if (missing.length === 0 || now - this.askedAt < PATIENCE_MS) return;
    this.askedAt = now;
    this.ask(missing);
  }

  /** Draws the picture of a step, if it is here. @param side pixels of the target */
  draw(target: CanvasRenderingContext2D, step: number, x: number, y: number, side: number): boolean {
    const place = step % this.capacity;
    const tile = this.tiles[Math.floor(place / PER_TILE)];
    if (!tile || !this.has(step)) return false;
    const [left, top] = placeOn(place);
    target.drawImage(tile.canvas, left, top, THUMBNAIL, THUMBNAIL, x, y, side, side);
    return true;
  }

  private put(step: number): void {
    const place = step % this.capacity;
    const tile = (this.tiles[Math.floor(place / PER_TILE)] ??= newTile());
    tile?.putImageData(this.scratch, ...placeOn(place));
    this.places[place] = step;
  }
}

function placeOn(place: number): [left: number, top: number] {
  const on = place % PER_TILE;
  return [(on % PER_ROW) * THUMBNAIL, Math.floor(on / PER_ROW) * THUMBNAIL];
}

function newTile(): CanvasRenderingContext2D | null {
  const canvas = document.createElement('canvas');
  canvas.width = TILE;
  canvas.height = TILE;
  return canvas.getContext('2d', { willReadFrequently: true });
}

/**
 * Vector picture -> pixels. Coverage is exact along x and sampled on eight lines a pixel along y; shapes are composed
 * over each other in double precision, one row at a time. Only + - * /, sqrt and floor: the same bytes everywhere.
 */
import { sampleStops, type Paint } from './paint.ts';
import type { Path } from './path.ts';
import type { Picture } from './picture.ts';

/** Sampling lines a pixel row. */
const LINES = 8;

/** Edges of one path in pixels: x at y = 0 and slope, from top to bottom, with direction. */
interface Edges {
  readonly count: number;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  readonly x: Float64Array;
  readonly slope: Float64Array;
  readonly winding: Int8Array;
  readonly minY: number;
  readonly maxY: number;
  readonly minX: number;
  readonly maxX: number;
}

function edgesOf(path: Path, sx: number, sy: number, left: number, upper: number): Edges {
  let points = 0;
  for (const contour of path) points += contour.length / 2;
  const top = new Float64Array(points);
  const bottom = new Float64Array(points);
  const x = new Float64Array(points);
  const slope = new Float64Array(points);
  const winding = new Int8Array(points);
  let count = 0;
  let minY = Infinity;
  let maxY = -Infinity;
  let minX = Infinity;
  let maxX = -Infinity;
  for (const contour of path) {
    const n = contour.length;
    for (let i = 0; i < n; i += 2) {
      const j = i + 2 < n ? i + 2 : 0;
      const ax = (contour[i] - left) * sx;
      const ay = (contour[i + 1] - upper) * sy;
      const bx = (contour[j] - left) * sx;
      const by = (contour[j + 1] - upper) * sy;
      if (ax < minX) minX = ax;
      if (ax > maxX) maxX = ax;
      if (ay < minY) minY = ay;
      if (ay > maxY) maxY = ay;
      if (ay === by) continue;
      const down = ay < by;
      top[count] = down ? ay : by;
      bottom[count] = down ? by : ay;
      slope[count] = (bx - ax) / (by - ay);
      x[count] = ax - ay * slope[count];
      winding[count] = down ? 1 : -1;
      count++;
    }
  }
  return { count, top, bottom, x, slope, winding, minY, maxY, minX, maxX };
}

/** Working memory for the coverage of one row. */
class Coverage {
  /** Differences first, after `row` the coverage of each pixel, 0-1. */
  readonly cover: Float64Array;
  private active = new Int32Array(64);
  private xs = new Float64Array(64);
  private turns = new Int8Array(64);
  /** Pixels [from, to) that may be covered. */
  from = 0;
  to = 0;

  constructor(private readonly width: number) {
    this.cover = new Float64Array(width + 2);
  }

  private grow(count: number): void {
    if (this.active.length >= count) return;
    this.active = new Int32Array(count * 2);
    this.xs = new Float64Array(count * 2);
    this.turns = new Int8Array(count * 2);
  }

  private mark(x: number, sign: number): void {
    const at = x < 0 ? 0 : x > this.width ? this.width : x;
    const pixel = Math.floor(at);
    const part = at - pixel;
    this.cover[pixel] += sign * (1 - part);
    this.cover[pixel + 1] += sign * part;
  }

  /** Coverage of pixel row `y` by the edges; false where it is empty. */
  row(edges: Edges, y: number): boolean {
    if (edges.maxY <= y || edges.minY >= y + 1) return false;
    const clampX = (x: number): number => (x < 0 ? 0 : x > this.width ? this.width : x);
    this.from = Math.floor(clampX(edges.minX));
    this.to = Math.min(this.width, Math.floor(clampX(edges.maxX)) + 1);
    if (this.from >= this.to) return false;
    const { cover } = this;
    cover.fill(0, this.from, Math.min(cover.length, this.to + 2));
    this.grow(edges.count);
    const { active, xs, turns } = this;
    let actives = 0;
    for (let e = 0; e < edges.count; e++) if (edges.top[e] < y + 1 && edges.bottom[e] > y) active[actives++] = e;
    for (let line = 0; line < LINES; line++) {
      const at = y + (line + 0.5) / LINES;
      let crossings = 0;
      for (let k = 0; k < actives; k++) {
        const e = active[k];
        if (edges.top[e] > at || edges.bottom[e] <= at) continue;
        const x = edges.x[e] + at * edges.slope[e];
        let slot = crossings++;
        while (slot > 0 && xs[slot - 1] > x) {
          xs[slot] = xs[slot - 1];
          turns[slot] = turns[slot - 1];
          slot--;
        }
        xs[slot] = x;
        turns[slot] = edges.winding[e];
      }
      let wind = 0;
      for (let k = 0; k < crossings; k++) {
        const before = wind;
        wind += turns[k];
        if (before === 0 && wind !== 0) this.mark(xs[k], 1 / LINES);
        else if (before !== 0 && wind === 0) this.mark(xs[k], -1 / LINES);
      }
    }
    let sum = 0;
    for (let x = this.from; x < this.to; x++) {
      sum += cover[x];
      cover[x] = sum < 0.0005 ? 0 : sum > 0.9995 ? 1 : sum;
    }
    return true;
  }
}

/** Writes r, g, b, alpha of a paint at a point of the picture. */
function samplePaint(paint: Exclude<Paint, number>, x: number, y: number, out: Float64Array): void {
  if (paint.kind === 'linear') {
    const dx = paint.x1 - paint.x0;
    const dy = paint.y1 - paint.y0;
    const t = ((x - paint.x0) * dx + (y - paint.y0) * dy) / (dx * dx + dy * dy);
    sampleStops(paint.stops, t < 0 ? 0 : t > 1 ? 1 : t, out);
    return;
  }
  const dx = x - paint.x;
  const dy = y - paint.y;
  const t = Math.sqrt(dx * dx + dy * dy) / paint.radius;
  sampleStops(paint.stops, t > 1 ? 1 : t, out);
}

/** RGBA bytes (straight alpha), [height, width, 4], row 0 at the top, of the whole picture stretched to the size. */
export function rasterise(picture: Picture, width: number, height: number): Uint8ClampedArray {
  const { left, top } = picture;
  const sx = width / picture.width;
  const sy = height / picture.height;
  const shapes = picture.shapes.map((shape) => ({
    edges: edgesOf(shape.path, sx, sy, left, top),
    clips: shape.clips.map((clip) => edgesOf(clip, sx, sy, left, top)),
    paint: shape.paint,
    opacity: shape.opacity,
  }));
  const out = new Uint8ClampedArray(width * height * 4);
  const row = new Float64Array(width * 4);
  const coverage = new Coverage(width);
  const clipping = new Coverage(width);
  const sample = new Float64Array(4);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    for (const { edges, clips, paint, opacity } of shapes) {
      if (!coverage.row(edges, y)) continue;
      const { cover } = coverage;
      let { from, to } = coverage;
      let hidden = false;
      for (const clip of clips) {
        if (!clipping.row(clip, y)) {
          hidden = true;
          break;
        }
        from = Math.max(from, clipping.from);
        to = Math.min(to, clipping.to);
        for (let x = from; x < to; x++) cover[x] *= clipping.cover[x];
      }
      if (hidden) continue;
      if (typeof paint === 'number') {
        sample[0] = paint >> 16;
        sample[1] = (paint >> 8) & 255;
        sample[2] = paint & 255;
        sample[3] = 1;
      }
      const steady = typeof paint !== 'number' && paint.kind === 'linear' && paint.x0 === paint.x1;
      if (typeof paint !== 'number' && steady) samplePaint(paint, 0, (y + 0.5) / sy + top, sample);
      for (let x = from; x < to; x++) {
        const covered = cover[x];
        if (covered === 0) continue;
        if (typeof paint !== 'number' && !steady)
          samplePaint(paint, (x + 0.5) / sx + left, (y + 0.5) / sy + top, sample);
        const alpha = covered * opacity * sample[3];
        const rest = 1 - alpha;
        const i = x * 4;
        row[i] = row[i] * rest + sample[0] * alpha;
        row[i + 1] = row[i + 1] * rest + sample[1] * alpha;
        row[i + 2] = row[i + 2] * rest + sample[2] * alpha;
        row[i + 3] = row[i + 3] * rest + alpha;
      }
    }
    const start = y * width * 4;
    for (let i = 0; i < row.length; i += 4) {
      const alpha = row[i + 3];
      if (alpha === 0) continue;
      out[start + i] = Math.floor(row[i] / alpha + 0.5);
      out[start + i + 1] = Math.floor(row[i + 1] / alpha + 0.5);
      out[start + i + 2] = Math.floor(row[i + 2] / alpha + 0.5);
      out[start + i + 3] = Math.floor(alpha * 255 + 0.5);
    }
  }
  return out;
}

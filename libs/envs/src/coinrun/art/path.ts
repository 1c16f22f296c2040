/**
 * Outlines of shapes: closed polygons, curves already flattened. A path is a list of contours (x, y alternating, y
 * down, in the picture's units) filled by the non-zero rule, so overlapping contours of one orientation unite.
 */
export type Path = readonly Float64Array[];

/** A point as [x, y]. */
export type Point = readonly [number, number];

/** Control distance that makes four cubics a circle. */
const KAPPA = 0.5522847498;
const STEPS = 12;

function cubicInto(
  out: number[],
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  x3: number,
  y3: number,
): void {
  for (let i = 1; i <= STEPS; i++) {
    const t = i / STEPS;
    const u = 1 - t;
    const a = u * u * u;
    const b = 3 * u * u * t;
    const c = 3 * u * t * t;
    const d = t * t * t;
    out.push(a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3);
  }
}

function signedArea(contour: ArrayLike<number>): number {
  let sum = 0;
  const n = contour.length;
  for (let i = 0; i < n; i += 2) {
    const j = (i + 2) % n;
    sum += contour[i] * contour[j + 1] - contour[j] * contour[i + 1];
  }
  return sum;
}

/** One contour, turned so that all contours agree: that makes overlaps unite. */
function oriented(points: number[]): Float64Array {
  if (signedArea(points) >= 0) return Float64Array.from(points);
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    out[i] = points[points.length - 2 - i];
    out[i + 1] = points[points.length - 1 - i];
  }
  return out;
}

export function polygon(...points: Point[]): Path {
  return [oriented(points.flatMap(([x, y]) => [x, y]))];
}

export function ellipse(x: number, y: number, rx: number, ry: number): Path {
  const points: number[] = [];
  const kx = rx * KAPPA;
  const ky = ry * KAPPA;
  cubicInto(points, x + rx, y, x + rx, y + ky, x + kx, y + ry, x, y + ry);
  cubicInto(points, x, y + ry, x - kx, y + ry, x - rx, y + ky, x - rx, y);
  cubicInto(points, x - rx, y, x - rx, y - ky, x - kx, y - ry, x, y - ry);
  cubicInto(points, x, y - ry, x + kx, y - ry, x + rx, y - ky, x + rx, y);
  return [oriented(points)];
}

export const disc = (x: number, y: number, radius: number): Path => ellipse(x, y, radius, radius);

/** A disc with a hole: the inner contour turns the other way. */
export function ring(x: number, y: number, outer: number, inner: number): Path {
  const hole = disc(x, y, inner)[0];
  const reversed = new Float64Array(hole.length);
  for (let i = 0; i < hole.length; i += 2) {
    reversed[i] = hole[hole.length - 2 - i];
    reversed[i + 1] = hole[hole.length - 1 - i];
  }
  return [...disc(x, y, outer), reversed];
}

export const rect = (x: number, y: number, width: number, height: number): Path =>
  polygon([x, y], [x + width, y], [x + width, y + height], [x, y + height]);

/** Corner radii in the order top left, top right, bottom right, bottom left; one number rounds all alike. */
export function roundRect(
  x: number,
  y: number,
  width: number,
  height: number,
  radii: number | readonly [number, number, number, number],
): Path {
  const [a, b, c, d] = typeof radii === 'number' ? [radii, radii, radii, radii] : radii;
  const k = 1 - KAPPA;
  const right = x + width;
  const bottom = y + height;
  const points: number[] = [x + a, y, right - b, y];
  if (b > 0) cubicInto(points, right - b, y, right - b * k, y, right, y + b * k, right, y + b);
  points.push(right, bottom - c);
  if (c > 0) cubicInto(points, right, bottom - c, right, bottom - c * k, right - c * k, bottom, right - c, bottom);
  points.push(x + d, bottom);
  if (d > 0) cubicInto(points, x + d, bottom, x + d * k, bottom, x, bottom - d * k, x, bottom - d);
  points.push(x, y + a);
  if (a > 0) cubicInto(points, x, y + a, x, y + a * k, x + a * k, y, x + a, y);
  return [oriented(points)];
}

/** The piece from `from` to `to` of a smooth curve whose neighbouring points are `before` and `after` (Catmull-Rom). */
function smoothInto(out: number[], before: Point, from: Point, to: Point, after: Point): void {
  const [ax, ay] = from;
  const [bx, by] = to;
  cubicInto(
    out,
    ax,
    ay,
    ax + (bx - before[0]) / 6,
    ay + (by - before[1]) / 6,
    bx - (after[0] - ax) / 6,
    by - (after[1] - ay) / 6,
    bx,
    by,
  );
}

/** A smooth closed curve through the points. */
export function blob(...points: Point[]): Path {
  const n = points.length;
  const out: number[] = [];
  for (let i = 0; i < n; i++) {
    smoothInto(out, points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]);
  }
  return [oriented(out)];
}

/** Points of a smooth open curve through the given ones. */
export function curve(...points: Point[]): Point[] {
  const n = points.length;
  const out: number[] = [points[0][0], points[0][1]];
  for (let i = 0; i + 1 < n; i++) {
    smoothInto(out, points[Math.max(0, i - 1)], points[i], points[i + 1], points[Math.min(n - 1, i + 2)]);
  }
  const pairs: Point[] = [];
  for (let i = 0; i < out.length; i += 2) pairs.push([out[i], out[i + 1]]);
  return pairs;
}

/** A round pen of `width` drawn along the points; `closed` joins the last to the first. */
export function stroke(points: readonly Point[], width: number, closed = false): Path {
  const half = width / 2;
  const out: Float64Array[] = [];
  const last = closed ? points.length : points.length - 1;
  for (let i = 0; i < last; i++) {
    const [ax, ay] = points[i];
    const [bx, by] = points[(i + 1) % points.length];
    const dx = bx - ax;
    const dy = by - ay;
    const length = Math.sqrt(dx * dx + dy * dy);
    if (length < 1e-9) continue;
    const nx = (-dy / length) * half;
    const ny = (dx / length) * half;
    out.push(oriented([ax + nx, ay + ny, bx + nx, by + ny, bx - nx, by - ny, ax - nx, ay - ny]));
  }
  for (const [x, y] of points) out.push(...joint(x, y, half));
  return out;
}

/** A coarse disc, enough for the joints of a stroke. */
function joint(x: number, y: number, radius: number): Path {
  const d = radius * 0.70710678;
  const c = radius * 0.92387953;
  const s = radius * 0.38268343;
  return polygon(
    [x + radius, y],
    [x + c, y + s],
    [x + d, y + d],
    [x + s, y + c],
    [x, y + radius],
    [x - s, y + c],
    [x - d, y + d],
    [x - c, y + s],
    [x - radius, y],
    [x - c, y - s],
    [x - d, y - d],
    [x - s, y - c],
    [x, y - radius],
    [x + s, y - c],
    [x + d, y - d],
    [x + c, y - s],
  );
}

/** The outline of a path as a stroke along every contour. */
export function outlineOf(path: Path, width: number): Path {
  return path.flatMap((contour) => {
    const points: Point[] = [];
    for (let i = 0; i < contour.length; i += 2) points.push([contour[i], contour[i + 1]]);
    return stroke(points, width, true);
  });
}

/** All contours as one shape. */
export const union = (...paths: Path[]): Path => paths.flat();

export function moved(path: Path, dx: number, dy: number): Path {
  return path.map((contour) => contour.map((value, i) => value + (i % 2 === 0 ? dx : dy)));
}

export function scaled(path: Path, sx: number, sy: number, cx = 0, cy = 0): Path {
  return path.map((contour) => {
    const flat = [...contour].map((value, i) => (i % 2 === 0 ? cx + (value - cx) * sx : cy + (value - cy) * sy));
    return oriented(flat);
  });
}

/** Rotated about (cx, cy) by the angle whose cosine and sine are given: constants, never computed. */
export function turned(path: Path, cosine: number, sine: number, cx: number, cy: number): Path {
  return path.map((contour) => {
    const out = new Float64Array(contour.length);
    for (let i = 0; i < contour.length; i += 2) {
      const x = contour[i] - cx;
      const y = contour[i + 1] - cy;
      out[i] = cx + x * cosine - y * sine;
      out[i + 1] = cy + x * sine + y * cosine;
    }
    return out;
  });
}

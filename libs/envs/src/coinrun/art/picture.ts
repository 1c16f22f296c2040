/**
 * A vector picture: the list of filled shapes that a sprite's drawing code leaves behind. It knows no pixels, so one
 * drawing serves every size.
 */
import type { Paint } from './paint.ts';
import { outlineOf, stroke, type Path, type Point } from './path.ts';

export interface Shape {
  readonly path: Path;
  readonly paint: Paint;
  /** 0-1. */
  readonly opacity: number;
  /** Draw only inside these, all of them. */
  readonly clips: readonly Path[];
}

export interface Picture {
  /** Size of the canvas in the drawing's units (cells); y points down, (0, 0) is the top left. */
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** Records shapes, bottom first. */
export class Pen {
  readonly shapes: Shape[] = [];
  private clips: readonly Path[] = [];

  fill(path: Path, paint: Paint, opacity = 1): void {
    this.shapes.push({ path, paint, opacity, clips: this.clips });
  }

  /** A round pen along the points. */
  line(points: readonly Point[], width: number, paint: Paint, opacity = 1): void {
    this.fill(stroke(points, width), paint, opacity);
  }

  /** The shape with an outline of `width` around it. */
  outlined(path: Path, paint: Paint, ink: Paint, width: number): void {
    this.fill([...path, ...outlineOf(path, width * 2)], ink);
    this.fill(path, paint);
  }

  /** Everything that `draw` draws shows only inside `path`. */
  inside(path: Path, draw: () => void): void {
    const outer = this.clips;
    this.clips = [...outer, path];
    draw();
    this.clips = outer;
  }
}

export function drawPicture(width: number, height: number, draw: (pen: Pen) => void): Picture {
  const pen = new Pen();
  draw(pen);
  return { width, height, shapes: pen.shapes };
}

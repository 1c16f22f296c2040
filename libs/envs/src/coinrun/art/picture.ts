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
  /** The part of the drawing's plane that is shown, in its units (cells), y down: the top left corner and the size. */
  readonly left: number;
  readonly top: number;
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

/** `room` widens the canvas on both sides and, twice as much, at the top, which shrinks the drawing onto its feet. */
export function drawPicture(width: number, height: number, draw: (pen: Pen) => void, room = 0): Picture {
  const pen = new Pen();
  draw(pen);
  const wider = width * (1 + 2 * room);
  const taller = height * (1 + 2 * room);
  return { left: (width - wider) / 2, top: height - taller, width: wider, height: taller, shapes: pen.shapes };
}

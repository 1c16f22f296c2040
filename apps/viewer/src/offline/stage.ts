/**
 * The world at large, as the page draws it, without WebGL: the rasteriser's own picture, dimmed around what the agent
 * sees, the map over that, and corner marks.
 */
import { observationWindow, renderView } from '@saccade/envs';
import type { Scene } from '@saccade/envs';
import type { Paint } from '@saccade/attribution';

/** Share of the stage's shorter side that the observation's window takes. */
const WINDOW_SHARE = 0.92;
const SMALLEST_CELL = 8;
const OBSERVATION = 64;
const CELLS = 12.8;
/** More pixels than this are not worth the time: the browser enlarges. */
const MOST_PIXELS = 1_500_000;
const DIM = 'rgb(6 8 11 / 0.5)';

export interface Stage {
  /** CSS pixels. */
  resize(width: number, height: number, pixelRatio: number): void;
  draw(scene: Scene, paint: Paint | null, smooth: boolean): void;
}

export function createStage(canvas: HTMLCanvasElement): Stage {
  const context = canvas.getContext('2d', { alpha: false });
  const overlay = document.createElement('canvas');
  let width = 8;
  let height = 8;
  let line = 1;
  let cell = SMALLEST_CELL;
  return {
    resize(cssWidth, cssHeight, pixelRatio) {
      const ratio = Math.min(pixelRatio, Math.sqrt(MOST_PIXELS / Math.max(1, cssWidth * cssHeight)));
      width = Math.max(8, Math.round(cssWidth * ratio));
      height = Math.max(8, Math.round(cssHeight * ratio));
      line = Math.max(1, Math.round(ratio));
      cell = Math.max(SMALLEST_CELL, Math.floor((Math.min(width, height) * WINDOW_SHARE) / CELLS));
      canvas.width = width;
      canvas.height = height;
    },
    draw(scene, paint, smooth) {
      if (!context) return;
      const size = Math.round(CELLS * cell);
      const left = Math.floor((width - size) / 2);
      const top = Math.floor((height - size) / 2);
      const seen = observationWindow(scene.agent, OBSERVATION);
      const originX = Math.round(seen.left * cell) - left;
      const originY = Math.round((seen.bottom + seen.size) * cell) + top;
      const view = renderView(scene, {
        width,
        height,
        centreX: (originX + width / 2) / cell,
        centreY: (originY - height / 2) / cell,
        cellsAcross: width / cell,
      });
      context.putImageData(new ImageData(new Uint8ClampedArray(view), width, height), 0, 0);
      context.fillStyle = DIM;
      context.fillRect(0, 0, width, top);
      context.fillRect(0, top + size, width, height - top - size);
      context.fillRect(0, top, left, size);
      context.fillRect(left + size, top, width - left - size, size);
      if (paint) {
        overlay.width = paint.width;
        overlay.height = paint.height;
        const picture = new ImageData(new Uint8ClampedArray(paint.data), paint.width, paint.height);
        overlay.getContext('2d')?.putImageData(picture, 0, 0);
        context.imageSmoothingEnabled = smooth;
        context.drawImage(overlay, left, top, size, size);
      }
      drawCorners(context, left, top, size, line);
    },
  };
}

function drawCorners(context: CanvasRenderingContext2D, left: number, top: number, size: number, line: number): void {
  const arm = Math.round(size * 0.045);
  context.lineWidth = line;
  context.strokeStyle = 'rgb(255 255 255 / 0.28)';
  context.strokeRect(left - line / 2, top - line / 2, size + line, size + line);
  context.lineWidth = 2 * line;
  context.strokeStyle = 'rgb(255 255 255 / 0.95)';
  context.beginPath();
  for (const [x, y, sx, sy] of [
    [left, top, 1, 1],
    [left + size, top, -1, 1],
    [left, top + size, 1, -1],
    [left + size, top + size, -1, -1],
  ]) {
    context.moveTo(x + sx * arm, y - sy * line);
    context.lineTo(x - sx * line, y - sy * line);
    context.lineTo(x - sx * line, y + sy * arm);
  }
  context.stroke();
}

/** Puts an observation, with or without a map over it, on a canvas: one pixel to a pixel. */
import { paintOver } from '@saccade/attribution';
import type { OverlayPicture } from './overlayPicture.ts';

/** @param observation RGB bytes, [height, width, 3]; the canvas is of that size already */
export function drawObservation(
  canvas: HTMLCanvasElement,
  observation: Uint8Array,
  picture: OverlayPicture | null,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const pixels = picture ? paintOver(observation, picture.paint) : observation;
  const image = context.createImageData(width, height);
  for (let p = 0; p < width * height; p++) {
    image.data[p * 4] = pixels[p * 3];
    image.data[p * 4 + 1] = pixels[p * 3 + 1];
    image.data[p * 4 + 2] = pixels[p * 3 + 2];
    image.data[p * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

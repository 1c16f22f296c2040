/** The door of the art: sprites and their counts, the draw list, the observation and the large view. */
export { createObservationRenderer, velocitySquaresOf } from './observation.ts';
export type { ObservationOptions, ObservationRenderer } from './observation.ts';
export { renderView } from './view.ts';
export type { ViewOptions } from './view.ts';
export { drawList, MaskClass } from './draw-list.ts';
export type { DrawItem, Window } from './draw-list.ts';
export { flatColour, plainColour, rasteriseSprite, spriteSheets, variety } from './sprites.ts';
export type { Raster, SpriteName, SpriteSheet } from './sprites.ts';
export { PARALLAX } from './backgrounds.ts';
export { levelWindow, observationWindow } from './observation-window.ts';
export type { CellWindow } from './observation-window.ts';

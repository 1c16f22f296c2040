/** What of gifenc is used: the package brings no types. Node finds the names of its CommonJS build under `default`. */
declare module 'gifenc' {
  import type { GifTools } from '@saccade/insight';
  export const GIFEncoder: GifTools['GIFEncoder'];
  export const quantize: GifTools['quantize'];
  export const applyPalette: GifTools['applyPalette'];
  const all: GifTools;
  export default all;
}

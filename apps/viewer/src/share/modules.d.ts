/** Modules that are no files of ours, or bring no types. */
declare module 'virtual:saccade-offline' {
  /** The single file's player, a classic script. */
  export const script: string;
  export const style: string;
}

declare module 'gifenc' {
  import type { GifTools } from '@saccade/insight';
  export const GIFEncoder: GifTools['GIFEncoder'];
  export const quantize: GifTools['quantize'];
  export const applyPalette: GifTools['applyPalette'];
}

/** A small picture in memory: what reports show beside their numbers. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA bytes, [height, width, 4]. */
  readonly rgba: Uint8ClampedArray;
}

export function blankPicture(width: number, height: number): Picture {
  return { width, height, rgba: new Uint8ClampedArray(width * height * 4) };
}

/** An observation (1 or 3 channels, bytes) as a picture. */
export function pictureOf(observation: Uint8Array, shape: readonly number[]): Picture {
  const [height, width, channels] = shape;
  const picture = blankPicture(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) picture.rgba[pixel * 4 + c] = observation[pixel * channels + (channels === 1 ? 0 : c)];
    picture.rgba[pixel * 4 + 3] = 255;
  }
  return picture;
}

/** Pictures of one size side by side in a grid, `gap` transparent pixels between them. */
export function gridOf(pictures: readonly Picture[], columns: number, gap = 1): Picture {
  const { width, height } = pictures[0];
  const rows = Math.ceil(pictures.length / columns);
  const grid = blankPicture(columns * (width + gap) - gap, rows * (height + gap) - gap);
  pictures.forEach(({ rgba }, i) => {
    const left = (i % columns) * (width + gap);
    const top = Math.floor(i / columns) * (height + gap);
    for (let y = 0; y < height; y++) {
      grid.rgba.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), ((top + y) * grid.width + left) * 4);
    }
  });
  return grid;
}

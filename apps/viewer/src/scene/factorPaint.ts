/** All factors of a decomposition in one picture: each position takes the colours of the factors that act there. */
import type { Paint } from '@saccade/attribution';
import { resizeMap } from '@saccade/attribution';

interface FactorMaps {
  /** [factor, height, width] */
  readonly map: Float32Array;
  readonly shape: readonly number[];
  /** 0xRRGGBB, [factor] */
  readonly colours: readonly number[];
  /** The magnitude that is drawn at full strength. */
  readonly limit: number;
}

interface FactorPaintOptions {
  readonly height: number;
  readonly width: number;
  readonly opacity: number;
  readonly smooth: boolean;
  readonly sign: 'both' | 'positive' | 'negative';
}

/** How much of a value is drawn. */
const strengthOf = {
  both: Math.abs,
  positive: (value: number): number => Math.max(value, 0),
  negative: (value: number): number => Math.max(-value, 0),
};

export function paintFactors(
  { map, shape: [factors, rows, columns], colours, limit }: FactorMaps,
  { height, width, opacity, smooth, sign }: FactorPaintOptions,
): Paint {
  const size = rows * columns;
  const mixed = new Float32Array(height * width * 3);
  const total = new Float32Array(height * width);
  for (let factor = 0; factor < factors; factor++) {
    const values = map.slice(factor * size, (factor + 1) * size).map(strengthOf[sign]);
    const drawn = resizeMap({ values, height: rows, width: columns, signed: false }, { height, width }, smooth).values;
    const colour = colours[factor] ?? 0xffffff;
    for (let p = 0; p < total.length; p++) {
      total[p] += drawn[p];
      for (let c = 0; c < 3; c++) mixed[3 * p + c] += drawn[p] * ((colour >> (16 - 8 * c)) & 255);
    }
  }
  const data = new Uint8ClampedArray(height * width * 4);
  for (let p = 0; p < total.length; p++) {
    if (total[p] <= 0) continue;
    for (let c = 0; c < 3; c++) data[4 * p + c] = mixed[3 * p + c] / total[p];
    data[4 * p + 3] = 255 * opacity * Math.min(1, limit > 0 ? total[p] / limit : 0);
  }
  return { data, height, width };
}

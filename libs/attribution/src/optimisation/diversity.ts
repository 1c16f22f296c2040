/** How alike the textures of several activations are, and how to make them differ. */

/** Channel products summed over positions: A^T A of A [positions, channels], over its norm. */
function normalisedGram(activation: Float32Array, channels: number): { gram: Float64Array; size: number } {
  const gram = new Float64Array(channels * channels);
  for (let p = 0; p < activation.length; p += channels) {
    for (let i = 0; i < channels; i++) {
      const value = activation[p + i];
      if (value !== 0) for (let j = 0; j < channels; j++) gram[i * channels + j] += value * activation[p + j];
    }
  }
  const size = Math.hypot(...gram);
  return { gram: size === 0 ? gram : gram.map((value) => value / size), size };
}

/**
 * Mean cosine between the Gram matrices of a batch's activations (Olah et al. 2017, diversity), and its gradient.
 * @param activations [batch, positions, channels]
 */
export function likeness(
  activations: Float32Array,
  batch: number,
  channels: number,
): { readonly mean: number; readonly gradient: Float32Array } {
  const size = activations.length / batch;
  const gradient = new Float32Array(activations.length);
  const part = (i: number): Float32Array => activations.subarray(i * size, (i + 1) * size);
  const grams = Array.from({ length: batch }, (_, i) => normalisedGram(part(i), channels));
  const pairs = batch * (batch - 1);
  let mean = 0;
  if (pairs === 0) return { mean, gradient };
  for (let i = 0; i < batch; i++) {
    if (grams[i].size === 0) continue;
    const others = new Float64Array(channels * channels);
    for (let j = 0; j < batch; j++) if (j !== i) for (let g = 0; g < others.length; g++) others[g] += grams[j].gram[g];
    let cosine = 0;
    for (let g = 0; g < others.length; g++) cosine += grams[i].gram[g] * others[g];
    mean += cosine / pairs;
    // d cos / d G = (others - cos * gram) / |G|; each pair counts twice; d G / d A A-side = 2 A.
    const a = part(i);
    const slope = others.map((value, g) => ((value - cosine * grams[i].gram[g]) * 2) / (grams[i].size * pairs));
    for (let p = 0; p < size; p += channels) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < channels; k++) sum += a[p + k] * slope[k * channels + c];
        gradient[i * size + p + c] = 2 * sum;
      }
    }
  }
  return { mean, gradient };
}

/** Adam on plain arrays, for the few thousand numbers of a picture. Kingma & Ba 2015, arxiv 1412.6980. */

const [decay1, decay2, epsilon] = [0.9, 0.999, 1e-8];

/** A step that raises what `gradient` is of: changes `values` in place. */
export function createAscent(length: number, rate: number): (values: Float32Array, gradient: Float32Array) => void {
  const first = new Float64Array(length);
  const second = new Float64Array(length);
  let steps = 0;
  return (values, gradient) => {
    steps++;
    const [correct1, correct2] = [1 - decay1 ** steps, 1 - decay2 ** steps];
    for (let i = 0; i < length; i++) {
      first[i] = decay1 * first[i] + (1 - decay1) * gradient[i];
      second[i] = decay2 * second[i] + (1 - decay2) * gradient[i] ** 2;
      values[i] += (rate * (first[i] / correct1)) / (Math.sqrt(second[i] / correct2) + epsilon);
    }
  };
}

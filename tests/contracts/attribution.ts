/** What every attribution method owes its callers; each method of the registry passes it. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream, sizeOf } from '@saccade/core';
import { centredLogit, logProbability, rawOutput } from '@saccade/attribution';
import type { AttributionMethod, AttributionRequest } from '@saccade/attribution';

export interface AttributionFixture {
  /** A request for a centred logit that every method can answer: source and objects given, no options. */
  request(): AttributionRequest;
}

export function describeAttribution(name: string, method: AttributionMethod, fixture: AttributionFixture): void {
  describe(`the attribution method ${name}`, () => {
    beforeAll(async () => {
      await tf.setBackend('cpu');
    });
    const ask = (changes: Partial<AttributionRequest> = {}): AttributionRequest => ({
      ...fixture.request(),
      random: createStream(1, 'contract'),
      ...changes,
    });

    it('describes itself in a sentence and documents its options', () => {
      expect(method.title).not.toBe('');
      expect(method.description).toMatch(/^[A-Z].*\.$/);
      for (const option of Object.values(method.options)) expect(option.description).toMatch(/^[A-Z].*\.$/);
    });

    it('returns a finite map as long as its shape says, with the sign that it declares', async () => {
      const attribution = await method.attribute(ask());
      expect(attribution.map).toHaveLength(sizeOf(attribution.shape));
      expect(attribution.map.every(Number.isFinite)).toBe(true);
      expect(Number.isFinite(attribution.score)).toBe(true);
      expect(attribution.signed).toBe(method.signed);
      if (!method.signed) expect(attribution.map.every((value) => value >= 0)).toBe(true);
      const { attributor, source } = ask();
      const { shape } = attributor.model;
      expect([shape, shape.slice(0, 2), source?.cut.attributor.model.shape]).toContainEqual(attribution.shape);
    });

    it('gives the same map for the same request', async () => {
      const first = await method.attribute(ask());
      const second = await method.attribute(ask());
      expect(second.map).toEqual(first.map);
    });

    it('hands out drafts of the same shape, ever further done, and ends as it does without them', async () => {
      const shares: number[] = [];
      const drafted = await method.attribute(
        ask({
          draft({ map, shape }, done) {
            expect(map).toHaveLength(sizeOf(shape));
            expect(map.every(Number.isFinite)).toBe(true);
            expect(done).toBeGreaterThan(shares.at(-1) ?? 0);
            expect(done).toBeLessThan(1);
            shares.push(done);
          },
        }),
      );
      const plain = await method.attribute(ask());
      expect(drafted.map).toEqual(plain.map);
      expect(drafted.score).toBe(plain.score);
    });

    it('answers for a raw output, a centred logit and a log-probability', async () => {
      const { model } = ask().attributor;
      const maps = [];
      for (const target of [rawOutput(model, model.outputs - 1), centredLogit(model, 1), logProbability(model, 0)]) {
        const { map, score } = await method.attribute(ask({ target }));
        const [expected] = await ask().attributor.scores(ask().activation, target);
        expect(score).toBeCloseTo(expected, 4);
        maps.push(map);
      }
      expect(maps[2]).not.toEqual(maps[1]);
    });

    it('leaves its inputs as they were and leaks no tensors', async () => {
      const request = ask();
      const before = request.activation.slice();
      await method.attribute(request);
      const tensors = tf.memory().numTensors;
      await method.attribute({ ...request, random: createStream(2, 'contract') });
      expect(tf.memory().numTensors).toBe(tensors);
      expect(request.activation).toEqual(before);
    });

    it('stops when it is cancelled', async () => {
      await expect(method.attribute(ask({ cancellation: { aborted: true } }))).rejects.toThrow('cancelled');
    });

    it('says what it needs when that is missing', async () => {
      for (const need of method.needs) {
        if (need === 'logits') continue;
        await expect(method.attribute(ask({ [need]: undefined }))).rejects.toThrow(/expected .*, got none/);
      }
    });

    it('refuses an unknown option, an activation of another shape and NaN', async () => {
      await expect(method.attribute(ask({ options: { nonsense: 1 } }))).rejects.toThrow(/expected .*option.*nonsense/);
      await expect(method.attribute(ask({ activation: new Float32Array(5) }))).rejects.toThrow(
        /expected activation \[/,
      );
      const broken = ask().activation.slice();
      broken[3] = NaN;
      await expect(method.attribute(ask({ activation: broken }))).rejects.toThrow(/finite.*NaN/);
    });
  });
}

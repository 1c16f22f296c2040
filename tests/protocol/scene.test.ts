import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import type { Scene } from '@saccade/envs';
import { decodeScene, encodeLayout, encodeMoving } from '@saccade/protocol';

describe('the scene on the wire', () => {
  it('decodes to the very scene that was encoded, at any step of any level', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.array(fc.nat({ max: 6 }), { maxLength: 40 }),
        (levelSeed, actions) => {
          const environment = createCoinRun({ difficulty: 'hard', invisible: ['lava'] });
          environment.reset({ options: { levelSeed } });
          for (const action of actions) {
            if (environment.info().cause === null) environment.step(action);
          }
          const { scene } = environment;
          const layout = encodeLayout(scene, 3, levelSeed);
          const decoded: Scene = decodeScene(layout, encodeMoving(scene, 3));
          expect(decoded).toEqual(scene);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('does not follow the scene after it was encoded', () => {
    const environment = createCoinRun();
    environment.reset({ options: { levelSeed: 1 } });
    const moving = encodeMoving(environment.scene, 0);
    const before = structuredClone(moving);
    environment.step(1);
    environment.step(1);
    expect(moving).toEqual(before);
  });

  it('refuses to join what moves in one layout to another', () => {
    const environment = createCoinRun();
    environment.reset({ options: { levelSeed: 1 } });
    const { scene } = environment;
    expect(() => decodeScene(encodeLayout(scene, 0, 1), encodeMoving(scene, 1))).toThrow(
      'decodeScene: expected what moves in layout 0, got 1',
    );
  });
});

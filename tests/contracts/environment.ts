/** The promises of an environment, as tests that every environment runs: `describeEnvironment('mine', makeMine)`. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes, InputError } from '@saccade/core';
import { checkEnvironment, createOutcome, createVectorBuffers, createVectorEnvironment } from '@saccade/envs';
import type { Environment } from '@saccade/envs';

/** `makeEnv` builds a fresh environment; all of them alike. */
export function describeEnvironment(name: string, makeEnv: () => Environment): void {
  const runs = { numRuns: 15 };
  const actionsFor = (environment: Environment, length: number) =>
    fc.array(fc.nat(environment.actionSpace.names.length - 1), { minLength: 1, maxLength: length });
  const seeds = fc.nat(2 ** 31 - 1);

  /** Bytes, rewards, ends and hashes of a run; begins again after each end. */
  function play(environment: Environment, actions: readonly number[]): unknown[] {
    return actions.map((action) => {
      const { observation, reward, terminated, truncated, info } = environment.step(action);
      const hash = environment.stateHash();
      if (terminated || truncated) environment.reset();
      return [hashBytes(observation), reward, terminated, truncated, info, hash];
    });
  }

  describe(`${name} as an environment`, () => {
    it('passes checkEnvironment', () => {
      checkEnvironment(makeEnv());
    });

    it('gives byte-equal trajectories for the same seed and actions', () => {
      fc.assert(
        fc.property(seeds, actionsFor(makeEnv(), 60), (seed, actions) => {
          const [a, b] = [makeEnv(), makeEnv()];
          expect(a.reset({ seed })).toEqual(b.reset({ seed }));
          expect(play(a, actions)).toEqual(play(b, actions));
        }),
        runs,
      );
    });

    it('goes on exactly from a state that was saved at any step, as JSON', () => {
      fc.assert(
        fc.property(seeds, actionsFor(makeEnv(), 60), fc.nat(59), (seed, actions, at) => {
          const environment = makeEnv();
          environment.reset({ seed });
          play(environment, actions.slice(0, at));
          const saved = JSON.parse(JSON.stringify(environment.getState())) as unknown;
          const rest = play(environment, actions.slice(at));
          const other = makeEnv();
          other.setState(saved);
          expect(play(other, actions.slice(at))).toEqual(rest);
        }),
        runs,
      );
    });

    it('plays the level that was asked for, without moving the stream of levels', () => {
      const [a, b] = [makeEnv(), makeEnv()];
      a.reset({ seed: 5 });
      b.reset({ seed: 5 });
      expect(a.reset({ options: { levelSeed: 77 } }).info.levelSeed).toBe(77);
      expect(a.reset().info.levelSeed).toBe(b.reset().info.levelSeed);
    });

    it('steps without allocation as it steps with', () => {
      const [a, b] = [makeEnv(), makeEnv()];
      a.reset({ seed: 1 });
      b.reset({ seed: 1 });
      const outcome = createOutcome();
      for (let step = 0; step < 20; step++) {
        const result = a.step(step % 2);
        b.stepInto(outcome, step % 2);
        expect(outcome).toMatchObject({
          reward: result.reward,
          terminated: result.terminated,
          truncated: result.truncated,
        });
        expect(b.endCauses[outcome.cause] ?? null).toBe(result.info.cause);
        expect(b.stateHash()).toBe(a.stateHash());
        if (result.info.cause !== null) break;
      }
    });

    it('refuses what is not its state, and stays as it was', () => {
      const environment = makeEnv();
      environment.reset({ seed: 2 });
      const state = environment.getState();
      const hash = environment.stateHash();
      const wrong: unknown[] = [null, 7, 'state', {}, { ...state, environment: 'another' }, { ...state, version: 2 }];
      wrong.push({ ...state, levelSeed: -1 }, { ...state, step: 0.5 }, { ...state, cause: 99 });
      wrong.push({ ...state, game: null }, { ...state, game: {} }, { ...state, levels: {} });
      for (const bad of wrong) expect(() => environment.setState(bad)).toThrow(InputError);
      expect(environment.stateHash()).toBe(hash);
      expect(environment.getState()).toEqual(state);
    });

    it('refuses bad seeds', () => {
      const environment = makeEnv();
      for (const seed of [-1, 1.5, 2 ** 32, Number.NaN]) {
        expect(() => environment.reset({ seed })).toThrow(InputError);
        expect(() => environment.reset({ options: { levelSeed: seed } })).toThrow(InputError);
      }
    });

    it('behaves in a vector as it does alone, and keeps the last observation of an episode', () => {
      const vector = createVectorEnvironment(makeEnv, { count: 3, levels: { kind: 'all' }, seed: 9 });
      const buffers = createVectorBuffers(vector, true);
      const size = buffers.observations.length / 3;
      vector.resetInto(buffers);
      const alone = Array.from(buffers.levelSeeds, (levelSeed) => {
        const environment = makeEnv();
        environment.reset({ options: { levelSeed } });
        return environment;
      });
      const returns = [0, 0, 0];
      for (let step = 0; step < 120; step++) {
        const actions = [0, 1, 2].map(
          (index) => (step * 7 + index * 3 + (step >> 3)) % vector.actionSpace.names.length,
        );
        vector.stepInto(buffers, actions);
        alone.forEach((environment, index) => {
          const played = environment.info().levelSeed;
          const { observation, reward, terminated, truncated, info } = environment.step(actions[index]);
          returns[index] += reward;
          expect(buffers.rewards[index]).toBe(reward);
          expect(buffers.terminated[index] === 1).toBe(terminated);
          expect(buffers.truncated[index] === 1).toBe(truncated);
          const row = (from: Uint8Array): Uint8Array => from.slice(index * size, (index + 1) * size);
          if (terminated || truncated) {
            expect(vector.endCauses[buffers.causes[index]]).toBe(info.cause);
            expect(hashBytes(row(buffers.terminalObservations))).toBe(hashBytes(observation));
            expect(buffers.episodeReturns[index]).toBe(returns[index]);
            expect(buffers.episodeLengths[index]).toBe(info.step);
            expect(buffers.endedLevelSeeds[index]).toBe(played);
            returns[index] = 0;
            const next = environment.reset({ options: { levelSeed: buffers.levelSeeds[index] } });
            expect(hashBytes(row(buffers.observations))).toBe(hashBytes(next.observation));
          } else {
            expect(buffers.causes[index]).toBe(255);
            expect(hashBytes(row(buffers.observations))).toBe(hashBytes(observation));
          }
        });
      }
    });

    it('resumes a whole vector exactly from JSON', () => {
      const make = () => createVectorEnvironment(makeEnv, { count: 4, levels: { kind: 'all' }, seed: 3 });
      const [a, b] = [make(), make()];
      const [left, right] = [createVectorBuffers(a), createVectorBuffers(b)];
      const actionsAt = (step: number) => [0, 1, 2, 3].map((i) => (step * 5 + i) % a.actionSpace.names.length);
      a.resetInto(left);
      for (let step = 0; step < 40; step++) a.stepInto(left, actionsAt(step));
      b.restore(JSON.parse(JSON.stringify(a.state())));
      b.observeInto(right);
      expect(hashBytes(right.observations)).toBe(hashBytes(left.observations));
      for (let step = 40; step < 90; step++) {
        a.stepInto(left, actionsAt(step));
        b.stepInto(right, actionsAt(step));
        expect(hashBytes(right.observations)).toBe(hashBytes(left.observations));
        expect(right.rewards).toEqual(left.rewards);
        expect(right.levelSeeds).toEqual(left.levelSeeds);
        expect(right.causes).toEqual(left.causes);
      }
      expect(b.state()).toEqual(a.state());
    });

    it('refuses bad actions for a vector before it steps anything', () => {
      const vector = createVectorEnvironment(makeEnv, { count: 2, levels: { kind: 'all' }, seed: 3 });
      const buffers = createVectorBuffers(vector);
      expect(() => vector.stepInto(buffers, [0, 0])).toThrow(InputError);
      vector.resetInto(buffers);
      const before = vector.state();
      expect(() => vector.stepInto(buffers, [0])).toThrow(/expected actions \[2\], got \[1\]/);
      expect(() => vector.stepInto(buffers, [0, 99])).toThrow(/got 99 for environment 1/);
      expect(() => vector.restore({})).toThrow(InputError);
      const broken = { ...before, environments: [before.environments[0], {}] };
      expect(() => vector.restore(broken)).toThrow(InputError);
      expect(vector.state()).toEqual(before);
    });
  });
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes, InputError } from '@saccade/core';
import { createCoinRun, createTimeline, MaskClass, recolour, renderView, without } from '@saccade/envs';
import type { CoinRunEnvironment, CoinRunState, Edit, Scene } from '@saccade/envs';
import { act, hall, playText, repeat } from './support.ts';

const gameOf = (environment: CoinRunEnvironment): CoinRunState => environment.getState().game as CoinRunState;
const text = hall(14, '@..x..<....o');
const idOf = (environment: CoinRunEnvironment, wanted: string): number =>
  environment.scene.objects.find(({ kind }) => kind === wanted)?.id ?? -1;

describe('edits', () => {
  it('add, move, remove, hide and recolour objects', () => {
    const environment = playText(text);
    environment.edit({ kind: 'add', object: { kind: 'saw', x: 9.25, y: 3.5 } });
    const saw = idOf(environment, 'saw');
    expect(environment.scene.objects.at(-1)).toMatchObject({ kind: 'saw', x: 9.25, y: 3.5, vx: 0, visible: true });
    environment.edit({ kind: 'move', id: saw, x: 8, y: 2 });
    environment.edit({ kind: 'recolour', id: saw, tint: 0xff8800 });
    environment.edit({ kind: 'show', id: saw, visible: false });
    expect(environment.scene.objects.at(-1)).toMatchObject({ id: saw, x: 8, y: 2, tint: 0xff8800, visible: false });
    environment.edit({ kind: 'recolour', id: saw, tint: null });
    expect(environment.scene.objects.at(-1)?.tint).toBe(undefined);
    environment.edit({ kind: 'remove', id: idOf(environment, 'crate') });
    expect(environment.scene.objects.map(({ kind }) => kind)).toEqual(['enemy', 'coin', 'saw']);
    environment.edit({ kind: 'theme', theme: { monochrome: true } });
    expect(environment.scene.theme.monochrome).toBe(true);
  });

  it('act at once: an added saw kills, a dug pit lets fall, a wall holds', () => {
    const killed = playText(text);
    killed.edit({ kind: 'add', object: { kind: 'saw', x: 1.5, y: 1.5 } });
    expect(repeat(killed, 'noop', 1).info.cause).toBe('saw');
    const walled = playText(text);
    walled.edit({ kind: 'cell', column: 3, row: 1, cell: '#' });
    repeat(walled, 'right', 12);
    expect(walled.scene.agent.x).toBe(2.5);
    walled.edit({ kind: 'cell', column: 2, row: 0, cell: '~' });
    expect(repeat(walled, 'noop', 1).info.cause).toBe('lava');
    const moved = playText(text);
    moved.edit({ kind: 'agent', x: 12.2, y: 1.5787 });
    expect(repeat(moved, 'noop', 1).info.cause).toBe('coin');
  });

  it('refuse what makes no sense and then change nothing', () => {
    const environment = playText(text);
    repeat(environment, 'right', 3);
    const state = environment.getState();
    const hash = environment.stateHash();
    const wrong: [unknown, RegExp][] = [
      [null, /expected kind add, move/],
      [{ kind: 'explode' }, /expected kind .*, got explode/],
      [{ kind: 'add' }, /kind/],
      [{ kind: 'add', object: { kind: 'door', x: 2, y: 2 } }, /expected objects\[3\].kind .*, got door/],
      [{ kind: 'add', object: { kind: 'saw', x: 200, y: 2 } }, /x in 0..14, got 200/],
      [{ kind: 'add', object: { kind: 'crate', x: 2, y: 2, variant: 99 } }, /variant/],
      [{ kind: 'move', id: 99, x: 1, y: 1 }, /id of an object of the level, got 99/],
      [{ kind: 'move', id: 1, x: Number.NaN, y: 1 }, /x in 0..14, got NaN/],
      [{ kind: 'recolour', id: 1, tint: 'red' }, /tint/],
      [{ kind: 'cell', column: 14, row: 0, cell: '#' }, /cell within 14 x 14, got \(14, 0\)/],
      [{ kind: 'cell', column: 1, row: 2, cell: 'x' }, /expected cell . # ~ or |, got x/],
      [{ kind: 'cell', column: 1, row: 1, cell: '#' }, /agent outside of the ground/],
      [{ kind: 'agent', x: 0.2, y: 3 }, /agent.x in/],
      [{ kind: 'agent', x: 5, y: 1.2 }, /agent outside of the ground/],
      [{ kind: 'agent', x: 5, y: 3, vx: 2 }, /agent.vx/],
      [{ kind: 'theme', theme: { ground: 1000 } }, /theme.ground/],
    ];
    for (const [edit, message] of wrong) {
      expect(() => environment.edit(edit as Edit)).toThrow(message);
      expect(() => environment.edit(edit as Edit)).toThrow(InputError);
    }
    expect(environment.getState()).toEqual(state);
    expect(environment.stateHash()).toBe(hash);
  });

  it('change the state hash, all of them', () => {
    const edits: Edit[] = [
      { kind: 'add', object: { kind: 'crate', x: 8.5, y: 1.5 } },
      { kind: 'move', id: 1, x: 4.5, y: 2.5 },
      { kind: 'remove', id: 3 },
      { kind: 'recolour', id: 2, tint: 255 },
      { kind: 'show', id: 2, visible: false },
      { kind: 'cell', column: 9, row: 3, cell: '|' },
      { kind: 'agent', x: 6, y: 4 },
      { kind: 'theme', theme: { backgrounds: false } },
    ];
    const hashes = edits.map((edit) => {
      const environment = playText(text);
      environment.edit(edit);
      return environment.stateHash();
    });
    expect(new Set([...hashes, playText(text).stateHash()]).size).toBe(edits.length + 1);
  });
});

describe('a timeline', () => {
  it('turns time back over steps and edits, and goes on from there as before', () => {
    const environment = createCoinRun({ difficulty: 'hard' });
    environment.reset({ options: { levelSeed: 8 } });
    const timeline = createTimeline(environment, 20);
    const hashes: string[] = [];
    const actions = [1, 1, 4, 1, 1, 1, 4, 0];
    for (const action of actions) {
      hashes.push(environment.stateHash());
      timeline.mark();
      environment.step(action);
    }
    timeline.mark();
    environment.edit({ kind: 'add', object: { kind: 'crate', x: 3.5, y: 1.5 } });
    timeline.back(6);
    expect(environment.stateHash()).toBe(hashes[3]);
    expect(timeline.length).toBe(3);
    for (const [i, action] of actions.slice(3).entries()) {
      expect(environment.stateHash()).toBe(hashes[3 + i]);
      environment.step(action);
    }
    expect(() => timeline.back(4)).toThrow(/count in 1..3, got 4/);
    timeline.clear();
    expect(() => timeline.back()).toThrow(InputError);
  });

  it('turns even a death back', () => {
    const environment = playText(hall(14, '@.*........o'));
    const timeline = createTimeline(environment, 3);
    let result = repeat(environment, 'noop', 1);
    while (!result.terminated) {
      timeline.mark();
      result = environment.step(act(environment, 'right'));
    }
    timeline.back();
    expect(environment.info().cause).toBe(null);
    expect(environment.step(act(environment, 'left')).terminated).toBe(false);
  });
});

describe('views with one thing different', () => {
  const view = { width: 160, height: 160, centreX: 6, centreY: 4, cellsAcross: 14 };

  it('show the same state without an object, or with it in another colour, and change nothing', () => {
    const environment = playText(text);
    const hash = environment.stateHash();
    const picture = (scene: Scene): string => hashBytes(renderView(scene, view));
    const before = picture(environment.scene);
    const id = idOf(environment, 'enemy');
    const gone = picture(without(environment.scene, id));
    const red = picture(recolour(environment.scene, id, 0xff0000));
    expect(gone).not.toBe(before);
    expect(red).not.toBe(before);
    expect(picture(environment.scene)).toBe(before);
    expect(environment.stateHash()).toBe(hash);
    const removed = playText(text);
    removed.edit({ kind: 'remove', id });
    expect(picture(removed.scene)).toBe(gone);
  });

  it('refuse ids and colours that are not there', () => {
    const { scene } = playText(text);
    expect(() => without(scene, 0)).toThrow(/id of an object of the scene, got 0/);
    expect(() => recolour(scene, 9, 0)).toThrow(InputError);
    expect(() => recolour(scene, 1, -1)).toThrow(/tint in 0..0xffffff/);
  });
});

describe('masks', () => {
  it('name the object behind each pixel of the observation', () => {
    const environment = playText(text);
    repeat(environment, 'right', 4);
    const classes = new Uint8Array(64 * 64);
    const ids = new Uint16Array(64 * 64);
    environment.masksInto(classes, ids, 0);
    const seen = new Set(classes);
    for (const wanted of ['agent', 'ground', 'background', 'velocity', 'crate', 'enemy'] as const) {
      expect(seen).toContain(MaskClass[wanted]);
    }
    const enemy = idOf(environment, 'enemy');
    classes.forEach((code, pixel) => {
      if (code === MaskClass.enemy) expect(ids[pixel]).toBe(enemy);
      if (code === MaskClass.ground || code === MaskClass.agent) expect(ids[pixel]).toBe(0);
    });
  });
});

describe('state as JSON', () => {
  it('is restored exactly after any edits and actions', () => {
    const step = fc.nat(6).map((action) => ({ action }));
    const edit = fc
      .oneof(
        fc.record({
          kind: fc.constant('move' as const),
          id: fc.integer({ min: 1, max: 3 }),
          x: fc.integer({ min: 2, max: 12 }),
          y: fc.integer({ min: 2, max: 9 }),
        }),
        fc.record({
          kind: fc.constant('cell' as const),
          column: fc.integer({ min: 3, max: 10 }),
          row: fc.integer({ min: 3, max: 6 }),
          cell: fc.constantFrom('.' as const, '~' as const, '|' as const),
        }),
        fc.record({
          kind: fc.constant('recolour' as const),
          id: fc.integer({ min: 1, max: 3 }),
          tint: fc.nat(0xffffff),
        }),
      )
      .map((change) => ({ edit: change as Edit }));
    fc.assert(
      fc.property(fc.array(fc.oneof(step, step, edit), { maxLength: 30 }), (events) => {
        const environment = playText(text);
        for (const event of events) {
          if ('edit' in event) environment.edit(event.edit);
          else if (environment.info().cause === null) environment.step(event.action);
          const copy = createCoinRun();
          copy.setState(JSON.parse(JSON.stringify(environment.getState())));
          expect(copy.stateHash()).toBe(environment.stateHash());
          expect(gameOf(copy)).toEqual(gameOf(environment));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is refused with the first thing that is wrong', () => {
    const environment = playText(text);
    const state = environment.getState();
    const game = gameOf(environment);
    const refuse = (change: object, message: RegExp): void =>
      expect(() => environment.setState({ ...state, game: { ...game, ...change } })).toThrow(message);
    refuse({ rows: [] }, /expected 3..256 rows, got 0/);
    refuse({ rows: [...game.rows.slice(0, -1), '###'] }, /expected row 13 of 14 characters, got 3/);
    refuse({ rows: [game.rows[0].replace('#', '?'), ...game.rows.slice(1)] }, /got '\?' in column 0/);
    refuse({ objects: [{ ...game.objects[0], id: 0 }] }, /objects\[0\].id in 1..65535, got 0/);
    refuse({ objects: [game.objects[0], game.objects[0]] }, /every object id once/);
    refuse({ objects: [{ ...game.objects[0], visible: 'yes' }] }, /visible true or false, got yes/);
    refuse({ agent: { ...game.agent, facing: 0 } }, /agent.facing 1 or -1, got 0/);
    refuse({ agent: { ...game.agent, vy: 9 } }, /agent.vy in -1.5..1.5, got 9/);
    refuse({ theme: { ...game.theme, agent: -1 } }, /theme.agent/);
    refuse({ marker: {} }, /marker.x/);
    refuse({ coinTaken: 1 }, /coinTaken true or false, got 1/);
    refuse({ step: -1 }, /step in/);
    expect(environment.getState()).toEqual(state);
  });
});

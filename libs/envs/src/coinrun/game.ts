/** CoinRun as a game: actions, rewards and ends around the world, and the observation of its scene. */
import { createHasher, InputError } from '@saccade/core';
import type { Hasher } from '@saccade/core';
import type { Game, Outcome } from '../contract.ts';
import { actionSets } from './actions.ts';
import type { ActionSet } from './actions.ts';
import { createObservationRenderer } from './art/index.ts';
import type { ObservationRenderer } from './art/index.ts';
import type { CoinRunConfig } from './config.ts';
import { COIN_REWARD } from './constants.ts';
import type { Point } from './level.ts';
import { worldOfSeed } from './setup.ts';
import { captureState, rowsOf, worldFromState } from './state.ts';
import type { CoinRunState } from './state.ts';
import { Contact, endCauses } from './world.ts';
import type { EndCause, World } from './world.ts';

/** Pixels of an observation's side. */
export const OBSERVATION_SIZE = 64;

export interface CoinRunInfo {
  /** Centres, cells. `coin` is null once it is taken. */
  readonly agent: Point;
  readonly coin: Point | null;
  /** The invisible end marker of levels whose coin lies elsewhere. */
  readonly marker: Point | null;
  readonly reachedMarker: boolean;
  readonly coinTaken: boolean;
}

/** One renderer for all environments that look alike: they take turns, and the art behind it is immutable. */
const renderers = new Map<string, ObservationRenderer>();

/** For a level of that size. Throws InputError where the whole of it has no room in an observation. */
function rendererFor(
  { view, viewCells, velocitySquares }: CoinRunConfig,
  level: { readonly width: number; readonly height: number },
): ObservationRenderer {
  const cells = view === 'agent' ? viewCells : Math.max(level.width, level.height);
  if (view === 'level' && cells > OBSERVATION_SIZE) {
    const got = `${level.width} x ${level.height}`;
    throw new InputError(
      `CoinRun state: expected at most ${OBSERVATION_SIZE} cells a side for view 'level', got ${got}`,
    );
  }
  const key = `${view}/${cells}/${velocitySquares}`;
  let renderer = renderers.get(key);
  if (renderer === undefined) {
    renderer = createObservationRenderer({ pixels: OBSERVATION_SIZE, cells, velocitySquares, centre: view });
    renderers.set(key, renderer);
  }
  return renderer;
}

export class CoinRunGame implements Game<CoinRunInfo> {
  readonly observationSpace = {
    shape: [OBSERVATION_SIZE, OBSERVATION_SIZE, 3],
    dtype: 'uint8',
    low: 0,
    high: 255,
  } as const;
  readonly actionSpace: { readonly names: readonly string[] };
  readonly endCauses: readonly EndCause[] = endCauses;
  readonly config: CoinRunConfig;
  private readonly actions: ActionSet;
  private renderer: ObservationRenderer;
  private current: World;
  /** What a level's fixed part hashes to and its cells as text; both forgotten when it changes. */
  private fixedHash: string | null = null;
  private rows: readonly string[] | null = null;

  constructor(config: CoinRunConfig) {
    this.config = config;
    this.actions = actionSets[config.actions];
    this.actionSpace = { names: this.actions.names };
    this.current = worldOfSeed(0, config);
    this.renderer = rendererFor(config, this.current.scene);
  }

  get world(): World {
    return this.current;
  }

  private adopt(world: World): void {
    this.renderer = rendererFor(this.config, world.scene);
    this.current = world;
    this.fixedHash = null;
    this.rows = null;
  }

  begin(levelSeed: number): void {
    this.adopt(worldOfSeed(levelSeed, this.config));
  }

  advance(outcome: Outcome, action: number, step: number): void {
    const { dx, dy } = this.actions.directions[action];
    const contact = this.current.step(dx, dy);
    if (contact === Contact.coin) {
      outcome.reward = COIN_REWARD;
      if (this.config.continueAfterCoin) {
        this.current.takeCoins();
        this.fixedHash = null;
      }
    }
    if (contact !== Contact.none && !(contact === Contact.coin && this.config.continueAfterCoin)) {
      outcome.terminated = true;
      outcome.cause = contact;
    } else if (step >= this.config.timeLimit) {
      outcome.truncated = true;
      outcome.cause = endCauses.indexOf('timeout');
    }
  }

  observeInto(out: Uint8Array, offset: number): void {
    this.renderer.renderInto(out, offset, this.current.scene);
  }

  masksInto(classes: Uint8Array, ids: Uint16Array, offset: number): void {
    this.renderer.maskInto(classes, ids, offset, this.current.scene);
  }

  extraInfo(): CoinRunInfo {
    const { scene, marker, reachedMarker, coinTaken } = this.current;
    const coin = scene.objects.find(({ kind }) => kind === 'coin');
    return {
      agent: { x: scene.agent.x, y: scene.agent.y },
      coin: coin === undefined ? null : { x: coin.x, y: coin.y },
      marker,
      reachedMarker,
      coinTaken,
    };
  }

  getState(): CoinRunState {
    this.rows ??= rowsOf(this.current);
    return captureState(this.current, this.rows);
  }

  setState(state: unknown): void {
    this.adopt(worldFromState(state));
  }

  /** Cells, objects and looks hashed once a level; agent, enemies, flags and time each call. */
  stateHash(): string {
    const { scene, coinTaken, reachedMarker } = this.current;
    this.fixedHash ??= hashFixedPart(this.current);
    const { x, y, vx, vy, facing } = scene.agent;
    const hasher = createHasher()
      .integer(parseInt(this.fixedHash.slice(0, 8), 16))
      .integer(parseInt(this.fixedHash.slice(8), 16))
      .integer(scene.step)
      .integer((coinTaken ? 1 : 0) + (reachedMarker ? 2 : 0) + (facing > 0 ? 4 : 0));
    hasher.float(x).float(y).float(vx).float(vy);
    for (const object of scene.objects) if (object.kind === 'enemy') hasher.float(object.x).float(object.vx);
    return hasher.digest();
  }
}

const KIND_CODES = { coin: 0, saw: 1, enemy: 2, crate: 3 } as const;

function hashFixedPart({ scene, barriers, marker }: World): string {
  const { theme } = scene;
  const hasher: Hasher = createHasher().integer(scene.width).integer(scene.height).bytes(scene.cells).bytes(barriers);
  hasher.integer(theme.background).integer(theme.ground).integer(theme.agent);
  hasher.integer((theme.monochrome ? 1 : 0) + (theme.backgrounds ? 2 : 0) + (scene.lavaHidden ? 4 : 0));
  for (const { id, kind, x, y, variant, visible, tint } of scene.objects) {
    hasher.integer(id).integer(KIND_CODES[kind]).float(y).integer(variant);
    if (kind !== 'enemy') hasher.float(x);
    hasher.integer(visible ? 1 : 0).integer(tint ?? -1);
  }
  if (marker !== null) hasher.float(marker.x).float(marker.y);
  return hasher.digest();
}

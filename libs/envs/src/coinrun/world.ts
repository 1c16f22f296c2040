/**
 * The dynamics: one step of agent and enemies, and whether it ends the episode. Works on the scene that the renderers
 * read, without allocation; only + - * / sqrt and floor, so that every machine computes the same bytes.
 */
import {
  AGENT_HALF_HEIGHT,
  AGENT_HALF_WIDTH,
  AIR_CONTROL,
  CONTACT_SLACK,
  CORNER_MARGIN,
  DROP_SPEED,
  GRAVITY,
  GROUND_CONTROL,
  JUMP_SPEED,
  LEAST_SUBSTEPS,
  MAX_SPEED,
  OBJECT_HALF,
  SUPPORT_REACH,
} from './constants.ts';
import { moveEnemy } from './enemy.ts';
import type { Point } from './level.ts';
import { Cell } from './scene.ts';
import type { Scene, SceneAgent, SceneObject, Theme } from './scene.ts';

/** Why an episode ends, in the order of `endCauses`. */
export const endCauses = ['coin', 'saw', 'enemy', 'lava', 'out-of-bounds', 'timeout'] as const;
export type EndCause = (typeof endCauses)[number];

/** What a step led to; the timeout is the episode's business, not the world's. */
export const Contact = { none: -1, coin: 0, saw: 1, enemy: 2, lava: 3, outOfBounds: 4 } as const;
export type Contact = (typeof Contact)[keyof typeof Contact];

const CORNER_X = AGENT_HALF_WIDTH * CORNER_MARGIN;
const CORNER_Y = AGENT_HALF_HEIGHT * CORNER_MARGIN;
/** Agent's centre over a crate's centre when it stands on it. */
const STAND = OBJECT_HALF + AGENT_HALF_HEIGHT;
const OVERLAP_X = OBJECT_HALF + AGENT_HALF_WIDTH - CONTACT_SLACK;
const OVERLAP_Y = STAND - CONTACT_SLACK;

/** The scene as its owner sees it: what renderers may only read, the dynamics may replace. */
export interface MutableScene extends Scene {
  width: number;
  height: number;
  cells: Uint8Array;
  objects: SceneObject[];
  agent: SceneAgent;
  theme: Theme;
  lavaHidden: boolean;
}

export class World {
  readonly scene: MutableScene;
  /** 1 where enemies turn round; [height, width]. */
  barriers: Uint8Array;
  /** Where the invisible end marker stands; only an info flag. */
  marker: Point | null;
  coinTaken = false;
  reachedMarker = false;
  /** The scene's objects by what they do; `sort` keeps them in step. */
  private coins: SceneObject[] = [];
  private saws: SceneObject[] = [];
  private enemies: SceneObject[] = [];
  private crates: SceneObject[] = [];

  constructor(scene: MutableScene, barriers: Uint8Array, marker: Point | null) {
    this.scene = scene;
    this.barriers = barriers;
    this.marker = marker;
    this.sort();
  }

  /** To be called after objects were added, removed or replaced. */
  sort(): void {
    const { objects } = this.scene;
    this.coins = objects.filter(({ kind }) => kind === 'coin');
    this.saws = objects.filter(({ kind }) => kind === 'saw');
    this.enemies = objects.filter(({ kind }) => kind === 'enemy');
    this.crates = objects.filter(({ kind }) => kind === 'crate');
    this.scene.agent.supported = this.findsSupport();
  }

  /** How many numbers `saveMotion` writes. */
  get motionSize(): number {
    return 6 + 2 * this.enemies.length;
  }

  /** Writes all that a step changes, so that a search can come back to it; not coins taken or markers reached. */
  saveMotion(out: Float64Array): void {
    const { agent, step } = this.scene;
    out[0] = agent.x;
    out[1] = agent.y;
    out[2] = agent.vx;
    out[3] = agent.vy;
    out[4] = agent.facing;
    out[5] = step;
    for (let i = 0; i < this.enemies.length; i++) {
      out[6 + 2 * i] = this.enemies[i].x;
      out[7 + 2 * i] = this.enemies[i].vx;
    }
  }

  loadMotion(from: Float64Array): void {
    const { agent } = this.scene;
    agent.x = from[0];
    agent.y = from[1];
    agent.vx = from[2];
    agent.vy = from[3];
    agent.facing = from[4] > 0 ? 1 : -1;
    this.scene.step = from[5];
    for (let i = 0; i < this.enemies.length; i++) {
      this.enemies[i].x = from[6 + 2 * i];
      this.enemies[i].vx = from[7 + 2 * i];
    }
    agent.supported = this.findsSupport();
  }

  /** One step with input `dx`, `dy` (-1, 0, 1). Counts the scene's step; returns what the agent met. */
  step(dx: number, dy: number): Contact {
    const { scene } = this;
    const { agent } = scene;
    if (dx !== 0) agent.facing = dx > 0 ? 1 : -1;
    const { supported } = agent;
    const jumps = dy > 0 && supported;
    const vertical = dy > 0 && !supported ? 0 : dy;

    const control = supported ? GROUND_CONTROL : AIR_CONTROL;
    const vx = (1 - control) * agent.vx + control * MAX_SPEED * dx;
    agent.vx = Math.abs(vx) < control * MAX_SPEED ? 0 : vx;
    if (jumps) {
      agent.vy = JUMP_SPEED;
    } else {
      const drop = supported && vertical < 0 ? DROP_SPEED : 0;
      const vy = agent.vy - drop - GRAVITY;
      agent.vy = vy > JUMP_SPEED ? JUMP_SPEED : vy < -JUMP_SPEED ? -JUMP_SPEED : vy;
    }
    this.moveAgent(dx, vertical);
    for (let i = 0; i < this.enemies.length; i++) moveEnemy(scene, this.barriers, this.enemies[i]);
    agent.supported = this.findsSupport();
    scene.step += 1;
    return this.findContact();
  }

  private isGround(x: number, y: number): boolean {
    const { width, height, cells } = this.scene;
    if (!(x >= 0 && y >= 0 && x < width && y < height)) return true;
    return cells[Math.floor(y) * width + Math.floor(x)] === Cell.ground;
  }

  /**
   * Would ground be in the agent's sides at (x, y)? Beside the corners, procgen's only test, their middle is looked
   * at: the agent is taller than a cell, and its corners alone would let it into a platform one cell thick.
   */
  private agentBlockedAt(x: number, y: number): boolean {
    const { width, height, cells } = this.scene;
    const left = x - CORNER_X;
    const right = x + CORNER_X;
    const low = y - CORNER_Y;
    const high = y + CORNER_Y;
    if (!(left >= 0 && low >= 0 && right < width && high < height)) return true;
    const leftColumn = Math.floor(left);
    const rightColumn = Math.floor(right);
    const top = Math.floor(high) * width;
    for (let row = Math.floor(low) * width; row <= top; row += width) {
      if (cells[row + leftColumn] === Cell.ground || cells[row + rightColumn] === Cell.ground) return true;
    }
    return false;
  }

  /** Is the agent where ground would block it from every side? No step leads there. */
  agentIsStuck(): boolean {
    return this.agentBlockedAt(this.scene.agent.x, this.scene.agent.y);
  }

  private findsSupport(): boolean {
    const { x, y, vy } = this.scene.agent;
    if (vy !== 0) return false;
    const below = y - (AGENT_HALF_HEIGHT + SUPPORT_REACH);
    const side = AGENT_HALF_WIDTH - SUPPORT_REACH;
    if (this.isGround(x - side, below) || this.isGround(x + side, below)) return true;
    for (let i = 0; i < this.crates.length; i++) {
      const crate = this.crates[i];
      const gap = y - (crate.y + STAND);
      if (gap >= 0 && gap < SUPPORT_REACH && Math.abs(x - crate.x) < OVERLAP_X) return true;
    }
    return false;
  }

  /** Sub-steps one axis at a time; a velocity is scaled by the share of its sub-steps that nothing blocked. */
  private moveAgent(dx: number, dy: number): void {
    const { agent } = this.scene;
    const { vx, vy } = agent;
    const startY = agent.y;
    const substeps = Math.max(LEAST_SUBSTEPS, Math.floor(4 * Math.sqrt(vx * vx + vy * vy)));
    const horizontalFirst = dy !== 0 ? false : dx !== 0 ? true : Math.abs(vx) > Math.abs(vy);
    const landsOnCrates = vy < 0 && dy >= 0;
    let freeX = 0;
    let freeY = 0;
    for (let i = 0; i < substeps; i++) {
      let blockedX = false;
      if (horizontalFirst) blockedX = this.moveAcross(vx / substeps);
      const blockedY = this.moveUp(vy / substeps, startY, landsOnCrates);
      if (!horizontalFirst) blockedX = this.moveAcross(vx / substeps);
      if (!blockedX) freeX += 1;
      if (!blockedY) freeY += 1;
      if (blockedX && blockedY) break;
    }
    // Adding 0 turns -0 into 0, which JSON could not keep apart.
    agent.vx = vx * (freeX / substeps) + 0;
    agent.vy = vy * (freeY / substeps) + 0;
  }

  private moveAcross(distance: number): boolean {
    const { agent } = this.scene;
    const x = agent.x + distance;
    if (!this.agentBlockedAt(x, agent.y)) {
      agent.x = x;
      return false;
    }
    if (distance > 0) agent.x = Math.floor(x + AGENT_HALF_WIDTH) - AGENT_HALF_WIDTH;
    else if (distance < 0) agent.x = Math.ceil(x - AGENT_HALF_WIDTH) + AGENT_HALF_WIDTH;
    return true;
  }

  private moveUp(distance: number, startY: number, landsOnCrates: boolean): boolean {
    const { agent } = this.scene;
    const y = agent.y + distance;
    if (this.agentBlockedAt(agent.x, y)) {
      if (distance > 0) agent.y = Math.floor(y + AGENT_HALF_HEIGHT) - AGENT_HALF_HEIGHT;
      else if (distance < 0) agent.y = Math.ceil(y - AGENT_HALF_HEIGHT) + AGENT_HALF_HEIGHT;
      return true;
    }
    agent.y = y;
    return landsOnCrates && this.landOnCrate(startY);
  }

  /** Puts the agent on the highest crate that it sank into from above; `startY` is where it began the step. */
  private landOnCrate(startY: number): boolean {
    const { agent } = this.scene;
    let top = -1;
    for (let i = 0; i < this.crates.length; i++) {
      const crate = this.crates[i];
      const surface = crate.y + STAND;
      if (startY < surface || Math.abs(agent.x - crate.x) >= OVERLAP_X) continue;
      if (agent.y < surface - CONTACT_SLACK && agent.y > crate.y - OVERLAP_Y && surface > top) top = surface;
    }
    // Under a low ceiling there may be no room to be lifted: then the crate does not carry.
    if (top < 0 || this.agentBlockedAt(agent.x, top)) return false;
    agent.y = top;
    return true;
  }

  private overlapsAgent({ x, y }: Point): boolean {
    const { agent } = this.scene;
    return Math.abs(x - agent.x) < OVERLAP_X && Math.abs(y - agent.y) < OVERLAP_Y;
  }

  /** The coin comes first: who dies on it has still won. */
  private findContact(): Contact {
    const { scene, marker } = this;
    if (marker !== null && !this.reachedMarker && this.overlapsAgent(marker)) this.reachedMarker = true;
    for (let i = 0; i < this.coins.length; i++) if (this.overlapsAgent(this.coins[i])) return Contact.coin;
    for (let i = 0; i < this.saws.length; i++) if (this.overlapsAgent(this.saws[i])) return Contact.saw;
    for (let i = 0; i < this.enemies.length; i++) if (this.overlapsAgent(this.enemies[i])) return Contact.enemy;
    if (this.touchesLava()) return Contact.lava;
    const { x, y } = scene.agent;
    const inside =
      x + AGENT_HALF_WIDTH >= 0 &&
      y + AGENT_HALF_HEIGHT >= 0 &&
      x - AGENT_HALF_WIDTH <= scene.width &&
      y - AGENT_HALF_HEIGHT <= scene.height;
    return inside ? Contact.none : Contact.outOfBounds;
  }

  private touchesLava(): boolean {
    const { width, height, cells, agent } = this.scene;
    const halfWidth = AGENT_HALF_WIDTH - CONTACT_SLACK;
    const halfHeight = AGENT_HALF_HEIGHT - CONTACT_SLACK;
    const right = Math.min(width - 1, Math.floor(agent.x + halfWidth));
    const top = Math.min(height - 1, Math.floor(agent.y + halfHeight));
    for (let row = Math.max(0, Math.floor(agent.y - halfHeight)); row <= top; row++) {
      for (let column = Math.max(0, Math.floor(agent.x - halfWidth)); column <= right; column++) {
        if (cells[row * width + column] === Cell.lava) return true;
      }
    }
    return false;
  }

  /** Removes the coins that the agent touches. */
  takeCoins(): void {
    this.coinTaken = true;
    this.scene.objects = this.scene.objects.filter((object) => object.kind !== 'coin' || !this.overlapsAgent(object));
    this.sort();
  }
}

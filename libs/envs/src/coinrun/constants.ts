/**
 * The figures of the world, as read from procgen's CoinRun (Cobbe et al. 2020) and checked by running it. Lengths in
 * cells, velocities in cells a step.
 */

export const LEVEL_SIZE = 64;
/** Where the agent starts: the middle of column 1, standing on the floor. */
export const AGENT_HALF_WIDTH = 0.5;
export const AGENT_HALF_HEIGHT = 0.5787;
export const SPAWN_X = 1 + AGENT_HALF_WIDTH;
export const SPAWN_Y = 1 + AGENT_HALF_HEIGHT;
export const OBJECT_HALF = 0.5;

export const MAX_SPEED = 0.5;
export const GRAVITY = 0.2;
export const JUMP_SPEED = 1.5;
/** Share of the wanted velocity that enters each step, on the ground and in the air. */
export const GROUND_CONTROL = 0.2;
export const AIR_CONTROL = 0.03;
/** What looking down adds to the fall when it begins on support. */
export const DROP_SPEED = 0.2;
export const ENEMY_SPEED = 0.15;

/** Corners are tested this far out of the half-size, so that sliding along a wall does not touch it. */
export const CORNER_MARGIN = 0.98;
/** Bodies that only touch do not overlap. */
export const CONTACT_SLACK = 0.001;
/** How far below the feet support is looked for, and how far inside the sides. */
export const SUPPORT_REACH = 0.01;
export const LEAST_SUBSTEPS = 4;

export const COIN_REWARD = 10;
export const TIME_LIMIT = 1000;

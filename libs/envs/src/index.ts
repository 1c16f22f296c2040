export type {
  ActionSpace,
  Environment,
  EnvironmentState,
  Game,
  LevelCursor,
  ObservationSpace,
  Outcome,
  ResetOptions,
  ResetRequest,
  StepInfo,
  StepResult,
} from './contract.ts';
export { createEnvironment, createOutcome } from './environment.ts';
export type { EpisodeConfig } from './environment.ts';
export { checkEnvironment } from './check.ts';
export type { CheckOptions } from './check.ts';
export { createLevelSampler, seedsOf, HELD_OUT_START, HELD_OUT_COUNT } from './levels.ts';
export type { LevelSampler, LevelSet } from './levels.ts';
export { createLevelReplay } from './levelReplay.ts';
export type { ReplayingSampler } from './levelReplay.ts';
export { createVectorEnvironment, expectActions, expectVectorState } from './vector.ts';
export type { VectorConfig, VectorEnvironment, VectorState } from './vector.ts';
export { clearOutcomes, createVectorBuffers, endedRows } from './vectorBuffers.ts';
export type { VectorBuffers } from './vectorBuffers.ts';
export { createLanes } from './lanes.ts';
export type { Lanes } from './lanes.ts';
export { steppedInThread } from './stepped.ts';
export type { SteppedVector } from './stepped.ts';
export { actors, playEpisode } from './episode.ts';
export type { Actor, Chooser, EpisodeRecord, PlayOptions, StepRecord } from './episode.ts';
export { environments } from './registry.ts';
export type { EnvironmentName } from './registry.ts';
export { createCorridor, defaultCorridorConfig } from './corridor.ts';
export type { CorridorConfig, CorridorState } from './corridor.ts';
export { createCoinRun, stateOfLevel } from './coinrun/environment.ts';
export type { CoinRunEnvironment } from './coinrun/environment.ts';
export { OBSERVATION_SIZE } from './coinrun/game.ts';
export type { CoinRunInfo } from './coinrun/game.ts';
export { coinRunPresets, defaultCoinRunConfig, resolveCoinRunConfig } from './coinrun/config.ts';
export type { CoinRunConfig, Difficulty, Hazard, LayoutOptions } from './coinrun/config.ts';
export { generateLevel } from './coinrun/generate.ts';
export { createEmptyLevel, layoutHash } from './coinrun/level.ts';
export type { Level, LevelObject, Point, Section } from './coinrun/level.ts';
export { levelCharacters, levelFromText, textFromLevel } from './coinrun/text.ts';
export { createLevelSurvey, heldOutSeeds, layoutOverlap, levelStatistics, overlapOf } from './coinrun/survey.ts';
export type { LevelStatistics, LevelSurvey, Overlap, Spread } from './coinrun/survey.ts';
export { applyEdit, editKinds } from './coinrun/edit.ts';
export type { Edit } from './coinrun/edit.ts';
export { recolour, without } from './coinrun/views.ts';
export type { PlanOptions } from './coinrun/planner.ts';
export { createTimeline } from './timeline.ts';
export type { Timeline } from './timeline.ts';
export { createObservationRenderer, drawList, MaskClass, renderView, variety } from './coinrun/art/index.ts';
export type { DrawItem, ObservationOptions, ObservationRenderer, ViewOptions, Window } from './coinrun/art/index.ts';
export { levelWindow, observationWindow, velocitySquaresOf } from './coinrun/art/index.ts';
export type { CellWindow } from './coinrun/art/index.ts';
export { flatColour, plainColour, rasteriseSprite, spriteSheets, PARALLAX } from './coinrun/art/index.ts';
export type { Raster, SpriteName, SpriteSheet } from './coinrun/art/index.ts';
export { endCauses } from './coinrun/world.ts';
export type { EndCause } from './coinrun/world.ts';
export type { AgentState, CoinRunState } from './coinrun/state.ts';
export { Cell } from './coinrun/scene.ts';
export type { ObjectKind, Scene, SceneAgent, SceneObject, Theme } from './coinrun/scene.ts';

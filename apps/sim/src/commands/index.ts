/** Every command: its one-line summary, and where it is. Nothing is imported before it is asked for. */
import type { CommandDefinition } from './shell/command.ts';

export interface CommandEntry {
  readonly summary: string;
  load(): Promise<CommandDefinition>;
}

export const commands = {
  view: {
    summary: 'open the live viewer: a policy plays, the page shows what it sees',
    load: async () => (await import('./view.ts')).view,
  },
  play: {
    summary: 'play in the terminal, or watch a planner or a policy there',
    load: async () => (await import('./play.ts')).play,
  },
  levels: {
    summary: 'what levels are like: statistics, solvability, train/test overlap; one level as text',
    load: async () => (await import('./levels.ts')).levels,
  },
  attribute: {
    summary: 'explain one frame of an episode: overlay as PNG, raw map as npy',
    load: async () => (await import('./attribute.ts')).attribute,
  },
  export: {
    summary: 'write an episode as pictures, film or page; a policy as an ONNX file',
    load: async () => (await import('./export.ts')).exportThings,
  },
  record: {
    summary: 'play an episode and record it, to be replayed',
    load: async () => (await import('./record.ts')).record,
  },
  validate: {
    summary: 'replay a recording and check every state of it',
    load: async () => (await import('./validate.ts')).validate,
  },
  train: {
    summary: 'train a policy with PPO',
    load: async () => (await import('./train.ts')).train,
  },
  eval: {
    summary: 'play held-out levels: solve rate with its confidence interval, failures by cause',
    load: async () => (await import('./eval.ts')).evaluate,
  },
  publish: {
    summary: 'make a policy of models/ from a training run, with its card',
    load: async () => (await import('./publish.ts')).publish,
  },
  doctor: {
    summary: 'what this machine has, what is missing and how to get it',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  frame: {
    summary: 'read one frame by factor, channel, place, cell and layer',
    load: async () => (await import('./frame.ts')).frame,
  },
  edit: {
    summary: 'change a layer or a hazard and measure: value, actions, return, failures by cause',
    load: async () => (await import('./edit.ts')).edit,
  },
  dictionary: {
    summary: 'gather a layer’s channels into factors, with controls, stability and alignment',
    load: async () => (await import('./dictionary.ts')).dictionary,
  },
  features: {
    summary: 'what the viewer’s factor legend and map show of a policy, made once and kept beside it',
    load: async () => (await import('./features.ts')).features,
  },
  blind: {
    summary: 'make a policy blind to one factor and compare its failures, cause by cause',
    load: async () => (await import('./blind.ts')).blind,
  },
  episode: {
    summary: 'play episodes and explain them: bookmarks, surprises, failures, changes of value, hallucinations',
    load: async () => (await import('./episode.ts')).episode,
  },
  patch: {
    summary: 'how much of an object’s effect each factor carries, by experiment',
    load: async () => (await import('./patch.ts')).patch,
  },
  probe: {
    summary: 'what a line can read off each layer, and which directions steer',
    load: async () => (await import('./probe.ts')).probe,
  },
  field: {
    summary: 'where a policy would go from every free place of a level',
    load: async () => (await import('./field.ts')).field,
  },
  sanity: {
    summary: 'which attribution methods fail the randomisation check on a policy',
    load: async () => (await import('./sanity.ts')).sanity,
  },
  scorecard: {
    summary: 'which attribution methods tell the truth about a policy, with intervals and controls',
    load: async () => (await import('./scorecard.ts')).scorecard,
  },
  misgeneralise: {
    summary: 'does a policy want the coin, or the place where coins were',
    load: async () => (await import('./misgeneralise.ts')).misgeneralise,
  },
  represent: {
    summary: 'what layers of networks make of the same frames: t-SNE, PCA, CKA, meta-SNE',
    load: async () => (await import('./represent.ts')).represent,
  },
  study: {
    summary: 'what training on more levels does to features: train, test, align, compare',
    load: async () => (await import('./study.ts')).study,
  },
} satisfies Record<string, CommandEntry>;

/** The tables of operations by which a model can be run: the plain one, and those that change how gradients flow. */
import { plainOps } from '@saccade/nn';
import type { Ops } from '@saccade/nn';

export const opsTables = { plain: plainOps } satisfies Record<string, Ops>;
export type OpsTable = keyof typeof opsTables;

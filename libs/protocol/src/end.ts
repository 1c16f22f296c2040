/** How an episode ended, on the wire. */
import { z } from 'zod';

/** Terminated: coin, saw, lava ...; truncated: out of time. */
export const endSchema = z.strictObject({ kind: z.enum(['terminated', 'truncated']), cause: z.string().min(1) });
export type End = z.output<typeof endSchema>;

/** Measures that the timeline's parts share, pixels. */
import { AXIS_WIDTH } from '../../scene/charts.ts';

/** Room for the names of the rows. */
export const LABELS = 92;
export const RIGHT = 20;
/** Where the axis of steps begins. */
export const LEFT = LABELS + AXIS_WIDTH;

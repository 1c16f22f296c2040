/**
 * One instant as a picture that explains itself: what the agent sees with the map over it, and below it what the map
 * is, what its colours mean, how the value went, and what was done. Plain arithmetic on bytes, so that the command
 * line, films and the page make the very same picture, with or without a browser.
 */
import { colourScale, isSigned, paint, resizeMap } from '@saccade/attribution';
import type { FlatMap, PaletteName } from '@saccade/attribution';
import { defaultCoinRunConfig, observationWindow, renderView } from '@saccade/envs';
import type { Scene } from '@saccade/envs';
import { blankPicture } from '../report/picture.ts';
import type { Picture } from '../report/picture.ts';
import { fillRectangle, fitText, textWidth, wrapText, writeText } from './text.ts';
import { actionTitle, endTitle, fixed, layerTitle, percent, short } from './words.ts';

/** The page's colours in the dark. */
const colours = {
  ground: 0x101317,
  control: 0x1d222a,
  line: 0x2a3038,
  text: 0xeceff2,
  second: 0xa9b2bd,
  third: 0x828c98,
  accent: 0xf6bd41,
  onAccent: 0x1a1305,
  good: 0x5fcf92,
  bad: 0xff8a7a,
  series: 0x8ab8f0,
  end: 0x0a0c0f,
} as const;

/** What the maps of a film are of, and how they are painted; as `AnnotatedLens` of @saccade/protocol. */
export interface PlateLens {
  readonly method: string;
  readonly layer: string;
  readonly target: string;
  readonly signed: boolean;
  readonly palette: string;
  readonly opacity: number;
  readonly smooth: boolean;
  readonly warning?: string;
}

export interface PlateMap {
  /** In the target's units. */
  readonly flat: FlatMap;
  /** Painted in the last colour. */
  readonly limit: number;
  readonly integrationError?: number;
  readonly warning?: string;
}

export interface PlateFrame {
  readonly scene: Scene;
  readonly map: PlateMap | null;
  readonly episode: number;
  readonly levelSeed: number;
  readonly action: number | null;
  readonly probabilities: ArrayLike<number>;
  readonly value: number;
  readonly end: { readonly cause: string } | null;
}

/** What all plates of a film share. */
export interface PlateFilm {
  readonly policy: string;
  readonly actions: readonly string[];
  readonly lens: PlateLens | null;
  /** In order: the line of the value runs through them. */
  readonly frames: readonly Pick<PlateFrame, 'episode' | 'value' | 'end' | 'action'>[];
}

export interface PlateOptions {
  /** Pixels of the picture for one of the observation's 64. */
  readonly scale: number;
}

/** Pixels along a side of the observation. */
const OBSERVATION = 64;
/** Above this share the quadrature missed too much of what it should have found. */
const TOLERANCE = 0.05;
/** In dots: margins, a line of text, room below it, the chart, the legend's bar. */
const PAD = 8;
const LINE = 9;
const GAP = 5;
const CHART = 28;
const BAR = 6;

interface Layout {
  readonly width: number;
  readonly height: number;
  /** Side of a letter's dot, pixels. */
  readonly dot: number;
  readonly subtitle: readonly string[];
  readonly warning: readonly string[];
}

/** Alike for all plates of a film, so that a film does not jump. */
function layoutOf({ lens, frames }: PlateFilm, { scale }: PlateOptions): Layout {
  const width = OBSERVATION * scale;
  const dot = Math.max(1, Math.floor(width / 180));
  const room = Math.floor(width / dot) - 2 * PAD;
  const subtitle = lens === null ? [] : wrapText(`of ${lens.target}, at ${layerTitle(lens.layer)}`, room);
  const warning = lens?.warning === undefined ? [] : wrapText(lens.warning, room);
  const named = lens === null ? 0 : LINE + 2 + subtitle.length * LINE + GAP + BAR + 4 + LINE + GAP;
  const warned = warning.length === 0 ? 0 : GAP + warning.length * LINE;
  // One instant alone has no course to show.
  const chart = frames.length > 1 ? CHART : LINE - 2;
  const band = PAD + named + chart + GAP + LINE + 2 + LINE + warned + PAD - 2;
  const height = width + band * dot;
  // Video wants even sides.
  return { width, height: height + (height % 2), dot, subtitle, warning };
}

/** @returns pixels */
export function plateSize(film: PlateFilm, options: PlateOptions): { readonly width: number; readonly height: number } {
  const { width, height } = layoutOf(film, options);
  return { width, height };
}

/** @param at which of the film's frames this is */
export function drawPlate(frame: PlateFrame, film: PlateFilm, at: number, options: PlateOptions): Picture {
  const layout = layoutOf(film, options);
  const picture = blankPicture(layout.width, layout.height);
  fillRectangle(picture, 0, 0, layout.width, layout.height, colours.ground);
  drawWorld(picture, frame, film.lens, layout.width);
  drawEnd(picture, frame, layout);
  let top = layout.width + PAD * layout.dot;
  if (film.lens) top = drawLens(picture, frame.map, film.lens, layout, top);
  top = drawValue(picture, film, at, layout, top);
  drawFacts(picture, frame, film, layout, top);
  return picture;
}

function drawWorld(picture: Picture, { scene, map }: PlateFrame, lens: PlateLens | null, size: number): void {
  const cells = defaultCoinRunConfig.viewCells;
  const seen = observationWindow(scene.agent, OBSERVATION, cells);
  const view = renderView(scene, {
    width: size,
    height: size,
    centreX: seen.left + seen.size / 2,
    centreY: seen.bottom + seen.size / 2,
    cellsAcross: cells,
  });
  picture.rgba.set(view);
  if (!map || !lens) return;
  const scale = colourScale(map.flat, { limit: map.limit, palette: lens.palette as PaletteName });
  const { data } = paint(resizeMap(map.flat, { width: size, height: size }, lens.smooth), scale, {
    opacity: lens.opacity,
  });
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] / 255;
    for (let c = 0; c < 3; c++) picture.rgba[i + c] = view[i + c] * (1 - alpha) + data[i + c] * alpha;
  }
}

/** How the episode ended, across the picture. */
function drawEnd(picture: Picture, { end }: PlateFrame, { width, dot }: Layout): void {
  if (!end) return;
  const text = endTitle(end.cause);
  const wide = (textWidth(text) + 16) * dot;
  const left = Math.floor((width - wide) / 2);
  const top = Math.floor(width * 0.16);
  const good = end.cause === 'coin';
  const ground = good ? colours.accent : colours.end;
  fillRectangle(picture, left + dot, top, wide - 2 * dot, 17 * dot, ground, good ? 1 : 0.88);
  for (const x of [left, left + wide - dot]) {
    fillRectangle(picture, x, top + dot, dot, 15 * dot, ground, good ? 1 : 0.88);
  }
  writeText(picture, text, left + 8 * dot, top + 5 * dot, dot, good ? colours.onAccent : colours.bad);
}

/** What the map is, and what its colours mean in units. Returns the next row's top. */
function drawLens(picture: Picture, map: PlateMap | null, lens: PlateLens, layout: Layout, from: number): number {
  const { width, dot, subtitle } = layout;
  const left = PAD * dot;
  const room = Math.floor(width / dot) - 2 * PAD;
  let top = from;
  writeText(picture, fitText(lens.method, room), left, top, dot, colours.text);
  top += (LINE + 2) * dot;
  for (const line of subtitle) {
    writeText(picture, line, left, top, dot, colours.third);
    top += LINE * dot;
  }
  top += GAP * dot;
  if (map) {
    const low = lens.signed ? short(-map.limit) : '0';
    const high = lens.signed ? `+${short(map.limit)}` : short(map.limit);
    // Room for the widest number that a film may come to, so that the bar stays where it is.
    const label = Math.max(textWidth('-0.000'), textWidth(low), textWidth(high)) + 5;
    const start = left + label * dot;
    const wide = Math.max(1, width - 2 * start);
    const words = lens.signed ? ['lowers it', 'raises it'] : ['matters less', 'more'];
    writeText(picture, low, start - (textWidth(low) + 5) * dot, top, dot, colours.second);
    writeText(picture, high, start + wide + 5 * dot, top, dot, colours.second);
    drawScale(picture, map, lens, start, top, wide, (BAR + 1) * dot);
    const below = top + (BAR + 4) * dot;
    writeText(picture, words[0], start, below, dot, colours.third);
    writeText(picture, words[1], start + wide - textWidth(words[1]) * dot, below, dot, colours.third);
  } else {
    writeText(picture, 'no map of this step', left, top, dot, colours.third);
  }
  return top + (BAR + 4 + LINE + GAP) * dot;
}

/** The legend, painted by the code that paints the map: it fades where the map does. */
function drawScale(
  picture: Picture,
  { flat, limit }: PlateMap,
  lens: PlateLens,
  left: number,
  top: number,
  wide: number,
  tall: number,
): void {
  const scale = colourScale(flat, { limit, palette: lens.palette as PaletteName });
  const lowest = isSigned(scale.palette) ? -limit : 0;
  const values = Float32Array.from({ length: wide }, (_, i) => lowest + (i / Math.max(1, wide - 1)) * (limit - lowest));
  const { data } = paint({ values, width: wide, height: 1, signed: lens.signed }, scale);
  fillRectangle(picture, left, top, wide, tall, colours.control);
  for (let x = 0; x < wide; x++) {
    const colour = (data[x * 4] << 16) | (data[x * 4 + 1] << 8) | data[x * 4 + 2];
    fillRectangle(picture, left + x, top, 1, tall, colour, data[x * 4 + 3] / 255);
  }
}

/** The value through the whole film, with the present instant marked. Returns the next row's top. */
function drawValue(picture: Picture, { frames }: PlateFilm, at: number, { width, dot }: Layout, top: number): number {
  const left = PAD * dot;
  const wide = width - 2 * left;
  const tall = CHART * dot;
  const values = frames.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(low + 1e-6, ...values);
  const label = LINE * dot;
  const xOf = (i: number): number => left + Math.round((i / Math.max(1, frames.length - 1)) * (wide - dot));
  const yOf = (value: number): number =>
    top + label + Math.round((1 - (value - low) / (high - low)) * (tall - label - dot));
  const floor = frames.length > 1 ? top + tall : top + (LINE - 2) * dot;
  writeText(picture, 'value', left, top, dot, colours.third);
  writeText(picture, fixed(values[at], 2), left + (textWidth('value') + 5) * dot, top, dot, colours.text);
  if (frames.length === 1) return floor + GAP * dot;
  fillRectangle(picture, left, floor - dot, wide, dot, colours.line);
  for (let i = 0; i < frames.length; i++) {
    const next = frames[i + 1];
    const joined = next !== undefined && next.episode === frames[i].episode;
    const to = joined ? xOf(i + 1) : xOf(i) + dot;
    let before = yOf(values[i]);
    for (let x = xOf(i); x < to; x++) {
      const share = (x - xOf(i)) / Math.max(1, to - xOf(i));
      const y = joined ? yOf(values[i] + share * (values[i + 1] - values[i])) : before;
      fillRectangle(picture, x, y, 1, floor - dot - y, colours.series, 0.14);
      fillRectangle(picture, x, Math.min(y, before), 1, Math.abs(y - before) + dot, colours.series);
      before = y;
    }
    const { end, action } = frames[i];
    if (end && action !== null) {
      const colour = end.cause === 'coin' ? colours.accent : colours.bad;
      fillRectangle(picture, xOf(i) - dot, floor - 3 * dot, 3 * dot, 3 * dot, colour);
    }
  }
  fillRectangle(picture, xOf(at), top + label - 2 * dot, dot, tall - label + 2 * dot, colours.accent);
  const range = `${fixed(low, 1)} to ${fixed(high, 1)}`;
  writeText(picture, range, left + wide - textWidth(range) * dot, top, dot, colours.third);
  return floor + GAP * dot;
}

/** Which instant of which level, who plays, what was done, and how far to trust the map. */
function drawFacts(picture: Picture, frame: PlateFrame, film: PlateFilm, layout: Layout, top: number): void {
  const { width, dot, warning } = layout;
  const left = PAD * dot;
  const room = Math.floor(width / dot) - 2 * PAD;
  const atRight = (text: string, y: number, colour: number): void =>
    writeText(picture, text, width - left - textWidth(text) * dot, y, dot, colour);
  const where = `level ${frame.levelSeed}, step ${frame.scene.step}`;
  writeText(picture, where, left, top, dot, colours.second);
  if (frame.action !== null) {
    const did = `${actionTitle(film.actions[frame.action] ?? '')}  ${percent(frame.probabilities[frame.action])}`;
    atRight(fitText(did, room - textWidth(where) - 10), top, colours.accent);
  }
  const second = top + (LINE + 2) * dot;
  const error = frame.map?.integrationError;
  const told = error === undefined ? '' : `error ${percent(error, 1)}`;
  const fits = textWidth(film.policy) + textWidth(`integration ${told}`) + 10 <= room;
  const trust = told === '' || !fits ? told : `integration ${told}`;
  writeText(picture, fitText(film.policy, room - textWidth(trust) - 10), left, second, dot, colours.third);
  if (error !== undefined) atRight(trust, second, error > TOLERANCE ? colours.bad : colours.good);
  warning.forEach((line, i) => {
    writeText(picture, line, left, second + (LINE + GAP + i * LINE) * dot, dot, colours.bad);
  });
}

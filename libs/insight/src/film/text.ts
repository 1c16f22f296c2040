/** Writes words into a picture, in the letters of glyphs.ts, each of their pixels a square. */
import type { Picture } from '../report/picture.ts';
import { glyphRows, glyphs } from './glyphs.ts';
import type { Glyph } from './glyphs.ts';

/** Others are written as what they look like; what is left as an empty box. */
const alike: Readonly<Record<string, string>> = {
  '\u2212': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u201c': '"',
  '\u201d': '"',
  '\u2019': "'",
  '\u00a0': ' ',
};

function glyphsOf(text: string): Glyph[] {
  const box = glyphs.get('□') ?? [];
  return Array.from(text.replaceAll('\u2026', '...'), (letter) => glyphs.get(alike[letter] ?? letter) ?? box);
}

/** Pixels, at one pixel a dot; a dot between letters, none after the last. */
export function textWidth(text: string): number {
  return Math.max(
    0,
    glyphsOf(text).reduce((width, glyph) => width + glyph[0].length + 1, -1),
  );
}

/** The text, cut short with dots where it is wider. @param most width at one pixel a dot */
export function fitText(text: string, most: number): string {
  if (textWidth(text) <= most) return text;
  let cut = text;
  while (cut.length > 0 && textWidth(`${cut}...`) > most) cut = cut.slice(0, -1);
  return `${cut.trimEnd()}...`;
}

/** Lines of whole words, each within `most`; a word that is wider stands alone and is cut short. */
export function wrapText(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`) <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(fitText(word, most));
  }
  return lines;
}

/**
 * @param left of the first letter, pixels
 * @param top of tall letters, pixels
 * @param dot side of the squares that letters are made of, pixels
 * @param colour 0xRRGGBB
 */
export function writeText(
  picture: Picture,
  text: string,
  left: number,
  top: number,
  dot: number,
  colour: number,
): void {
  let x = left;
  for (const glyph of glyphsOf(text)) {
    for (let row = 0; row < glyphRows; row++) {
      glyph[row].forEach((ink, column) => {
        if (ink) fillRectangle(picture, x + column * dot, top + row * dot, dot, dot, colour);
      });
    }
    x += (glyph[0].length + 1) * dot;
  }
}

/** Parts outside the picture are left out. @param colour 0xRRGGBB @param alpha 0-1 */
export function fillRectangle(
  { width, height, rgba }: Picture,
  left: number,
  top: number,
  wide: number,
  tall: number,
  colour: number,
  alpha = 1,
): void {
  const parts = [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
  for (let y = Math.max(0, top); y < Math.min(height, top + tall); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + wide); x++) {
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) rgba[at + c] = rgba[at + c] * (1 - alpha) + parts[c] * alpha;
      rgba[at + 3] = 255;
    }
  }
}

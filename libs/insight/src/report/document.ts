/**
 * A report as data: what an analysis found, in blocks that become a page a person can read and JSON that a program
 * can. Analyses never write HTML.
 */
import type { Picture } from './picture.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
  /** Shown when pointed at, and read aloud. */
  readonly label?: string;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** 0xRRGGBB; chosen where absent. */
  readonly colour?: number;
}

/** Rows of one name share a line. */
export interface IntervalRow {
  readonly name: string;
  /** Rows of a group share a colour, named in the legend. */
  readonly group: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly string[];
      /** Numbers are shown with four significant digits. */
      readonly rows: readonly (readonly (string | number)[])[];
      /** Cells are shaded by their numbers' magnitude, from nothing at the first to full at the second: a heat map. */
      readonly shade?: readonly [none: number, full: number];
    }
  | {
      readonly kind: 'pictures';
      readonly caption: string;
      /** 0xRRGGBB: of what the pictures are of, shown beside the caption. */
      readonly colour?: number;
      /** Each shown `scale` times as large, pixels kept square. */
      readonly scale: number;
      readonly pictures: readonly { readonly picture: Picture; readonly text: string }[];
    }
  | {
      readonly kind: 'chart';
      readonly caption: string;
      readonly x: string;
      readonly y: string;
      readonly series: readonly Series[];
      /** Joins the points of a series; otherwise only the points are drawn. */
      readonly lines?: boolean;
      readonly logarithmic?: boolean;
    }
  | {
      /** Named values beside each other on one axis, each with its interval: which stand out, and from what. */
      readonly kind: 'intervals';
      readonly caption: string;
      /** What the axis measures, with its unit. */
      readonly x: string;
      readonly rows: readonly IntervalRow[];
      /** Shaded: where values count as nothing. */
      readonly band?: readonly [low: number, high: number];
      /** A line across all rows, as chance is, with its name. */
      readonly reference?: { readonly value: number; readonly name: string };
      /** Where the axis begins at most; 0 by default. */
      readonly from?: number;
    };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Report {
  readonly title: string;
  /** The finding, in a sentence or two. */
  readonly summary: string;
  /** What made it: command line, policy and its hash, seeds. */
  readonly origin: Readonly<Record<string, string | number>>;
  readonly sections: readonly Section[];
}

/** Four significant digits; whole numbers whole. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (Number.isInteger(value)) return String(value);
  const text =
    Math.abs(value) >= 1e5 || Math.abs(value) < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replaceAll('-', '−');
}

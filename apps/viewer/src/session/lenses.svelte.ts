/**
 * Lenses: the maps that are drawn of one instant. The first lies on the world; further ones stand beside it, on the
 * same clock, to be compared. All are painted alike.
 */
import type { FrameMessage, HelloMessage, Overlay, OverlayRequest, PolicyInfo } from '@saccade/protocol';
import { pictureOf } from '../scene/overlayPicture.ts';
import type { OverlayPicture, PictureOptions } from '../scene/overlayPicture.ts';
import type { Address } from './address.ts';
import type { Look } from './look.svelte.ts';
import { chooseOverlay, createNames, noChoice, requestOf } from './overlayChoice.ts';
import type { OverlayChoice } from './overlayChoice.ts';

/** One factor of a decomposition at one instant: its colour, and what it adds to and takes from the output. */
export type Factor = NonNullable<Extract<Overlay, { ok: true }>['factors']>[number];

export interface Lens {
  readonly choice: OverlayChoice;
  /** Null while it is being computed, and where there is none. */
  readonly picture: OverlayPicture | null;
  /** Why there is none. */
  readonly problem: string | null;
}

/** What lenses look at. */
export interface LensSubject {
  readonly frame: FrameMessage | null;
  readonly hello: HelloMessage | null;
  readonly policy: PolicyInfo | null;
}

export class Lenses {
  choices = $state.raw<readonly OverlayChoice[]>([noChoice]);
  /** Factor that a pointer rests on: it alone is drawn. */
  isolated = $state<number | null>(null);
  private readonly nameOf = createNames();
  private readonly subject: () => LensSubject;
  private readonly look: Look;

  constructor(subject: () => LensSubject, look: Look) {
    this.subject = subject;
    this.look = look;
  }

  readonly main = $derived(this.choices[0]);
  readonly method = $derived.by(
    () => this.subject().hello?.methods.find(({ name }) => name === this.main.method) ?? null,
  );
  /** How many there may be. */
  readonly most = $derived.by(() => this.subject().hello?.limits.overlays ?? 1);
  readonly list = $derived.by(() => this.choices.map((choice, i) => this.lensOf(choice, i)));
  /** On the world, whether or not it is hidden. */
  readonly painted = $derived(this.list[0].picture);
  /** On the world; null while it is hidden. */
  readonly picture = $derived.by(() => (this.look.visible ? this.painted : null));
  readonly factors = $derived.by((): readonly Factor[] => this.painted?.overlay.factors ?? []);

  /** Of all that is asked for; frames with the same one answer the same questions. */
  get signature(): string {
    return this.requests()
      .map(({ id }) => id)
      .join(' ');
  }

  requests(): OverlayRequest[] {
    return this.choices.filter(({ method }) => method !== '').map((choice) => requestOf(choice, this.nameOf(choice)));
  }

  private lensOf(choice: OverlayChoice, i: number): Lens {
    const { frame } = this.subject();
    const overlay = frame?.overlays.find(({ request }) => request === this.nameOf(choice));
    return this.lensFor(choice, overlay ?? null, i === 0 ? this.isolated : null);
  }

  /** A map as the first lens paints it. @param limit what its colours span, so that two maps can be compared */
  painting(overlay: Overlay | null, limit?: number): OverlayPicture | null {
    const scaled = overlay?.ok && limit !== undefined ? { ...overlay, scale: limit } : overlay;
    return this.lensFor(this.main, scaled, this.isolated).picture;
  }

  private lensFor(choice: OverlayChoice, overlay: Overlay | null, factor: number | null): Lens {
    const { policy } = this.subject();
    if (!overlay) return { choice, picture: null, problem: null };
    if (!overlay.ok) return { choice, picture: null, problem: overlay.error };
    const [height, width] = policy?.observationShape ?? [64, 64];
    try {
      const picture = pictureOf(overlay, { ...this.paintOptions(overlay.signed, 0), factor, height, width });
      return { choice, picture, problem: null };
    } catch (error) {
      return { choice, picture: null, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  /** How the lens with this number is painted. */
  paintOptions(signed: boolean, i: number): Omit<PictureOptions, 'height' | 'width'> {
    const { look } = this;
    return {
      opacity: look.opacity / 100,
      smooth: look.smooth,
      sign: look.sign,
      clip: look.clip / 100,
      palette: signed ? look.signedPalette : look.unsignedPalette,
      factor: i === 0 ? this.isolated : null,
      coloured: look.coloured,
    };
  }

  /** Changes one lens. Returns a line for each wish that could not be met. */
  choose(change: Partial<OverlayChoice>, i = 0): readonly string[] {
    const { hello, policy } = this.subject();
    if (!hello || !policy) return [];
    const { choice, problems } = chooseOverlay({ ...this.choices[i], ...change }, hello.methods, policy);
    this.choices = this.choices.map((old, at) => (at === i ? choice : old));
    return problems;
  }

  /** Makes every choice valid for the present policy. Returns a line for each that had to change. */
  adopt(wish: Address): readonly string[] {
    const { method, layer, target, factor, options, compare } = wish;
    const wishes = compare ? [this.main, ...compare.map((entry) => ({ ...noChoice, ...entry }))] : this.choices;
    this.choices = wishes.slice(0, this.most);
    const given = Object.fromEntries(
      Object.entries({ method, layer, target, factor, options }).filter(([, value]) => value !== undefined),
    );
    return this.choices.flatMap((_, i) => this.choose(i === 0 ? given : {}, i));
  }

  /** Adds one beside the others: another method than theirs, at the same layer, of the same output. */
  add(): void {
    if (this.choices.length >= this.most) return;
    const used = this.choices.map(({ method }) => method);
    const other = this.subject().hello?.methods.find(({ name, factors }) => !used.includes(name) && !factors);
    this.choices = [
      ...this.choices,
      { ...this.main, factor: null, options: {}, method: other?.name ?? this.main.method },
    ];
    this.choose({}, this.choices.length - 1);
  }

  remove(i: number): void {
    if (this.choices.length > 1) this.choices = this.choices.filter((_, at) => at !== i);
  }

  /** Puts a lens on the world, and the one that was there in its place. */
  promote(i: number): void {
    const choices = [...this.choices];
    [choices[0], choices[i]] = [choices[i], choices[0]];
    this.choices = choices;
  }

  write(): Address {
    const { method, layer, target, factor, options } = this.main;
    const compare = this.choices.slice(1).map((choice) => ({
      method: choice.method,
      layer: choice.layer,
      target: choice.target,
    }));
    return {
      method: method || undefined,
      layer: layer || undefined,
      target: target || undefined,
      factor: factor ?? undefined,
      options: Object.keys(options).length > 0 ? options : undefined,
      compare: compare.length > 0 ? compare : undefined,
    };
  }
}

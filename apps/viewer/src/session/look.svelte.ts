/** How maps are painted: what the page adds to them, none of which the server needs to know. */
import type { SignedPalette, UnsignedPalette } from '@saccade/attribution';
import { signedPalettes, unsignedPalettes } from '@saccade/attribution';
import type { Address } from './address.ts';

export const signs = ['both', 'positive', 'negative'] as const;
export type Sign = (typeof signs)[number];

/** Per cent; what the command line paints with. */
const OPACITY = 70;

export class Look {
  visible = $state(true);
  /** Of the last colour of the scale, per cent. */
  opacity = $state(OPACITY);
  /** Blends between a layer's positions; else each stays a square. */
  smooth = $state(true);
  /** How far the world loses its colours under the overlay: 0 not at all, 1 wholly. */
  muted = $state(0);
  /** Which part of a signed map is drawn. */
  sign = $state<Sign>('both');
  /** A decomposition with each factor in its own colour, not as their sum. */
  coloured = $state(true);
  /** Per cent of the positions that the colour scale spans; the rest has the last colour. 100: the server's scale. */
  clip = $state(100);
  signedPalette = $state<SignedPalette>(signedPalettes[0]);
  unsignedPalette = $state<UnsignedPalette>(unsignedPalettes[0]);

  /** Takes over what an address says. */
  read({ opacity, blend, grey, sign, clip, palette, sum }: Address): void {
    this.coloured = sum !== 1;
    this.opacity = opacity ?? OPACITY;
    this.smooth = blend !== 0;
    this.muted = (grey ?? 0) / 100;
    this.sign = signs.find((known) => known === sign) ?? 'both';
    this.clip = clip ?? 100;
    this.signedPalette = signedPalettes.find((known) => known === palette) ?? this.signedPalette;
    this.unsignedPalette = unsignedPalettes.find((known) => known === palette) ?? this.unsignedPalette;
  }

  /** What differs from the usual. @param signed which palette is in use */
  write(signed: boolean): Address {
    const palette = signed ? this.signedPalette : this.unsignedPalette;
    const usual = signed ? signedPalettes[0] : unsignedPalettes[0];
    return {
      opacity: this.opacity === OPACITY ? undefined : this.opacity,
      blend: this.smooth ? undefined : 0,
      sum: this.coloured ? undefined : 1,
      grey: this.muted === 0 ? undefined : Math.round(this.muted * 100),
      sign: this.sign === 'both' ? undefined : this.sign,
      clip: this.clip === 100 ? undefined : this.clip,
      palette: palette === usual ? undefined : palette,
    };
  }
}

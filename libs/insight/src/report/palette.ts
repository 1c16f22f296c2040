/** Colours of series: distinguishable in print, on light and dark paper, and to most colour-blind eyes (Okabe & Ito). */
const palette = [0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x7f7f88, 0xb5a300];

/** `#rrggbb` of the series with this number, or of a colour of its own. */
export function seriesColour(index: number, own?: number): string {
  return `#${(own ?? palette[index % palette.length]).toString(16).padStart(6, '0')}`;
}

/** Numbers as people read them. What films say in the same words is said by @saccade/insight. */
export { actionTitle, capital, endTitle, fixed, percent, short, withSign } from '@saccade/insight';

const grouping = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return grouping.format(value);
}

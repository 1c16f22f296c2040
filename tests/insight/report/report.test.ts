import { describe, expect, it } from 'vitest';
import { blankPicture, chartTicks, gridOf, numberText, reportHtml } from '@saccade/insight';
import type { Report } from '@saccade/insight';

const report: Report = {
  title: 'Saws & <coins>',
  summary: 'What was found.',
  origin: { command: 'saccade dictionary', seed: 0 },
  sections: [
    {
      title: 'All kinds of blocks',
      blocks: [
        { kind: 'text', text: 'A "quoted" <b>word</b>' },
        {
          kind: 'table',
          caption: 'Numbers',
          columns: ['name', 'value'],
          rows: [
            ['a', 0.123456],
            ['b', Number.NaN],
          ],
        },
        { kind: 'pictures', caption: 'Pictures', scale: 2, pictures: [{ picture: blankPicture(3, 2), text: 'a saw' }] },
        {
          kind: 'chart',
          caption: 'A chart',
          x: 'levels',
          y: 'rate',
          logarithmic: true,
          lines: true,
          series: [
            {
              name: 'train',
              points: [
                { x: 10, y: 1, low: 0.9, high: 1.1 },
                { x: 1000, y: 2 },
              ],
            },
          ],
        },
        {
          kind: 'intervals',
          caption: 'Arms',
          x: 'change, points',
          band: [-0.5, 0.5],
          reference: { value: 1, name: 'chance' },
          rows: [
            { name: 'blind to saws', group: 'edited', value: 12.4, low: 11, high: 13.8 },
            { name: 'blind to saws', group: 'again', value: 12.1 },
            { name: '<none>', group: 'control', value: Number.NaN },
          ],
        },
        {
          kind: 'table',
          caption: 'A heat map',
          columns: ['', 'a', 'b'],
          rows: [['row', 0.5, -1]],
          shade: [0.5, 1],
        },
      ],
    },
    { title: 'Another section', blocks: [] },
  ],
};

describe('a report', () => {
  it('is one page that asks for nothing from elsewhere and runs no script', () => {
    const page = reportHtml(report, () => 'AAAA');
    expect(page).not.toMatch(/<script|https?:|src="(?!data:)|@import|url\(/);
    expect(page).toContain('data:image/png;base64,AAAA');
    expect(page).toContain('width="6" height="4"');
    expect(page).toContain('>0.1235<');
    expect(page).toContain('aria-label="A chart"');
  });

  it('never lets text become markup', () => {
    const page = reportHtml(report, () => '');
    expect(page).not.toContain('<coins>');
    expect(page).not.toContain('<b>');
    expect(page).toContain('&#60;b&#62;word');
  });
});

describe('the parts of a page', () => {
  const page = reportHtml(report, () => '');
  it('say in their contents what follows', () => {
    expect(page).toContain('<a href="#section-2">Another section</a>');
    expect(page).toContain('id="section-2"');
  });
  it('draw values of one name on one line, and leave out what is no number', () => {
    const svg = /<svg[^>]*aria-label="Arms".*?<\/svg>/s.exec(page)?.[0] ?? '';
    expect(svg.match(/>blind to saws</g)).toHaveLength(1);
    expect(svg.match(/<title>blind to saws/g)).toHaveLength(2);
    expect(svg).toContain('12.4 (11 to 13.8)');
    expect(svg).toContain('change, points');
    expect(svg).toContain('>chance<');
    expect(svg).not.toContain('NaN');
  });
  it('shade a heat map by magnitude', () => {
    const shades = [...page.matchAll(/var\(--accent\) (\d+)%/g)].map(([, share]) => Number(share));
    expect(shades).toEqual([0, 50]);
  });
});

describe('numbers and pictures of reports', () => {
  it('have four digits, and say when there is none', () => {
    expect([0, 3, 1234.567, -0.00001, 0.25, Number.NaN].map(numberText)).toEqual([
      '0',
      '3',
      '1235',
      '−1.00e−5',
      '0.25',
      '–',
    ]);
  });

  it('stand on round ticks', () => {
    expect(chartTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(chartTicks(-3, 12)).toEqual([0, 5, 10]);
  });

  it('join in a grid', () => {
    const grid = gridOf([blankPicture(2, 2), blankPicture(2, 2), blankPicture(2, 2)], 2, 1);
    expect([grid.width, grid.height]).toEqual([5, 5]);
  });
});

/** The single file's page: an annotated episode played from memory. It asks nobody for anything. */
import { paintOver } from '@saccade/attribution';
import type { Paint } from '@saccade/attribution';
import { actionTitle, endTitle, fixed, layerTitle, percent, short, withSign } from '@saccade/insight';
import { decodeScene } from '@saccade/protocol';
import type { AnnotatedEpisode, AnnotatedFrame } from '@saccade/protocol';
import { createChart } from './chart.ts';
import { element, icon } from './dom.ts';
import type { IconName } from './dom.ts';
import { legendOf, paintOf, valueAt } from './look.ts';
import { createStage } from './stage.ts';

const SPEEDS = [1, 2, 4, 8, 15, 30, 60];
const STRIP = 240;
const TOLERANCE = 0.05;

function putPixels(canvas: HTMLCanvasElement, rgb: ArrayLike<number>): void {
  const context = canvas.getContext('2d');
  const image = context?.createImageData(canvas.width, canvas.height);
  if (!context || !image) return;
  for (let p = 0; p < canvas.width * canvas.height; p++) {
    for (let c = 0; c < 3; c++) image.data[p * 4 + c] = rgb[p * 3 + c];
    image.data[p * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export function play(root: HTMLElement, episode: AnnotatedEpisode): void {
  const { frames, lens, actions, observationShape } = episode;
  const [side] = observationShape;
  const layouts = new Map(episode.layouts.map((layout) => [layout.layout, layout]));
  let at = 0;
  let playing = false;
  let opacity = lens?.opacity ?? 0;
  let speed = episode.stepsPerSecond;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pointer: { readonly x: number; readonly y: number } | null = null;

  // What is on the page ---------------------------------------------------------------------------------------------

  const world = element('canvas', { 'aria-hidden': 'true', 'data-testid': 'world' });
  const ending = element('p', { class: 'end', role: 'status', hidden: true });
  const reading = element('p', { class: 'reading' });
  const stageHost = element('div', { class: 'world' }, world, ending);
  const stage = createStage(world);
  const strip = element('canvas', { width: STRIP, height: 1 });
  const low = element('span', { class: 'tick' });
  const high = element('span', { class: 'tick' });
  const scale = element('div', { class: 'strip', role: 'img', 'data-testid': 'legend' }, strip);
  const trust = element('span', { class: 'trust' });
  const warning = element('p', { class: 'warning', role: 'note' });
  const ends = lens?.signed ? ['lowers it', 'raises it'] : ['matters less', 'more'];
  const caption = element(
    'div',
    { class: 'caption' },
    element(
      'div',
      { class: 'what' },
      element('strong', {}, lens?.method ?? 'The world'),
      element('span', {}, lens ? `of ${lens.target}, at ${layerTitle(lens.layer)}` : 'nothing is explained'),
    ),
    element(
      'div',
      { class: 'legend', hidden: lens === null },
      low,
      element(
        'div',
        { class: 'scale' },
        scale,
        element('span', { class: 'ends' }, ...ends.map((text) => element('span', {}, text))),
      ),
      high,
    ),
    trust,
    warning,
  );

  const button = (name: IconName, label: string, act: () => void, kind = 'quiet'): HTMLButtonElement =>
    element('button', { class: `button ${kind} icon`, 'aria-label': label, title: label, click: act }, icon(name));
  const toggle = button('play', 'Play', () => setPlaying(!playing), 'primary');
  const stepText = element('span', { class: 'count', 'data-testid': 'step' });
  const speedMenu = element(
    'select',
    {
      class: 'select',
      'aria-label': 'Speed',
      change: () => {
        speed = Number(speedMenu.value);
      },
    },
    ...[...new Set([...SPEEDS, speed])]
      .sort((a, b) => a - b)
      .map((value) => element('option', { value, selected: value === speed }, `${value} steps/s`)),
  );
  const chart = createChart(frames, (step) => {
    setPlaying(false);
    show(step);
  });
  const time = element(
    'section',
    { class: 'time', 'aria-label': 'Time' },
    element(
      'div',
      { class: 'transport' },
      button('first', 'To the first step', () => leap(0)),
      button('back', 'One step back', () => leap(at - 1)),
      toggle,
      button('forward', 'One step forward', () => leap(at + 1)),
      button('last', 'To the last step', () => leap(frames.length - 1)),
      speedMenu,
      stepText,
    ),
    element('div', { class: 'row' }, element('span', { class: 'label' }, 'Value'), chart.root),
  );

  const small = element('canvas', {
    width: side,
    height: side,
    'data-testid': 'observation',
    pointermove: (event: PointerEvent) => {
      const box = small.getBoundingClientRect();
      pointer = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
      read();
    },
    pointerleave: () => {
      pointer = null;
      read();
    },
  });
  const sees = element('dl', {});
  const value = element('dd', { class: 'figure', 'data-testid': 'value' });
  const change = element('dd', { class: 'note' });
  const reward = element('dd', { class: 'figure' });
  const sum = element('dd', { class: 'note' });
  const bars = actions.map((action) => {
    const bar = element('span', { class: 'bar' });
    const share = element('span', { class: 'share' });
    const row = element(
      'li',
      {},
      element('span', { class: 'name' }, actionTitle(action)),
      element('span', { class: 'track' }, bar),
      share,
    );
    return { row, bar, share };
  });
  const slider = element('input', {
    type: 'range',
    min: 0,
    max: 100,
    step: 5,
    value: Math.round(opacity * 100),
    'aria-label': 'Opacity of the overlay, per cent',
    'data-testid': 'opacity',
    input: () => {
      opacity = Number(slider.value) / 100;
      show(at);
    },
  });
  const shownOpacity = element('output', {});
  const summary = element('p', { class: 'sr-only', 'aria-live': 'polite', 'data-testid': 'summary' });
  const who = element('span', {});
  const panel = (title: string, about: HTMLElement | string, ...children: HTMLElement[]): HTMLElement =>
    element('section', { class: 'panel' }, element('h2', {}, title, ' ', element('span', {}, about)), ...children);
  const rail = element(
    'aside',
    { class: 'rail', 'aria-label': 'The agent' },
    panel(
      'Sees',
      `${side} × ${side} pixels, nothing else`,
      element('div', { class: 'sees' }, element('div', {}, small), element('div', {}, sees, reading)),
    ),
    ...(lens
      ? [
          panel(
            'Attends',
            'to what changes its output',
            element('label', { class: 'field' }, element('span', { class: 'split' }, 'Opacity', shownOpacity), slider),
          ),
        ]
      : []),
    panel(
      'Decides',
      who,
      element(
        'dl',
        { class: 'figures' },
        element('div', {}, element('dt', {}, 'Value'), value, change),
        element('div', {}, element('dt', {}, 'Reward'), reward, sum),
      ),
      element('ol', { class: 'bars', 'aria-label': 'Probability of each action' }, ...bars.map(({ row }) => row)),
    ),
  );
  root.append(
    element(
      'header',
      {},
      element('strong', {}, 'Saccade'),
      element('span', {}, `${episode.policy} plays level ${[...new Set(frames.map((f) => f.levelSeed))].join(', ')}`),
      button('theme', 'Dark or light', turnTheme),
    ),
    element('section', { class: 'stage', 'aria-label': 'The world' }, summary, stageHost, caption),
    time,
    rail,
  );
  root.removeAttribute('aria-busy');

  // What happens ----------------------------------------------------------------------------------------------------

  function turnTheme(): void {
    const { dataset } = document.documentElement;
    const dark = dataset['theme'] ? dataset['theme'] === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    dataset['theme'] = dark ? 'light' : 'dark';
  }

  function sceneOf(frame: AnnotatedFrame) {
    const layout = layouts.get(frame.scene.layout);
    if (!layout) throw new Error(`This file lacks the layout of step ${frame.step}.`);
    return decodeScene(layout, frame.scene);
  }

  function paintFor({ map }: AnnotatedFrame): Paint | null {
    return map && lens && opacity > 0 ? paintOf(map, lens, side, opacity) : null;
  }

  function show(step: number): void {
    at = Math.min(Math.max(step, 0), frames.length - 1);
    const frame = frames[at];
    const paint = paintFor(frame);
    stage.draw(sceneOf(frame), paint, lens?.smooth ?? true);
    putPixels(small, paint ? paintOver(frame.observation, paint) : frame.observation);
    world.dataset['drawn'] = String(at);
    showEnd(frame);
    showLegend(frame);
    showNumbers(frame);
    read();
    const text = `Step ${frame.scene.step}, value ${fixed(frame.value, 2)}`;
    chart.show(at, text);
    stepText.replaceChildren('Step ', element('b', {}, String(frame.scene.step)), ` of level ${frame.levelSeed}`);
    // Said when it stands still: nobody can listen to fifteen sentences a second.
    if (!playing) summary.textContent = `Level ${frame.levelSeed}, ${text.toLowerCase()}. ${sentence(frame)}`;
  }

  function sentence({ action, probabilities, end }: AnnotatedFrame): string {
    const did =
      action === null
        ? 'Nothing was chosen.'
        : `The agent chose ${actionTitle(actions[action])}, at ${percent(probabilities[action])}.`;
    return end ? `${did} ${endTitle(end.cause)}.` : did;
  }

  function showEnd({ end }: AnnotatedFrame): void {
    ending.hidden = end === null;
    ending.classList.toggle('good', end?.cause === 'coin');
    if (end) ending.textContent = endTitle(end.cause);
  }

  function showLegend({ map }: AnnotatedFrame): void {
    if (!lens) return;
    const notes = [lens.warning, map?.warning, map ? undefined : 'No map of this step.'];
    const text = [...new Set(notes.filter((note) => note !== undefined))].join(' ');
    warning.textContent = text;
    warning.hidden = text === '';
    trust.replaceChildren();
    if (!map) return;
    const { data } = legendOf(map, lens, STRIP);
    strip.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(data), STRIP, 1), 0, 0);
    low.textContent = lens.signed ? short(-map.limit) : '0';
    high.textContent = lens.signed ? `+${short(map.limit)}` : short(map.limit);
    scale.setAttribute('aria-label', `Colours from ${low.textContent} to ${high.textContent}`);
    const { integrationError: error } = map;
    if (error === undefined) return;
    trust.className = `trust ${error > TOLERANCE ? 'bad' : 'good'}`;
    trust.textContent = `Integration error ${percent(error, 1)}`;
  }

  function showNumbers(frame: AnnotatedFrame): void {
    const before = frames[at - 1];
    const { agent } = frame.scene;
    value.textContent = fixed(frame.value, 2);
    change.textContent =
      before?.episode === frame.episode ? `${withSign(frame.value - before.value, 2)} in a step` : 'expected return';
    reward.textContent = fixed(frame.reward, 0);
    sum.textContent = `return ${fixed(frame.return, 0)}`;
    who.textContent = frame.actor === 'policy' ? 'by chance, with these odds' : 'a person chose; the policy’s odds';
    shownOpacity.textContent = percent(opacity);
    bars.forEach(({ row, bar, share }, i) => {
      const p = frame.probabilities[i] ?? 0;
      row.classList.toggle('chosen', frame.action === i);
      if (frame.action === i) row.setAttribute('aria-current', 'true');
      else row.removeAttribute('aria-current');
      bar.style.transform = `scaleX(${p})`;
      share.textContent = percent(p, p < 0.0995 ? 1 : 0);
    });
    sees.replaceChildren(
      ...[
        ['Step', String(frame.scene.step)],
        ['Velocity x', withSign(agent.vx, 2)],
        ['Velocity y', withSign(agent.vy, 2)],
      ].map(([name, text]) => element('div', {}, element('dt', {}, name), element('dd', {}, text))),
    );
  }

  function read(): void {
    const { map } = frames[at];
    if (!lens || !map) reading.textContent = '';
    else reading.textContent = pointer ? short(valueAt(map, pointer.x, pointer.y)) : 'Point at a pixel for its number';
  }

  function leap(step: number): void {
    setPlaying(false);
    show(step);
  }

  function setPlaying(on: boolean): void {
    clearTimeout(timer);
    if (on && at === frames.length - 1) at = -1;
    playing = on;
    const label = on ? 'Pause' : 'Play';
    toggle.replaceChildren(icon(on ? 'pause' : 'play'));
    toggle.setAttribute('aria-label', label);
    toggle.title = label;
    if (on) next();
    else if (at >= 0) show(at);
  }

  function next(): void {
    const began = performance.now();
    show(at + 1);
    if (at === frames.length - 1) {
      setPlaying(false);
      return;
    }
    timer = setTimeout(next, Math.max(0, 1000 / speed - (performance.now() - began)));
  }

  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ' ': () => setPlaying(!playing),
    ArrowRight: ({ shiftKey }) => leap(at + (shiftKey ? 10 : 1)),
    ArrowLeft: ({ shiftKey }) => leap(at - (shiftKey ? 10 : 1)),
    Home: () => leap(0),
    End: () => leap(frames.length - 1),
    o: () => {
      opacity = opacity > 0 ? 0 : (lens?.opacity ?? 0);
      slider.value = String(Math.round(opacity * 100));
      show(at);
    },
  };
  addEventListener('keydown', (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target === slider || target instanceof HTMLSelectElement) return;
    if (event.key === ' ' && target instanceof HTMLButtonElement) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  new ResizeObserver(() => {
    stage.resize(stageHost.clientWidth, stageHost.clientHeight, devicePixelRatio || 1);
    show(Math.max(0, at));
  }).observe(stageHost);
}

import { describe, expect, it } from 'vitest';
import type { MethodInfo, PolicyInfo } from '@saccade/protocol';
import { chooseOverlay, createNames, noChoice, requestOf } from '../../apps/viewer/src/session/overlayChoice.ts';

const method = (name: string, more: Partial<MethodInfo> = {}): MethodInfo => ({
  name,
  title: name,
  description: '',
  signed: true,
  factors: false,
  layers: ['input', 'hidden'],
  options: [],
  ...more,
});
const steps = { kind: 'number', name: 'steps', description: '', default: 20, min: 1, max: 100, integer: true } as const;
const methods = [
  method('saliency'),
  method('integratedGradients', { options: [steps] }),
  method('gradCam', { layers: ['hidden'] }),
  method('factors', { factors: true, layers: ['hidden'] }),
];
const policy: PolicyInfo = {
  name: 'compact',
  description: '',
  architecture: 'compact',
  environment: 'coinrun',
  actions: ['noop', 'right'],
  observationShape: [64, 64, 3],
  layers: [
    { name: 'input', shape: [64, 64, 3] },
    { name: '2b', shape: [16, 16, 32] },
  ],
  view: { centre: 'agent', cells: 12.8, velocitySquares: true },
  targets: ['value', 'noop', 'right'].map((name) => ({ name, title: name, description: '' })),
};

describe('the choice of an overlay', () => {
  it('begins with Integrated Gradients of the value at 2b', () => {
    const { choice, problems } = chooseOverlay(noChoice, methods, policy);
    expect(choice).toEqual({ method: 'integratedGradients', layer: '2b', target: 'value', factor: null, options: {} });
    expect(problems).toEqual([]);
  });

  it('names each wish that cannot be met, and takes the nearest instead', () => {
    const wish = { ...noChoice, method: 'magic', layer: '9z', target: 'fly' };
    const { choice, problems } = chooseOverlay(wish, methods, policy);
    expect(choice).toMatchObject({ method: 'integratedGradients', layer: '2b', target: 'value' });
    expect(problems).toEqual([
      'Method: expected one of saliency, integratedGradients, gradCam, factors, got "magic"',
      'Layer: expected one of input, 2b, got "9z"',
      'Target: expected one of value, noop, right, got "fly"',
    ]);
  });

  it('moves silently to a layer at which the new method works', () => {
    const wish = { ...noChoice, method: 'gradCam', layer: 'input', target: 'right' };
    expect(chooseOverlay(wish, methods, policy)).toEqual({ choice: { ...wish, layer: '2b' }, problems: [] });
  });

  it('keeps a factor only where there are factors, and options only where they are valid and not the default', () => {
    const wish = { ...noChoice, layer: '2b', target: 'value', factor: 3, options: { steps: 50, magic: 1 } };
    const choose = (name: string, options = wish.options) =>
      chooseOverlay({ ...wish, method: name, options }, methods, policy).choice;
    expect(choose('factors')).toMatchObject({ factor: 3, options: {} });
    expect(choose('integratedGradients')).toMatchObject({ factor: null, options: { steps: 50 } });
    expect(choose('integratedGradients', { steps: 20, magic: 1 }).options).toEqual({});
    expect(choose('integratedGradients', { steps: 1.5, magic: 1 }).options).toEqual({});
  });

  it('offers nothing where no method works', () => {
    expect(chooseOverlay(noChoice, [], policy).choice).toEqual(noChoice);
  });

  it('has one name for equal choices and another for any other', () => {
    const nameOf = createNames();
    const { choice } = chooseOverlay(noChoice, methods, policy);
    const name = nameOf(choice);
    expect(nameOf({ ...choice, options: {} })).toBe(name);
    expect(nameOf({ ...choice, options: { steps: 50 } })).not.toBe(name);
    expect(requestOf({ ...choice, factor: 2 }, name)).toEqual({
      id: name,
      method: 'integratedGradients',
      layer: '2b',
      target: 'value',
      factor: 2,
      options: {},
    });
  });
});

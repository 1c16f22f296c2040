/** Puts the page into its document. */
import './styles/tokens.css';
import './styles/base.css';
import 'uplot/dist/uPlot.min.css';
import { mount } from 'svelte';
import App from './App.svelte';
import type { OpenLink } from './session/link.ts';
import { applyTheme, storedTheme } from './theme.ts';

export function startPage(openLink: OpenLink): void {
  applyTheme(storedTheme());
  const target = document.getElementById('app');
  if (!target) throw new Error('internal: the page has no #app');
  // What stands there is for browsers that do not come this far.
  target.replaceChildren();
  mount(App, { target, props: { openLink } });
}

/** Starts the page. */
import './styles/tokens.css';
import './styles/base.css';
import 'uplot/dist/uPlot.min.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { applyTheme, storedTheme } from './theme.ts';

applyTheme(storedTheme());
const target = document.getElementById('app');
if (!target) throw new Error('internal: the page has no #app');
mount(App, { target });

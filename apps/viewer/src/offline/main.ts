/** Starts the single file: unpacks the episode that lies in the page, and plays it. */
import '../styles/tokens.css';
import '../styles/base.css';
import './player.css';
import { readEpisode } from './embedded.ts';
import { play } from './player.ts';

const root = document.getElementById('saccade');
if (!root) throw new Error('internal: the page has no #saccade');
readEpisode().then(
  (episode) => play(root, episode),
  (error: unknown) => {
    const line = document.createElement('p');
    line.className = 'broken';
    line.textContent = `This file cannot be played: ${error instanceof Error ? error.message : String(error)}`;
    root.replaceChildren(line);
  },
);

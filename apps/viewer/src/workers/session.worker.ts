/**
 * The worker of a page without a server. One file plays both parts, told apart by the worker's name, so that what they
 * share is downloaded and compiled once: the first hosts the session, and starts others, which explain and play for it.
 */
import { explainerName, serveExplainer } from './explaining.ts';
import { serveHost } from './hosting.ts';

if (self.name === explainerName) serveExplainer();
else serveHost();

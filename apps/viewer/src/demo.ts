/** The page without a server: what plays lives in workers of its own. */
import { startPage } from './start.ts';
import { openHostLink } from './workers/hostLink.ts';

startPage(openHostLink);

/** The page of a server: what plays is at the other end of a socket. */
import { openSocketLink } from './session/socket.ts';
import { startPage } from './start.ts';

startPage(openSocketLink);

/** The connection to a session that runs inside the page: world, policy and attribution in workers, no server. */
import { deliver } from '../session/link.ts';
import type { LinkHandlers, OpenLink } from '../session/link.ts';
import type { FromHost, ToHost } from './hostMessages.ts';

export const openHostLink: OpenLink = (handlers) => {
  handlers.status('connecting', 'Starting …');
  let worker: Worker;
  try {
    worker = new Worker(new URL('./session.worker.ts', import.meta.url), { type: 'module', name: 'saccade host' });
  } catch (error) {
    return unavailable(handlers, `This browser cannot start workers, in which the agent lives: ${String(error)}`);
  }
  const say = (message: ToHost): void => worker.postMessage(message);
  let open = false;
  worker.onmessage = ({ data }: MessageEvent<FromHost>) => {
    switch (data.kind) {
      case 'progress':
        if (!open) handlers.status('connecting', data.text);
        return;
      case 'open':
        open = true;
        handlers.status('open', '');
        return;
      case 'message':
        deliver(data.message, handlers);
        return;
      case 'failed':
        open = false;
        handlers.status('failed', data.reason);
        return;
      default:
        data satisfies never;
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    open = false;
    handlers.status('failed', `The worker in which the agent lives has stopped: ${event.message || 'no reason given'}`);
  };
  say({ kind: 'start', base: new URL('.', document.baseURI).href });
  return {
    server: false,
    send: (message) => {
      if (open) say({ kind: 'message', message });
    },
    close: () => worker.terminate(),
  };
};

function unavailable(handlers: LinkHandlers, reason: string): ReturnType<OpenLink> {
  handlers.status('failed', reason);
  return { server: false, send: () => undefined, close: () => undefined };
}

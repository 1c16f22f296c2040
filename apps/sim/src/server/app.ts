/** The HTTP edge: who may ask, under which content policy, and what is served. */
import express from 'express';
import type { Express, Request } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { HelloMessage } from '@saccade/protocol';
import { createApi } from './api.ts';

/** Names under which this machine calls itself: another one in `Host` is a page elsewhere that points its name here. */
const localNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Is the request's `Host` this machine, and its `Origin`, where there is one, the page that this server serves? */
export function comesFromHere(headers: Request['headers']): boolean {
  const { host, origin } = headers;
  if (host === undefined || !localNames.has(host.replace(/:\d+$/, ''))) return false;
  return origin === undefined || origin === `http://${host}`;
}

/** @param page folder of the built page */
export function createApp(page: string, catalogue: HelloMessage): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
          // Attributes only: charts and Svelte place things with them. A style sheet must be a file of ours.
          styleSrc: ["'self'"],
          styleSrcAttr: ["'unsafe-inline'"],
          imgSrc: ["'self'", 'data:', 'blob:'],
          workerSrc: ["'self'", 'blob:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // Served over plain HTTP on this machine: nothing to upgrade to.
      strictTransportSecurity: false,
      crossOriginEmbedderPolicy: { policy: 'require-corp' },
    }),
  );
  app.use((request, response, next) => {
    if (comesFromHere(request.headers)) return next();
    response.status(403).json({ error: 'server: expected a request from this machine, got another host or origin' });
  });
  app.use('/api', rateLimit({ windowMs: 10_000, limit: 200, standardHeaders: 'draft-8', legacyHeaders: false }));
  app.use('/api', createApi(catalogue));
  app.use(
    express.static(page, {
      dotfiles: 'ignore',
      setHeaders(response, path) {
        // The build names assets by their content; the page that names them must always be asked for.
        const fixed = /[\\/]assets[\\/]/.test(path);
        response.setHeader('Cache-Control', fixed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('Not found. The viewer is at /.\n');
  });
  app.use(failed);
  return app;
}

/** Express knows an error handler by its four parameters. What a request did wrong is its own; the rest is ours. */
const failed: express.ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const given = (error as { status?: unknown } | null)?.status;
  const status = typeof given === 'number' && given >= 400 && given < 500 ? given : 500;
  response.status(status).json({ error: status === 500 ? 'internal: the server failed at this' : 'bad request' });
};

/** The HTTP edge: who may ask, under which content policy, and what is served. */
import express from 'express';
import type { Express, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Access } from './access.ts';
import type { ServerLimits } from './limits.ts';

/** @param page folder of the built page @param api see api.ts */
export function createApp(page: string, api: Router, access: Access, limits: ServerLimits): Express {
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
  app.use(
    rateLimit({
      windowMs: 10_000,
      limit: limits.requests,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      message: { error: `server: expected at most ${limits.requests} requests in 10 seconds` },
    }),
  );
  app.use((request, response, next) => {
    const refused = access.refusal(request);
    if (refused) {
      response.status(refused.status);
      if (request.accepts(['json', 'html']) === 'html') response.type('text/plain').send(`${refused.error}\n`);
      else response.json({ error: refused.error });
      return;
    }
    // Uploads apart nothing here takes a body: one that is announced large is hung up on before it is sent.
    const most = (request.method === 'POST' && limits.uploadBytes[request.path]) || limits.messageBytes;
    const { 'content-length': length = '0', 'transfer-encoding': chunked } = request.headers;
    if (chunked !== undefined || Number(length) > most) {
      response.status(413).set('Connection', 'close');
      response.json({ error: `server: expected at most ${most} bytes, got ${chunked ?? length}` });
      return;
    }
    const cookie = access.cookieFor(request);
    if (cookie === null) return next();
    response.set('Set-Cookie', cookie);
    if (request.method !== 'GET' || request.path.startsWith('/api')) return next();
    // Out of the address bar, and so out of links and screenshots; the rest of the address stays.
    const rest = new URL(request.originalUrl, 'http://saccade');
    rest.searchParams.delete('token');
    response.redirect(303, `${rest.pathname.replace(/^\/+/, '/')}${rest.search}`);
  });
  app.use('/api', api);
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

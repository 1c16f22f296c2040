/** What can be asked without a socket, and the document that describes it, messages of the sockets included. */
import { Router } from 'express';
import { describeMessages, messageEvent, protocolVersion } from '@saccade/protocol';
import type { HelloMessage } from '@saccade/protocol';
import { version } from '../installation.ts';
import { bringingPaths } from './bringing.ts';

function json(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema } } };
}

/** OpenAPI 3.1; the sockets' messages stand beside it as JSON Schema, since OpenAPI has no word for them. */
export function openApi(): object {
  const { client, server, hello } = describeMessages();
  const health = {
    type: 'object',
    properties: { ok: { const: true }, version: { type: 'string' }, protocol: { type: 'integer' } },
    required: ['ok', 'version', 'protocol'],
  };
  const failure = { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] };
  const operation = (summary: string, schema: object): { readonly get: object } => ({
    get: {
      summary,
      responses: {
        200: json(summary, schema),
        401: json('Listening elsewhere: the token is missing or another one.', failure),
        403: json('The request names another host or origin.', failure),
        413: json('The request has a larger body than is taken here.', failure),
        429: json('Too many requests.', failure),
      },
    },
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Saccade',
      version,
      description:
        'The server of the live viewer. It answers this machine alone, unless it was told to listen elsewhere: then every request carries its token, as a bearer, in the cookie that the page has, or as the query parameter `token`.',
    },
    paths: {
      '/api': operation('This document', { type: 'object' }),
      '/api/health': operation('Is the server there, and which protocol does it speak?', health),
      '/api/catalogue': operation('Policies, methods, targets, environments and limits', hello),
      ...bringingPaths(operation),
    },
    'x-socket': {
      description:
        'Socket.io on /socket.io. Every message travels under one event, both ways; the page sends join first.',
      event: messageEvent,
      protocol: protocolVersion,
      client,
      server,
    },
  };
}

/** @param catalogue asked each time: pages bring policies @param bringing see bringing.ts */
export function createApi(catalogue: () => HelloMessage, bringing: Router): Router {
  const api = Router();
  const document = openApi();
  api.get('/', (_request, response) => void response.json(document));
  api.get('/health', (_request, response) => {
    response.json({ ok: true, version, protocol: protocolVersion });
  });
  api.get('/catalogue', (_request, response) => void response.json(catalogue()));
  api.use(bringing);
  api.use((request, response) => {
    const got = `${request.method} ${request.originalUrl.slice(0, 200)}`;
    response.status(404).json({ error: `api: expected what GET /api describes, got ${got}` });
  });
  return api;
}

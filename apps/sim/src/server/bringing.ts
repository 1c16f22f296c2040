/** What a page brings and takes away over HTTP: recordings to open, policies to play, the files of a recording. */
import express, { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { policyUploadSchema, recordingInfoSchema, recordingUploadSchema } from '@saccade/protocol';
import { recordingFileNames } from '../storage/recordingShelf.ts';
import type { RecordingShelf } from '../storage/recordingShelf.ts';
import type { ServerLimits } from './limits.ts';
import type { Offered } from './offered.ts';

const types = {
  'manifest.json': 'application/json',
  'steps.parquet': 'application/vnd.apache.parquet',
  'events.jsonl': 'application/x-ndjson',
} as const;

const broughtPolicySchema = z.strictObject({ policy: z.string() });

/** Answers with what `work` returns; what is wrong with the request is said in one line. */
function answering(work: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return (request, response, next) => {
    work(request, response).catch((error: unknown) => {
      if (error instanceof InputError) response.status(400).json({ error: error.message });
      else next(error);
    });
  };
}

/** @throws InputError that names the field */
function parseBody<T extends z.ZodType>(schema: T, body: unknown, what: string): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`${[what, ...issue.path.map(String)].join('.')}: ${issue.message}`);
}

export function createBringing(shelf: RecordingShelf, offered: Offered, { uploadBytes }: ServerLimits): Router {
  const router = Router();
  const paced = rateLimit({
    windowMs: 60_000,
    limit: 60,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: { error: 'server: expected at most 60 uploads a minute' },
  });
  const body = (path: string): RequestHandler => express.json({ limit: uploadBytes[path] ?? 0, strict: true });

  router.get(
    '/recordings',
    answering(async (_request, response) => {
      response.json({ recordings: await shelf.list() });
    }),
  );
  router.post(
    '/recordings',
    paced,
    body('/api/recordings'),
    answering(async (request, response) => {
      const { manifest, steps, events } = parseBody(recordingUploadSchema, request.body, 'recording');
      const files = { manifest, steps: new Uint8Array(Buffer.from(steps, 'base64')), events };
      response.status(201).json(await shelf.bring(files));
    }),
  );
  router.get(
    '/recordings/:id/:file',
    answering(async (request, response) => {
      const file = recordingFileNames.find((name) => name === request.params['file']);
      const id = String(request.params['id']);
      if (!file) throw new InputError(`recording: expected ${recordingFileNames.join(', ')}`);
      const content = await shelf.file(id, file);
      response.type(types[file]).attachment(`${id}-${file}`).send(Buffer.from(content));
    }),
  );
  router.post(
    '/policies',
    paced,
    body('/api/policies'),
    answering(async (request, response) => {
      const upload = parseBody(policyUploadSchema, request.body, 'policy');
      response.status(201).json({ policy: await offered.bring(upload) });
    }),
  );
  return router;
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** The same for `GET /api`. */
export function bringingPaths(operation: (summary: string, schema: object) => { readonly get: object }): object {
  const info = schemaOf(recordingInfoSchema);
  const sent = (summary: string, request: z.ZodType, answer: object): object => {
    const { get } = operation(summary, answer);
    const { 200: created, ...responses } = (get as { responses: Record<string, object> }).responses;
    const refused = { description: 'What was sent is not that; the line says what is wrong.' };
    return {
      post: {
        summary,
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(request) } } },
        responses: { 201: created, 400: refused, ...responses },
      },
    };
  };
  const parameters = ['id', 'file'].map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return {
    '/api/recordings': {
      ...operation('The recordings that can be opened', {
        type: 'object',
        properties: { recordings: { type: 'array', items: info } },
        required: ['recordings'],
      }),
      ...sent('Brings a recording; it is kept while the server runs', recordingUploadSchema, info),
    },
    '/api/recordings/{id}/{file}': {
      get: {
        summary: 'manifest.json, steps.parquet or events.jsonl of a recording',
        parameters,
        responses: { 200: { description: 'The file' }, 400: { description: 'There is no such recording or file.' } },
      },
    },
    '/api/policies': sent(
      'Brings a policy, safetensors or ONNX; it is offered while the server runs',
      policyUploadSchema,
      schemaOf(broughtPolicySchema),
    ),
  };
}

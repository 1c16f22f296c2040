/** The messages as JSON Schema, for people and programs that do not read TypeScript; OpenAPI 3.1 embeds it. */
import { z } from 'zod';
import { clientMessageSchema } from './client.ts';
import { helloSchema, serverMessageSchema } from './server.ts';

export interface MessageSchemas {
  /** Page -> server. */
  readonly client: object;
  /** Server -> page. */
  readonly server: object;
  /** The server's greeting alone. */
  readonly hello: object;
}

export function describeMessages(): MessageSchemas {
  // As they travel: binary data before it has become typed arrays, defaults not yet filled in.
  const describe = (schema: z.ZodType): object => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return rest;
  };
  return {
    client: describe(clientMessageSchema),
    server: describe(serverMessageSchema),
    hello: describe(helloSchema),
  };
}

/**
 * A policy from any file: one of ours, or an ONNX graph from elsewhere with what its file cannot say. What plays levels
 * reads its own format (policies.ts); this is for what explains and converts.
 */
import { readFile, stat } from 'node:fs/promises';
import { hashBytes, InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { parseOnnxDeclaration, readPolicy } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { largestPolicyFile } from './policies.ts';
import type { PolicyFile } from './policyFiles.ts';

export interface ReadPolicy {
  readonly policy: Policy;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** @throws InputError when the file is no JSON, or declares something else */
async function readDeclaration(path: string): Promise<ReturnType<typeof parseOnnxDeclaration>> {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${path}: expected JSON, got something else`);
    throw error;
  }
  return parseOnnxDeclaration(given, path);
}

/**
 * @param declaration path of a JSON file that says what an ONNX file does not
 * @param observationShape of the observations at hand, for graphs that leave lengths open
 * @throws InputError when the file is truncated, foreign, too large, or computes what cannot be imported
 */
export async function readAnyPolicy(
  { path }: PolicyFile,
  declaration?: string,
  observationShape?: Shape,
): Promise<ReadPolicy> {
  const { size } = await stat(path);
  if (size > largestPolicyFile) {
    throw new InputError(`${path}: expected a policy of at most ${largestPolicyFile} bytes, got ${size}`);
  }
  const declared = declaration === undefined ? {} : await readDeclaration(declaration);
  const bytes = new Uint8Array(await readFile(path));
  const shape = declared.observationShape ?? observationShape;
  const policy = readPolicy(bytes, { ...declared, ...(shape === undefined ? {} : { observationShape: shape }) }, path);
  return { policy, bytes, hash: hashBytes(bytes) };
}

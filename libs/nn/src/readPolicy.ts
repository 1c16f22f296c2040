/** Any file that holds a policy: our own, or an ONNX graph from elsewhere. */
import type { OnnxDeclaration } from './onnx/import/declaration.ts';
import { policyFromOnnx } from './onnx/import/importPolicy.ts';
import { decodePolicy } from './policy.ts';
import type { Policy } from './policy.ts';

/** The first byte of a safetensors header, behind its eight bytes of length; an ONNX model has another one there. */
const brace = 0x7b;

/**
 * Reads a policy from safetensors or ONNX, told apart by their bytes; a file called .safetensors is taken at its word.
 * @param declaration what is known about an ONNX policy beyond its file; not looked at for our own
 * @param name what to call the file in errors
 * @throws InputError as `decodePolicy` and `policyFromOnnx` do
 */
export function readPolicy(file: Uint8Array, declaration: OnnxDeclaration = {}, name = 'policy'): Policy {
  const own = file.length < 9 || file[8] === brace || name.endsWith('.safetensors');
  return own ? decodePolicy(file, name) : policyFromOnnx(file, declaration, name);
}

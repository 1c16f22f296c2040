export { eagerCompile } from './eager.ts';
export type {
  CompilableFunction,
  Compile,
  CompiledFunction,
  HostData,
  HostDtype,
  HostTensor,
  HostTensors,
  Signature,
  Tensors,
  TensorSpec,
} from './compile.ts';
export { l2PoolEpsilon, plainOps } from './ops.ts';
export type { ConvolutionAttributes, ExplicitPadding, Ops, Padding, Pair, PoolAttributes } from './ops.ts';
export { applyElementwise } from './elementwise.ts';
export type { ElementwiseFunction } from './elementwise.ts';
export type { NetworkNode, NodeOperation } from './node.ts';
export { expectLayer, forward, nodeShapes, observationNode, splitAt } from './network.ts';
export type { LayerState, Network, NetworkOutputs, ParameterSpec, Split } from './network.ts';
export { architectures, buildNetwork, multiplyAdds } from './architectures.ts';
export type { Architecture } from './architectures.ts';
export { initialiseParameters } from './initialise.ts';
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
export type { SafetensorsFile } from './safetensors.ts';
export { decodePolicy, encodePolicy, expectParameters, takeInputAsIs } from './policy.ts';
export { readPolicy } from './readPolicy.ts';
export type { Policy } from './policy.ts';
export { onnxTypes } from './onnx/model.ts';
export type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValueInfo,
} from './onnx/model.ts';
export { encodeOnnx } from './onnx/encode.ts';
export { decodeOnnx } from './onnx/decode.ts';
export { policyFromOnnx, onnxOperators } from './onnx/import/importPolicy.ts';
export { parseOnnxDeclaration } from './onnx/import/declaration.ts';
export type { OnnxDeclaration } from './onnx/import/declaration.ts';
export { exportOnnx } from './onnx/export/exportPolicy.ts';
export { compareOutputs, comparePolicies, parityTolerance, policyOutputs } from './parity.ts';
export type { Parity, PolicyOutputs } from './parity.ts';

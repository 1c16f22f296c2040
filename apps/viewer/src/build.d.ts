/// <reference types="vite/client" />
/** What builds write into the code; see vite.engine.ts. */

/** Bytes of ONNX Runtime's wasm file. */
declare const __WASM_BYTES__: number;

/** Of the package. */
declare const __VERSION__: string;

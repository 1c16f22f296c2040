/** Builds the bundle where it is missing or stale. Returns its folder: main.js, and workers/<name>.worker.js. */
export function bundle(): Promise<string>;

/** Builds the bundle where it is missing or stale. Returns its folder: main.js, and workers/<name>.worker.js. */
export function bundle(options?: {
  /** Only what describes the commands is needed. */
  readonly forHelp?: boolean;
  /** Folder inside the repository that holds the bundles. */
  readonly output?: string;
}): Promise<string>;

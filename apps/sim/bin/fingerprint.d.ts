export function fingerprint(paths: readonly string[], extra?: string): string;

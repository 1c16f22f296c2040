export function bundleOffline(name: 'player' | 'film'): Promise<{ script: string; style: string }>;

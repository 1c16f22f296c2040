import type { Plugin } from 'vite';

export function bundleOffline(name: 'player' | 'film'): Promise<{ script: string; style: string }>;
export const offlineModule: Plugin;

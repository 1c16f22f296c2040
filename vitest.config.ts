import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // For what hangs: a busy machine may take its time.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    // Polling ends as soon as the condition holds; the default of one second is too short for a busy machine.
    expect: { poll: { timeout: 45_000 } },
    pool: 'forks',
    maxWorkers: 2,
  },
});

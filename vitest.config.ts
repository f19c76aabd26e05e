import { defineConfig } from 'vitest/config';

/** Quick things first; what talks to real servers and browsers shares two cores, so it runs one file at a time. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'test/unit/**/*.test.{ts,tsx}',
            'test/contract/**/*.test.ts',
            'test/journeys/**/*.test.ts',
            'test/attack/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: { name: 'live', include: ['test/live/**/*.test.ts', 'test/browser/**/*.test.ts'], testTimeout: 120_000 },
      },
    ],
  },
});

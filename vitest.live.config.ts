import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    include: ['test/live/**/*.test.ts'],
    globalSetup: ['test/live/support/announce.ts', 'test/support/build-once.ts'],
    testTimeout: 120_000,
    // Where cores are shared, one test among thousands may be held up for seconds.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 120_000,
    // Real servers share two cores with the program: one suite after another.
    fileParallelism: false,
    passWithNoTests: false,
    env: { NO_COLOR: '1' },
  },
})

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // oclif writes through console in places; interception would hide it from the tests that read it.
    disableConsoleIntercept: true,
    include: ['test/**/*.test.ts'],
    exclude: ['test/live/**'],
    globalSetup: ['test/support/build-once.ts'],
    testTimeout: 20_000,
    // Where cores are shared, one test among thousands may be held up for seconds.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
})

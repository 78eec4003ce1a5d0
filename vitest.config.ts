import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // oclif writes through console in places; interception would hide it from the tests that read it.
    disableConsoleIntercept: true,
    include: ['test/**/*.test.ts'],
    exclude: ['test/live/**'],
    globalSetup: ['test/support/build-once.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
})

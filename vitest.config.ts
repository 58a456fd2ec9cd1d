import { defineConfig } from "vitest/config";

export default defineConfig({
  // "tracegrad" is src/, as in the examples.
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    // Tests with .only fail; the linter's rule for that takes fit(…) for one.
    allowOnly: false,
    testTimeout: 60_000,
  },
});

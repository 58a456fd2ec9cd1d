import { defineConfig } from "vitest/config";

export default defineConfig({
  // "tracegrad" is src/, as in the examples.
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
  },
});

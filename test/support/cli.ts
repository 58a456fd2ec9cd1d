import { expect } from "vitest";
import { run } from "../../src/cli/program.js";

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program here, on the kernels that the tests have started. */
export async function tracegrad(...argv: string[]): Promise<Result> {
  let [out, err] = ["", ""];
  const code = await run(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colour: false,
    start: async () => {},
  });
  return { code, out, err };
}

/** The JSON that a command prints; nothing goes to stderr. */
export async function json(
  ...argv: string[]
): Promise<{ code: number; value: Record<string, unknown> }> {
  const { code, out, err } = await tracegrad(...argv, "--json");
  expect(err).toBe("");
  return { code, value: JSON.parse(out) };
}

export const leastSquares = "norm2(X*w-y)^2";

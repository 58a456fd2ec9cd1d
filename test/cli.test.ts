import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/cli/program.js";
import { allowsColour } from "../src/cli/terminal.js";
import { Derivation } from "../src/derive/index.js";
import { json, leastSquares, type Result, tracegrad } from "./support/cli.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("tracegrad derive", () => {
  it("prints the function, the steps, the gradient and the check", async () => {
    const { code, out, err } = await tracegrad("derive", leastSquares, "--wrt", "w");
    expect([code, err]).toEqual([0, ""]);
    const [head, steps, result, ...rest] = out.trimEnd().split("\n\n");
    expect(rest).toEqual([]);
    expect(head).toContain("X m×n; w a vector of n; y a vector of m");
    expect(steps).toMatch(/^df = /);
    expect(steps?.split("\n").length).toBeGreaterThan(3);
    expect(result).toMatch(/^∂f\/∂w = 2·Xᵀ·\(X·w − y\)\n {2}gradient in denominator layout/);
    expect(result).toMatch(
      /\ncheck: agrees with the tape (exactly|to \de-\d\d) at random inputs, each line \S+/,
    );
  });

  it("leaves the steps out where they are not wanted", async () => {
    const { code, out } = await tracegrad("derive", "tr(A*X)", "--wrt", "X", "--no-steps");
    expect(code).toBe(0);
    expect(out).toBe(
      "∂f/∂X = Aᵀ\n  gradient in denominator layout: n×m\n" +
        "check: agrees with the tape exactly at random inputs\n",
    );
  });

  it.each([
    [["tr(A*X)", "--wrt", "X", "--layout", "numerator"], "A", "numerator"],
    [["x'*A*x", "--wrt", "x", "--kind", "A=symmetric"], "2·A·x", "denominator"],
    [["x'*A*x", "--wrt", "x", "--kind", "A=symmetric", "--hessian"], "2·A", "numerator"],
    [["c*x", "--kind", "c=scalar,x=matrix", "--wrt", "c"], "x", "numerator"],
    [["x'*x"], "2·x", "denominator"],
    [["-x'*x"], "−2·x", "denominator"],
    [["--wrt", "x", "-c*x'*x"], "−2·c·x", "denominator"],
    [["X*w", "--wrt", "w", "--shape", "X=3x2"], "X", "numerator"],
  ])("%j gives %s", async (argv, gradient, layout) => {
    const { code, value } = await json("derive", ...argv);
    expect(value).toMatchObject({ gradient, layout, check: { ok: true } });
    expect(code).toBe(0);
  });

  it("takes sizes as they are given", async () => {
    const flags = ["--wrt", "w", "--shape", "X=3x2", "--shape", "w=2"];
    const { value } = await json("derive", "X*w", ...flags);
    expect(value.shape).toEqual(["3", "2"]);
  });

  it("writes LaTeX, of all or of the formula", async () => {
    const all = await tracegrad("derive", "x'*x", "--latex");
    expect(all.out).toMatch(/^\\begin\{aligned\}[\s\S]*\\end\{aligned\}\n$/);
    const formula = await tracegrad("derive", "x'*x", "--latex", "--no-steps");
    expect(formula).toEqual({ code: 0, out: "2\\,x\n", err: "" });
  });

  it.each(["numpy", "jax", "typescript"])("writes code in %s", async (language) => {
    const { code, out, err } = await tracegrad("derive", "x'*x", "--code", language);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(language === "typescript" ? '"tracegrad"' : `import ${language}`);
    expect(out).toMatch(/[^\n]\n$/);
  });

  it("has everything in JSON", async () => {
    const { code, value } = await json("derive", leastSquares, "--wrt", "w");
    expect(code).toBe(0);
    expect(value).toMatchObject({
      expression: leastSquares,
      value: "‖X·w − y‖²",
      variables: [
        { name: "X", shape: ["m", "n"], symmetric: false },
        { name: "w", shape: ["n"], symmetric: false },
        { name: "y", shape: ["m"], symmetric: false },
      ],
      wrt: "w",
      kind: "gradient",
      layout: "denominator",
      gradient: "2·Xᵀ·(X·w − y)",
      shape: ["n"],
    });
    const steps = value.steps as { law: string; formula: string; latex: string }[];
    expect(steps[0]?.law).toBe("");
    expect(steps.slice(1).every(({ law }) => law !== "")).toBe(true);
    expect(steps.every(({ formula, latex }) => formula !== "" && latex !== "")).toBe(true);
    const check = value.check as { ok: boolean; error: number; stepError: number };
    expect(check.ok).toBe(true);
    expect(Math.max(check.error, check.stepError)).toBeLessThan(1e-12);
    const short = await json("derive", leastSquares, "--wrt", "w", "--no-steps");
    expect(short.value).not.toHaveProperty("steps");
  });

  it("says where nothing can be checked", async () => {
    const { code, out } = await tracegrad("derive", "sqrt(0-1-x'*x)");
    expect(out).toContain("check: not possible");
    expect(code).toBe(0);
    const { value } = await json("derive", "sqrt(0-1-x'*x)");
    expect(value.check).toMatchObject({ ok: null, error: null });
  });

  it("fails where the formula is not the tape's", async () => {
    vi.spyOn(Derivation.prototype, "check").mockReturnValue({ ok: false, error: 0.25 });
    const shown = await tracegrad("derive", "x'*x");
    expect(shown.code).toBe(1);
    expect(shown.out).toContain("check: DIFFERS from the tape by 2.5e-1");
    const silent = await tracegrad("derive", "x'*x", "--latex");
    expect(silent.code).toBe(1);
    expect(silent.err).toContain("DIFFERS");
  });

  it("fails where a step is not the tape's, and says which", async () => {
    vi.spyOn(Derivation.prototype, "checkSteps").mockReturnValue([0, 1e-15, 0.5]);
    const { code, out } = await tracegrad("derive", "x'*x");
    expect(code).toBe(1);
    expect(out).toContain("check: line 3 of the derivation DIFFERS from the tape by 5.0e-1");
    expect((await tracegrad("derive", "x'*x", "--no-steps")).code).toBe(0);
  });
});

describe("errors", () => {
  it.each<readonly [message: string, name: string, ...argv: string[]]>([
    ["column 12: the end, where an operator", "ParseError", "derive", "norm2(X*w-y"],
    ["norm2(X*w-y\n             ^", "ParseError", "derive", " norm2(X*w-y "],
    ["did you mean tr", "ParseError", "derive", "trace(X)"],
    ["column 3", "ParseError", "check", "x'*x", "--claim", "2*"],
    ["x' is 1×3 and y is 4×1", "SizeError", "derive", "x'*y", "--shape", "x=3,y=4"],
    ["the variables are A, X; say by which", "UsageError", "derive", "tr(A*X)"],
    ["the variables are A, X; say by which", "UsageError", "check", "tr(A*X)", "--claim", "A"],
    ["no variable to derive by", "UsageError", "derive", "3"],
    [
      "z is no variable of the expression; these are x",
      "UsageError",
      "derive",
      "x'*x",
      "--wrt",
      "z",
    ],
    ["has B, which is no variable", "UsageError", "derive", "x'*x", "--kind", "B=matrix"],
    ["has no finite value", "UsageError", "check", "sqrt(0-1-x'*x)", "--claim", "x"],
    ["Kinds are scalar, vector", "UsageError", "derive", "x'*x", "--kind", "x=tensor"],
    ["It is written A=symmetric", "UsageError", "derive", "x'*x", "--kind", "symmetric"],
    ["Shapes are written X=3x2", "UsageError", "derive", "x'*x", "--shape", "x=3x"],
    ["Allowed choices are numerator", "UsageError", "derive", "x'*x", "--layout", "row"],
    ["Allowed choices are numpy", "UsageError", "derive", "x'*x", "--code", "fortran"],
    ["unknown option '--wr'\n(Did you mean --wrt?)", "UsageError", "derive", "x'*x", "--wr", "x"],
    ["unknown option '-w'", "UsageError", "derive", "x'*x", "-w", "x"],
    ["write it in double quotes", "UsageError", "derive", "x", "*", "y"],
    ["missing required argument 'expression'", "UsageError", "derive"],
    ["'--claim <gradient>' not specified", "UsageError", "check", "x'*x"],
    ["unknown command 'integrate'", "UsageError", "integrate", "x"],
  ])("%s (%s)", async (message, name, ...argv) => {
    const { code, out, err } = await tracegrad(...argv);
    expect(err).toMatch(/^error: /);
    expect(err).toContain(message);
    expect([code, out]).toEqual([2, ""]);
    const asJson = await json(...argv);
    expect(asJson.code).toBe(2);
    const error = asJson.value.error as { name: string; message: string };
    expect(error.name).toBe(name);
    expect(`error: ${error.message}\n`).toBe(err);
  });

  it.each(["--latex", "--code=numpy"])("%s does not go with --json", async (flag) => {
    const { code, value } = await json("derive", "x'*x", flag);
    expect(code).toBe(2);
    expect(value).toMatchObject({ error: { message: expect.stringContaining("cannot be used") } });
  });

  it("tells bugs of its own from mistakes of the user", async () => {
    vi.spyOn(Derivation.prototype, "check").mockImplementation(() => {
      throw new TypeError("it is undefined");
    });
    const { code, err } = await tracegrad("derive", "x'*x");
    expect(code).toBe(2);
    expect(err).toMatch(/^error: this is a bug of tracegrad, please report it: TypeError: it is/);
  });
});

describe("help", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));

  it("prints the version", async () => {
    expect(await tracegrad("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it("shows its help where there is no command, which is wrong usage", async () => {
    const { code, out, err } = await tracegrad();
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: tracegrad");
  });

  it.each([[[]], [["derive"]], [["check"]]])("%j --help has examples that run", async (command) => {
    const { code, out, err } = await tracegrad(...command, "--help");
    expect([code, err]).toEqual([0, ""]);
    const examples = [...out.matchAll(/^ {2}tracegrad ((?:derive|check) .*)$/gm)].map(
      ([, line = ""]) =>
        [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? (m[2] as string)),
    );
    expect(examples.length).toBeGreaterThan(1);
    for (const argv of examples) {
      const { code, err } = await tracegrad(...argv);
      expect(err, argv.join(" ")).toBe("");
      expect(code, argv.join(" ")).toBeLessThan(2);
    }
  });
});

describe("the program", () => {
  const { bin } = JSON.parse(readFileSync("package.json", "utf8"));

  function spawned(...argv: string[]): Result {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "src/cli/main.ts", ...argv],
      { encoding: "utf8" },
    );
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  it("is what the package installs", () => {
    expect(Object.keys(bin)).toEqual(["tracegrad"]);
    const source = bin.tracegrad.replace("./dist/", "src/").replace(/\.js$/, ".ts");
    expect(existsSync(source), source).toBe(true);
    expect(readFileSync(source, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it("starts on its own kernels and ends with the exit code", () => {
    const right = spawned("check", leastSquares, "--wrt", "w", "--claim", "2*X'*(X*w-y)");
    expect([right.code, right.err]).toEqual([0, ""]);
    expect(right.out).toMatch(/^correct: /);
    const wrong = spawned("check", "tr(A*X)", "--wrt", "X", "--claim", "A");
    expect([wrong.code, wrong.err]).toEqual([1, ""]);
    expect(wrong.out).toMatch(/^wrong: transposed: that is numerator layout\n/);
    const usage = spawned("derive", "tr(A*X");
    expect([usage.code, usage.out]).toEqual([2, ""]);
    expect(usage.err).toMatch(/^error: parse: .*\n {2}tr\(A\*X\n {8}\^\n$/);
  });

  it("uses colours on a terminal alone, and not where the user wants none", async () => {
    expect(allowsColour(true, undefined)).toBe(true);
    expect(allowsColour(true, "")).toBe(true);
    expect(allowsColour(true, "1")).toBe(false);
    expect(allowsColour(undefined, undefined)).toBe(false);
    let out = "";
    const terminal = {
      out: (text: string) => {
        out += text;
      },
      err: () => {},
      colour: true,
      start: async () => {},
    };
    await run(["derive", "x'*x", "--no-steps"], terminal);
    expect(out).toContain("\x1b[1m∂f/∂x = 2·x\x1b[22m\n");
    expect(out).toContain("\x1b[32mcheck: agrees");
  });
});

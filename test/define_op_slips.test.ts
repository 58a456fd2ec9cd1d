import { describe, expect, it } from "vitest";
import { derive } from "../src/derive/index.js";
import {
  type AnyOp,
  apply,
  defineOp,
  grad,
  greater,
  jvp,
  ones,
  scalar,
  stack,
  type Tensor,
  tensor,
} from "../src/index.js";
import { CheckError, checkOp } from "../src/testing/index.js";
import { along, slope, vector } from "./support/own_ops.js";

/** A spec as plain JavaScript may write it. */
type Loose = Record<string, unknown>;
type Rule = (saved: { X: Tensor; Y: Tensor }, given: Tensor) => unknown;
type Data = { data: Float64Array };
type Kernel = (inputs: [Data], outputs: [Data]) => unknown;

/** x ↦ x³ at 1, −2 and 3, with what is given in the place of what is right. */
const define = (other: Loose): AnyOp =>
  defineOp({
    name: "cube",
    inputs: ["X"],
    outputs: ["Y"],
    saves: ["X"],
    shape: ({ X }: { X: number[] }) => X,
    rules: { X: { slope } },
    notation: ({ X }: { X: unknown }) => ({ kind: "power", text: "3", parts: [X] }),
    samples: () => [{ inputs: { X: vector(1, -2, 3) } }],
    kernel: (([X], [Y]) => Y.data.set(X.data.map((x) => x ** 3))) as Kernel,
    ...other,
  } as never);

const run = (op: AnyOp): Tensor => apply(op, { X: tensor([1, 2, 3]) });
const cubed = (op: AnyOp) => (X: Tensor) => apply(op, { X });
const backward = (op: AnyOp): Tensor => grad((X: Tensor) => cubed(op)(X).sum())(tensor([1, 2, 3]));
const forward = (op: AnyOp): Tensor => jvp(cubed(op), [tensor([1, 2, 3])], [ones([3])])[1];

/** The class and text of the error of `body`, which must be one of ours. */
function thrown(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  }
  return "nothing";
}

describe("defineOp refuses a spec with a slip", () => {
  const kinds = "{ d, adj }, { linear }, { slope } or { constant } was wanted";
  const two = { outputs: ["Y", "Z"] };
  it.each<[string, Loose, string]>([
    ["no rule for an input", { rules: {} }, `cube has no rule for its input X; ${kinds}`],
    ["a rule under another name", { rules: { x: {} } }, "cube has a rule for x; its inputs are X"],
    [
      "no rules",
      { rules: undefined },
      "cube has no rules; an object with a rule for each input was",
    ],
    ["a function as a rule", { rules: { X: slope } }, `cube: rules.X is a function; ${kinds}`],
    ["half a rule", { rules: { X: { d: along(3) } } }, `cube: rules.X has d; ${kinds}`],
    [
      "a misspelt adjoint",
      { rules: { X: { d: along(3), ajd: along(3) } } },
      `cube: rules.X has d, ajd; ${kinds}`,
    ],
    [
      "a number as a slope",
      { rules: { X: { slope: 3 } } },
      "cube: rules.X.slope is a number (3); a function that gives a tensor was wanted",
    ],
    [
      "a constant without reason",
      { rules: { X: { constant: true } } },
      "cube: rules.X.constant is a boolean (true); the reason why no derivative passes, a text, was",
    ],
    [
      "one rule for two outputs",
      { ...two, rules: { X: { slope } } },
      "cube: rules.X has slope; rules.X has one rule for each of Y, Z",
    ],
    [
      "no rule for an output",
      { ...two, rules: { X: { Y: { slope } } } },
      "cube: rules.X has no Z; rules.X has one rule for each of Y, Z",
    ],
    ["no samples", { samples: undefined }, "cube has no samples; a function that gives a list of"],
    [
      "a list of samples",
      { samples: [] },
      "cube: samples is an array; a function that gives a list",
    ],
    [
      "no shape function",
      { shape: undefined },
      "cube has no shape; a function that gives the output's",
    ],
    [
      "a shape",
      { shape: [3] },
      "cube: shape is an array; a function that gives the output's shape",
    ],
    ["no notation", { notation: undefined }, "cube has no notation; a function"],
    [
      "a misspelt field",
      { kernel: undefined, kernal: () => {} },
      "cube has a field kernal; did you mean kernel? the fields are name, inputs, outputs, saves,",
    ],
    [
      "the name of another op",
      { name: "exp" },
      "there is an op called exp in the library; give yours",
    ],
    ["no name", { name: undefined }, "the op has no name; a text was wanted"],
    [
      "a text for a list",
      { inputs: "X" },
      'cube: inputs is a string (X); a list of names, such as ["X"],',
    ],
    [
      "two names alike",
      { outputs: ["X"] },
      "cube has two inputs or outputs called X; each has a name",
    ],
    [
      "dots in the middle",
      { inputs: ["...X", "Z"] },
      'cube has "...X"; the last input alone takes any',
    ],
    ["a value that there is not", { saves: ["Z"] }, 'cube saves "Z"; there are X, Y'],
    ["a selection by an output", { selects: ["Y"] }, 'cube selects by "Y"; there are X'],
    ["acts on an output", { acts: { Y: () => [] } }, 'cube acts on "Y"; there are X'],
    ["a dtype that there is not", { dtype: "float16" }, "cube: dtype is a string (float16); "],
    ["maps that there are not", { maps: -1 }, "cube: maps is a number (-1); a number of last axes"],
  ])("%s", (_, other, message) => {
    const said = thrown(() => define(other));
    expect(said.slice(0, message.length + 22)).toBe(`UsageError: defineOp: ${message}`);
  });

  it("that is none, and apply and checkOp what is no op", () => {
    const spec = { name: "cube", inputs: ["X"], samples: () => [] };
    for (const wrong of [undefined, null, 3, [], spec] as never[]) {
      expect(thrown(() => defineOp(wrong))).toMatch(
        /^UsageError: defineOp: (the spec is|cube has)/,
      );
      expect(thrown(() => apply(wrong, { X: [1] } as never))).toBe(
        "UsageError: apply: an op, as defineOp gives it, and its inputs by name were wanted",
      );
      expect(thrown(() => checkOp(wrong))).toBe(
        "CheckError: checkOp: what is to be checked is no op, as defineOp gives it",
      );
    }
    expect(thrown(() => apply(define({}), undefined as never))).toMatch(
      /^UsageError: apply: an op/,
    );
  });
});

describe("a rule that gives what it must not is named", () => {
  const wanted = "a tensor of the shape of X, [3], was wanted";
  const shape = "that of X, [3], was wanted";
  it.each<[string, Rule, string]>([
    ["undefined", () => {}, `gives undefined; ${wanted}; is a \`return\` missing?`],
    ["a number", () => 3, `gives 3; ${wanted}`],
    ["an array", (_, bar) => bar.toArray(), `gives an array; ${wanted}`],
    ["a Promise", async (_, bar) => bar, `gives a Promise; ${wanted}`],
    [
      "[3, 3, 3] for [3]",
      (_, bar) => bar.mul(ones([3, 3, 3])),
      `gives the shape [3, 3, 3]; ${shape}`,
    ],
    ["a scalar for [3]", (_, bar) => bar.sum(), `gives the shape []; ${shape}`],
    ["[3, 1] for [3]", (_, bar) => bar.reshape([3, 1]), `gives the shape [3, 1]; ${shape}`],
    ["[1] for [3]", (_, bar) => bar.slice([0], [1]), `gives the shape [1]; ${shape}`],
    ["[1, 3] for [3]", (_, bar) => bar.reshape([1, 3]), `gives the shape [1, 3]; ${shape}`],
    ["whole numbers", (_, bar) => bar.cast("int32"), "gives int32; a float tensor was wanted"],
  ])("%s", (_, wrong, message) => {
    const adj = define({ rules: { X: { d: along(3), adj: wrong } } });
    const says = /^(Usage|Shape|Dtype)Error: cube: rules\.X\.adj /;
    const by = (body: () => unknown): string => {
      const said = thrown(body);
      expect(said).toMatch(says);
      return said.replace(says, "");
    };
    expect(by(() => backward(adj))).toBe(message);
    expect(thrown(() => checkOp(adj))).toBe(`CheckError: cube, sample 0: rules.X.adj ${message}`);
    expect(forward(adj).toArray()).toEqual([3, 12, 27]);

    const d = define({ rules: { X: { d: wrong, adj: along(3) } } });
    const other = message.replace("of X,", "of Y,");
    expect(thrown(() => forward(d))).toMatch(`Error: cube: rules.X.d ${other}`);
    expect(thrown(() => checkOp(d))).toBe(`CheckError: cube, sample 0: rules.X.d ${other}`);
    expect(backward(d).toArray()).toEqual([3, 12, 27]);
  });

  it("as adjoint of a linear op, which may not be smaller than its input", () => {
    const sum = {
      shape: () => [],
      kernel: (([X], [Y]) => {
        Y.data[0] = X.data.reduce((a, b) => a + b);
      }) as Kernel,
    };
    const linear = define({ ...sum, rules: { X: { linear: (_: unknown, bar: Tensor) => bar } } });
    const message = "rules.X.linear gives the shape []; that of X, [3], was wanted";
    expect(thrown(() => backward(linear))).toBe(`ShapeError: cube: ${message}`);
    expect(thrown(() => checkOp(linear))).toBe(`CheckError: cube, sample 0: ${message}`);
    const entrywise = define({ ...sum, rules: { X: { slope: () => scalar(1) } } });
    const slopes =
      "rules.X.slope is the rule of an entrywise op, but X is [3] and Y []; " +
      "{ d, adj } or { linear } was wanted";
    expect(thrown(() => backward(entrywise))).toBe(`ShapeError: cube: ${slopes}`);
    expect(thrown(() => checkOp(entrywise))).toBe(`CheckError: cube, sample 0: ${slopes}`);
  });

  it("as slope, which may be smaller, or a mask", () => {
    const of = (slope: Rule): AnyOp => define({ rules: { X: { slope } } });
    const wrong: [Rule, string][] = [
      [() => {}, "undefined; a tensor of the shape of Y, [3], was wanted; is a `return` missing?"],
      [() => 3, "3; a tensor of the shape of Y, [3], was wanted"],
      [({ X }) => stack([X, X]), "the shape [2, 3]; that of Y, [3], was wanted"],
    ];
    for (const [slope, message] of wrong) {
      expect(thrown(() => backward(of(slope)))).toMatch(
        `Error: cube: rules.X.slope gives ${message}`,
      );
      expect(thrown(() => forward(of(slope)))).toMatch(
        `Error: cube: rules.X.slope gives ${message}`,
      );
    }
    expect(backward(of(() => scalar(2))).toArray()).toEqual([2, 2, 2]);
    expect(backward(of(({ X }) => greater(X, 1))).toArray()).toEqual([0, 1, 1]);
  });

  it("where it reads what is not saved", () => {
    const op = define({ rules: { X: { d: along(3), adj: (({ Y }, bar) => Y.mul(bar)) as Rule } } });
    expect(thrown(() => backward(op))).toMatch(
      /^UsageError: cube: rules\.X\.adj threw TypeError: .*; by saves it may read X$/,
    );
  });
});

describe("a shape rule, a notation or a kernel that gives what it must not is named", () => {
  it.each<[string, unknown, string]>([
    ["undefined", undefined, "undefined"],
    ["a number", 3, "a number (3)"],
    ["no whole number", [1.5], "[1.5]"],
    ["what comes of a missing axis", [Number.NaN, undefined], "[NaN, undefined]"],
  ])("a shape: %s", (_, shape, says) => {
    const op = define({ shape: () => shape });
    const message = `the shape rule gives ${says}; a shape was wanted`;
    for (const body of [run, backward, forward]) {
      expect(thrown(() => body(op))).toBe(`UsageError: cube: ${message}`);
    }
    expect(thrown(() => checkOp(op))).toBe(`CheckError: cube, sample 0: ${message}`);
  });

  const third: Kernel = ([X]) => X.data.map((x) => x ** 3);
  it.each<[string, Kernel, string]>([
    [
      "that returns its result",
      third,
      "gives a Float32Array and writes nothing; Y is [3], and is to be written, as in Y.data.set(…)",
    ],
    [
      "that returns a list",
      ([X]) => [...X.data],
      "gives an array and writes nothing; Y is [3], and is to be written, as in Y.data.set(…)",
    ],
    ["that comes later", async () => {}, "gives a Promise; it is to write before it returns"],
    [
      "that puts another array in the place of the output's",
      ([X], [Y]) => {
        Y.data = X.data.map((x) => x ** 3);
      },
      "puts another array in the place of the data of Y; it is to write its 3 elements, as in " +
        "Y.data.set(…)",
    ],
    [
      "that writes too much",
      (_, [Y]) => Y.data.set([1, 2, 3, 4]),
      "threw RangeError: offset is out of bounds; Y is [3] by the shape rule",
    ],
  ])("a kernel %s", (_, kernel, message) => {
    const op = define({ kernel });
    expect(thrown(() => run(op))).toBe(`UsageError: cube: the kernel ${message}`);
    const wide = message.replace("Float32", "Float64");
    expect(thrown(() => checkOp(op))).toBe(`CheckError: cube, sample 0: the kernel ${wide}`);
  });

  it("but not a kernel that gives what it has written", () => {
    const fill = define({ kernel: ((_, [Y]) => Y.data.fill(2)) as Kernel });
    expect(run(fill).toArray()).toEqual([2, 2, 2]);
    const small: Kernel = (_, [Y]) => {
      Y.data[0] = 1e-200; // 0 in float32
      return 1e-200;
    };
    expect(run(define({ kernel: small })).toArray()).toEqual([0, 0, 0]);
  });

  it("a notation", () => {
    const formula = (op: AnyOp): string =>
      String(derive((X: Tensor) => cubed(op)(X).sum(), { args: [vector(1, 2)] }));
    expect(formula(define({}))).toContain("∂f/∂X = 3·");
    const undefinedOne = define({ notation: () => undefined });
    expect(thrown(() => formula(undefinedOne))).toBe(
      "UsageError: cube: the notation holds undefined; { kind, text, parts } was wanted",
    );
  });
});

describe("checkOp says what is wrong with samples", () => {
  it.each<[string, unknown, string]>([
    ["no list", 3, "cube: its samples give no list; [{ inputs: { … } }] was wanted"],
    ["no inputs", [{}], "cube, sample 0: it has no inputs; { inputs: { X } } was wanted"],
    [
      "inputs of other names",
      [{ inputs: { x: vector(1) } }],
      "cube, sample 0: it has the inputs x; { inputs: { X } } was wanted",
    ],
    [
      "no tensors",
      [{ inputs: { X: [1, 2] } }],
      "cube, sample 0: X is no tensor; make it one by tensor()",
    ],
  ])("%s", (_, samples, message) => {
    const check = (): unknown => checkOp(define({ samples: () => samples }));
    expect(check).toThrow(CheckError);
    expect(thrown(check)).toBe(`CheckError: ${message}`);
  });
});

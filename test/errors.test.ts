import { describe, expect, it, vi } from "vitest";
import {
  DomainError,
  DtypeError,
  grad,
  init,
  inv,
  logdet,
  ones,
  random,
  ShapeError,
  SingularError,
  scalar,
  setDefaultDtype,
  solve,
  type Tensor,
  TracegradError,
  tensor,
  UsageError,
  valueAndGrad,
  vjp,
  zeros,
} from "../src/index.js";
import { adam, minimize, momentum, sgd } from "../src/optim/index.js";
import { gradcheck } from "../src/testing/index.js";

/** The error that `body` throws. */
function thrown(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

type Case = [
  what: string,
  kind: new (message: string) => Error,
  body: () => unknown,
  message: string,
];

const cases: Case[] = [
  [
    "wrong shape",
    ShapeError,
    () => ones([3, 4]).matmul(ones([5, 2])),
    "matmul: A is [3, 4] and B is [5, 2]; the inner sizes 4 and 5 must match",
  ],
  [
    "shapes that do not broadcast",
    ShapeError,
    () => ones([2, 2]).add(ones([3])),
    "add: A is [2, 2] and B is [3]; these do not broadcast (aligned at the right, two sizes must " +
      "be equal or one of them 1)",
  ],
  [
    "the transpose of a vector",
    ShapeError,
    () => ones([3]).T,
    "t: X is [3]; a matrix was wanted. For a vector use outer(x, y) for x·yᵀ, dot(x, y) for xᵀ·y, " +
      "or reshape(x, [1, n]) for a row",
  ],
  [
    "item of a matrix",
    ShapeError,
    () => ones([2, 2]).item(),
    "item: the tensor is [2, 2]; only a tensor of one element is a number, use toArray() or data()",
  ],
  [
    "ragged arrays",
    ShapeError,
    () => tensor([[1, 2], [3]]),
    "tensor: the values are ragged; at depth 1 there is an array of 1 where an array of 2 was " +
      "wanted (the first entries give the shape [2, 2])",
  ],
  [
    "values that do not fill the shape",
    ShapeError,
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    "tensor: 3 values do not fill the shape [2, 2], which holds 4",
  ],
  [
    "a shape that is none",
    ShapeError,
    () => zeros([2, -1]),
    "zeros: [2, -1] is not a shape; axis 1 must be a whole number, 0 or more",
  ],
  [
    "an axis that does not exist",
    ShapeError,
    () => ones([2, 2]).sum({ axis: 2 }),
    "sum: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
  ],
  [
    "a dtype that does not exist",
    DtypeError,
    // @ts-expect-error: the types forbid it, plain JavaScript does not.
    () => ones([2]).cast("float16"),
    'cast: "float16" is not a dtype; use float64, float32, int32, bool',
  ],
  [
    "a default dtype that is not float",
    DtypeError,
    // @ts-expect-error: the types forbid it, plain JavaScript does not.
    () => setDefaultDtype("int32"),
    'setDefaultDtype: "int32" is not a float type; use float32 or float64',
  ],
  [
    "the gradient of whole numbers",
    DtypeError,
    () => grad((x: Tensor) => x.sum())(tensor([1, 2], { dtype: "int32" })),
    'grad: argument 0 is int32, which has no derivative; use .cast("float32") or .cast("float64")',
  ],
  [
    "the gradient of whole numbers inside a tree",
    DtypeError,
    () => grad((p: { ids: Tensor }) => p.ids.sum())({ ids: tensor([1], { dtype: "int32" }) }),
    'grad: ids is int32, which has no derivative; use .cast("float32") or .cast("float64")',
  ],
  [
    "a singular matrix",
    SingularError,
    () =>
      inv([
        [1, 2],
        [2, 4],
      ]),
    "inv: X is singular (pivot 2 is 0)",
  ],
  [
    "a system that is singular",
    SingularError,
    () =>
      solve(
        [
          [0, 0],
          [0, 1],
        ],
        [1, 2],
      ),
    "solve: A is singular (pivot 1 is 0)",
  ],
  [
    "the logarithm of a negative determinant",
    DomainError,
    () =>
      logdet([
        [0, 1],
        [1, 0],
      ]),
    "logdet: the determinant of X is negative; logdet needs a positive one, slogdet gives its sign " +
      "and the logarithm of its size",
  ],
  [
    "a function of several values in grad",
    ShapeError,
    () => grad((x: Tensor) => x.mul(2))(ones([3])),
    "grad: the function returned a tensor of shape [3]; a scalar was wanted: end with .sum() or " +
      ".mean(), or use vjp for a function of several values",
  ],
  [
    "an async function in grad",
    UsageError,
    // @ts-expect-error: the types forbid it, plain JavaScript does not.
    () => grad(async (x: Tensor) => x.sum())(ones([3])),
    "grad: the function returned a Promise; it must be synchronous, since its ops are recorded " +
      "while it runs: await data before, and pass it as an argument",
  ],
  [
    "an async function in vjp",
    UsageError,
    () => vjp(async (x: Tensor) => x.sum(), ones([3])),
    "vjp: the function returned a Promise; it must be synchronous, since its ops are recorded " +
      "while it runs: await data before, and pass it as an argument",
  ],
  [
    "a number instead of a tensor from the function",
    UsageError,
    // @ts-expect-error: the types forbid it, plain JavaScript does not.
    () => valueAndGrad((x: Tensor) => x.sum().item())(ones([3])),
    "valueAndGrad: the function returned a number (3); a scalar tensor was wanted (a number read " +
      "with .item() carries no gradient)",
  ],
  [
    "a number among the parameters",
    UsageError,
    () => grad((p: { w: Tensor; b: number }) => p.w.sum())({ w: ones([2]), b: 3 }),
    "grad, argument 0: b is a number (3); a tensor, or a plain object or array of tensors, was wanted",
  ],
  [
    "an argument that is not there",
    UsageError,
    () => grad((x: Tensor) => x.sum(), { wrt: 2 })(ones([2])),
    "grad: wrt is 2, but the function was called with 1 argument(s); wrt is a " +
      "position, counted from 0, or a list of them",
  ],
  [
    "something that is no tensor in an op",
    UsageError,
    // @ts-expect-error: the types forbid it, plain JavaScript does not.
    () => ones([2]).add(undefined),
    "add: B is undefined; a tensor, a number or arrays of numbers were wanted",
  ],
  [
    "numerator layout of a batch",
    ShapeError,
    () => grad((x: Tensor) => x.sum(), { layout: "numerator" })(ones([2, 2, 2])),
    "grad: numerator layout is the transpose of the gradient, which [2, 2, 2] has not; " +
      'use layout: "denominator"',
  ],
  [
    "a cotangent of another shape",
    ShapeError,
    () => vjp((x: Tensor) => x.mul(2), ones([3]))[1](ones([2])),
    "vjp, cotangent: it is [2]; the shape [3] was wanted",
  ],
  [
    "a random range upside down",
    DomainError,
    () => random.uniform([2], { low: 1, high: 0 }),
    "random.uniform: low is 1 and high is 0; low must not exceed high",
  ],
  [
    "divergence",
    DomainError,
    () =>
      minimize((x: Tensor) => x.square().sum(), tensor([1]), {
        optimizer: sgd({ learningRate: 1e20 }),
      }),
    "minimize: the value is Infinity after 1 steps of sgd; a smaller learning rate may help, " +
      "grad(f, { anomaly: true })(x) names the op that makes it",
  ],
  [
    "a learning rate of another shape",
    ShapeError,
    () =>
      minimize((x: Tensor) => x.square().sum(), ones([3]), {
        optimizer: momentum({ learningRate: ones([2]) }),
      }),
    "momentum: learningRate is [2] for a parameter of shape [3]; a number, a scalar or that shape " +
      "was wanted",
  ],
  [
    "a decay rate outside its range",
    DomainError,
    () => adam({ beta1: 1 }),
    "adam: beta1 is 1; a number from 0 up to but not 1 was wanted",
  ],
  [
    "gradcheck in float32",
    DtypeError,
    () => gradcheck((x: Tensor) => x.sum(), [ones([2])]),
    "gradcheck: an argument is float32, in which differences are mostly rounding; " +
      'use .cast("float64"), or pass { float32: true } for a rough check',
  ],
];

describe("errors", () => {
  it.each(cases)("%s", (_, kind, body, message) => {
    const error = thrown(body);
    expect(error.message).toBe(message);
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(TracegradError);
    expect(error.name).toBe(kind.name);
  });

  it("an op, a tensor or a transform before init says so", async () => {
    vi.resetModules();
    const fresh = await import("../src/index.js");
    const said = (what: string): string =>
      `${what}: tracegrad is not initialised; call \`await init()\` first`;
    expect(() => fresh.tensor([1, 2])).toThrow(said("tensor"));
    expect(() => fresh.add(1, 2)).toThrow(said("add"));
    expect(() => fresh.grad((x: Tensor) => x)(scalar(1))).toThrow(said("grad"));
    expect(() => fresh.random.normal([2])).toThrow(said("random.normal"));
    await fresh.init();
    expect(fresh.add(1, 2).item()).toBe(3);
  });

  it("init refuses a backend it does not know", async () => {
    // @ts-expect-error: the types forbid it, plain JavaScript does not.
    await expect(init({ backend: "cuda" })).rejects.toThrow(
      'init: "cuda" is not a backend; use "wasm", "tfjs" or "reference"',
    );
  });
});

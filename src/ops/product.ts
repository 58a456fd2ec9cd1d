import { apply } from "../core/apply.js";
import { defineOp } from "../core/op.js";
import { isFloat } from "../tensor/dtype.js";
import { ShapeError } from "../tensor/errors.js";
import { format, type Shape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { mul } from "./arithmetic.js";
import { asFloat } from "./axes.js";
import { infix, power } from "./notation.js";
import { column, leading, requireMatrices, row, shapeOf } from "./operands.js";
import { sum } from "./reduce.js";
import { expandDims, reshape, t } from "./reshape.js";
import { uniform } from "./samples.js";

/**
 * The matrix product `AB`: `[..., m, k]` by `[..., k, n]` gives `[..., m, n]`, leading axes
 * broadcast. As in NumPy, a vector counts as a row on the left and as a column on the right, and
 * the axis it lent is dropped again. The Hadamard product is {@link mul}.
 *
 * @throws ShapeError when the inner sizes differ, the leading axes do not broadcast, or an operand
 *   is a scalar.
 * @example
 * matmul([[1, 2], [3, 4]], [5, 6]).toArray(); // [17, 39]
 */
export function matmul(A: TensorLike, B: TensorLike): Tensor {
  const a = shapeOf(A);
  const b = shapeOf(B);
  if (a.length > 1 && b.length > 1) return apply(matmulOp, { A, B });
  const shape = productShape(a, b); // checked here, so that a message shows what came
  const Y = apply(matmulOp, {
    A: a.length === 1 ? row(A) : A,
    B: b.length === 1 ? column(B) : B,
  });
  return reshape(Y, shape);
}

export const matmulOp = defineOp({
  name: "matmul",
  inputs: ["A", "B"],
  outputs: ["Y"],
  saves: ["A", "B"],
  shape: ({ A, B }) => {
    requireMatrices("matmul", { A, B });
    return productShape(A, B);
  },
  rules: {
    // dY = dA·B + A·dB;   ⟨Ȳ, dA·B⟩ = tr(Ȳᵀ·dA·B) = ⟨Ȳ·Bᵀ, dA⟩,   ⟨Ȳ, A·dB⟩ = ⟨Aᵀ·Ȳ, dB⟩
    A: { linear: ({ B }, Ybar) => matmul(Ybar, t(B)) },
    B: { linear: ({ A }, Ybar) => matmul(t(A), Ybar) },
  },
  maps: 2,
  acts: { A: ({ B }) => [{ right: B }], B: ({ A }) => [{ left: A }] },
  notation: ({ A, B }) => infix("·", A, B),
  law: "product rule",
  samples: () => [
    { inputs: { A: uniform([2, 3]), B: uniform([3, 4]) } },
    { inputs: { A: uniform([1, 1]), B: uniform([1, 1]) } },
    { inputs: { A: uniform([3, 1]), B: uniform([1, 2]) } },
    { inputs: { A: uniform([3, 2, 4]), B: uniform([3, 4, 2]) } },
    { inputs: { A: uniform([3, 2, 4]), B: uniform([4, 2]) } },
    { inputs: { A: uniform([2, 4]), B: uniform([3, 4, 2]) } },
    { inputs: { A: uniform([2, 1, 2, 3]), B: uniform([3, 3, 2]) } },
    { inputs: { A: uniform([2, 0]), B: uniform([0, 3]) } },
    { inputs: { A: uniform([0, 2]), B: uniform([2, 3]) } },
    {
      inputs: { A: uniform([3, 4]), B: uniform([4]) },
      error: "matmul: B is [4]; the op takes matrices (a vector as a column [n, 1])",
    },
    {
      inputs: { A: uniform([3, 4]), B: uniform([5, 2]) },
      error: "matmul: A is [3, 4] and B is [5, 2]; the inner sizes 4 and 5 must match",
    },
    {
      inputs: { A: uniform([3, 4]), B: uniform([2, 4]) },
      error:
        "matmul: A is [3, 4] and B is [2, 4]; the inner sizes 4 and 2 must match " +
        "(with t(B) they would)",
    },
    {
      inputs: { A: uniform([2, 3, 4]), B: uniform([5, 4, 2]) },
      error:
        "matmul: A is [2, 3, 4] and B is [5, 4, 2]; the leading axes [2] and [5] do not broadcast",
    },
  ],
});

/**
 * The inner product `aᵀb` of two vectors of one length: a scalar.
 *
 * @throws ShapeError when an operand is not a vector, or their lengths differ.
 * @example
 * dot([1, 2, 3], [4, 5, 6]).item(); // 32
 */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  return apply(dotOp, { a, b });
}

export const dotOp = defineOp({
  name: "dot",
  inputs: ["a", "b"],
  outputs: ["y"],
  saves: ["a", "b"],
  shape: ({ a, b }) => {
    const remedy = "matmul multiplies matrices, sum(mul(A, B)) is their inner product";
    vector("dot", "a", a, remedy);
    vector("dot", "b", b, remedy);
    if (a[0] !== b[0]) {
      throw new ShapeError(
        `dot: a is ${format(a)} and b is ${format(b)}; the lengths ${a[0]} and ${b[0]} must match`,
      );
    }
    return [];
  },
  rules: {
    // dy = bᵀ·da + aᵀ·db, and ȳ is a scalar
    a: { linear: ({ b }, ybar) => mul(ybar, b) },
    b: { linear: ({ a }, ybar) => mul(ybar, a) },
  },
  maps: ({ a, b }) => sum(times(a, b), { axis: -1 }),
  acts: { a: ({ b }) => [{ pairs: b }], b: ({ a }) => [{ pairs: a }] },
  notation: ({ a, b }) => infix("·", power(a, "T"), b),
  law: "product rule",
  samples: () => [
    { inputs: { a: uniform([4]), b: uniform([4]) } },
    { inputs: { a: uniform([1]), b: uniform([1]) } },
    { inputs: { a: uniform([0]), b: uniform([0]) } },
    {
      inputs: { a: uniform([3]), b: uniform([4]) },
      error: "dot: a is [3] and b is [4]; the lengths 3 and 4 must match",
    },
    {
      inputs: { a: uniform([3]), b: uniform([3, 2]) },
      error:
        "dot: b is [3, 2]; a vector was wanted (matmul multiplies matrices, sum(mul(A, B)) is " +
        "their inner product)",
    },
  ],
});

/**
 * The outer product `abᵀ` of two vectors: `[m]` by `[n]` gives `[m, n]`.
 *
 * @throws ShapeError when an operand is not a vector.
 * @example
 * outer([1, 2], [3, 4]).toArray(); // [[3, 4], [6, 8]]
 */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  return apply(outerOp, { a, b });
}

export const outerOp = defineOp({
  name: "outer",
  inputs: ["a", "b"],
  outputs: ["Y"],
  saves: ["a", "b"],
  shape: ({ a, b }) => {
    const remedy = "kron multiplies matrices block by block";
    vector("outer", "a", a, remedy);
    vector("outer", "b", b, remedy);
    return [...a, ...b];
  },
  rules: {
    // dY = da·bᵀ + a·dbᵀ;   ⟨Ȳ, da·bᵀ⟩ = ⟨Ȳ·b, da⟩,   ⟨Ȳ, a·dbᵀ⟩ = ⟨Ȳᵀ·a, db⟩
    a: { linear: ({ b }, Ybar) => matmul(Ybar, b) },
    b: { linear: ({ a }, Ybar) => matmul(t(Ybar), a) },
  },
  maps: ({ a, b }) => times(expandDims(a, -1), expandDims(b, -2)),
  acts: {
    a: ({ b }) => [{ right: reshape(b, [1, b.size]) }],
    b: ({ a }) => ["transpose", { left: reshape(a, [a.size, 1]) }],
  },
  notation: ({ a, b }) => infix("·", a, power(b, "T")),
  law: "product rule",
  samples: () => [
    { inputs: { a: uniform([2]), b: uniform([3]) } },
    { inputs: { a: uniform([1]), b: uniform([1]) } },
    { inputs: { a: uniform([0]), b: uniform([2]) } },
    {
      inputs: { a: uniform([2, 2]), b: uniform([3]) },
      error: "outer: a is [2, 2]; a vector was wanted (kron multiplies matrices block by block)",
    },
  ],
});

/**
 * The Kronecker product `A ⊗ B`: each element of `A` times the whole of `B`, block by block.
 * `[..., m, n]` by `[..., p, q]` gives `[..., mp, nq]`, leading axes broadcast.
 *
 * @throws ShapeError when an operand is not a matrix, or the leading axes do not broadcast.
 * @example
 * kron([[1, 2]], [[1, 0], [0, 1]]).toArray(); // [[1, 0, 2, 0], [0, 1, 0, 2]]
 */
export function kron(A: TensorLike, B: TensorLike): Tensor {
  return apply(kronOp, { A, B });
}

export const kronOp = defineOp({
  name: "kron",
  inputs: ["A", "B"],
  outputs: ["Y"],
  saves: ["A", "B"],
  shape: ({ A, B }) => {
    const short = A.length < 2 ? "A" : B.length < 2 ? "B" : null;
    if (short !== null) {
      throw new ShapeError(
        `kron: ${short} is ${format(short === "A" ? A : B)}; a matrix was wanted ` +
          "(reshape makes one of a vector)",
      );
    }
    const [m, n] = A.slice(-2) as [number, number];
    const [p, q] = B.slice(-2) as [number, number];
    return [...leading("kron", A, B), m * p, n * q];
  },
  rules: {
    // y_(ik)(jl) = a_ij·b_kl: with the four indices apart, entrywise in A, summed over those of B
    A: {
      linear: ({ B }, Ybar, { shapes }) =>
        sum(mul(apart(Ybar, shapes.A, shapes.B), within(B)), { axis: [-3, -1] }),
    },
    B: {
      linear: ({ A }, Ybar, { shapes }) =>
        sum(mul(apart(Ybar, shapes.A, shapes.B), across(A)), { axis: [-4, -2] }),
    },
  },
  maps: 2,
  notation: ({ A, B }) => infix("⊗", A, B),
  law: "product rule",
  samples: () => [
    { inputs: { A: uniform([2, 3]), B: uniform([3, 2]) } },
    { inputs: { A: uniform([1, 1]), B: uniform([1, 1]) } },
    { inputs: { A: uniform([3, 2, 1]), B: uniform([2, 2]) } },
    { inputs: { A: uniform([2, 1, 1, 2]), B: uniform([3, 2, 2]) } },
    { inputs: { A: uniform([0, 2]), B: uniform([2, 2]) } },
    {
      inputs: { A: uniform([2]), B: uniform([2, 2]) },
      error: "kron: A is [2]; a matrix was wanted (reshape makes one of a vector)",
    },
    {
      inputs: { A: uniform([2, 2, 2]), B: uniform([3, 2, 2]) },
      error:
        "kron: A is [2, 2, 2] and B is [3, 2, 2]; the leading axes [2] and [3] do not broadcast",
    },
  ],
});

/** `[..., mp, nq]` as `[..., m, p, n, q]`. */
function apart(Y: Tensor, A: Shape, B: Shape): Tensor {
  const [m, n] = A.slice(-2) as [number, number];
  const [p, q] = B.slice(-2) as [number, number];
  return reshape(Y, [...Y.shape.slice(0, -2), m, p, n, q]);
}

/** `[..., m, n]` as `[..., m, 1, n, 1]`. */
function across(A: Tensor): Tensor {
  const [m, n] = A.shape.slice(-2) as [number, number];
  return reshape(A, [...A.shape.slice(0, -2), m, 1, n, 1]);
}

/** `[..., p, q]` as `[..., 1, p, 1, q]`. */
function within(B: Tensor): Tensor {
  const [p, q] = B.shape.slice(-2) as [number, number];
  return reshape(B, [...B.shape.slice(0, -2), 1, p, 1, q]);
}

/** The shape of `AB`, vectors counting as NumPy counts them, or a ShapeError. */
function productShape(A: Shape, B: Shape): Shape {
  const both = `matmul: A is ${format(A)} and B is ${format(B)}`;
  if (A.length === 0 || B.length === 0) {
    throw new ShapeError(`${both}; a scalar is no matrix (mul multiplies by a number)`);
  }
  const inner = A.at(-1);
  const other = B.length === 1 ? B[0] : B.at(-2);
  if (inner !== other) {
    const hint = B.length > 1 && B.at(-1) === inner ? " (with t(B) they would)" : "";
    throw new ShapeError(`${both}; the inner sizes ${inner} and ${other} must match${hint}`);
  }
  return [
    ...leading("matmul", A, B),
    ...(A.length === 1 ? [] : [A.at(-2) as number]),
    ...(B.length === 1 ? [] : [B.at(-1) as number]),
  ];
}

/** `A ∘ B` in floats. */
function times(A: Tensor, B: Tensor): Tensor {
  return mul(isFloat(B.dtype) ? A : asFloat(A), B);
}

function vector(op: string, name: string, shape: Shape, remedy: string): void {
  if (shape.length === 1) return;
  throw new ShapeError(`${op}: ${name} is ${format(shape)}; a vector was wanted (${remedy})`);
}

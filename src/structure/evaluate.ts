import { add, mul } from "../ops/arithmetic.js";
import { diag } from "../ops/diagonal.js";
import { kron, matmul, outer } from "../ops/product.js";
import { reshape, t, transpose } from "../ops/reshape.js";
import { solve } from "../ops/solve.js";
import { constant, eye } from "../tensor/create.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { diagonalOf, type Factor, flat, isDiagonal, product, times, transposed } from "./factor.js";
import { asColumns, type Product, sizes, type Term } from "./term.js";

/** Where a term leads from and to. */
export interface Between {
  readonly X: Shape;
  readonly Y: Shape;
  readonly dtype: DType;
}

/** The value of a term at `V`. */
export function valueAt(term: Term, V: Tensor, { Y }: Between): Tensor {
  if (term.kind === "pairing") {
    const along = mul(term.pairs, reshape(V, term.pairs.shape)).sum();
    return reshape(times1(mul(term.times, along), term.scale), Y);
  }
  const X = asColumns(V);
  const first = times(term.left, term.transposed ? t(X) : X);
  const second = term.right.reduce(timesRight, first);
  const masked = term.mask === null ? second : mul(term.mask, second);
  return reshape(times1(masked, term.scale), Y);
}

function timesRight(X: Tensor, { kind, value }: Factor): Tensor {
  if (kind === "matrix") return matmul(X, value);
  if (kind === "inverse") return t(solve(t(value), t(X)));
  return mul(X, value);
}

/** `scale·X` */
export function times1(X: Tensor, scale: number): Tensor {
  return scale === 1 ? X : mul(X, scale);
}

/** The matrix of a sum of terms, `[Y.size, X.size]` row by row, or null of none. */
export function matrixOf(terms: readonly Term[], between: Between): Tensor | null {
  const { X, Y, dtype } = between;
  const [left, rest] = parted(terms, isLeftOnly);
  const [right, others] = parted(rest, isRightOnly);
  const [m, n] = sizes(Y);
  const parts: Tensor[] = [];
  if (left.length > 0) {
    const L = sumOfChains(left, "left", m, dtype);
    parts.push(n === 1 ? L : kron(L, eye(n, { dtype })));
  }
  if (right.length > 0) {
    parts.push(kron(eye(m, { dtype }), t(sumOfChains(right, "right", n, dtype))));
  }
  for (const term of others) {
    if (term.kind === "pairing") {
      parts.push(times1(outer(flat(term.times), flat(term.pairs)), term.scale));
      continue;
    }
    const L = product(term.left, m, dtype);
    const R = product(transposed(term.right), n, dtype);
    let K = kron(L, R);
    if (term.transposed) {
      const [p, q] = sizes(X);
      K = reshape(transpose(reshape(K, [m * n, q, p]), [0, 2, 1]), [m * n, p * q]);
    }
    if (term.mask !== null) K = mul(reshape(term.mask, [m * n, 1]), K);
    parts.push(times1(K, term.scale));
  }
  return parts.length === 0 ? null : parts.reduce(add);
}

export const isLeftOnly = (term: Term): term is Product =>
  term.kind === "product" && !term.transposed && term.mask === null && term.right.length === 0;

export const isRightOnly = (term: Term): term is Product =>
  term.kind === "product" && !term.transposed && term.mask === null && term.left.length === 0;

function parted<T extends Term>(
  terms: readonly Term[],
  is: (term: Term) => term is T,
): [T[], Term[]] {
  return [terms.filter(is), terms.filter((term) => !is(term))];
}

/** The sum of what stands on one side of the terms, as a matrix of order (or with rows) `n`. */
export function sumOfChains(
  terms: readonly Product[],
  side: "left" | "right",
  n: number,
  dtype: DType,
): Tensor {
  const diagonals = diagonalSum(terms, side, dtype);
  if (diagonals !== null && diagonals.rank === 1) return diag(diagonals);
  if (diagonals !== null) return mul(eye(n, { dtype }), diagonals);
  return terms.map((term) => times1(product(term[side], n, dtype), term.scale)).reduce(add);
}

/** The diagonal of the sum where all is diagonal: a vector, or a scalar for a multiple of I. */
export function diagonalSum(
  terms: readonly Product[],
  side: "left" | "right",
  dtype: DType,
): Tensor | null {
  if (!terms.every((term) => isDiagonal(term[side]))) return null;
  return terms
    .map((term) => {
      const d = diagonalOf(term[side]);
      return d === null ? constant(term.scale, dtype) : times1(d, term.scale);
    })
    .reduce(add);
}

/**
 * A chain that is to be multiplied with matrices of `columns` columns, with those factors multiplied
 * out that make one such product cheaper by more than that costs: the k × k matrix VᵀV of a long V.
 */
export function contracted(chain: readonly Factor[], columns: number): Factor[] {
  const out: Factor[] = [];
  for (const factor of chain) {
    let last = factor;
    for (let before = out.at(-1); before !== undefined; before = out.at(-1)) {
      if (before.kind !== "matrix" || last.kind !== "matrix") break;
      const [m, k] = sizes(before.value.shape);
      const n = sizes(last.value.shape)[1];
      if (m * k * n > (m * k + k * n - m * n) * columns) break;
      last = { kind: "matrix", value: matmul(before.value, last.value) };
      out.pop();
    }
    out.push(last);
  }
  return out;
}

/** A term with its chains contracted. */
export function compact(term: Term, X: Shape): Term {
  if (term.kind === "pairing") return term;
  const [p, q] = sizes(X);
  const [rows, columns] = term.transposed ? [q, p] : [p, q];
  const left = contracted(term.left, columns);
  return { ...term, left, right: contracted(term.right, rows) };
}

/** Every tensor that a term is made of. */
export function tensorsOf(term: Term): Tensor[] {
  if (term.kind === "pairing") return [term.times, term.pairs];
  const factors = [...term.left, ...term.right].map(({ value }) => value);
  return term.mask === null ? factors : [...factors, term.mask];
}

import { look, uniformOf as uniform } from "../kernels/memory.js";
import { mul } from "../ops/arithmetic.js";
import { diag } from "../ops/diagonal.js";
import { matmul } from "../ops/product.js";
import { expandDims, reshape, t } from "../ops/reshape.js";
import { inv, solve } from "../ops/solve.js";
import { eye } from "../tensor/create.js";
import type { DType } from "../tensor/dtype.js";
import { Storage } from "../tensor/storage.js";
import { storageOf, type Tensor } from "../tensor/tensor.js";

/** One factor of a product of matrices. Chains of them are multiplied out only where that is asked. */
export interface Factor {
  /** `diagonal`: the vector's; `inverse`: the matrix's; `scalar`: a number times the identity. */
  readonly kind: "matrix" | "diagonal" | "inverse" | "scalar";
  readonly value: Tensor;
}

export const asMatrix = (value: Tensor): Factor => ({ kind: "matrix", value });
export const asDiagonal = (value: Tensor): Factor => ({ kind: "diagonal", value: flat(value) });

/** A tensor's elements as a vector. */
export function flat(x: Tensor): Tensor {
  return x.rank === 1 ? x : reshape(x, [x.size]);
}

/** `(ABC)ᵀ = Cᵀ·Bᵀ·Aᵀ` */
export function transposed(chain: readonly Factor[]): Factor[] {
  return chain.toReversed().map((factor) => {
    const symmetric = factor.kind === "diagonal" || factor.kind === "scalar";
    return symmetric ? factor : { ...factor, value: t(factor.value) };
  });
}

/** `A·B·C·X` for matrices (or one column) `X`, from the right. */
export function times(chain: readonly Factor[], X: Tensor): Tensor {
  return chain.reduceRight((Y, { kind, value }) => {
    if (kind === "matrix") return matmul(value, Y);
    if (kind === "inverse") return solve(value, Y);
    return mul(kind === "scalar" ? value : expandDims(value, -1), Y);
  }, X);
}

/** The product as one matrix; of no factors the identity of order `n`. */
export function product(chain: readonly Factor[], n: number, dtype: DType): Tensor {
  const matrices = chain.filter(({ kind }) => kind !== "scalar");
  const [first, last] = [matrices[0], matrices.at(-1)];
  if (first === undefined || last === undefined) {
    return chain.reduce((Y, { value }) => mul(Y, value), eye(n, { dtype }));
  }
  // From the side where it is narrow.
  const wide = (first.value.shape[0] as number) >= (last.value.shape.at(-1) as number);
  const Y = wide
    ? times(matrices.slice(0, -1), dense(last))
    : t(times(transposed(matrices.slice(1)), t(dense(first))));
  return chain.reduce((Y, { kind, value }) => (kind === "scalar" ? mul(Y, value) : Y), Y);
}

function dense({ kind, value }: Factor): Tensor {
  if (kind === "matrix") return value;
  return kind === "inverse" ? inv(value) : diag(value);
}

/** Whether a product is diagonal as it stands. */
export function isDiagonal(chain: readonly Factor[]): boolean {
  return chain.every(({ kind }) => kind === "diagonal" || kind === "scalar");
}

/** The diagonal of such a product, as a vector, or a scalar; null for the identity. */
export function diagonalOf(chain: readonly Factor[]): Tensor | null {
  return chain.reduce<Tensor | null>((d, { value }) => (d === null ? value : mul(d, value)), null);
}

/*
 * Numbers that turn out to be simple make a structure visible: the derivative of a sum is a matrix of
 * ones, that of a trace an identity. They are looked at only where nothing else differentiates.
 */

/** Whether elements may be looked at: `live` interpreters would lose sight of what they lead to. */
export function isKnown(x: Tensor, own: { readonly level: number } | null): boolean {
  for (let { source } = x; !(source instanceof Storage); source = source.below.source) {
    if (source.owner.level > 0 && source.owner !== own) return false;
  }
  return true;
}

/** The number that all elements are, or null. */
export function uniformOf(x: Tensor): number | null {
  return uniform(storageOf(x));
}

/** The number c of a matrix that is c·I, or null. */
export function multipleOf(X: Tensor): number | null {
  const [m, n] = X.shape as [number, number];
  if (m !== n || n === 0) return null;
  const data = look(storageOf(X)); // c·I is its own transpose
  const c = data[0] as number;
  if (n > 1 && data[1] !== 0) return null;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (data[i * n + j] !== (i === j ? c : 0)) return null;
  }
  return Number.isNaN(c) ? null : c;
}

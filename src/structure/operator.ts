import { scoped } from "../kernels/memory.js";
import { add, mul } from "../ops/arithmetic.js";
import { cast } from "../ops/compare.js";
import { concat } from "../ops/join.js";
import { reshape, t, transpose } from "../ops/reshape.js";
import { slice } from "../ops/select.js";
import { solve } from "../ops/solve.js";
import { eye, zeros } from "../tensor/create.js";
import type { DType } from "../tensor/dtype.js";
import { SingularError, UsageError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { describe as describeValue, HELD, leavesLike, rebuild, tensorsIn } from "../tensor/tree.js";
import { describe, type Names } from "./describe.js";
import { compact, matrixOf, tensorsOf, valueAt } from "./evaluate.js";
import { solveTerms } from "./solve.js";
import { identity, type Term } from "./term.js";

/** A linear map between lists of tensors, however it is kept. */
export interface LinearMap {
  apply(list: readonly Tensor[]): Tensor[];
  /** By result, then by argument: `[Y.size, X.size]`, row by row. */
  matrices(): Tensor[][];
  /** With `shift` times the identity added; by its structure, or null. */
  solve(list: readonly Tensor[], shift: number): Tensor[] | null;
  /** All tensors that it needs. */
  readonly tensors: readonly Tensor[];
  /** The formula for each pair of a result and an argument, and what stands below them. */
  describe(): {
    readonly formulas: readonly (readonly string[])[];
    readonly below: readonly string[];
  };
}

/** A linear map whose parts are sums of terms. */
export class TermMap implements LinearMap {
  readonly #terms: readonly (readonly (readonly Term[])[])[];
  readonly #compact: readonly (readonly (readonly Term[])[])[];

  /** `terms` by result, for all arguments. */
  constructor(
    terms: readonly (readonly Term[])[],
    readonly from: readonly Tensor[],
    readonly to: readonly Tensor[],
    readonly symmetric: boolean,
    readonly names: Names | null,
  ) {
    const by = (all: readonly Term[]) =>
      from.map((_, j) => all.filter(({ source, scale }) => source === j && scale !== 0));
    this.#terms = terms.map(by);
    if (names !== null) for (const x of terms.flat().flatMap(tensorsOf)) names.note(x);
    this.#compact = terms.map((all) =>
      by(all).map((list, j) => list.map((term) => compact(term, (from[j] as Tensor).shape))),
    );
  }

  get tensors(): Tensor[] {
    const own = this.#compact.flat(2).flatMap(tensorsOf);
    return this.names === null ? own : [...own, ...this.names.numbers];
  }

  #between(i: number, j: number) {
    const Y = this.to[i] as Tensor;
    return { X: (this.from[j] as Tensor).shape, Y: Y.shape, dtype: Y.dtype };
  }

  apply(list: readonly Tensor[]): Tensor[] {
    return this.#compact.map((row, i) => {
      const parts = row.flatMap((terms, j) =>
        terms.map((term) => valueAt(term, list[j] as Tensor, this.#between(i, j))),
      );
      const { shape, dtype } = this.to[i] as Tensor;
      return parts.length === 0 ? zeros(shape, { dtype }) : inDtype(parts.reduce(add), dtype);
    });
  }

  matrices(): Tensor[][] {
    return this.#compact.map((row, i) =>
      row.map((terms, j) => {
        const between = this.#between(i, j);
        const { X, Y, dtype } = between;
        return matrixOf(terms, between) ?? zeros([sizeOf(Y), sizeOf(X)], { dtype });
      }),
    );
  }

  solve(list: readonly Tensor[], shift: number): Tensor[] | null {
    if (this.from.length !== 1 || list.length !== 1) return null;
    if ((this.from[0] as Tensor).rank > 2) return null;
    const own = this.#compact[0]?.[0] as readonly Term[];
    const terms = shift === 0 ? own : [...own, { ...identity(0), scale: shift }];
    const X = solveTerms(terms, list[0] as Tensor, this.#between(0, 0), this.symmetric);
    return X && [inDtype(X, (this.from[0] as Tensor).dtype)];
  }

  describe(): ReturnType<LinearMap["describe"]> {
    const { names } = this;
    if (names === null) return { formulas: [], below: [] };
    const formulas = this.#terms.map((row) =>
      row.map((terms, j) => describe(terms, names, (this.from[j] as Tensor).shape)),
    );
    return { formulas, below: names.legend };
  }
}

/** Up to this many numbers a map without a structure to solve by is solved as a matrix. */
const SOLVABLE = 4096;

/** What an operator is made of. */
export interface OperatorSpec<X, Y, D> {
  /** `Hessian`, `Jacobian`. */
  readonly what: string;
  readonly layout: string;
  /** What the derivative by each argument of each result is called: `∂²/∂U∂V`. */
  labels(): readonly (readonly string[])[];
  readonly map: LinearMap;
  /** Trees of the form of arguments and results, and their tensors. */
  readonly x: X;
  readonly y: Y;
  readonly from: readonly Tensor[];
  readonly to: readonly Tensor[];
  toDense(matrices: readonly (readonly Tensor[])[]): D;
}

/**
 * A Jacobian or Hessian that is not written out: `apply` it to a direction, `solve` with it, or make
 * it `dense`. Print it to see what it is made of: `2·(VᵀV ⊗ I)`.
 *
 * @example
 * const A = tensor([[2, 1], [0, 3]]);
 * const f = (x: Tensor) => x.matmul(A).dot(x);
 * const H = hessian(f, { form: "operator" })(tensor([1, 2]));
 * H.apply(tensor([1, 0])).toArray(); // [4, 1]
 * H.solve(tensor([4, 1])).toArray(); // [1, 0]
 */
export class LinearOperator<X, Y, D> {
  constructor(protected readonly spec: OperatorSpec<X, Y, D>) {}

  get [HELD](): readonly Tensor[] {
    return this.spec.map.tensors;
  }

  /** Whether it is a sum of Kronecker products and diagonals; else the rules run for each `apply`. */
  get structured(): boolean {
    return this.spec.map instanceof TermMap;
  }

  /**
   * The derivative along `V`, which has the form of the argument.
   *
   * @throws ShapeError or UsageError where it has not.
   */
  apply(V: X): Y {
    const { what, x, y, map } = this.spec;
    return scoped(() => {
      const list = leavesLike(V, x, `${what}.apply, V`);
      return rebuild(y, map.apply(list)) as Y;
    }, tensorsIn);
  }

  /** What the transform gives without `form: "operator"`. */
  dense(): D {
    return scoped(() => this.spec.toDense(this.spec.map.matrices()), tensorsIn);
  }

  /**
   * The matrix that takes vec(dX) to vec(dY), the tensors of a tree under one another; in denominator
   * layout its transpose. vec puts columns under one another, as the printed formula does; with
   * `order: "row"`, rows.
   */
  matrix(options: { readonly order?: "row" | "column" | undefined } = {}): Tensor {
    const { map, from, to, what } = this.spec;
    const { order = "column" } = requireOptions(`${what}.matrix`, options, ["order"]);
    if (order !== "row" && order !== "column") {
      throw new UsageError(`${what}.matrix: order is ${order}; use "row" or "column"`);
    }
    return scoped(() => {
      const rows = map.matrices().map((row, i) => {
        const list = row.map((M, j) =>
          order === "row" ? M : byColumns(M, (to[i] as Tensor).shape, (from[j] as Tensor).shape),
        );
        return concat(list, { axis: 1 });
      });
      const whole = concat(rows);
      return this.spec.layout === "denominator"
        ? reshape(t(whole), whole.shape.toReversed())
        : whole;
    }, tensorsIn);
  }

  /**
   * The V that `apply` takes to `G`; with a `shift`, that of `(H + shift·I) V = G`. It is found by the
   * structure where there is one that helps (a Kronecker product, a diagonal, sums over one side of X,
   * a vector X), else, up to 4096 numbers, as a matrix.
   *
   * @throws SingularError when there is no such V, or more than one; UsageError when the matrix would
   *   not be square, or be too large.
   */
  solve(G: Y, options: { readonly shift?: number | undefined } = {}): X {
    const { what, x, y, map, from, to } = this.spec;
    const { shift = 0 } = requireOptions(`${what}.solve`, options, ["shift"]);
    if (!Number.isFinite(shift)) {
      throw new UsageError(`${what}.solve: shift is ${describeValue(shift)}; a number was wanted`);
    }
    const [n, m] = [total(from), total(to)];
    if (m !== n) {
      throw new UsageError(
        `${what}.solve: the map leads from ${n} numbers to ${m}; only one between as many as ` +
          "there are can be solved",
      );
    }
    return scoped(() => {
      const list = leavesLike(G, y, `${what}.solve, G`);
      try {
        return rebuild(x, map.solve(list, shift) ?? solveDense(map, this.spec, list, shift)) as X;
      } catch (error) {
        if (!(error instanceof SingularError)) throw error;
        throw new SingularError(
          `${what}.${error.message}; with { shift } a multiple of the identity is added`,
          { cause: error },
        );
      }
    }, tensorsIn);
  }

  toString(): string {
    const { what, layout, map, labels, from, to } = this.spec;
    const { formulas, below } = map.describe();
    const own = from.length * to.length > 1 ? labels() : null;
    const lines = formulas.flatMap((row, i) =>
      row.map((text, j) => {
        const whole = layout === "denominator" && what === "Jacobian" ? `(${text})ᵀ` : text;
        return own === null ? whole : `${own[i]?.[j]} = ${whole}`;
      }),
    );
    return [`${what}, ${layout} layout`, ...lines, ...below].join("\n");
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function inDtype(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : cast(x, dtype);
}

function solveDense(
  map: LinearMap,
  { what, from }: { readonly what: string; readonly from: readonly Tensor[] },
  list: readonly Tensor[],
  shift: number,
): Tensor[] {
  const n = total(from);
  if (n > SOLVABLE) {
    throw new UsageError(
      `${what}.solve: it has no structure to solve by, and a matrix of order ${n} is too large ` +
        `(up to ${SOLVABLE}); conjugate gradients need no more than apply`,
    );
  }
  const g = concat(list.map((x) => reshape(x, [x.size, 1])));
  const M = concat(map.matrices().map((row) => concat(row, { axis: 1 })));
  const v = solve(shift === 0 ? M : add(M, mul(eye(n, { dtype: M.dtype }), shift)), g);
  let at = 0;
  return from.map((x) => {
    const part = reshape(slice(v, [at, 0], [x.size, 1]), x.shape);
    at += x.size;
    return part;
  });
}

/** From row-major flattenings to column-major ones. */
function byColumns(M: Tensor, Y: Shape, X: Shape): Tensor {
  if (Y.length < 2 && X.length < 2) return M;
  const axes = [...Y, ...X].map((_, i) => i);
  const perm = [...axes.slice(0, Y.length).reverse(), ...axes.slice(Y.length).reverse()];
  return reshape(transpose(reshape(M, [...Y, ...X]), perm), M.shape);
}

function total(list: readonly Tensor[]): number {
  return list.reduce((n, x) => n + x.size, 0);
}

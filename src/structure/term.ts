import type { Action } from "../core/op.js";
import { add, mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/product.js";
import { sum } from "../ops/reduce.js";
import { broadcastTo, reshape, t } from "../ops/reshape.js";
import { ones } from "../tensor/create.js";
import type { DType } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { type Shape, sameShape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import {
  asDiagonal,
  asMatrix,
  diagonalOf,
  type Factor,
  isDiagonal,
  multipleOf,
  product,
  transposed,
  uniformOf,
} from "./factor.js";

/** A number in a scale that has a name: all elements of a value are `c`. */
export interface Symbolic {
  readonly c: number;
  readonly of: Tensor;
}

/** `scale · mask ∘ (left·X·right)`, of X or of Xᵀ; vectors and scalars are matrices of one column. */
export interface Product {
  readonly kind: "product";
  /** Which of the tensors that the map is linear in X is. */
  readonly source: number;
  readonly scale: number;
  readonly symbols: readonly Symbolic[];
  readonly left: readonly Factor[];
  readonly right: readonly Factor[];
  readonly transposed: boolean;
  readonly mask: Tensor | null;
}

/** `scale · times · ⟨pairs, X⟩` */
export interface Pairing {
  readonly kind: "pairing";
  readonly source: number;
  readonly scale: number;
  readonly symbols: readonly Symbolic[];
  readonly times: Tensor;
  readonly pairs: Tensor;
}

/** A linear map is a sum of these. */
export type Term = Product | Pairing;

/** The tangent of a source as it is. */
export function identity(source: number): Product {
  const none = { scale: 1, symbols: [], left: [], right: [], transposed: false, mask: null };
  return { kind: "product", source, ...none };
}

/** Thrown where a map is no such sum; why not. */
export class Unstructured {
  constructor(readonly reason: string) {}
}

/** What acting on a term needs to know besides. */
export interface Place {
  /** The op, for the reason why it cannot be. */
  readonly op: string;
  readonly from: Shape;
  readonly to: Shape;
  readonly dtype: DType;
  /** The shape of X. */
  readonly X: Shape;
  /** Whether the elements of a tensor may be looked at, and are no argument's. */
  known(x: Tensor): boolean;
  /** The number that a tensor is, under its name if it is an argument's; null if it is none. */
  number(x: Tensor): { readonly c: number; readonly symbols: readonly Symbolic[] } | null;
}

/** The rows and columns of a scalar, a vector (a column) or a matrix. */
export function sizes(shape: Shape): [rows: number, columns: number] {
  return [shape[0] ?? 1, shape[1] ?? 1];
}

/** The term after one more step. */
export function act(term: Term, action: Action, place: Place): Term {
  if (action === "transpose") return flipped(term);
  if (action === "shape") return shaped(term, place);
  if (typeof action !== "object" || Object.keys(action).length !== 1) throw unknown(action, place);
  if (action.sums !== undefined) return summed(term, action.sums, place);
  if (action.times !== undefined) return scaled(term, action.times, place);
  if (action.pairs !== undefined) return paired(term, action.pairs, place);
  if (action.left !== undefined) return onLeft(term, action.left, place);
  if (action.right !== undefined) return onRight(term, action.right, place);
  if (action.solves === undefined) throw unknown(action, place);
  return fromLeft(term, { kind: "inverse", value: action.solves }, place);
}

function unknown(action: unknown, { op }: Place): UsageError {
  const own = typeof action === "object" && action !== null ? Object.keys(action) : [];
  return new UsageError(
    `${op}: its \`acts\` gave ${own.length > 0 ? `{ ${own.join(", ")} }` : String(action)}; each step ` +
      'is one of left, right, solves, times, pairs, sums, "transpose" and "shape"',
  );
}

function refused({ op, from }: Place): Unstructured {
  return new Unstructured(`${op} of a part of shape [${from.join(", ")}]`);
}

/** Its transpose: a column becomes a row. */
function flipped(term: Term): Term {
  if (term.kind === "pairing") return { ...term, times: t(asColumns(term.times)) };
  const mask = term.mask && t(term.mask);
  const [left, right] = [transposed(term.right), transposed(term.left)];
  return { ...term, left, right, transposed: !term.transposed, mask };
}

/** A tensor as a matrix. */
export function asColumns(x: Tensor): Tensor {
  return x.rank === 2 ? x : reshape(x, sizes(x.shape));
}

function onLeft(term: Term, A: Tensor, place: Place): Term {
  const c = place.known(A) ? multipleOf(A) : null;
  return c === null ? fromLeft(term, asMatrix(A), place) : { ...term, scale: term.scale * c };
}

/** With one more factor on the left. */
function fromLeft(term: Term, factor: Factor, place: Place): Term {
  if (term.kind === "pairing") {
    const { times } = term;
    return { ...term, times: product([factor, asMatrix(asColumns(times))], 0, times.dtype) };
  }
  if (term.mask !== null) throw refused(place);
  return { ...term, left: [factor, ...term.left] };
}

function onRight(term: Term, B: Tensor, place: Place): Term {
  const c = place.known(B) ? multipleOf(B) : null;
  if (c !== null) return { ...term, scale: term.scale * c };
  if (term.kind === "pairing") return { ...term, times: matmul(asColumns(term.times), B) };
  if (term.mask !== null) throw refused(place);
  return { ...term, right: [...term.right, asMatrix(B)] };
}

function scaled(term: Term, by: Tensor | number, place: Place): Term {
  if (typeof by === "number") return { ...term, scale: term.scale * by };
  const number = place.number(by);
  if (number !== null) {
    const wide = shaped(term, place);
    const symbols = [...wide.symbols, ...number.symbols];
    return { ...wide, scale: wide.scale * number.c, symbols };
  }
  if (term.kind === "pairing") {
    return { ...term, times: mul(reshape(term.times, place.from), by) };
  }
  if (isOne(place.from) && sizes(place.to)[1] !== 1) {
    const one = pairing(term, null, place);
    return { ...one, times: broadcastTo(mul(one.times, by), place.to) };
  }
  const [rows, columns] = sizes(place.to);
  if (isOne(place.from) && by.size === rows && rows > 1) {
    return { ...term, left: [asMatrix(reshape(by, [rows, 1])), ...term.left] };
  }
  const wide = shaped(term, place) as Product;
  if (by.size === 1) {
    return { ...wide, left: [{ kind: "scalar", value: reshape(by, []) }, ...wide.left] };
  }
  if (columns === 1) {
    const [first, ...rest] = wide.left;
    if (first?.kind !== "diagonal") return { ...wide, left: [asDiagonal(by), ...wide.left] };
    return { ...wide, left: [asDiagonal(mul(first.value, asDiagonal(by).value)), ...rest] };
  }
  const [m, n] = by.rank === 1 ? [1, by.size] : sizes(by.shape);
  const whole = m === rows && n === columns;
  if (rows === 1 || (m === 1 && wide.mask === null)) {
    return { ...wide, right: [...wide.right, asDiagonal(by)] };
  }
  if (!whole && wide.mask === null) return { ...wide, left: [asDiagonal(by), ...wide.left] };
  return { ...wide, mask: wide.mask === null ? broadcastTo(by, place.to) : mul(wide.mask, by) };
}

/** Repeated along rows or columns, to the shape of the place. */
function spread(term: Term, place: Place): Term {
  const { from, to, dtype } = place;
  if (term.kind === "pairing") {
    const c = place.known(term.times) ? uniformOf(term.times) : null;
    if (c !== null) return { ...term, scale: term.scale * c, times: ones(to, { dtype }) };
    return { ...term, times: broadcastTo(reshape(term.times, from), to) };
  }
  const [rows, columns] = sizes(to);
  if (isOne(from) && columns !== 1) return spread(pairing(term, null, place), place);
  if (term.mask !== null) throw refused(place);
  // Aligned at the right, a vector is a row beside a matrix.
  const row = from.length === 1 && to.length === 2 && from[0] !== 1;
  const base = (row ? flipped(term) : term) as Product;
  const [m, n] = row ? [1, from[0] as number] : sizes(from);
  const down = m === rows ? [] : [asMatrix(ones([rows, 1], { dtype }))];
  const along = n === columns ? [] : [asMatrix(ones([1, columns], { dtype }))];
  return { ...base, left: [...down, ...base.left], right: [...base.right, ...along] };
}

/** The same elements under the shape of the place, or repeated. */
function shaped(term: Term, place: Place): Term {
  const { from, to } = place;
  if (sizeOf(from) !== sizeOf(to)) return spread(term, place);
  if (term.kind === "pairing") return { ...term, times: reshape(term.times, to) };
  const [a, b] = [sizes(from), sizes(to)];
  if (sameShape(a, b)) return term;
  if (sameShape(a, b.toReversed()) && (a[0] === 1 || a[1] === 1)) return flipped(term);
  throw refused(place);
}

function summed(term: Term, axes: readonly number[], place: Place): Term {
  const { from, to, dtype } = place;
  if (term.kind === "pairing") {
    const times = sum(reshape(term.times, from), { axis: axes });
    return { ...term, times: reshape(times, to) };
  }
  if (term.mask !== null) {
    if (axes.length < 2) throw refused(place);
    return pairing(term, null, place);
  }
  const [m, n] = sizes(from);
  let { left, right } = term;
  if (axes.includes(0) && m !== 1) left = [asMatrix(ones([1, m], { dtype })), ...left];
  if (axes.includes(1) && n !== 1) right = [...right, asMatrix(ones([n, 1], { dtype }))];
  const out: Term = { ...term, left, right };
  const kept: Shape = [axes.includes(0) ? 1 : m, axes.includes(1) ? 1 : n];
  return shaped(out, { ...place, from: kept, to });
}

/** The inner product with `C`; that with the image of a column is a row of its matrix. */
function paired(term: Term, C: Tensor, place: Place): Term {
  if (term.kind === "pairing") {
    return { ...term, times: sum(mul(term.times, reshape(C, term.times.shape))) };
  }
  if (sizes(place.from)[1] !== 1 || sizes(place.X)[1] !== 1) return pairing(term, C, place);
  const by = asColumns(term.mask === null ? C : mul(term.mask, C));
  return { ...term, left: [asMatrix(t(by)), ...term.left], mask: null };
}

const isOne = (shape: Shape): boolean => sizeOf(shape) === 1;

/** `⟨C, mask ∘ (L·X·R)⟩ = ⟨Lᵀ·(C ∘ mask)·Rᵀ, X⟩`; without a C, of ones. */
function pairing(
  { source, scale, symbols, ...term }: Product,
  C: Tensor | null,
  place: Place,
): Pairing {
  const { dtype, from } = place;
  const [rows, columns] = sizes(from);
  const one = C ?? term.mask ?? ones(from, { dtype });
  const by = asColumns(C === null || term.mask === null ? one : mul(term.mask, C));
  const [L, R] = [transposed(term.left), transposed(term.right)];
  const first = L.length === 0 ? by : product([...L, asMatrix(by)], rows, dtype);
  const whole = R.length === 0 ? first : matmul(first, product(R, columns, dtype));
  const pairs = term.transposed ? t(whole) : whole;
  const times = ones([], { dtype });
  const c = place.known(pairs) ? uniformOf(pairs) : null;
  const common = { kind: "pairing", source, symbols, times } as const;
  if (c === null) return { ...common, scale, pairs };
  return { ...common, scale: scale * c, pairs: ones(pairs.shape, { dtype }) };
}

/**
 * A sum with like terms made one: those that differ in their number alone, and those that multiply
 * entries, whose products with one another would soon be many.
 */
export function merged(terms: readonly Term[], sources: readonly Tensor[]): Term[] {
  const out: Term[] = [];
  for (const term of terms) {
    const X = (sources[term.source] as Tensor).shape;
    const at = out.findIndex((other) => isLike(other, term) || areEntrywise(other, term, X));
    if (at < 0) out.push(term);
    else out[at] = sum2(out[at] as Term, term);
  }
  return out.filter(({ scale }) => scale !== 0);
}

/** Whether two terms differ in their number alone. */
function isLike(a: Term, b: Term): boolean {
  if (a.source !== b.source || a.symbols.length !== b.symbols.length) return false;
  if (!a.symbols.every(({ of }, i) => isSame(of, (b.symbols[i] as Symbolic).of))) return false;
  if (a.kind === "pairing") {
    return b.kind === "pairing" && isSame(a.times, b.times) && isSame(a.pairs, b.pairs);
  }
  if (b.kind === "pairing" || a.transposed !== b.transposed) return false;
  const masks = a.mask === b.mask || (a.mask && b.mask && isSame(a.mask, b.mask));
  return Boolean(masks) && areSame(a.left, b.left) && areSame(a.right, b.right);
}

function areSame(a: readonly Factor[], b: readonly Factor[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ kind, value }, i) => kind === b[i]?.kind && isSame(value, (b[i] as Factor).value))
  );
}

function isSame(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  return a.source === b.source && sameShape(a.shape, b.shape);
}

/** Whether both are `D ∘ X` of one X. */
function areEntrywise(a: Term, b: Term, X: Shape): boolean {
  return a.source === b.source && isEntrywise(a, X) && isEntrywise(b, X);
}

function isEntrywise(term: Term, X: Shape): term is Product {
  if (term.kind === "pairing" || term.transposed || term.right.length > 0) return false;
  if (term.symbols.length > 0) return false; // they would lose their names
  return sizes(X)[1] === 1 ? isDiagonal(term.left) : term.left.length === 0;
}

/** The sum of two terms that are alike or both entrywise. */
function sum2(a: Term, b: Term): Term {
  if (isLike(a, b)) return { ...a, scale: a.scale + b.scale };
  const [p, q] = [a, b] as [Product, Product];
  const D = add(entriesOf(p), entriesOf(q));
  const common = { ...p, scale: 1, left: [], right: [], mask: null };
  if (p.mask ?? q.mask) return { ...common, mask: D };
  return { ...common, left: [D.rank === 0 ? { kind: "scalar", value: D } : asDiagonal(D)] };
}

/** D of `D ∘ X`, or the number that all of D is. */
function entriesOf({ left, mask, scale }: Product): Tensor | number {
  const D = mask ?? diagonalOf(left);
  return D === null ? scale : scale === 1 ? D : mul(D, scale);
}

/** A map from a column to a column as the matrix that it is. */
export function simplified(term: Term, X: Shape, to: Shape): Term {
  if (sizes(X)[1] !== 1 || sizes(to)[1] !== 1) return term;
  if (term.kind === "pairing") {
    const { source, scale, symbols, times, pairs } = term;
    const row = asMatrix(reshape(pairs, [1, pairs.size]));
    const left = [asMatrix(reshape(times, [times.size, 1])), row];
    const common = { kind: "product", source, scale, symbols } as const;
    return { ...common, left, right: [], transposed: false, mask: null };
  }
  const { left, right } = term;
  // Either right is 1 × 1, or xᵀ·right is: left·(xᵀ·right) = left·rightᵀ·x.
  if (term.transposed) {
    return { ...term, left: [...left, ...transposed(right)], right: [], transposed: false };
  }
  if (right.length === 0) return term;
  const value = reshape(product(right, 1, dtypeOf(right)), []);
  return { ...term, left: [{ kind: "scalar", value }, ...left], right: [] };
}

const dtypeOf = (chain: readonly Factor[]): DType => (chain[0] as Factor).value.dtype;

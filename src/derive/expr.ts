import type { AnyOp, Notation } from "../core/op.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/*
 * Formulas. Everything has rows and columns here: a scalar is 1 × 1, a vector of n is n × 1, and a
 * tensor of more axes is its last axis by all others. Equal formulas are the same object, so that they
 * are compared by `===`; they are made by the functions of `algebra.ts` and `functions.ts`, which leave
 * nothing unsaid that holds for all values: (AB)ᵀ = BᵀAᵀ, A⁻¹A = I, 2A + A = 3A.
 */

interface Base {
  readonly id: number;
  readonly rows: number;
  readonly columns: number;
  /** A differential is in it. What is linear in that is multiplied out. */
  readonly hot: boolean;
  /** How many names and signs it takes to write it, and how many transposes are among them. */
  readonly cost: number;
  readonly turns: number;
  readonly symmetric: boolean;
}

/** A base and its exponent. */
export type Factor = readonly [base: Expr, exponent: number];

/** A variable, or a constant that the function brought along as a tensor. */
export interface Variable extends Base {
  readonly kind: "symbol";
  readonly name: string;
  readonly value: Tensor | null;
}

/** 0; the identity; a column of ones. */
export interface Plain extends Base {
  readonly kind: "zero" | "eye" | "ones";
}

/** How many elements an axis has, as a scalar. */
export interface Size extends Base {
  readonly kind: "size";
  readonly n: number;
}

/** A number times powers of scalars times a matrix, or no matrix. */
export interface Term extends Base {
  readonly kind: "term";
  readonly c: number;
  readonly scalars: readonly Factor[];
  readonly body: Expr | null;
}

/** A sum of terms, or a chain of matrices. */
export interface Chain extends Base {
  readonly kind: "sum" | "product";
  readonly parts: readonly Expr[];
}

/** The Hadamard product of entrywise powers. */
export interface Hadamard extends Base {
  readonly kind: "hadamard";
  readonly factors: readonly Factor[];
}

/** The permutation with `K·vec(X) = vec(Xᵀ)` for `X` of so many rows and columns, row by row. */
export interface Commutation extends Base {
  readonly kind: "commutation";
  readonly of: readonly [rows: number, columns: number];
}

export interface Transposed extends Base {
  readonly kind: "transpose";
  readonly of: Expr;
}

/** A power of a square matrix: the exponent is a whole number, not 0 and not 1. */
export interface MatrixPower extends Base {
  readonly kind: "power";
  readonly of: Expr;
  readonly exponent: number;
}

/** A function that the algebra knows. */
export interface Known extends Base {
  readonly kind: "function";
  readonly name: "tr" | "sum" | "norm" | "det" | "adj" | "diag" | "diagPart" | "kron" | "vec";
  readonly args: readonly Expr[];
}

/** An op that it does not know, on arguments of these shapes. */
export interface Call extends Base {
  readonly kind: "call";
  readonly op: AnyOp;
  readonly attrs: unknown;
  readonly args: readonly Expr[];
  readonly shapes: readonly Shape[];
  readonly shape: Shape;
  readonly output: number;
}

/** The differential of a value: of a variable's, or of one that a tape has recorded. */
export interface Differential extends Base {
  readonly kind: "differential";
  readonly of: Expr;
  /** Tells values apart that have the same formula. */
  readonly tag: string;
  /** How the value was written. */
  readonly as: Notation | null;
}

export type Expr =
  | Variable
  | Plain
  | Size
  | Commutation
  | Term
  | Chain
  | Hadamard
  | Transposed
  | MatrixPower
  | Known
  | Call
  | Differential;

/** The formulas of the derivation under way, by what they are made of. */
const known = new Map<string, Expr>();
let count = 0;

/** Axes with names are so long at least while symbols run. */
export const NAMED = 1000;

/** Begins anew, so that a formula is written as its own derivation met it, not one before. */
export function forget(): void {
  known.clear();
}

type Fields<E> = E extends Expr ? Omit<E, keyof Base> : never;

/** What is known of a formula beside its parts. */
export interface Traits {
  readonly rows: number;
  readonly columns: number;
  readonly parts?: readonly Expr[];
  readonly cost?: number;
  readonly symmetric?: boolean;
}

/** The one formula that is made of this. */
export function intern(key: string, fields: Fields<Expr>, traits: Traits): Expr {
  const whole = `${fields.kind} ${traits.rows} ${traits.columns} ${key}`;
  const before = known.get(whole);
  if (before !== undefined) return before;
  const { rows, columns, parts = [], cost = 1, symmetric = false } = traits;
  const made = {
    ...fields,
    id: ++count,
    rows,
    columns,
    hot: fields.kind === "differential" || parts.some((part) => part.hot),
    cost: parts.reduce((sum, part) => sum + part.cost, cost),
    turns: parts.reduce((sum, part) => sum + part.turns, fields.kind === "transpose" ? 1 : 0),
    symmetric: symmetric || (rows === 1 && columns === 1),
  } as Expr;
  known.set(whole, made);
  return made;
}

export function isScalar({ rows, columns }: Expr): boolean {
  return rows === 1 && columns === 1;
}

/** Both of the same size. */
export function alike(a: Expr, b: Expr): boolean {
  return a.rows === b.rows && a.columns === b.columns;
}

/** A variable; `value` marks a constant that was met as a tensor. */
export function symbol(
  name: string,
  rows: number,
  columns: number,
  options: { readonly symmetric?: boolean; readonly value?: Tensor; readonly key?: string } = {},
): Expr {
  const { symmetric = false, value = null, key = "" } = options;
  const fields = { kind: "symbol", name, value } as const;
  return intern(`${name} ${symmetric} ${key}`, fields, { rows, columns, symmetric });
}

export function zero(rows: number, columns: number): Expr {
  return intern("", { kind: "zero" }, { rows, columns, symmetric: rows === columns });
}

/** The identity of order `n`; the number 1 for order 1. */
export function eye(n: number): Expr {
  if (n === 1) return number(1);
  return intern("", { kind: "eye" }, { rows: n, columns: n, symmetric: true });
}

/** The number of elements on an axis, as a scalar; short axes have no names. */
export function size(n: number): Expr {
  if (n < NAMED) return number(n);
  return intern(String(n), { kind: "size", n }, { rows: 1, columns: 1 });
}

/** The commutation matrix of `rows × columns`. */
export function commutation(rows: number, columns: number): Expr {
  const n = rows * columns;
  if (rows === 1 || columns === 1) return eye(n);
  const fields = { kind: "commutation", of: [rows, columns] } as const;
  const symmetric = rows === columns;
  return intern(`${rows} ${columns}`, fields, { rows: n, columns: n, symmetric });
}

/** A column of ones; the number 1 where it has one row. */
export function ones(n: number): Expr {
  return n === 1 ? number(1) : intern("", { kind: "ones" }, { rows: n, columns: 1 });
}

export function number(c: number): Expr {
  if (c === 0) return zero(1, 1);
  const fields = { kind: "term", c, scalars: [], body: null } as const;
  return intern(String(c), fields, { rows: 1, columns: 1 });
}

/** The number that a formula is, or null. */
export function numberOf(e: Expr): number | null {
  if (e.kind === "zero") return 0;
  return e.kind === "term" && e.body === null && e.scalars.length === 0 ? e.c : null;
}

/** The differential of a value. */
export function differential(of: Expr, tag: string, as: Notation | null = null): Expr {
  const { rows, columns } = of;
  return intern(tag, { kind: "differential", of, tag, as }, { rows, columns, cost: of.cost + 1 });
}

/** All formulas directly inside one. */
export function partsOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "sum":
    case "product":
      return e.parts;
    case "term":
      return [...e.scalars.map(([base]) => base), ...(e.body === null ? [] : [e.body])];
    case "hadamard":
      return e.factors.map(([base]) => base);
    case "transpose":
    case "power":
      return [e.of];
    case "function":
    case "call":
      return e.args;
    default:
      return [];
  }
}

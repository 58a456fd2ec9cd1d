import fc from "fast-check";
import { parse } from "../../src/derive/index.js";
import type { Operator } from "../../src/derive/text/parse.js";
import type { Kind } from "../../src/derive/text/sizes.js";
import {
  add,
  DomainError,
  eye,
  matmul,
  mul,
  random,
  type Shape,
  SingularError,
  type Tensor,
  t,
} from "../../src/index.js";
import { type Tree, write } from "./trees.js";

// Random formulas that make sense: each part is chosen among all that have its size.

/** A number of rows or columns: 1, or one that all expressions share. */
type Dim = "1" | "m" | "n";

/** Rows and columns. */
export type Size = `${Dim}${Dim}`;

const dims: readonly Dim[] = ["1", "m", "n"];
const sizes = dims.flatMap((rows) => dims.map((columns): Size => `${rows}${columns}`));
const parted = (size: Size): [rows: Dim, columns: Dim] => [...size] as [Dim, Dim];

/** All variables. */
const variables: Readonly<Record<string, Size>> = {
  ...{ a: "11", b: "11", c: "11" },
  ...{ x: "m1", y: "m1", u: "n1", v: "n1" },
  ...{ A: "mm", B: "mm", S: "mm", X: "mn", Y: "mn", Z: "nn" },
};

/** The one that may be declared symmetric. */
const symmetric = "S";

/** A formula with what its variables are. */
export interface RandomExpression {
  readonly tree: Tree;
  readonly text: string;
  readonly wrt: string;
  /** What to tell `derive` of the variables. */
  readonly options: {
    readonly kinds: Readonly<Record<string, Kind>>;
    readonly shapes?: Readonly<Record<string, Shape>>;
  };
  /** How long m and n are in values. */
  readonly lengths: readonly [m: number, n: number];
  readonly seed: number;
}

export const number = (value: number): Tree =>
  value < 0 ? { kind: "minus", arg: number(-value) } : { kind: "number", value };
export const call = (f: string, ...args: Tree[]): Tree => ({ kind: "call", name: f, args });
export const turned = (arg: Tree): Tree => ({ kind: "transpose", arg });
export const binary = (left: Tree, op: Operator, right: Tree): Tree => {
  return { kind: "binary", op, left, right };
};
const name = (text: string): Tree => ({ kind: "name", name: text });

/** A scalar everywhere in a formula of that size. */
function lifted(c: Tree, size: Size): Tree {
  const [rows, columns] = parted(size);
  if (size === "11") return c;
  if (columns === "1") return call("vector", c);
  return rows === "1" ? turned(call("vector", c)) : call("matrix", c);
}

/** `c + E.^2`, which is at least c. */
const above = (c: number, e: Tree, size: Size): Tree =>
  binary(lifted(number(c), size), "+", binary(e, ".^", number(2)));

/** `E*E' + eye`, which is positive definite. */
const definite = (e: Tree): Tree => binary(binary(e, "*", turned(e)), "+", name("eye"));

/** One way to make a formula; the weight says how often. */
interface Way {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Tree>;
}

type Formulas = (size: Size) => fc.Arbitrary<Tree>;

function way(weight: number, parts: readonly fc.Arbitrary<Tree>[], make: (...e: Tree[]) => Tree) {
  return { weight, arbitrary: fc.tuple(...parts).map((all) => make(...all)) };
}

/** Any of these functions of a formula. */
function calls(weight: number, functions: string, e: fc.Arbitrary<Tree>): Way {
  const arbitrary = fc.tuple(fc.constantFrom(...functions.split(" ")), e);
  return { weight, arbitrary: arbitrary.map(([f, own]) => call(f, own)) };
}

/** Powers of a formula by any of these numbers. */
function powers(weight: number, op: Operator, numbers: number[], e: fc.Arbitrary<Tree>): Way {
  const arbitrary = fc.tuple(fc.constantFrom(...numbers), e);
  return { weight, arbitrary: arbitrary.map(([p, own]) => binary(own, op, number(p))) };
}

/** Names and constants. */
function leaf(size: Size): fc.Arbitrary<Tree> {
  const [rows, columns] = parted(size);
  const names = Object.keys(variables);
  const own = names.filter((one) => variables[one] === size).map(name);
  const other = names
    .filter((one) => variables[one] === columns + rows)
    .map((x) => turned(name(x)));
  const constants = fc.constantFrom(1, 2, 3, 0.5, 1, 2, 3, 0).map((c) => lifted(number(c), size));
  const square = rows === columns && rows !== "1";
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...(own.length > 0 ? own : other)) },
    { weight: 1, arbitrary: constants },
    { weight: square ? 1 : 0, arbitrary: fc.constant(name("eye")) },
  );
}

const smooth = "exp sin cos tanh sigmoid arctan softplus sinh cosh";
const rough = "abs abs sign relu relu log sqrt tan arcsin arccos";

/** What formulas of any size can be made by. */
function ways(size: Size, of: Formulas): Way[] {
  const [rows, columns] = parted(size);
  const [E, s] = [of(size), of("11")];
  const safe = E.map((e) => above(1, e, size));
  const two = (weight: number, op: Operator) => way(weight, [E, E], (a, b) => binary(a, op, b));
  const products = dims.map((k) =>
    way(3, [of(`${rows}${k}`), of(`${k}${columns}`)], (a, b) => binary(a, "*", b)),
  );
  return [
    ...[two(6, "+"), two(5, "-"), two(3, ".*"), two(1, "./")],
    way(2, [E, safe], (a, b) => binary(a, "./", b)),
    way(2, [E], (arg) => ({ kind: "minus", arg })),
    way(3, [of(`${columns}${rows}`)], turned),
    way(3, [s, E], (a, e) => binary(a, "*", e)),
    way(1, [E, s], (e, a) => binary(e, "*", a)),
    way(1, [E, s], (e, a) => binary(e, "/", a)),
    way(1, [E, s], (e, a) => binary(e, "/", above(2, a, "11"))),
    way(1, [s], (c) => lifted(c, size)),
    ...products,
    ...[calls(4, smooth, E), calls(1, rough, E), calls(2, "log sqrt", safe)],
    powers(3, ".^", [2, 2, 2, 2, 3, 3, 3, -1, -1, -2, 0.5, 1, 0], E),
    powers(1, ".^", [0.5, 1.5, -0.5], safe),
    way(1, [E, s], (e, p) => binary(call("exp", e), ".^", p)),
    // The same twice, as people write it.
    { weight: 2, arbitrary: calls(1, smooth, E).arbitrary.map(twice) },
  ];
}

/** `E .* f(E)` of `f(E)`. */
function twice(f: Tree): Tree {
  return f.kind === "call" ? binary(f.args[0] as Tree, ".*", f) : f;
}

/** What makes scalars of vectors and matrices. */
function scalars(of: Formulas): Way[] {
  const E = fc.constantFrom(...sizes.filter((size) => size !== "11")).chain(of);
  const square = fc.constantFrom<Size[]>("mm", "nn").chain(of);
  const column = fc.constantFrom<Size[]>("m1", "n1").chain(of);
  const kron = (A: fc.Arbitrary<Tree>) => fc.tuple(A, A).map(([a, b]) => call("kron", a, b));
  return [
    calls(12, "sum sum sum norm1 norm2 logsumexp max", E),
    way(3, [E], (e) => binary(call("norm2", e), "^", number(2))),
    calls(9, "tr tr tr det det logdet", square),
    calls(3, "logdet logdet det", square.map(definite)),
    way(2, [column], (e) => binary(turned(e), "*", e)),
    ...[calls(2, "sum norm2", kron(E)), calls(1, "tr", kron(square))],
    way(1, [of("11"), of("11")], (p, q) => binary(call("exp", p), "^", q)),
  ];
}

function squares(size: Size, of: Formulas): Way[] {
  const E = of(size);
  const [n] = parted(size);
  return [
    ...[calls(2, "inv", E.map(definite)), calls(3, "inv inv adj", E)],
    ...[calls(3, "diag", of(`${n}1`)), powers(2, "^", [2, 3, -1, -2, 1, 0], E)],
    way(1, [of(`${n}m`)], (e) => binary(e, "*", turned(e))),
    way(1, [of(`${n}n`)], (e) => binary(e, "*", turned(e))),
  ];
}

function columns(size: Size, of: Formulas): Way[] {
  const [n] = parted(size);
  const solved = (A: Tree, b: Tree): Tree => binary(call("inv", definite(A)), "*", b);
  return [
    ...[calls(2, "diag", of(`${n}${n}`)), calls(3, "softmax", of(size))],
    way(2, [of(`${n}${n}`), of(size)], solved),
    way(1, [of(size), of("11")], (e, s) => call("kron", e, s)),
  ];
}

/** Formulas by their size, at most so deep. */
function formulas(maxDepth: number): Readonly<Record<Size, fc.Arbitrary<Tree>>> {
  const depthIdentifier = fc.createDepthIdentifier();
  const all = { maxDepth, depthIdentifier, depthSize: "max", withCrossShrink: true } as const;
  return fc.letrec<Record<Size, Tree>>((tie) => {
    const arbitrary = (size: Size): fc.Arbitrary<Tree> => {
      const [m, n] = parted(size);
      return fc.oneof(
        all,
        { weight: 12, arbitrary: leaf(size) },
        ...ways(size, tie),
        ...(size === "11" ? scalars(tie) : []),
        ...(m === n && m !== "1" ? squares(size, tie) : []),
        ...(n === "1" && m !== "1" ? columns(size, tie) : []),
      );
    };
    const entries = sizes.map((size) => [size, arbitrary(size)]);
    return Object.fromEntries(entries) as Record<Size, fc.Arbitrary<Tree>>;
  });
}

/** The names of variables in a formula, each once. */
export function namesIn(tree: Tree): string[] {
  switch (tree.kind) {
    case "number":
      return [];
    case "name":
      return tree.name === "eye" ? [] : [tree.name];
    case "call":
      return [...new Set(tree.args.flatMap(namesIn))];
    case "binary":
      return [...new Set([...namesIn(tree.left), ...namesIn(tree.right)])];
    default:
      return namesIn(tree.arg);
  }
}

/** What is chosen beside the formula itself. */
export interface Setting {
  /** The variable, by name or among those that there are. */
  readonly wrt: number | string;
  readonly lengths: readonly [m: number, n: number];
  /** Whether the lengths are told, or have names. */
  readonly sized: boolean;
  /** Whether a matrix is declared symmetric. */
  readonly declared: boolean;
  readonly seed: number;
}

/** A formula with what its variables are; null where it has none, or does not run. */
export function described(tree: Tree, setting: Setting): RandomExpression | null {
  const { wrt: which, lengths, sized, declared, seed } = setting;
  const names = namesIn(tree);
  const wrt = typeof which === "number" ? names[which % names.length] : which;
  if (wrt === undefined || !names.includes(wrt)) return null;
  const kindOf = (one: string): Kind => {
    const [rows, columns] = parted(variables[one] as Size);
    if (one === symmetric && declared) return "symmetric matrix";
    return columns !== "1" ? "matrix" : rows !== "1" ? "vector" : "scalar";
  };
  const kinds = Object.fromEntries(names.map((one) => [one, kindOf(one)]));
  const shapes = Object.fromEntries(names.map((one) => [one, shapeOf(one, lengths)]));
  const options = sized ? { kinds, shapes } : { kinds };
  const made = { tree, text: write(tree), wrt, options, lengths, seed };
  return isSized(made) ? made : null;
}

/** Whether it runs: all sizes follow from the variables, as that of `eye` in `tr(eye)` does not. */
function isSized(one: RandomExpression): boolean {
  const names = namesIn(one.tree);
  const values = valuesFor(names, one, "positive");
  try {
    const { run } = parse(one.text, one.options);
    run(new Map(names.map((own, i) => [own, values[i] as Tensor])));
  } catch (error) {
    if (error instanceof SingularError || error instanceof DomainError) return false;
    if (/follows from no variable/.test(String(error))) return false;
    throw error;
  }
  return true;
}

function shapeOf(one: string, [m, n]: readonly [number, number]): Shape {
  const [rows, columns] = parted(variables[one] as Size).map((d) => ({ "1": 1, m, n })[d]);
  if (rows === 1) return [];
  return columns === 1 ? [rows as number] : [rows as number, columns as number];
}

/** Formulas in the grammar that make sense, with a variable to derive by. */
export function randomExpressions({
  sizes = ["11"],
  depth = 4,
}: {
  readonly sizes?: readonly Size[];
  readonly depth?: number;
} = {}): fc.Arbitrary<RandomExpression> {
  const by = formulas(depth);
  const setting = fc.record({
    wrt: fc.nat(59),
    lengths: fc.constantFrom<[number, number][]>([3, 2], [3, 2], [2, 3], [4, 3], [2, 2]),
    sized: fc.boolean(),
    declared: fc.boolean(),
    seed: fc.nat(9999),
  });
  return fc
    .tuple(fc.oneof(...sizes.map((size) => by[size])), setting)
    .map(([tree, own]) => described(tree, own))
    .filter((one) => one !== null)
    .map((one) => ({
      ...one,
      [fc.toStringMethod]: () => JSON.stringify({ ...one, tree: undefined }),
    }));
}

/** Values for variables in this order: around 0, or all positive and the square ones definite. */
export function valuesFor(
  names: readonly string[],
  { lengths, seed, options }: RandomExpression,
  kind: "normal" | "positive",
): Tensor[] {
  return names.map((one, i) => {
    const shape = shapeOf(one, lengths);
    const own = { dtype: "float64", seed: seed * 31 + i + 1 } as const;
    const x =
      kind === "normal"
        ? mul(random.normal(shape, own), 0.7)
        : random.uniform(shape, { ...own, low: 0.2, high: 0.9 });
    const [n] = shape;
    if (kind === "positive" && shape.length === 2 && n === shape[1]) {
      return add(matmul(x, t(x)), eye(n as number, { dtype: "float64" }));
    }
    return options.kinds[one] === "symmetric matrix" ? mul(add(x, t(x)), 0.5) : x;
  });
}

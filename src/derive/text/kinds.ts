import type { Shape } from "../../tensor/shape.js";
import { isOne, numberOf } from "./dims.js";
import { functions } from "./functions.js";
import { type Expression, namesOf, partsOf } from "./parse.js";
import { type Declared, type Kind, SizeError, Sizes } from "./sizes.js";

/** All kinds, as they are declared. */
export const kinds: readonly Kind[] = ["scalar", "vector", "matrix", "symmetric matrix"];

/** How many parts of the expression are looked at, over all kinds that are tried. */
const patience = 100_000;

const greek = new Set(
  (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho " +
    "sigma tau upsilon phi chi psi omega"
  ).split(" "),
);

/**
 * The kind of a variable by the convention of matrixcalculus.org: capitals are matrices, lower case
 * are vectors, but `a` to `g` and Greek letters are scalars. Digits and what follows an underscore
 * change nothing.
 */
export function kindByName(name: string): Kind {
  const [stem = name] = /^[^_\d]+/.exec(name) ?? [];
  if (/^\p{Lu}/u.test(stem)) return "matrix";
  const scalar = /^([a-g]|\p{Script=Greek})$/u.test(stem) || greek.has(stem);
  return scalar ? "scalar" : "vector";
}

/** What the variables are, and the sizes that follow. */
export interface Fit {
  readonly variables: ReadonlyMap<string, Declared>;
  readonly sizes: Sizes;
}

/**
 * Finds kinds for what is not declared. Names say them; where the expression does not fit so, or
 * would transpose or add up what is a scalar by its name alone, the fewest lower-case names change
 * between scalar and vector until it fits. Of equally many changes those come first that make
 * vectors of scalars, then those after which the whole is a scalar. The whole is a row only where
 * no more vectors make it a scalar: in `a'*X*b` both are vectors.
 *
 * @throws SizeError of the kinds by name, where none fit.
 */
export function infer(
  text: string,
  tree: Expression,
  declared: ReadonlyMap<string, Declared>,
  whole?: Shape,
): Fit {
  const names = namesOf(tree);
  const free = names.filter((name) => !declared.has(name) && kindByName(name) !== "matrix");
  const fitTo = (changed: readonly string[]): Fit => {
    const kindOf = (name: string): Kind => {
      const kind = kindByName(name);
      return changed.includes(name) ? (kind === "scalar" ? "vector" : "scalar") : kind;
    };
    const variables = new Map(
      names.map((name) => [name, declared.get(name) ?? { kind: kindOf(name) }]),
    );
    const sizes = new Sizes(text, tree, variables);
    return { variables, sizes: whole === undefined ? sizes : sizes.expect(whole) };
  };
  if (free.length === 0) return fitTo([]);

  const attempt = (changed: readonly string[]) => {
    try {
      const found = fitTo(changed);
      return isOdd(tree, found, free) ? null : found;
    } catch (error) {
      if (error instanceof SizeError) return null;
      throw error;
    }
  };
  const tries = Math.ceil(patience / partCount(tree));
  const found = search(free, tries, attempt);
  if (found !== null) return found;
  try {
    return fitTo([]);
  } catch (error) {
    if (!(error instanceof SizeError)) throw error;
    const some = free.slice(0, 6).map((name) => `${name} a ${kindByName(name)}`);
    const said = [...some, ...(free.length > 6 ? ["…"] : [])].join(", ");
    throw new SizeError(
      `${error.message}\n  (by their names: ${said}; the option kinds declares others)`,
      error.clash,
    );
  }
}

function search(
  free: readonly string[],
  tries: number,
  attempt: (changed: readonly string[]) => Fit | null,
): Fit | null {
  const isScalar = (name: string) => kindByName(name) === "scalar";
  let left = tries;
  let row: Fit | null = null;
  // Names that stand later change first: what stands before is often a factor.
  const order = free.toReversed();
  for (let count = 0; count <= order.length; count++) {
    let best: Fit | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const changed of subsets(order, count)) {
      if (left-- === 0) return best ?? row;
      const shrunk = changed.filter((name) => !isScalar(name)).length;
      if (row !== null && shrunk > 0) continue;
      const found = attempt(changed);
      if (found === null) continue;
      const scalar = isOne(found.sizes.of());
      if (row !== null && !scalar) continue;
      const cost = 2 * shrunk + (scalar ? 0 : 1);
      if (cost < least) [best, least] = [found, cost];
      if (cost === 0) break;
    }
    if (best === null) continue;
    const { rows, columns } = best.sizes.of();
    if (numberOf(rows) !== 1 || numberOf(columns) === 1) return best;
    row = best;
  }
  return row;
}

/** All ways to choose so many, those of the first ones first. */
function* subsets<T>(items: readonly T[], count: number, from = 0): Generator<readonly T[]> {
  if (count === 0) yield [];
  else {
    for (let i = from; i <= items.length - count; i++) {
      for (const rest of subsets(items, count - 1, i + 1)) yield [items[i] as T, ...rest];
    }
  }
}

function partCount(node: Expression): number {
  return partsOf(node).reduce((count, part) => count + partCount(part), 1);
}

/**
 * Whether something is transposed or added up that is a scalar only because its names, which are
 * not declared, count as scalars: `(a-b)'`, `norm2(a)`. Of names of vectors that were made scalars
 * no function of matrices is taken either.
 */
function isOdd(tree: Expression, { variables }: Fit, free: readonly string[]): boolean {
  const scalars = new Set(free.filter((name) => variables.get(name)?.kind === "scalar"));
  let odd = false;
  /** What a part is, if it has numbers and such scalars entry by entry and nothing else. */
  const visit = (node: Expression): "number" | "scalar" | "made scalar" | "other" => {
    const parts = partsOf(node).map(visit);
    const all = (["other", "made scalar", "scalar"] as const).find((s) => parts.includes(s));
    const own = all ?? "number";
    const isScalar = own === "scalar" || own === "made scalar";
    if (node.kind === "name") {
      if (!scalars.has(node.name)) return "other";
      return kindByName(node.name) === "scalar" ? "scalar" : "made scalar";
    }
    if (node.kind === "transpose") odd ||= isScalar;
    if (node.kind !== "call") return own;
    const size = functions.get(node.name)?.size;
    if (size === "entrywise") return own;
    if (size === "reduces" || size === "diag" || size === "vector to vector") odd ||= isScalar;
    if (size?.startsWith("square")) odd ||= own === "made scalar";
    return "other";
  };
  visit(tree);
  return odd;
}

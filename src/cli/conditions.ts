import type { Tensor } from "../index.js";
import type { Compared, Finding } from "./diagnose.js";
import { isClose, type Numbers, transposed } from "./numbers.js";
import { type Change, lengthOf, type Question, type Sizes } from "./question.js";
import { diagonalPart, symmetricPart } from "./random.js";

/** Special cases in which a claim is right that is wrong otherwise. */
export function condition(question: Question, pairs: readonly Compared[]): Finding | null {
  return (
    ifSymmetric(question) ??
    ifCountedOnce(question) ??
    ifByColumns(question, pairs) ??
    ifPositive(pairs)
  );
}

/** Cases so special that a claim may be right in them by chance. */
export function narrowCondition(question: Question): Finding | null {
  return ifDiagonal(question) ?? ifThin(question);
}

/** Where a claim fits whose sizes do not fit otherwise; nothing if nowhere. */
export function fitsOnlyWhere(question: Question): string {
  const { sizes } = question;
  const axes = [...sizes.keys()];
  const alike = new Map(axes.map((axis) => [axis, 3]));
  if (axes.length > 1 && holds(question, alike)) return `\n  (right only if ${axes.join(" = ")})`;
  if (isScalar(question)) return "\n  (right for scalars only)";
  return "";
}

/** Whether the claim is right where all sizes are 1. */
export function isScalar(question: Question): boolean {
  const { sizes } = question;
  return sizes.size > 0 && holds(question, new Map([...sizes.keys()].map((axis) => [axis, 1])));
}

/** Whether the claim is right at these sizes and values, for the truth or what is made of it. */
function holds(
  question: Question,
  sizes: Sizes,
  change?: Change,
  of?: (truth: Numbers) => Numbers,
): boolean {
  return question.holds(sizes, question.points(sizes, change), question.claim, of);
}

/** The square matrices that are not declared symmetric, by position. */
function squares({ program }: Question): number[] {
  return program.variables.flatMap(({ kind, rows, columns }, i) =>
    kind === "matrix" && rows === columns ? [i] : [],
  );
}

const changing =
  (positions: readonly number[], change: (X: Tensor) => Tensor): Change =>
  (X, i) =>
    positions.includes(i) ? change(X) : X;

function ifSymmetric(question: Question): Finding | null {
  const right = (set: readonly number[]): boolean =>
    holds(question, question.sizes, changing(set, symmetricPart));
  const all = squares(question);
  if (all.length === 0 || !right(all)) return null;
  // The fewest that suffice; that the variable itself is symmetric is what one assumes last.
  let found = all;
  for (const i of all.toSorted((a, b) => Number(b === question.at) - Number(a === question.at))) {
    const fewer = found.filter((j) => j !== i);
    if (fewer.length > 0 && right(fewer)) found = fewer;
  }
  const names = found.map((i) => question.names[i]);
  const last = names.pop();
  const said = names.length === 0 ? `${last} is` : `${names.join(", ")} and ${last} are`;
  return { code: "symmetric", message: `right only if ${said} symmetric` };
}

/** The gradient by a symmetric matrix that counts what is above and below its diagonal once. */
function ifCountedOnce(question: Question): Finding | null {
  const { kind, rows, columns } = question.program.variables[question.at] ?? {};
  if (kind === undefined || !kind.endsWith("matrix") || rows !== columns) return null;
  const once = (G: Numbers): Numbers => {
    const turned = transposed(G);
    const data = G.data.map((x, i) => (i % (G.columns + 1) === 0 ? x : x + (turned.data[i] ?? 0)));
    return { ...G, data };
  };
  if (!holds(question, question.sizes, changing([question.at], symmetricPart), once)) return null;
  const { wrt } = question;
  const message =
    `that is for a symmetric ${wrt} of which ${wrt}[i, j] and ${wrt}[j, i] are one variable; ` +
    "here all entries are independent";
  return { code: "counted once", message };
}

/** A Jacobian of or by a matrix, with the entries of each column by column, not row by row. */
function ifByColumns(question: Question, pairs: readonly Compared[]): Finding | null {
  const { program, at, sizes, layout } = question;
  const x = program.variables[at];
  if (x === undefined) return null;
  const [own, by] = [program, x].map(({ rows, columns }) =>
    columnOrder(lengthOf(rows, sizes), lengthOf(columns, sizes)),
  ) as [number[], number[]];
  if (own.length === 1 || by.length === 1) return null;
  const [rows, columns] = layout === "numerator" ? [own, by] : [by, own];
  const reordered = (J: Numbers): Numbers => ({
    ...J,
    data: rows.flatMap((r) => columns.map((c) => J.data[r * J.columns + c] as number)),
  });
  if (!pairs.every(({ claim, truth }) => isClose(claim, reordered(truth)))) return null;
  const message =
    "right for vec(X), the columns of a matrix one below the other; " +
    "here its entries go row by row";
  return { code: "by columns", message };
}

/** Where the entries of a matrix, taken column by column, stand row by row. */
function columnOrder(rows: number, columns: number): number[] {
  return Array.from(
    { length: rows * columns },
    (_, i) => (i % rows) * columns + Math.floor(i / rows),
  );
}

function ifPositive(pairs: readonly Compared[]): Finding | null {
  const right = (pair: Compared): boolean => isClose(pair.claim, pair.truth);
  const positive = pairs.filter(({ spread }) => spread === "positive");
  if (positive.length === 0 || !positive.every(right)) return null;
  if (!pairs.some((pair) => pair.spread === "normal" && !right(pair))) return null;
  return { code: "positive", message: "right only for positive values" };
}

function ifDiagonal(question: Question): Finding | null {
  const all = squares(question);
  if (all.length === 0) return null;
  if (!holds(question, question.sizes, changing(all, diagonalPart))) return null;
  const message =
    "right only for diagonal matrices: the order of a product is wrong, or a transpose";
  return { code: "order", message };
}

/** Matrices that are vectors, and vectors that are scalars. */
function ifThin(question: Question): Finding | null {
  const { sizes, program } = question;
  const thin = [...sizes.keys()].flatMap((axis) => {
    if (sizes.size === 1 || !holds(question, new Map([...sizes, [axis, 1]]))) return [];
    const become = program.variables.flatMap(({ name, rows, columns }) => {
      if (rows !== axis && columns !== axis) return [];
      if (rows === columns || rows === 1 || columns === 1) return [`${name} is a number`];
      return [`${name} is a ${rows === axis ? "row" : "column"}`];
    });
    return [`${axis} is 1 (${become.join(", ")})`];
  });
  if (thin.length > 0) return { code: "vectors", message: `right only if ${thin.join(" or ")}` };
  if (!isScalar(question)) return null;
  const message = "right only for scalars, where order and transposes make no difference";
  return { code: "scalars", message };
}

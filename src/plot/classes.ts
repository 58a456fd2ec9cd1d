import { bracketed, said } from "../checks/said.js";
import { DomainError, ShapeError, Tensor, UsageError } from "../index.js";
import { namesOf, numbersOf } from "./checks.js";

/** The class of each point: numbers (a tensor of them too), or names. */
export type Labels = readonly number[] | readonly string[] | Int32Array | Tensor;

/** More are no classes, but numbers given by mistake. */
const MOST = 100;

/** Labels as indices into the names of their classes. */
export interface Classes {
  readonly names: readonly string[];
  /** The index of each point's class. */
  readonly of: readonly number[];
  /** The label of each class: what a predictor that gives labels says. */
  readonly values: readonly (number | string)[];
}

/**
 * Reads the labels of `count` points. Labels 0 to k−1 are indices into `given`, where that has k names;
 * other labels take the names in ascending order.
 */
export function classesOf(
  where: string,
  labels: unknown,
  given: readonly string[] | undefined,
  count: number,
): Classes {
  const list = listOf(where, labels);
  if (list.length !== count) {
    throw new ShapeError(`${where}: there are ${count} points and ${list.length} labels`);
  }
  const names = given === undefined ? undefined : namesOf(where, "classes", given);
  const values = valuesOf(where, list, names);
  const at = new Map(values.map((value, i) => [value, i]));
  return {
    names: names ?? values.map(String),
    of: list.map((label) => at.get(label) ?? 0),
    values,
  };
}

/** The distinct labels, in the order of the classes. */
function valuesOf(
  where: string,
  list: readonly (number | string)[],
  names: readonly string[] | undefined,
): (number | string)[] {
  const found = [...new Set(list)];
  if (found.length > MOST) {
    throw new UsageError(
      `${where}: the labels have ${found.length} values; classes were wanted, at most ${MOST}`,
    );
  }
  const numbers = found.every((label) => typeof label === "number");
  const sorted = numbers ? (found as number[]).sort((a, b) => a - b) : found.sort();
  if (names === undefined) return sorted;
  const asIndex = names.map((_, i) => i);
  const own = numbers ? asIndex : [...names];
  if (found.every((label) => (own as (number | string)[]).includes(label))) return own;
  if (numbers && found.length === names.length) return sorted;
  throw new UsageError(
    `${where}: the labels are ${shortList(sorted)}, and classes has ${names.length} names: ` +
      `${shortList([...names])}`,
  );
}

function listOf(where: string, labels: unknown): (number | string)[] {
  const isTexts = Array.isArray(labels) && labels.some((label) => typeof label === "string");
  if (isTexts) {
    const wrong = labels.findIndex((label) => typeof label !== "string");
    if (wrong < 0) return labels;
    throw new UsageError(
      `${where}: labels[${wrong}] is ${said(labels[wrong])} among names; one kind was wanted`,
    );
  }
  if (labels instanceof Tensor && labels.rank === 2 && labels.shape[1] !== 1) {
    throw new ShapeError(
      `${where}: labels are ${bracketed(labels.shape)}; one label a point was wanted, of one-hot rows ` +
        "argmax(labels, { axis: 1 })",
    );
  }
  const flat = labels instanceof Tensor && labels.rank === 2 ? [...labels.data()] : labels;
  const list = numbersOf(where, "labels", flat);
  const wrong = list.findIndex((label) => !Number.isFinite(label));
  if (wrong >= 0) throw new DomainError(`${where}: labels[${wrong}] is ${list[wrong]}`);
  return list;
}

function shortList(values: readonly (number | string)[]): string {
  const some = values.slice(0, 6).join(", ");
  return values.length > 6 ? `${some}, …` : some;
}

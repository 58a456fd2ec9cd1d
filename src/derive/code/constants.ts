import { UsageError } from "../../tensor/errors.js";
import type { Nested, NestedBool, Tensor } from "../../tensor/tensor.js";

/** A module with more numbers than this would not be read. */
const MOST = 10_000;

/** The numbers of a constant in brackets; a matrix has a line for each row. */
export function inBrackets(
  name: string,
  value: Tensor,
  indent: string,
  write: (x: number) => string,
): string {
  if (value.size > MOST) {
    throw new UsageError(
      `code: the constant ${name} has ${value.size} elements, more than ${MOST}; ` +
        "make it an argument of the function",
    );
  }
  const nested = (x: Nested | NestedBool): string =>
    Array.isArray(x) ? `[${x.map(nested).join(", ")}]` : write(Number(x));
  const values = value.toArray();
  if (value.rank !== 2 || !Array.isArray(values)) return nested(values);
  return `[\n${values.map((row) => `${indent}${nested(row)},\n`).join("")}]`;
}

import { bracketed, said } from "../checks/said.js";
import {
  DomainError,
  getDefaultDtype,
  ShapeError,
  Tensor,
  tensor,
  tidy,
  UsageError,
} from "../index.js";
import type { Place } from "./contour.js";

/** What decides the class of points [n, 2]. */
export type Predict = (X: Tensor) => Tensor;

/**
 * What a predictor gives for a point: one score, one score for each class (the largest wins), or a
 * label.
 */
export type Output =
  | { readonly kind: "score" | "label"; readonly values: Float64Array }
  | { readonly kind: "scores"; readonly values: Float64Array; readonly columns: number };

/** Rows that a predictor gets at once: enough to be quick, and few for one that compares all pairs. */
const CHUNK = 4096;

/** Runs a predictor on many places, in parts. */
export function evaluator(predict: Predict, points: unknown): (at: readonly Place[]) => Output {
  if (typeof predict !== "function") {
    throw new UsageError(
      `decisionBoundary: predict is ${said(predict)}; a function of points [n, 2] was wanted`,
    );
  }
  const own = points instanceof Tensor ? points.dtype : undefined;
  const dtype = own === "float32" || own === "float64" ? own : getDefaultDtype();
  return (at) => {
    const parts: Output[] = [];
    for (let from = 0; from < at.length; from += CHUNK) {
      const some = at.slice(from, from + CHUNK);
      const X = tensor(Float64Array.from(some.flat()), { shape: [some.length, 2], dtype });
      const output = tidy(() => requireTensor(predict(X)));
      parts.push(read(output, some.length));
    }
    const [first] = parts as [Output];
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.values.length, 0));
    let offset = 0;
    for (const part of parts) {
      values.set(part.values, offset);
      offset += part.values.length;
    }
    return { ...first, values };
  };
}

function requireTensor(value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  if (value instanceof Promise) {
    throw new UsageError(
      "decisionBoundary: predict gives a Promise; a function that is not async was wanted",
    );
  }
  throw new UsageError(
    `decisionBoundary: predict gives ${said(value)}; a tensor of scores or labels was wanted`,
  );
}

function read(output: Tensor, count: number): Output {
  const { shape, dtype, rank } = output;
  const columns = rank === 2 ? (shape[1] as number) : 1;
  if (rank < 1 || rank > 2 || shape[0] !== count || columns < 1) {
    throw new ShapeError(
      `decisionBoundary: predict gives ${bracketed(shape)} for ${count} points; [${count}] scores or ` +
        `labels, or [${count}, classes] scores were wanted`,
    );
  }
  const values = Float64Array.from(output.data());
  if (columns > 1) return { kind: "scores", values, columns };
  return { kind: dtype === "int32" || dtype === "bool" ? "label" : "score", values };
}

/** By how much each class is ahead of all others, place by place: above zero where it wins. */
export function lead(
  output: Output,
  labels: readonly (number | string)[],
  own: number,
): Float64Array {
  if (output.kind === "scores") {
    const { values, columns } = output;
    return Float64Array.from({ length: values.length / columns }, (_, i) => {
      let others = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < columns; j++) {
        const score = values[i * columns + j] as number;
        if (Number.isNaN(score)) return Number.NaN;
        if (j !== own) others = Math.max(others, score);
      }
      return (values[i * columns + own] as number) - others;
    });
  }
  return output.values.map((value) => (classOf(value, labels) === own ? 1 : -1));
}

/** The class that a predicted label means. */
function classOf(value: number, labels: readonly (number | string)[]): number {
  const at = labels.indexOf(value);
  if (at >= 0) return at;
  const isIndex = labels.every((label) => typeof label === "string") && value in labels;
  if (isIndex) return value;
  throw new DomainError(
    `decisionBoundary: predict gives the label ${value}, which no point has; ` +
      "name all classes by the option `classes`",
  );
}

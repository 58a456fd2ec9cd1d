import { isScalar } from "./conditions.js";
import type { Compared, Finding } from "./diagnose.js";
import { isClose, type Numbers } from "./numbers.js";
import type { Question } from "./question.js";

/**
 * What is wrong with a claim whose shape is not that of the derivative, nor of its transpose.
 *
 * @param right how it would be right, if that is known
 */
export function fromShape(
  question: Question,
  pairs: readonly Compared[],
  noun: string,
  right: string | null,
): Finding {
  const { claim, truth } = pairs[0] as Compared;
  const [own, wanted] = [claim, truth].map((X) => question.described(X));
  const message = `its shape does not fit: the claim is ${own}, the ${noun} ${wanted}`;
  const how = right === null ? remedy(question, pairs) : `; ${right}`;
  return { code: "shape", message: `${message}${how}` };
}

/** What would make it right. */
function remedy(question: Question, pairs: readonly Compared[]): string {
  const right = (change: (claim: Numbers, truth: Numbers) => Numbers): boolean =>
    pairs.every(({ claim, truth }) => isClose(change(claim, truth), truth));
  const one = pairs.every(({ claim }) => claim.data.length === 1);
  if (
    one &&
    right((claim, truth) => ({ ...truth, data: truth.data.map(() => claim.data[0] ?? 0) }))
  ) {
    const { columns, rows } = (pairs[0] as Compared).truth;
    const f = columns === 1 ? "vector" : rows === 1 ? "vector" : "matrix";
    return `; write ${f}(${question.claim})${rows === 1 ? "'" : ""}`;
  }
  if (right(added)) return `; write sum(${question.claim})`;
  if (right(diagonal)) return `; write diag(${question.claim})`;
  return isScalar(question) ? " (right for scalars only)" : "";
}

const added = ({ data }: Numbers): Numbers => ({
  rows: 1,
  columns: 1,
  data: [data.reduce((total, x) => total + x, 0)],
});

function diagonal({ data }: Numbers): Numbers {
  const n = data.length;
  const entries = Array.from({ length: n * n }, (_, i) =>
    i % (n + 1) === 0 ? (data[i / (n + 1)] as number) : 0,
  );
  return { rows: n, columns: n, data: entries };
}

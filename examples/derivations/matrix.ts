/** Plain matrices of numbers, and how they are compared. */
import { reshape, type Shape, type Tensor, tensor } from "tracegrad";

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly numbers: readonly number[];
}

/** A scalar as 1×1, a vector as a column. */
export function matrix(x: Tensor): Matrix {
  const [rows = 1, columns = 1] = x.shape;
  return { rows, columns, numbers: [...x.data()] };
}

/** Its numbers as a tensor of this shape. */
export function tensorOf({ numbers }: Matrix, shape: Shape): Tensor {
  return reshape(tensor(numbers, { dtype: "float64" }), shape);
}

export function entry({ columns, numbers }: Matrix, i: number, j: number): number {
  return numbers[i * columns + j] as number;
}

/** The transpose. */
export function turned(A: Matrix): Matrix {
  const { rows, columns } = A;
  const numbers = A.numbers.map((_, i) => entry(A, i % rows, Math.floor(i / rows)));
  return { rows: columns, columns: rows, numbers };
}

/** The product, or null where the sizes do not fit. */
export function times(A: Matrix, B: Matrix): Matrix | null {
  if (A.columns !== B.rows) return null;
  const numbers = Array.from({ length: A.rows * B.columns }, (_, at) => {
    const [i, j] = [Math.floor(at / B.columns), at % B.columns];
    return Array.from({ length: A.columns }, (_, k) => entry(A, i, k) * entry(B, k, j)).reduce(
      (a, b) => a + b,
      0,
    );
  });
  return { rows: A.rows, columns: B.columns, numbers };
}

export function sizeOf({ rows, columns }: Matrix): string {
  return `${rows}×${columns}`;
}

/** The largest difference of two elements. */
export function gap(A: Matrix, B: Matrix): number {
  return Math.max(0, ...A.numbers.map((x, i) => Math.abs(x - (B.numbers[i] as number))));
}

export function isSameSize(A: Matrix, B: Matrix): boolean {
  return A.rows === B.rows && A.columns === B.columns;
}

/** Whether they agree to `rtol` of the largest element, or of 1. */
export function isClose(A: Matrix, B: Matrix, rtol: number): boolean {
  return isSameSize(A, B) && gap(A, B) <= rtol * Math.max(1, ...B.numbers.map(Math.abs));
}

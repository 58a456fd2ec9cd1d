import type { TypedArray } from "../../tensor/dtype.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { decompose, nameOf, requireRegular, timesPowerOf2 } from "./lu.js";
import { batchIndex } from "./product.js";
import { solveWith } from "./solve.js";

function identity(n: number): Float64Array {
  const I = new Float64Array(n * n);
  for (let i = 0; i < n; i++) I[i * (n + 1)] = 1;
  return I;
}

function multiply(A: Float64Array, B: Float64Array, n: number): Float64Array {
  const Y = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = A[i * n + k] as number;
      for (let j = 0; j < n; j++) {
        Y[i * n + j] = (Y[i * n + j] as number) + x * (B[k * n + j] as number);
      }
    }
  }
  return Y;
}

/** By the binary digits of the exponent, lowest first. */
const matrixPower: ReferenceKernel = ([X], [Y], { k }: { readonly k: number }) => {
  const { data, shape } = X as NDArray;
  const { batch, n } = matrices(shape);
  for (let b = 0, at = 0; b < batch; b++, at += n * n) {
    let square: Float64Array = Float64Array.from(data.subarray(at, at + n * n));
    if (k < 0) {
      const lu = decompose(data, at, n);
      requireRegular(lu, data, at, `matrixPower: ${nameOf("X", shape, b)}`);
      square = solveWith(lu, identity(n), 0, n);
    }
    let power: Float64Array | null = null;
    for (let rest = Math.abs(k); rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) power = power === null ? square : multiply(power, square, n);
      if (rest > 1) square = multiply(square, square, n);
    }
    (Y as NDArray).data.set(power ?? identity(n), at);
  }
};

/** The largest sum of sizes in a column. */
function norm1(A: Float64Array, n: number): number {
  const sums = new Float64Array(n);
  A.forEach((x, i) => {
    sums[i % n] = (sums[i % n] as number) + Math.abs(x);
  });
  return sums.reduce((a, b) => Math.max(a, b), 0); // NaN stays NaN
}

/**
 * Up to which norm the Padé approximant of a degree has full double precision: Higham, "The scaling
 * and squaring method for the matrix exponential revisited", 2005, table 2.3. Degree 9 is left out:
 * where it would do, it saves one product of seven.
 */
const degrees = [
  [3, 1.495585217958292e-2],
  [5, 2.53939833006323e-1],
  [7, 9.504178996162932e-1],
  [13, 5.371920351148152],
] as const;

/**
 * exp(A) = exp(2⁻ˢ·A)^(2ˢ), with s so that the Padé approximant r = (V − U)⁻¹·(V + U) of degree m is
 * exact to rounding; U and V are its odd and its even terms: Higham 2005, algorithm 2.3.
 */
function exponential(A: Float64Array, n: number): Float64Array {
  const norm = norm1(A, n);
  if (!Number.isFinite(norm)) return A.map(() => Number.NaN);
  const [m, limit] = degrees.find(([, most]) => norm <= most) ?? (degrees[3] as [13, number]);
  const s = Math.max(0, Math.ceil(Math.log2(norm / limit)));
  const B = A.map((x) => timesPowerOf2(x, -s));
  const powers = [identity(n), multiply(B, B, n)];
  for (let p = 2; p <= Math.min(3, (m - 1) / 2); p++) {
    powers.push(multiply(powers[p - 1] as Float64Array, powers[1] as Float64Array, n));
  }
  // The coefficients c₀ = 1, c₁, …, c_m.
  const c = [1];
  for (let j = 1; j <= m; j++) {
    c.push(((c[j - 1] as number) * (m - j + 1)) / (j * (2 * m - j + 1)));
  }
  /** The sum of the matrices, times c_i with i = first, first + 2, … */
  const sum = (first: number, list: readonly Float64Array[]): Float64Array => {
    const Y = new Float64Array(n * n);
    list.forEach((P, p) => {
      const factor = c[first + 2 * p] as number;
      P.forEach((x, i) => {
        Y[i] = (Y[i] as number) + factor * x;
      });
    });
    return Y;
  };
  const part = (first: number): Float64Array => {
    const low = sum(first, powers);
    if (m < 13) return low;
    // Powers from 8 on are B⁶ times those from 2 on.
    const high = multiply(powers[3] as Float64Array, sum(first + 8, powers.slice(1)), n);
    return low.map((x, i) => x + (high[i] as number));
  };
  const U = multiply(B, part(1), n);
  const V = part(0);
  const lu = decompose(
    V.map((x, i) => x - (U[i] as number)),
    0,
    n,
  );
  const sumOf = V.map((x, i) => x + (U[i] as number));
  let Y = solveWith(lu, sumOf, 0, n);
  for (let i = 0; i < s; i++) Y = multiply(Y, Y, n);
  return Y;
}

/**
 * The derivative along H is the block on the right of exp([[X, H], [0, X]]), and so on: with k
 * directions block (i, j) of 2ᵏ × 2ᵏ is H_h where j is i with its bit h set, X where i = j, and the
 * derivative is the last block of the first row (Higham, "Functions of Matrices", 2008, theorem 3.6
 * and section 10.6). It is linear in each H, which is therefore brought to norm 1 first, lest it
 * makes X be scaled down too far.
 */
const expm: ReferenceKernel = ([X, ...Hs], [Y]) => {
  const { data, shape } = X as NDArray;
  const { data: y, shape: yShape } = Y as NDArray;
  const { n } = matrices(shape);
  const lead = yShape.slice(0, -2);
  const ofHs = Hs.map((H) => batchIndex(H.shape, lead));
  const order = n * 2 ** Hs.length;
  batchIndex(shape, lead).forEach((b, at) => {
    let twos = 0;
    const blocks = Hs.map((H, h) => {
      const from = (ofHs[h]?.[at] as number) * n * n;
      const block = Float64Array.from(H.data.subarray(from, from + n * n));
      const size = Math.ceil(Math.log2(norm1(block, n)));
      if (!Number.isFinite(size)) return block;
      twos += size;
      return block.map((x) => timesPowerOf2(x, -size));
    });
    const A = new Float64Array(order * order);
    const put = (from: TypedArray, start: number, i: number, j: number): void => {
      for (let r = 0; r < n; r++) {
        const row = from.subarray(start + r * n, start + (r + 1) * n);
        A.set(row, (i * n + r) * order + j * n);
      }
    };
    for (let i = 0; i < 2 ** Hs.length; i++) {
      put(data, b * n * n, i, i);
      blocks.forEach((block, h) => {
        if ((i & (1 << h)) === 0) put(block, 0, i, i | (1 << h));
      });
    }
    const E = exponential(A, order);
    for (let r = 0; r < n; r++) {
      const row = E.subarray(r * order + order - n, (r + 1) * order);
      y.set(
        row.map((x) => timesPowerOf2(x, twos)),
        (at * n + r) * n,
      );
    }
  });
};

/** The powers and the exponential, by the name of their op. */
export const power: Record<string, ReferenceKernel> = { matrixPower, expm };

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

/** Adds `A·B` to `Y`. */
function addProduct(A: Float64Array, B: Float64Array, Y: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = A[i * n + k] as number;
      for (let j = 0; j < n; j++) {
        Y[i * n + j] = (Y[i * n + j] as number) + x * (B[k * n + j] as number);
      }
    }
  }
}

function multiply(A: Float64Array, B: Float64Array, n: number): Float64Array {
  const Y = new Float64Array(n * n);
  addProduct(A, B, Y, n);
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
const degrees: readonly (readonly [degree: number, norm: number])[] = [
  [3, 1.495585217958292e-2],
  [5, 2.53939833006323e-1],
  [7, 9.504178996162932e-1],
  [13, 5.371920351148152],
];

/**
 * The coefficients of X + ε₁·H₁ + … + ε_k·H_k and of what is calculated from it: one matrix for each
 * product of ε, by the bits of its index. With ε_h² = 0 that of ε₁·…·ε_k in f(X + ε₁·H₁ + …) is
 * Dᵏf(X)[H₁, …, H_k]. It is the theorem of the exponential of [[X, H], [0, X]], without storing
 * blocks twice (Higham, "Functions of Matrices", 2008, section 10.6).
 */
type Jet = readonly Float64Array[];

function product(A: Jet, B: Jet, n: number): Jet {
  return A.map((_, all) => {
    const Y = new Float64Array(n * n);
    for (let some = all; ; some = (some - 1) & all) {
      addProduct(A[some] as Float64Array, B[all ^ some] as Float64Array, Y, n);
      if (some === 0) return Y;
    }
  });
}

/** The Z with A·Z = B: coefficient by coefficient, each from those of smaller products. */
function quotient(A: Jet, B: Jet, n: number): Jet {
  const lu = decompose(A[0] as Float64Array, 0, n);
  const Z: Float64Array[] = [];
  B.forEach((right, all) => {
    const known = new Float64Array(n * n);
    for (let some = all; some > 0; some = (some - 1) & all) {
      addProduct(A[some] as Float64Array, Z[all ^ some] as Float64Array, known, n);
    }
    const rest = right.map((x, i) => x - (known[i] as number));
    Z.push(solveWith(lu, rest, 0, n));
  });
  return Z;
}

/** a·A + b·B */
function mix(a: number, A: Jet, b: number, B: Jet): Jet {
  return A.map((part, s) => part.map((x, i) => a * x + b * (B[s]?.[i] as number)));
}

/**
 * exp(A) = exp(2⁻ˢ·A)^(2ˢ), with s so that the Padé approximant r = (V − U)⁻¹·(V + U) of degree m is
 * exact to rounding; U and V are its odd and its even terms: Higham 2005, algorithm 2.3.
 */
function exponential(A: Jet, norm: number, n: number): Jet {
  const [m, limit] = degrees.find(([, most]) => norm <= most) ?? (degrees[3] as [number, number]);
  const s = Math.max(0, Math.ceil(Math.log2(norm / limit)));
  const B = A.map((part) => part.map((x) => timesPowerOf2(x, -s)));
  const one = A.map((_, i) => (i === 0 ? identity(n) : new Float64Array(n * n)));
  const powers: Jet[] = [one, product(B, B, n)]; // of B²
  for (let p = 2; p <= Math.min(3, (m - 1) / 2); p++) {
    powers.push(product(powers[p - 1] as Jet, powers[1] as Jet, n));
  }
  // The coefficients c₀ = 1, c₁, …, c_m.
  const c = [1];
  for (let j = 1; j <= m; j++) {
    c.push(((c[j - 1] as number) * (m - j + 1)) / (j * (2 * m - j + 1)));
  }
  /** The sum of the terms, times c_i with i = first, first + 2, … */
  const sum = (first: number, terms: readonly Jet[]): Jet =>
    terms.reduce((Y, term, p) => mix(1, Y, c[first + 2 * p] as number, term), mix(0, B, 0, B));
  /** The even (0) or the odd (1) terms; powers from 8 on are B⁶ times those from 2 on. */
  const part = (first: number): Jet => {
    const low = sum(first, powers);
    if (m < 13) return low;
    return mix(1, low, 1, product(powers[3] as Jet, sum(first + 8, powers.slice(1)), n));
  };
  const U = product(B, part(1), n);
  const V = part(0);
  let Y = quotient(mix(1, V, -1, U), mix(1, V, 1, U), n);
  for (let i = 0; i < s; i++) Y = product(Y, Y, n);
  return Y;
}

/**
 * A derivative is linear in each direction, which is therefore scaled to a norm of ½ or less first,
 * lest a large one makes X be scaled down too far.
 */
const expm: ReferenceKernel = ([X, ...Hs], [Y]) => {
  const { data, shape } = X as NDArray;
  const { data: y, shape: yShape } = Y as NDArray;
  const { n } = matrices(shape);
  const lead = yShape.slice(0, -2);
  const ofHs = Hs.map((H) => batchIndex(H.shape, lead));
  const matrix = (from: TypedArray, index: number): Float64Array =>
    Float64Array.from(from.subarray(index * n * n, (index + 1) * n * n));
  batchIndex(shape, lead).forEach((b, at) => {
    const x = matrix(data, b);
    const A: Float64Array[] = [x];
    for (let i = 1; i < 2 ** Hs.length; i++) A.push(new Float64Array(n * n));
    let norm = norm1(x, n);
    let twos = 0;
    Hs.forEach((H, h) => {
      const direction = matrix(H.data, ofHs[h]?.[at] as number);
      const size = norm1(direction, n);
      const exponent = size > 0 && size < Infinity ? Math.ceil(Math.log2(size)) + 1 : 0;
      A[2 ** h] = direction.map((v) => timesPowerOf2(v, -exponent));
      norm += timesPowerOf2(size, -exponent);
      twos += exponent;
    });
    const result = Number.isFinite(norm)
      ? (exponential(A, norm, n).at(-1) as Float64Array).map((v) => timesPowerOf2(v, twos))
      : x.map(() => Number.NaN);
    y.set(result, at * n * n);
  });
};

/** The powers and the exponential, by the name of their op. */
export const power: Record<string, ReferenceKernel> = { matrixPower, expm };

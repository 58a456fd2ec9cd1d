import type { Tensor } from "../index.js";

/** `max|got − want| / max(1, max|want|)`; NaN counts as infinitely far from all but NaN. */
export function distance(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let most = 0;
  let scale = 1;
  for (let i = 0; i < want.length; i++) {
    const [g, w] = [got[i] as number, want[i] as number];
    if (Number.isFinite(w)) scale = Math.max(scale, Math.abs(w));
    if (Object.is(g, w) || g === w) continue;
    const gap = Math.abs(g - w);
    most = Math.max(most, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
  }
  return got.length === want.length ? most / scale : Number.POSITIVE_INFINITY;
}

/** The position of the entry that is furthest off. */
export function worst(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let at = 0;
  let most = -1;
  for (let i = 0; i < want.length; i++) {
    const gap = Math.abs((got[i] as number) - (want[i] as number));
    if (Number.isNaN(gap)) return i;
    if (gap > most) [at, most] = [i, gap];
  }
  return at;
}

/** The index of the `at`-th element of a shape, as messages print it: `[1, 2]`. */
export function position(shape: readonly number[], at: number): string {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
    const n = shape[axis] as number;
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return `[${index.join(", ")}]`;
}

/** An entry of a tensor as messages call it: `Y[1, 2]`, and `Y` where it is a scalar. */
export function entry(name: string, shape: readonly number[], at: number): string {
  return shape.length === 0 ? name : `${name}${position(shape, at)}`;
}

/** The name of what is paired with `X`: `X̄`. */
export function bar(name: string): string {
  return `${name.slice(0, 1)}\u0304${name.slice(1)}`.normalize("NFC");
}

/** Two numbers that differ, each with as many digits as show it, at least six. */
export function shown(a: number, b: number): [string, string] {
  for (let digits = 6; digits < 17; digits++) {
    const [p, q] = [a, b].map((x) => String(Number(x.toPrecision(digits)))) as [string, string];
    if (p !== q) return [p, q];
  }
  return [String(a), String(b)];
}

/** The elements as a list of doubles. */
export function numbers(x: Tensor): Float64Array {
  return Float64Array.from(x.data());
}

/** ⟨A, B⟩ = Σ aᵢ bᵢ over lists of arrays, and the sum of the sizes of its terms. */
export function pairing(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): { readonly value: number; readonly scale: number } {
  let value = 0;
  let scale = 0;
  a.forEach((p, k) => {
    const q = b[k] as ArrayLike<number>;
    for (let i = 0; i < p.length; i++) {
      value += (p[i] as number) * (q[i] as number);
      scale += Math.abs((p[i] as number) * (q[i] as number));
    }
  });
  return { value, scale };
}

/** How far two pairings are apart, beside what they add up. */
export function apart(left: ReturnType<typeof pairing>, right: ReturnType<typeof pairing>): number {
  const off = Math.abs(left.value - right.value) / Math.max(1, left.scale, right.scale);
  return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
}

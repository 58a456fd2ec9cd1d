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

/** ⟨A, B⟩ = Σ aᵢ bᵢ over lists of tensors, and the sum of the sizes of its terms. */
export function pairing(
  a: readonly Tensor[],
  b: readonly Tensor[],
): { readonly value: number; readonly scale: number } {
  let value = 0;
  let scale = 0;
  a.forEach((x, k) => {
    const [p, q] = [x.data(), (b[k] as Tensor).data()];
    for (let i = 0; i < p.length; i++) {
      value += (p[i] as number) * (q[i] as number);
      scale += Math.abs((p[i] as number) * (q[i] as number));
    }
  });
  return { value, scale };
}

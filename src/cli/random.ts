import { add, eye, matmul, mul, random, type Shape, sub, type Tensor, t } from "../index.js";

/**
 * Kinds of random values. An expression that is not defined at normal ones may be at positive ones,
 * or where square matrices have a positive definite symmetric part.
 */
export type Spread = "normal" | "positive" | "definite";

/** How many points of each kind are wanted. */
export const plan: readonly (readonly [Spread, number])[] = [
  ["normal", 3],
  ["positive", 2],
  ["definite", 2],
];

/** Random values of float64; the same in each run. */
export function draw(shape: Shape, symmetric: boolean, spread: Spread, seed: number): Tensor {
  const options = { dtype: "float64", seed } as const;
  const X =
    spread === "normal"
      ? random.normal(shape, options)
      : random.uniform(shape, { ...options, low: 0.3, high: 0.9 });
  const [m, n] = shape;
  if (m === undefined || m !== n) return X;
  if (spread !== "definite") return symmetric ? symmetricPart(X) : X;
  const R = random.normal(shape, options);
  const P = add(matmul(R, t(R)), eye(m, { dtype: "float64" }));
  return symmetric ? P : add(P, sub(X, t(X)));
}

/** Values next to others: each entry is changed by a random part of itself, at most `by`. */
export function moved(X: Tensor, by: number, seed: number): Tensor {
  const parts = random.uniform(X.shape, { dtype: "float64", seed, low: 1 - by, high: 1 + by });
  return mul(X, parts);
}

export const symmetricPart = (X: Tensor): Tensor => mul(add(X, t(X)), 0.5);

/** The matrix with zeros beside its diagonal. */
export const diagonalPart = (X: Tensor): Tensor =>
  mul(X, eye(X.shape[0] as number, { dtype: "float64" }));

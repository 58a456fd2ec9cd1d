import { defineOp, matmul, neg, type OpSpec, type Tensor, t, tensor } from "../../src/index.js";
import { CheckError } from "../../src/testing/index.js";

/** What an error says, or that there was none. */
export function said(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof CheckError) return error.message;
    throw error;
  }
  return "nothing";
}

/** A float64 vector. */
export const vector = (...values: number[]): Tensor => tensor(Float64Array.from(values));

/** `k·x²·G`: the slope of x³ where k is 3. */
export const along =
  (k: number) =>
  ({ X }: { X: Tensor }, G: Tensor): Tensor =>
    G.mul(X.square().mul(k));

export const slope = ({ X }: { X: Tensor }): Tensor => X.square().mul(3);

export type Cube = OpSpec<"X", "Y", "X", unknown>;

/** x ↦ x³ at 1, −2 and ½, with what is given in the place of what is right. */
export function cube(rule: Cube["rules"]["X"], other: Partial<Cube> = {}) {
  return defineOp<"X", "Y", "X">({
    name: "cube",
    inputs: ["X"],
    outputs: ["Y"],
    saves: ["X"],
    shape: ({ X }) => X,
    rules: { X: rule },
    notation: ({ X }) => ({ kind: "power", text: "3", parts: [X] }),
    samples: () => [{ inputs: { X: vector(1, -2, 0.5) } }],
    kernel: ([X], [Y]) => {
      X?.data.forEach((x, i) => {
        if (Y) Y.data[i] = x ** 3;
      });
    },
    ...other,
  });
}

export type Wrong = "A without transpose" | "both signs of A" | "half of B" | "nothing";

/** A·B, its rules right or wrong in one way. */
export function product(wrong: Wrong) {
  const sign = (G: Tensor): Tensor => (wrong === "both signs of A" ? neg(G) : G);
  return defineOp({
    name: "product",
    inputs: ["A", "B"],
    outputs: ["Y"],
    saves: ["A", "B"],
    shape: ({ A, B }) => [A[0] as number, B[1] as number],
    rules: {
      A: {
        d: ({ B }, dA) => sign(matmul(dA, B)),
        adj: ({ B }, Ybar) => sign(matmul(Ybar, wrong === "A without transpose" ? B : t(B))),
      },
      B: { linear: ({ A }, Ybar) => matmul(t(A), wrong === "half of B" ? Ybar.div(2) : Ybar) },
    },
    notation: ({ A, B }) => ({ kind: "infix", text: "·", parts: [A, B] }),
    samples: () => [
      {
        inputs: {
          A: vector(1, 2, 3, -1).reshape([2, 2]),
          B: vector(2, 0.5, -1, 3).reshape([2, 2]),
        },
      },
    ],
    kernel: ([a, b], [y]) => {
      if (!a || !b || !y) return;
      const n = b.shape[1] as number;
      for (let i = 0; i < y.data.length; i++) {
        for (let k = 0; k < (b.shape[0] as number); k++) {
          const left = a.data[Math.floor(i / n) * (a.shape[1] as number) + k] as number;
          y.data[i] = (y.data[i] as number) + left * (b.data[k * n + (i % n)] as number);
        }
      }
    },
  });
}

/** The sum and the sum of squares of several vectors. */
export function moments(wrong: "" | "S" | "Q") {
  const half = (name: string): number => (name === wrong ? 0.5 : 1);
  return defineOp({
    name: "moments",
    inputs: ["...Xs"],
    outputs: ["S", "Q"],
    saves: ["...Xs"],
    shape: ({ Xs }) => [Xs[0] ?? [], Xs[0] ?? []],
    rules: {
      Xs: {
        S: { d: (_, dX) => dX, adj: (_, Sbar) => Sbar.mul(half("S")) },
        Q: { slope: ({ Xs }, { index }) => (Xs[index] as Tensor).mul(2 * half("Q")) },
      },
    },
    notation: () => ({ kind: "name", text: "moments", parts: [] }),
    samples: () => [{ inputs: { Xs: [vector(1, 2), vector(3, -1), vector(0, 5)] } }],
    kernel: (Xs, [S, Q]) => {
      for (const { data } of Xs) {
        data.forEach((x, i) => {
          if (S) S.data[i] = (S.data[i] as number) + x;
          if (Q) Q.data[i] = (Q.data[i] as number) + x * x;
        });
      }
    },
  });
}

import { describe, expect, it } from "vitest";
import {
  apply,
  defineOp,
  matmul,
  neg,
  stopGradient,
  type Tensor,
  t,
  tensor,
  tidy,
} from "../src/index.js";
import { CheckError, checkOp, gradcheck } from "../src/testing/index.js";

const f64 = (values: number[][]): Tensor => tensor(values, { dtype: "float64" });
const X = (): Tensor =>
  f64([
    [1, 2],
    [3, -1],
  ]);

describe("gradcheck", () => {
  it("passes right gradients, and says how far off they are at most", () => {
    const f = (p: { x: Tensor; y: Tensor }): Tensor => p.x.matmul(p.y).tanh().sum();
    const { error, entries } = gradcheck(f, [{ x: X(), y: f64([[0.5], [0.25]]) }]);
    expect(entries).toBe(6);
    expect(error).toBeLessThan(1e-9);
  });

  it("says which entry is off, with both values", () => {
    const wrong = (x: Tensor): Tensor => x.mul(stopGradient(x)).sum(); // the gradient is 2x
    expect(() => gradcheck(wrong, [X()])).toThrow(
      /^gradcheck: argument 0, entry \[0, 0\]: the gradient is 1, central differences give (2|1\.99)/,
    );
    const inTree = (p: { a: Tensor; b: Tensor[] }): Tensor =>
      p.a.sum().add((p.b[1] as Tensor).mul(stopGradient(p.b[1] as Tensor)).sum());
    expect(() => gradcheck(inTree, [{ a: X(), b: [X(), X()] }])).toThrow(
      /^gradcheck: argument 0, b\[1\], entry \[0, 0\]: the gradient is 1/,
    );
  });

  it("takes float32 only when told", () => {
    const f = (x: Tensor): Tensor => x.square().sum();
    expect(() => gradcheck(f, [tensor([1, 2])])).toThrow(
      "pass { float32: true } for a rough check",
    );
    expect(gradcheck(f, [tensor([1, 2])], { float32: true }).error).toBeLessThan(1e-2);
  });
});

type Rules = "right" | "no transpose" | "both signs" | "no factor";

/** X ↦ AᵀX with a fixed A saved as an input, its rules right or wrong in one way. */
function product(kind: Rules) {
  const sign = (G: Tensor): Tensor => (kind === "both signs" ? neg(G) : G);
  return defineOp({
    name: "product",
    inputs: ["A", "B"],
    outputs: ["Y"],
    saves: ["A", "B"],
    shape: ({ A, B }) => [A[0] as number, B[1] as number],
    rules: {
      A: {
        d: ({ B }, dA) => sign(matmul(dA, B)),
        adj: ({ B }, Ybar) => sign(matmul(Ybar, kind === "no transpose" ? B : t(B))),
      },
      B: {
        d: ({ A }, dB) => matmul(A, dB),
        adj: ({ A }, Ybar) => matmul(t(A), kind === "no factor" ? Ybar.div(2) : Ybar),
      },
    },
    notation: ({ A, B }) => ({ kind: "infix", text: "·", parts: [A, B] }),
    samples: () => [
      {
        inputs: {
          A: X(),
          B: f64([
            [2, 0.5],
            [-1, 3],
          ]),
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

describe("checkOp", () => {
  it("passes an op of one's own whose rules are right", () => {
    const op = product("right");
    expect(checkOp(op).pairing).toBeLessThan(1e-12);
    expect(apply(op, { A: [[1, 2]], B: [[3], [4]] }).toArray()).toEqual([[11]]);
  });

  it("finds a missing transpose and a missing factor by the pairing", () => {
    for (const kind of ["no transpose", "no factor"] as const) {
      expect(() => checkOp(product(kind))).toThrow(CheckError);
      expect(() => checkOp(product(kind))).toThrow(
        /^product, sample 0: the rules do not pair: ⟨Ȳ, d\(dX\)⟩ is .* but ⟨adj\(Ȳ\), dX⟩ is /,
      );
    }
  });

  it("finds a sign that both rules miss by central differences", () => {
    expect(() => checkOp(product("both signs"))).toThrow(
      /^product, sample 0: at entry \[\d, \d\] the differential gives .* but central differences /,
    );
  });

  it("refuses a linear rule whose op does not save the other inputs", () => {
    expect(() =>
      defineOp({
        name: "half",
        inputs: ["A", "B"],
        outputs: ["Y"],
        saves: ["A"],
        shape: ({ A }) => A,
        rules: { A: { linear: (_, Ybar) => Ybar }, B: { constant: "for the test" } },
        notation: ({ A }) => A,
        samples: () => [],
      }),
    ).toThrow(
      "defineOp: half is declared linear in A, so its differential needs B; " + 'add "B" to saves',
    );
  });

  it("refuses views and kept results that could give wrong numbers", () => {
    const plain = {
      name: "odd",
      inputs: ["X"],
      outputs: ["Y"],
      saves: [],
      shape: ({ X }: { X: readonly number[] }) => X,
      rules: { X: { constant: "for the test" } },
      notation: () => ({ kind: "name", text: "odd", parts: [] }) as const,
      samples: () => [],
    } as const;
    expect(() => defineOp({ ...plain, view: true })).toThrow(
      'defineOp: odd is a view: one input, one output, dtype "same"',
    );
  });

  it("gives an op's own kernel arrays that stay", () => {
    const seen: Float32Array[] = [];
    const op = defineOp({
      name: "keeper",
      inputs: ["X"],
      outputs: ["Y"],
      saves: [],
      shape: ({ X }) => X,
      rules: { X: { constant: "for the test" } },
      notation: ({ X }) => X,
      samples: () => [],
      kernel: ([x]) => {
        seen.push(x?.data as Float32Array);
        tensor([7, 7, 7]).add(0); // ops inside a kernel
      },
    });
    tidy(() => apply(op, { X: tensor([1, 2, 3]).add(0) }).sum());
    tidy(() => tensor([9, 9, 9]).add(0).sum());
    expect([...(seen[0] ?? [])]).toEqual([1, 2, 3]);
  });

  it("refuses an op without samples", () => {
    const op = { ...product("right"), samples: () => [] };
    expect(() => checkOp(op)).toThrow("product: it has no sample that it should accept");
  });
});

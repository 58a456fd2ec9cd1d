import { describe, expect, it } from "vitest";
import {
  apply,
  defineOp,
  grad,
  hessian,
  jacobian,
  jvp,
  matmul,
  ones,
  stack,
  type Tensor,
  tensor,
  tidy,
  vmap,
} from "../src/index.js";
import { checkOp } from "../src/testing/index.js";
import { along, cube, product, said, vector } from "./support/own_ops.js";

describe("defineOp", () => {
  it("runs an op of one's own", () => {
    const op = product("nothing");
    expect(apply(op, { A: [[1, 2]], B: [[3], [4]] }).toArray()).toEqual([[11]]);
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

  it("is caught where it acts otherwise than its differential", () => {
    const thrice = (times: number) =>
      defineOp({
        name: "thrice",
        inputs: ["X"],
        outputs: ["Y"],
        saves: [],
        shape: ({ X }) => X,
        rules: { X: { linear: (_, Ybar) => Ybar.mul(3) } },
        acts: { X: () => [{ times }] },
        notation: ({ X }) => X,
        samples: () => [{ inputs: { X: vector(1, 2) } }],
        kernel: ([X], [Y]) => {
          X?.data.forEach((x, i) => {
            if (Y) Y.data[i] = 3 * x;
          });
        },
      });
    const odd = { ...thrice(3), acts: { X: () => [{ left: 1, right: 2 }] } };
    expect(said(() => checkOp(odd as never))).toBe(
      "thrice, sample 0: acts.X, alone: it threw UsageError: thrice: its `acts` gave { left, right }; " +
        'each step is one of left, right, solves, times, pairs, sums, "transpose" and "shape"',
    );
    expect(checkOp(thrice(3)).acts).toBe(0);
    expect(said(() => checkOp(thrice(2)))).toBe(
      "thrice, sample 0: acts.X, alone: it makes the Jacobian[0, 0] = 2, but the differential " +
        "makes it 3 (off by 3.3e-1, allowed 1e-12)",
    );
  });
});

describe("rules leave broadcasting to the sweeps", () => {
  type Two = { A: Tensor; B: Tensor };
  type Shapes = { A: readonly number[]; B: readonly number[] };
  /** A + B, B being repeated for the rows of A. */
  const plus = defineOp({
    name: "plus",
    inputs: ["A", "B"],
    outputs: ["Y"],
    saves: [],
    shape: ({ A, B }: Shapes) => (A.length > B.length ? A : B),
    rules: {
      A: { d: (_, dA) => dA, adj: (_, Ybar) => Ybar },
      B: { d: (_, dB) => dB, adj: (_, Ybar) => Ybar },
    },
    notation: ({ A, B }) => ({ kind: "infix", text: "+", parts: [A, B] }),
    samples: () =>
      [
        [vector(1, 2), vector(3, 4, 5, 6, 7, 8).reshape([3, 2])],
        [vector(1, 2, 3, 4).reshape([2, 2]), vector(-1, 2)],
        [vector(1, 2, 3), vector(-1, 2, 5)],
      ].map(([A, B]) => ({ inputs: { A, B } as Two })),
    kernel: ([A, B], [Y]) => {
      const at = (x: typeof A, i: number): number => x?.data[i % x.data.length] ?? 0;
      Y?.data.forEach((_, i, data) => {
        data[i] = at(A, i) + at(B, i);
      });
    },
  });
  const B = vector(1, 2, 3, 4).reshape([2, 2]);
  const f = (A: Tensor): Tensor => apply(plus, { A, B }).square().sum();

  it("in every direction and order", () => {
    checkOp(plus);
    expect(grad(f)(vector(1, 1)).toArray()).toEqual([12, 16]);
    expect(jvp(f, [vector(1, 1)], [vector(1, 0)])[1].item()).toBe(12);
    expect(jacobian((A: Tensor) => apply(plus, { A, B }))(vector(1, 1)).shape).toEqual([2, 2, 2]);
    expect(hessian(f)(vector(1, 1)).toArray()).toEqual([
      [4, 0],
      [0, 4],
    ]);
    const many = stack([vector(1, 1), vector(0, 0)]);
    expect(vmap(grad(f))(many).toArray()).toEqual([
      [12, 16],
      [8, 12],
    ]);
  });

  it("also along axes that do not lie over one another", () => {
    /** A·x, for each row of x one A. */
    const times = defineOp({
      name: "times",
      inputs: ["A", "x"],
      outputs: ["Y"],
      saves: ["A", "x"],
      shape: ({ x }) => x,
      rules: {
        A: {
          d: ({ x }, dA) => matmul(dA, x.expandDims(-1)).squeeze([-1]),
          adj: ({ x }, Ybar) => matmul(Ybar.expandDims(-1), x.expandDims(-2)),
        },
        x: { linear: ({ A }, Ybar) => matmul(Ybar, A) },
      },
      notation: ({ A, x }) => ({ kind: "call", text: "times", parts: [A, x] }),
      samples: () => [
        { inputs: { A: vector(1, 2, 3, 4).reshape([2, 2]), x: ones([3, 2]).cast("float64") } },
      ],
      kernel: ([A, x], [Y]) => {
        const n = A?.shape.at(-1) ?? 0;
        Y?.data.forEach((_, i, data) => {
          data[i] = 0;
          for (let j = 0; j < n; j++) {
            data[i] += (A?.data[(i % n) * n + j] ?? 0) * (x?.data[i - (i % n) + j] ?? 0);
          }
        });
      },
    });
    checkOp(times);
    const x = vector(1, 1, 2, 0, 0, 3).reshape([3, 2]);
    const A = vector(1, 2, 3, 4).reshape([2, 2]);
    const own = grad((A: Tensor) => apply(times, { A, x }).square().sum())(A);
    expect(own.toArray()).toEqual(grad((A: Tensor) => matmul(x, A.T).square().sum())(A).toArray());
  });

  it("and no more than that", () => {
    const wrong = cube({ d: along(3), adj: () => ones([2, 3]) });
    expect(() => grad((X: Tensor) => apply(wrong, { X }).sum())(vector(1, 2, 3))).toThrow(
      "cube: rules.X.adj gives the shape [2, 3]; that of X, [3], was wanted",
    );
  });
});

import { describe, expect, it } from "vitest";
import {
  argmax,
  cumsum,
  grad,
  max,
  mean,
  min,
  norm,
  prod,
  random,
  reshape,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "../../src/index.js";
import { close, f64, list, said, second } from "../support/values.js";

const A = (): Tensor => reshape([1, 2, 3, 4, 5, 6], [2, 3]);

describe("sum and mean", () => {
  it("go over all axes, one, or several", () => {
    expect(sum(A()).item()).toBe(21);
    expect(sum(A(), { axis: 0 }).toArray()).toEqual([5, 7, 9]);
    expect(sum(A(), { axis: -1, keepDims: true }).toArray()).toEqual([[6], [15]]);
    expect(sum(A(), { axis: [1, 0] }).item()).toBe(21);
    expect(sum(A(), { axis: [] }).toArray()).toEqual(A().toArray());
    expect(sum(7).item()).toBe(7);
    expect(mean(A(), { axis: 1 }).toArray()).toEqual([2, 5]);
    expect(mean(A(), { axis: 0, keepDims: true }).toArray()).toEqual([[2.5, 3.5, 4.5]]);
    expect(sum(reshape(A(), [1, 2, 1, 3, 1, 1, 1]), { axis: [1, 6] }).shape).toEqual([
      1, 1, 3, 1, 1,
    ]);
  });

  it("are 0 and NaN of nothing", () => {
    expect(sum(zeros([0])).item()).toBe(0);
    expect(sum(zeros([2, 0]), { axis: 1 }).toArray()).toEqual([0, 0]);
    expect(sum(zeros([0, 2]), { axis: 1 }).shape).toEqual([0]);
    expect(mean(zeros([0])).item()).toBeNaN();
  });

  it("count truth values, and keep whole numbers whole", () => {
    const hits = A().greater(2);
    expect(sum(hits).dtype).toBe("int32");
    expect(sum(hits).item()).toBe(4);
    expect(mean(hits).dtype).toBe("float32");
    expect(mean(hits).item()).toBeCloseTo(2 / 3, 6);
    expect(sum(tensor([1, 2], { dtype: "int32" })).dtype).toBe("int32");
  });

  it("keep six digits of 10⁷ float32 numbers", () => {
    const n = 1e7;
    const data = random.uniform([n], { seed: 3 }).data();
    let exact = 0;
    for (const x of data) exact += x;
    const x = tensor(data);
    expect(Math.abs(sum(x).item() / exact - 1)).toBeLessThan(2e-7);
    expect(Math.abs((mean(x).item() * n) / exact - 1)).toBeLessThan(2e-7);
    const columns = sum(reshape(x, [n / 2, 2]), { axis: 0 });
    expect(Math.abs(sum(columns).item() / exact - 1)).toBeLessThan(2e-7);
  });

  it("add up lengths that blocks do not divide", () => {
    for (const n of [127, 128, 129, 1000, 16385]) {
      const x = tensor(
        Float32Array.from({ length: 3 * n }, (_, i) => i % 7),
        { shape: [3, n] },
      );
      const exact = [0, 1, 2].map((row) => {
        let s = 0;
        for (let i = 0; i < n; i++) s += (row * n + i) % 7;
        return s;
      });
      expect(sum(x, { axis: 1 }).toArray()).toEqual(exact);
      expect(sum(x.T, { axis: 0 }).toArray()).toEqual(exact);
    }
  });

  it("spread the gradient", () => {
    expect(grad((x: Tensor) => mean(x))(A()).toArray()).toEqual([
      [Math.fround(1 / 6), Math.fround(1 / 6), Math.fround(1 / 6)],
      [Math.fround(1 / 6), Math.fround(1 / 6), Math.fround(1 / 6)],
    ]);
    const f = (x: Tensor): Tensor => sum(sum(x, { axis: 1 }).mul([1, 10]));
    expect(grad(f)(A()).toArray()).toEqual([
      [1, 1, 1],
      [10, 10, 10],
    ]);
  });

  it("say which axis does not exist", () => {
    expect(said(() => sum(A(), { axis: 2 }))).toEqual([
      ShapeError,
      "sum: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
    ]);
    expect(said(() => sum(1, { axis: 0 }))[1]).toBe(
      "sum: axis 0 does not exist in a tensor of rank 0; a scalar has no axes",
    );
    expect(said(() => mean(A(), { axis: [0, -2] }))[1]).toBe(
      "mean: axis [0, 0] names the same axis twice",
    );
  });
});

describe("prod", () => {
  it("multiplies, and is 1 of nothing", () => {
    expect(prod(A()).item()).toBe(720);
    expect(prod(A(), { axis: 0 }).toArray()).toEqual([4, 10, 18]);
    expect(prod(zeros([0])).item()).toBe(1);
    expect(prod(zeros([2, 0]), { axis: 1 }).toArray()).toEqual([1, 1]);
  });

  it("has the right derivatives where elements are 0", () => {
    const g = grad((x: Tensor) => prod(x));
    expect(g(f64([2, 3, 5])).toArray()).toEqual([15, 10, 6]);
    expect(g(f64([2, 0, 5])).toArray()).toEqual([0, 10, 0]);
    expect(g(f64([2, 0, 0, 5])).toArray()).toEqual([0, 0, 0, 0]);
    expect(g(f64([3])).toArray()).toEqual([1]);
    expect(g(f64([])).toArray()).toEqual([]);
    // ∂²(x₁x₂x₃x₄)/∂x₂∂x₃ = x₁x₄ = 10 is all that is left at two zeros.
    expect(second(prod, [0, 1, 0, 0])(f64([2, 0, 0, 5])).toArray()).toEqual([0, 0, 10, 0]);
    expect(second(prod, [1, 1, 1, 1])(f64([2, 0, 0, 5])).toArray()).toEqual([0, 10, 10, 0]);
  });

  it("is differentiated along any axes", () => {
    const f = (axis: number | number[]) => (x: Tensor) => sum(prod(x, { axis }));
    expect(grad(f(0))(A()).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(grad(f(1))(A()).toArray()).toEqual([
      [6, 3, 2],
      [30, 24, 20],
    ]);
    expect(grad(f([0, 1]))(A()).toArray()).toEqual([
      [720, 360, 240],
      [180, 144, 120],
    ]);
  });
});

describe("max, min and argmax", () => {
  it("find the extremes, NaN first", () => {
    expect(max(A(), { axis: 0 }).toArray()).toEqual([4, 5, 6]);
    expect(min(A()).item()).toBe(1);
    expect(max([-Infinity, -Infinity]).item()).toBe(-Infinity);
    for (const x of [tensor([1, Number.NaN, 3]), f64([1, Number.NaN, 3])]) {
      expect(max(x).item()).toBeNaN();
      expect(min(x).item()).toBeNaN();
      expect(argmax(x).item()).toBe(1);
    }
    expect(
      argmax(
        [
          [1, 5, 5],
          [7, 0, 2],
        ],
        { axis: 1 },
      ).toArray(),
    ).toEqual([1, 0]);
    expect(
      argmax([
        [1, 5, 5],
        [7, 0, 2],
      ]).item(),
    ).toBe(3);
    expect(argmax(A(), { axis: 0 }).dtype).toBe("int32");
  });

  it("share ties equally", () => {
    expect(grad((x: Tensor) => max(x))(f64([3, 1, 3])).toArray()).toEqual([0.5, 0, 0.5]);
    expect(grad((x: Tensor) => min(x))(f64([1, 1, 1, 2])).toArray()).toEqual([
      1 / 3,
      1 / 3,
      1 / 3,
      0,
    ]);
    const f = (x: Tensor): Tensor => sum(max(x, { axis: 1 }).mul([1, 10]));
    expect(
      grad(f)(
        f64([
          [1, 1],
          [2, 3],
        ]),
      ).toArray(),
    ).toEqual([
      [0.5, 0.5],
      [0, 10],
    ]);
  });

  it("are none of nothing", () => {
    expect(said(() => max(zeros([0])))).toEqual([
      ShapeError,
      "max: X is [0]; axis 0 is empty, so there is no largest element",
    ]);
    expect(said(() => min(zeros([2, 0]), { axis: 1 }))[1]).toBe(
      "min: X is [2, 0]; axis 1 is empty, so there is no smallest element",
    );
    expect(said(() => argmax(zeros([2, 0])))[1]).toBe(
      "argmax: X is [2, 0]; axis 1 is empty, so there is no largest element",
    );
    expect(max(zeros([0, 2]), { axis: 1 }).shape).toEqual([0]);
  });
});

describe("norm", () => {
  it("knows three orders", () => {
    expect(norm([3, -4]).item()).toBe(5);
    expect(
      norm([
        [3, 0],
        [0, -4],
      ]).item(),
    ).toBe(5);
    expect(norm([3, -4], { ord: 1 }).item()).toBe(7);
    expect(norm([3, -4], { ord: Infinity }).item()).toBe(4);
    expect(
      norm(
        [
          [3, 4],
          [6, 8],
        ],
        { axis: 1, keepDims: true },
      ).toArray(),
    ).toEqual([[5], [10]]);
    expect(norm(zeros([2, 0]), { axis: 1 }).toArray()).toEqual([0, 0]);
    expect(said(() => norm([1], { ord: 3 }))).toEqual([
      UsageError,
      "norm: ord is 3; 1, 2 and Infinity are known",
    ]);
  });

  it("neither overflows nor underflows", () => {
    expect(norm(f64([3e200, 4e200])).item() / 5e200).toBeCloseTo(1, 14);
    expect(norm(f64([3e-200, 4e-200])).item() / 5e-200).toBeCloseTo(1, 14);
    expect(norm([3e30, 4e30]).item() / 5e30).toBeCloseTo(1, 6);
    expect(norm([3e-30, 4e-30]).item() / 5e-30).toBeCloseTo(1, 6);
    expect(norm([1, -Infinity]).item()).toBe(Infinity);
    expect(norm([1, Number.NaN]).item()).toBeNaN();
  });

  it("has the gradient x/‖x‖, and 0 at 0 to the second order", () => {
    expect(grad((x: Tensor) => norm(x))(f64([3, -4])).toArray()).toEqual([0.6, -0.8]);
    for (const ord of [1, 2, Infinity]) {
      const f = (x: Tensor): Tensor => norm(x, { ord });
      expect(list(grad(f)(f64([0, 0])).abs())).toEqual([0, 0]);
      expect(list(second(f, [1, 2])(f64([0, 0])).abs())).toEqual([0, 0]);
    }
    // The Hessian (I − x·xᵀ/‖x‖²)/‖x‖ at (3, −4), times (1, 0).
    close(second(norm, [1, 0])(f64([3, -4])), [(1 - 9 / 25) / 5, 12 / 125], 12);
    const rows = grad((X: Tensor) => sum(norm(X, { axis: 1 })))(
      f64([
        [0, 0],
        [3, 4],
      ]),
    );
    expect(rows.toArray()).toEqual([
      [0, 0],
      [0.6, 0.8],
    ]);
  });
});

describe("cumsum", () => {
  it("runs along an axis", () => {
    expect(cumsum([1, 2, 3]).toArray()).toEqual([1, 3, 6]);
    expect(cumsum(A(), { axis: 0 }).toArray()).toEqual([
      [1, 2, 3],
      [5, 7, 9],
    ]);
    expect(cumsum(A().greater(2), { axis: 1 }).toArray()).toEqual([
      [0, 0, 1],
      [1, 2, 3],
    ]);
    expect(cumsum([]).shape).toEqual([0]);
    const f = (x: Tensor): Tensor => sum(cumsum(x).mul([1, 10, 100]));
    expect(grad(f)(tensor([1, 2, 3])).toArray()).toEqual([111, 110, 100]);
  });

  it("asks for the axis of a matrix", () => {
    expect(said(() => cumsum(A()))).toEqual([
      ShapeError,
      "cumsum: X is [2, 3]; name the axis, such as { axis: 0 }",
    ]);
    expect(said(() => cumsum([1], { axis: 1 }))[1]).toBe(
      "cumsum: axis 1 does not exist in a tensor of rank 1; axes run from -1 to 0",
    );
  });
});

import { describe, expect, it } from "vitest";
import { minMax, standardize } from "../../src/data/index.js";
import {
  concat,
  DomainError,
  grad,
  random,
  ShapeError,
  scalar,
  setDefaultDtype,
  sub,
  type Tensor,
  tensor,
  tidy,
  UsageError,
  zeros,
} from "../../src/index.js";

/** How far two tensors are apart, in size. */
const off = (a: Tensor, b: Tensor): number => sub(a, b).abs().max().item();

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  const bound = dtype === "float64" ? 1e-13 : 1e-5;
  const X = random.normal([200, 5], { seed: 1, mean: 50, std: 7, dtype });
  const other = random.normal([3, 5], { seed: 2, dtype });

  it("standardize gives mean 0 and deviation 1, and takes it back", () => {
    const { mean, std, apply, invert } = standardize(X);
    const Z = apply(X);
    expect([Z.dtype, mean.dtype, std.dtype, mean.shape]).toEqual([dtype, dtype, dtype, [5]]);
    expect(off(Z.mean({ axis: 0 }), zeros([5], { dtype }))).toBeLessThan(bound * 10);
    expect(off(Z.square().mean({ axis: 0 }), zeros([5], { dtype }).add(1))).toBeLessThan(bound);
    expect(off(invert(Z), X)).toBeLessThan(50 * bound);
    expect(off(invert(apply(other)), other)).toBeLessThan(50 * bound);
    expect(off(apply(other), other.sub(mean).div(std))).toBe(0);
  });

  it("minMax gives 0 to 1, or the range, and takes it back", () => {
    for (const [options, low, high] of [
      [{}, 0, 1],
      [{ range: [-1, 3] as const }, -1, 3],
    ] as const) {
      const { min, max, apply, invert } = minMax(X, options);
      const Z = apply(X);
      expect([Z.dtype, min.shape, max.dtype]).toEqual([dtype, [5], dtype]);
      expect(off(Z.min({ axis: 0 }), zeros([5], { dtype }).add(low))).toBe(0);
      expect(off(Z.max({ axis: 0 }), zeros([5], { dtype }).add(high))).toBeLessThan(20 * bound);
      expect(off(invert(Z), X)).toBeLessThan(50 * bound);
    }
    const Z = minMax(X).apply(X);
    expect([Z.min().item(), Z.max().item()]).toEqual([0, 1]);
  });

  it("constant columns become 0, exactly, whatever their number", () => {
    for (const value of [0, 0.1, 1 / 3, -7e7, 1e-30, 1e30]) {
      for (const n of [1, 3, 7, 1000]) {
        const C = zeros([n, 2], { dtype }).add(tensor(value, { dtype }));
        const { std, apply, invert } = standardize(C);
        expect(std.toArray()).toEqual([1, 1]);
        expect(apply(C).abs().max().item()).toBe(0);
        expect(off(invert(apply(C)), C)).toBe(0);
        expect(minMax(C).apply(C).abs().max().item()).toBe(0);
        expect(off(minMax(C).invert(minMax(C).apply(C)), C)).toBe(0);
      }
    }
  });

  it("numbers that are very large, small, or almost equal", () => {
    const scale = dtype === "float64" ? 1e300 : 1e37;
    for (const factor of [scale, 1 / scale]) {
      const Z = standardize(tensor([1, 2, 3], { dtype }).mul(factor)).apply(
        tensor([1, 3], { dtype }).mul(factor),
      );
      expect(off(Z, tensor([-Math.sqrt(1.5), Math.sqrt(1.5)], { dtype }))).toBeLessThan(1e-5);
    }
    const next = tensor([1, 1, 1 + 2 ** -23], { dtype: "float32" });
    expect(standardize(next).apply(next).data().every(Number.isFinite)).toBe(true);
  });

  it("vectors", () => {
    const { mean, std, apply, invert } = standardize(tensor([1, 2, 3, 4], { dtype }));
    expect([mean.shape, std.shape]).toEqual([[], []]);
    expect(mean.item()).toBe(2.5);
    expect(apply([2.5, 3.5]).shape).toEqual([2]);
    expect(invert(scalar(0, { dtype })).item()).toBe(2.5);
    expect(
      minMax(tensor([1, 3], { dtype }))
        .apply([2, 5])
        .toArray(),
    ).toEqual([0.5, 2]);
  });
});

describe("what is scaled", () => {
  it("may be whole numbers, lists, images, and single rows", () => {
    expect(
      standardize(tensor([1, 3], { dtype: "int32" }))
        .apply([1, 3])
        .toArray(),
    ).toEqual([-1, 1]);
    expect(
      standardize([[1], [3]])
        .apply(tensor([[3]], { dtype: "int32" }))
        .toArray(),
    ).toEqual([[1]]);
    expect(
      standardize([
        [1, 0],
        [3, 0],
      ])
        .apply([3, 5])
        .toArray(),
    ).toEqual([1, 5]);
    expect(standardize(random.normal([9, 4, 4])).apply(random.normal([2, 4, 4])).shape).toEqual([
      2, 4, 4,
    ]);
    setDefaultDtype("float64");
    expect(standardize(tensor([1, 3], { dtype: "int32" })).mean.dtype).toBe("float64");
    setDefaultDtype("float32");
    expect(standardize([[1], [2]]).apply(zeros([0, 1])).shape).toEqual([0, 1]);
  });

  it("passes gradients", () => {
    const { apply } = standardize(
      tensor([
        [1, 10],
        [3, 30],
      ]),
    );
    const g = grad((x: Tensor) => apply(x).sum())(tensor([[2, 20]]));
    expect(g.toArray()).toEqual([[1, 0.10000000149011612]]);
  });

  it("may be fitted inside a transform", () => {
    const scalings = tidy(() => ({
      a: standardize([
        [1, 10],
        [3, 30],
      ]),
      b: minMax([
        [1, 10],
        [3, 30],
      ]),
    }));
    random.normal([1000]).exp();
    expect(scalings.a.apply([[1, 10]]).toArray()).toEqual([[-1, -1]]);
    expect(scalings.b.apply([[2, 20]]).toArray()).toEqual([[0.5, 0.5]]);
  });

  it.each<[string, () => unknown, new () => Error, string]>([
    [
      "NaN",
      () =>
        standardize([
          [1, 2],
          [3, Number.NaN],
        ]),
      DomainError,
      "X is NaN in row 1, column 1",
    ],
    [
      "infinite numbers",
      () => minMax([1, Number.POSITIVE_INFINITY]),
      DomainError,
      "X is Infinity in row 1;",
    ],
    ["scalars", () => standardize(3), ShapeError, "standardize: X is a scalar; one row at least"],
    ["no rows", () => minMax(zeros([0, 3])), ShapeError, "minMax: X is [0, 3]; one row at least"],
    [
      "other columns",
      () =>
        standardize([
          [1, 2],
          [3, 5],
        ]).apply([[1, 2, 3]]),
      ShapeError,
      "standardize, apply: the data are [1, 3]; rows of [2] were wanted, as in the [2, 2]",
    ],
    [
      "one column",
      () =>
        minMax([
          [1, 2],
          [3, 5],
        ]).invert([[1], [2]]),
      ShapeError,
      "minMax, invert: the data are [2, 1]",
    ],
    [
      "batches of rows",
      () =>
        standardize([
          [1, 2],
          [3, 5],
        ]).apply([[[1, 2]]]),
      ShapeError,
      "are [1, 1, 2]",
    ],
    [
      "columns for numbers",
      () => standardize([1, 2]).apply([[1], [2]]),
      ShapeError,
      "rows of one number",
    ],
    ["an empty range", () => minMax([1, 2], { range: [1, 1] }), UsageError, "low < high"],
    ["a slip", () => minMax([1, 2], { rnge: [0, 2] } as never), UsageError, "did you mean range?"],
    ["a number as range", () => minMax([1, 2], { range: 1 as never }), UsageError, "range is 1;"],
    [
      "too large numbers",
      () => minMax([-3e38, 3e38]),
      DomainError,
      'too large for float32; { dtype: "float64" }',
    ],
  ])("is not %s", (_, body, kind, message) => {
    expect(body).toThrow(kind as never);
    expect(body).toThrow(message);
  });

  it("agrees with the columns side by side", () => {
    const [a, b] = [random.normal([20, 1], { seed: 1 }), random.normal([20, 1], { seed: 2 })];
    const both = standardize(concat([a, b], { axis: 1 }));
    expect(off(both.mean, concat([standardize(a).mean, standardize(b).mean]))).toBeLessThan(1e-7);
    expect(off(both.std, concat([standardize(a).std, standardize(b).std]))).toBeLessThan(1e-6);
  });
});

describe("made again from what it was saved as", () => {
  const X = random.normal([50, 3], { seed: 3, mean: 5, dtype: "float64" });
  const other = random.normal([4, 3], { seed: 4, dtype: "float64" });

  it("does what it did", () => {
    const { mean, std, apply, invert } = standardize(X);
    const again = standardize({ mean, std });
    expect(again.apply(other).data()).toEqual(apply(other).data());
    expect(again.invert(other).data()).toEqual(invert(other).data());
    const range = [-1, 1] as const;
    const first = minMax(X, { range });
    const second = minMax({ min: first.min, max: first.max }, { range });
    expect(second.apply(other).data()).toEqual(first.apply(other).data());
    expect(() => again.apply(zeros([2, 4]))).toThrow("as in the [n, 3] that this was fitted to");
  });

  it("refuses other objects", () => {
    const { mean, std } = standardize(X);
    expect(() => standardize({ mean } as never)).toThrow("data, or { mean, std } of two tensors");
    expect(() => standardize({ mean, std: scalar(1) })).toThrow(UsageError);
    expect(() => standardize({ mean, std: std.mul(Number.NaN) })).toThrow(DomainError);
  });
});

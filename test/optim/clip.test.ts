import { describe, expect, it } from "vitest";
import {
  arange,
  DomainError,
  DtypeError,
  grad,
  type Tensor,
  Tensor as TensorClass,
  tensor,
  UsageError,
  vmap,
  zeros,
} from "../../src/index.js";
import { clipNorm, clipValue } from "../../src/optim/index.js";
import { f64 } from "./problems.js";

const f32 = (values: readonly number[]): Tensor => tensor(new Float32Array(values));

const call = (f: unknown, ...args: unknown[]): unknown =>
  (f as (...args: unknown[]) => unknown)(...args);

describe("clipNorm", () => {
  it("shortens all by one factor, to the norm of all together", () => {
    const tree = { W: f64([3, -1, 2]).reshape([3, 1]), rest: [f64([5]), f64([])] as const };
    const long = Math.hypot(3, 1, 2, 5);
    const { W, rest } = clipNorm(tree, 2);
    [...W.data(), ...rest[0].data()].forEach((x, i) => {
      expect(x).toBeCloseTo(([3, -1, 2, 5][i] as number) * (2 / long), 14);
    });
    expect([W.shape, rest[1].shape]).toEqual([[3, 1], [0]]);
    expect(clipNorm(f64([3, 4]), 1).toArray()).toEqual([3 * (1 / 5), 4 * (1 / 5)]);
  });

  it("leaves what is short enough as it is, to the last bit", () => {
    for (const make of [f64, f32]) {
      const [a, b] = [make([0.1, -0.7, 1e-30]), make([0.3])];
      for (const max of [0.77, 0.9, 3, 1e30]) {
        const [same, other] = clipNorm([a, b], max);
        expect([same?.data(), other?.data()]).toEqual([a.data(), b.data()]);
      }
    }
    expect(clipNorm(f64([3, 4]), 5).toArray()).toEqual([3, 4]);
  });

  it("leaves zeros, scalars, and trees of nothing", () => {
    expect(clipNorm({ a: zeros([2]), b: zeros([]) }, 1).a.toArray()).toEqual([0, 0]);
    expect(clipNorm(f64([-8]).reshape([]), 2).item()).toBe(-2);
    expect(clipNorm({}, 1)).toEqual({});
    expect(clipNorm([], 1)).toEqual([]);
    expect(clipNorm(zeros([0, 3]), 1).shape).toEqual([0, 3]);
  });

  it("keeps float32 and float64 beside each other", () => {
    const { a, b } = clipNorm({ a: f32([3]), b: f64([4]) }, 1);
    expect([a.dtype, b.dtype]).toEqual(["float32", "float64"]);
    expect([a.item(), b.item()]).toEqual([Math.fround(0.6), 0.8]);
  });

  it("is right where squares overflow or vanish", () => {
    const { a, b } = clipNorm({ a: f32([3e30, 0]), b: f32([-4e30]) }, 1);
    expect(a.data()[0]).toBeCloseTo(0.6, 6);
    expect(b.item()).toBeCloseTo(-0.8, 6);
    const tiny = clipNorm({ a: f32([3e-30, 0]), b: f32([-4e-30]) }, 1e-30);
    expect((tiny.a.data()[0] as number) / 1e-30).toBeCloseTo(0.6, 6);
    const [huge] = clipNorm([f64([3e200, 4e200])], 1) as [Tensor];
    expect(huge.data()[1]).toBeCloseTo(0.8, 14);
  });

  it("takes bounds that float32 has not", () => {
    expect(clipNorm(f32([3, 4]), 1e39).toArray()).toEqual([3, 4]);
    expect(clipNorm({ a: f32([0, 0]), b: f32([0]) }, 1e-60).a.toArray()).toEqual([0, 0]);
    expect(clipNorm(f32([3, 4]), 1e-60).toArray()).toEqual([0, 0]);
    expect(clipValue(f32([3, -4]), 1e39).toArray()).toEqual([3, -4]);
  });

  it("lets what is not finite be seen", () => {
    const broken = clipNorm({ a: f64([Number.NaN, 1]), b: f64([2]) }, 1);
    expect([...broken.a.data(), broken.b.item()]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    const wide = clipNorm({ a: f64([Number.NEGATIVE_INFINITY, 1]), b: f64([2]) }, 1);
    expect([...wide.a.data(), wide.b.item()]).toEqual([Number.NaN, 0, 0]);
  });

  it("is made of ops, so that it may be differentiated and mapped", () => {
    // The gradient of ⟨c, m x / ‖x‖⟩ is m (c − u ⟨c, u⟩) / ‖x‖ with u = x / ‖x‖.
    const [x, c] = [
      [3, 4],
      [1, -2],
    ] as const;
    const u = x.map((xi) => xi / 5) as [number, number];
    const along = c[0] * u[0] + c[1] * u[1];
    const slope = grad((x: Tensor) => clipNorm({ x }, 2).x.mul(c).sum())(f64(x));
    slope.data().forEach((s, i) => {
      expect(s).toBeCloseTo((2 * ((c[i] as number) - (u[i] as number) * along)) / 5, 14);
    });
    expect(grad((x: Tensor) => clipNorm(x, 9).mul(c).sum())(f64(x)).toArray()).toEqual([1, -2]);
    expect(grad((x: Tensor) => clipNorm(x, 9).mul(c).sum())(f64([0, 0])).toArray()).toEqual([
      1, -2,
    ]);
    const rows = vmap((row: Tensor) => clipNorm(row, 5))(f64([6, 8, 3, 4]).reshape([2, 2]));
    expect(rows.toArray()).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });

  it("reads nothing", () => {
    const read = ["item", "data", "toArray"] as const;
    const tree = { a: f64([3, 4]), b: f64([1]) };
    const kept = read.map((name) => TensorClass.prototype[name]);
    try {
      for (const name of read) {
        TensorClass.prototype[name] = () => {
          throw new Error(`${name} was called`);
        };
      }
      clipNorm(tree, 1);
      clipValue(tree, 1);
    } finally {
      read.forEach((name, i) => {
        TensorClass.prototype[name] = kept[i] as never;
      });
    }
    expect(tree.a.toArray()).toEqual([3, 4]);
  });
});

describe("clipValue", () => {
  it("brings each entry within its bounds, and keeps NaN, shapes and dtypes", () => {
    const { a, b } = clipValue({ a: f32([-2, 0.5, 2]), b: [f64([Number.NaN, -9]), zeros([])] }, 1);
    expect([a.toArray(), a.dtype]).toEqual([[-1, 0.5, 1], "float32"]);
    expect([b[0]?.data(), b[0]?.dtype]).toEqual([new Float64Array([Number.NaN, -1]), "float64"]);
    expect(b[1]?.item()).toBe(0);
    expect(clipValue({}, 1)).toEqual({});
  });
});

describe.each([
  ["clipNorm", clipNorm],
  ["clipValue", clipValue],
] as const)("%s", (name, clip) => {
  it("refuses bounds that are none, and what is no gradient", () => {
    for (const max of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clip(f64([1]), max)).toThrow(DomainError);
      expect(() => clip(f64([1]), max)).toThrow(`${name}: max is ${max}; a finite number above 0`);
    }
    expect(() => call(clip, f64([1]))).toThrow(UsageError);
    expect(() => call(clip, f64([1]), "1")).toThrow(`${name}: max is "1"; a finite number above 0`);
    expect(() => clip({ i: arange(3).cast("int32") }, 1)).toThrow(DtypeError);
    expect(() => clip({ i: arange(3).cast("int32") }, 1)).toThrow(`${name}: i is int32; gradients`);
    expect(() => clip({ n: 3 }, 1)).toThrow(`${name}: n is a number (3)`);
  });
});

import { describe, expect, expectTypeOf, it } from "vitest";
import {
  det,
  grad,
  jvp,
  leaves,
  ones,
  record,
  scalar,
  stopGradient,
  Tape,
  type Tensor,
  tensor,
  tidy,
  valueAndGrad,
  vjp,
  zeros,
} from "../src/index.js";

const A = () =>
  tensor([
    [1, 2],
    [3, 4],
  ]);

describe("grad", () => {
  it("differentiates with respect to the first argument", () => {
    const f = (X: Tensor, w: Tensor) => X.matmul(w).sum();
    expect(grad(f)(A(), tensor([1, 10])).toArray()).toEqual([
      [1, 10],
      [1, 10],
    ]);
  });

  it("gives trees the form of the argument, and TypeScript knows it", () => {
    const params = { layers: [{ w: A(), b: zeros([2]) }], scale: scalar(2) };
    const loss = (p: typeof params, x: Tensor): Tensor =>
      x
        .matmul(p.layers[0]?.w ?? x)
        .add(p.layers[0]?.b ?? 0)
        .sum()
        .mul(p.scale);
    const g = grad(loss)(params, ones([1, 2]));
    expectTypeOf(g).toEqualTypeOf<typeof params>();
    expect(g.layers[0]?.w.toArray()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(g.layers[0]?.b.toArray()).toEqual([2, 2]);
    expect(g.scale.item()).toBe(10);
  });

  it("wrt chooses another argument, or several", () => {
    const f = (x: Tensor, y: { a: Tensor }, n: number): Tensor => x.mul(y.a).mul(n).sum();
    const args = [tensor([1, 2]), { a: tensor([3, 4]) }, 2] as const;
    const gy = grad(f, { wrt: 1 })(...args);
    expectTypeOf(gy).toEqualTypeOf<{ a: Tensor }>();
    expect(gy.a.toArray()).toEqual([2, 4]);
    const both = grad(f, { wrt: [1, 0] })(...args);
    expectTypeOf(both).toEqualTypeOf<[{ a: Tensor }, Tensor]>();
    expect(both[1].toArray()).toEqual([6, 8]);
  });

  it("takes an op as it is", () => {
    const g = grad(det)(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    expectTypeOf(g).toEqualTypeOf<Tensor>();
    expect(g.toArray()).toEqual([
      [4, -3],
      [-2, 1],
    ]);
  });

  it("gives the value for free", () => {
    const [value, g] = valueAndGrad((x: Tensor) => x.square().sum())(tensor([1, 2]));
    expect(value.item()).toBe(5);
    expect(g.toArray()).toEqual([2, 4]);
  });

  it("adds up what arrives by several ways, and gives zeros where nothing does", () => {
    const g = grad((p: { x: Tensor; unused: Tensor }) => p.x.mul(p.x).add(p.x).sum())({
      x: tensor([1, 2]),
      unused: ones([2, 2]),
    });
    expect(g.x.toArray()).toEqual([3, 5]);
    expect(g.unused.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(grad((_: Tensor) => scalar(3))(A()).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("undoes broadcasting and promotion", () => {
    const x = tensor([[1], [2]]);
    const y = tensor(new Float64Array([10, 20, 30]));
    const [gx, gy] = grad((a: Tensor, b: Tensor) => a.mul(b).sum(), { wrt: [0, 1] })(x, y);
    expect([gx.shape, gx.dtype, gx.toArray()]).toEqual([[2, 1], "float32", [[60], [60]]]);
    expect([gy.shape, gy.dtype, gy.toArray()]).toEqual([[3], "float64", [3, 3, 3]]);
  });

  it("numerator layout is the transpose", () => {
    const f = (X: Tensor): Tensor =>
      X.mul([
        [1, 2, 3],
        [4, 5, 6],
      ]).sum();
    const X = zeros([2, 3]);
    expect(grad(f)(X).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(grad(f, { layout: "numerator" })(X).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const row = grad((x: Tensor) => x.square().sum(), { layout: "numerator" })(tensor([1, 2]));
    expect(row.toArray()).toEqual([[2, 4]]);
  });

  it("stopGradient makes a constant, also under nesting", () => {
    const f = (x: Tensor): Tensor => stopGradient(x).mul(x).sum();
    expect(grad(f)(tensor([3, 4])).toArray()).toEqual([3, 4]);
    expect(grad((x: Tensor) => grad(f)(x).sum())(tensor([3, 4])).toArray()).toEqual([0, 0]);
  });

  it("what carries whole numbers has no derivative", () => {
    const f = (x: Tensor): Tensor => x.cast("int32").cast("float32").mul(x).sum();
    expect(grad(f)(tensor([1.5, 2.5])).toArray()).toEqual([1, 2]);
  });

  it("a value that escapes from a run is a plain value, to ops, transforms and those still running", () => {
    const x = tensor([1, 2]);
    let kept = x;
    grad((y: Tensor) => {
      kept = y;
      return y.sum();
    })(x);
    expect(kept.mul(kept).toArray()).toEqual([1, 4]);
    expect(grad((y: Tensor) => kept.mul(y).sum())(x).toArray()).toEqual([1, 2]);
    expect(grad((y: Tensor) => y.mul(kept).sum())(x).toArray()).toEqual([1, 2]);
    const outer = (y: Tensor): Tensor => {
      let inner = y;
      grad((z: Tensor) => {
        inner = z;
        return z.sum();
      })(y);
      return inner.mul(inner).sum(); // the inner handle stands for y
    };
    expect(grad(outer)(x).toArray()).toEqual([2, 4]);
  });

  it("a function that throws leaves no tape behind", () => {
    const bad = (_: Tensor): Tensor => {
      throw new RangeError("mine");
    };
    expect(() => grad(bad)(A())).toThrow(RangeError);
    expect(grad((x: Tensor) => x.sum())(A()).toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe("vjp and jvp", () => {
  it("are transposes of each other on trees", () => {
    const f = (p: { a: Tensor; b: Tensor }) => ({ u: p.a.matmul(p.b), v: p.a.exp() });
    const p = {
      a: A(),
      b: tensor([
        [0.5, -1],
        [2, 1],
      ]),
    };
    const dp = {
      a: tensor([
        [1, 0],
        [2, -1],
      ]),
      b: tensor([
        [1, 1],
        [0, 3],
      ]),
    };
    const [y, dy] = jvp(f, [p], [dp]);
    const [, pull] = vjp(f, p);
    const [pbar] = pull(y);
    const dot = (a: unknown, b: unknown): number =>
      leaves(a).reduce(
        (s, x, i) =>
          s +
          x
            .mul(leaves(b)[i] as Tensor)
            .sum()
            .item(),
        0,
      );
    expect(dot(pbar, dp)).toBeCloseTo(dot(y, dy), 0);
    expect(Math.abs(dot(pbar, dp) / dot(y, dy) - 1)).toBeLessThan(1e-5);
  });

  it("tangents and cotangents take the shape and dtype of what they belong to", () => {
    const [y, dy] = jvp((s: Tensor) => s.add(ones([3])), [scalar(1)], [scalar(2)]);
    expect([y.shape, dy.toArray()]).toEqual([[3], [2, 2, 2]]);
    const wide = ones([3], { dtype: "float64" });
    const [z, dz] = jvp((a: Tensor) => a.add(wide), [ones([3])], [ones([3])]);
    expect([z.dtype, dz.dtype]).toEqual(["float64", "float64"]);
    const [, exact] = jvp((a: Tensor) => a.mean(), [wide], [tensor([0, 0, 1])]);
    expect(exact.item()).toBe(1 / 3);
    const [, pull] = vjp((a: Tensor) => a.mean(), wide);
    expect(pull(tensor(1, { dtype: "int32" }))[0].data()[0]).toBe(1 / 3);
  });

  it("a pullback can be called again", () => {
    const [y, pull] = vjp((x: Tensor) => x.square(), tensor([1, 2]));
    expect(y.toArray()).toEqual([1, 4]);
    expect(pull(tensor([1, 0]))[0].toArray()).toEqual([2, 0]);
    expect(pull(tensor([0, 1]))[0].toArray()).toEqual([0, 4]);
  });
});

describe("record", () => {
  it("gives a tape that prints its ops, shapes and saved values", () => {
    const { value, tape } = record(
      (X: Tensor) =>
        X.matmul([[1], [2]])
          .tanh()
          .sum(),
      [A()],
    );
    expect(value.shape).toEqual([]);
    expect(String(tape)).toBe(
      [
        "x0 = input [2, 2] float32",
        "v0 = matmul(x0, const [2, 1]) [2, 1]  saves A [2, 2], B [2, 1]",
        "v1 = tanh(v0) [2, 1]  saves Y [2, 1]",
        "v2 = sum(v1) []",
      ].join("\n"),
    );
  });

  it("anomaly mode names the first op that makes a value that is not finite", () => {
    const f = (x: Tensor): Tensor => x.sub(1).log().mul(0).sum();
    expect(() => record(f, [tensor([2, 1])], { anomaly: true })).toThrow(
      "log: made -Infinity (element 1 of a result of shape [2]); " +
        "this is the first value on the tape that is not finite",
    );
    const root = (x: Tensor): Tensor => x.sqrt().sum();
    expect(() => grad(root, { anomaly: true })(tensor([0]))).toThrow(
      /^the adjoint of sqrt: made Infinity/,
    );
  });

  it("a tape records once", () => {
    const tape = new Tape();
    tape.record([A()], ([x]) => x);
    expect(() => tape.record([A()], ([x]) => x)).toThrow("a tape records once; make another");
  });
});

describe("tidy", () => {
  it("keeps the tensors of its result and passes others by", () => {
    const out = tidy(() => ({ y: A().add(1), n: 3, list: [A().mul(2)] }));
    expect(out.y.toArray()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(out.list[0]?.toArray()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    expect(out.n).toBe(3);
  });
});

describe("attributes", () => {
  it("are those of the time of the op, whatever the caller writes to the list later", () => {
    const f = (x: Tensor): Tensor => {
      const begin = [0];
      let total = scalar(0);
      for (let i = 0; i < 3; i++) {
        begin[0] = i;
        total = total.add(
          x
            .slice(begin, [1])
            .sum()
            .mul(i + 1),
        );
      }
      return total;
    };
    expect(grad(f)(tensor([1, 2, 3])).toArray()).toEqual([1, 2, 3]);
  });
});

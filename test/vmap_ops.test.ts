import { describe, expect, it } from "vitest";
import {
  apply,
  concat,
  DomainError,
  defineOp,
  diag,
  grad,
  type Maps,
  ones,
  ShapeError,
  SingularError,
  scalar,
  scatterAdd,
  softmax,
  stack,
  type Tensor,
  take,
  tensor,
  UsageError,
  vmap,
  where,
  zeros,
} from "../src/index.js";
import { CheckError, checkOp } from "../src/testing/index.js";
import { entries, looped, rows, same } from "./support/entries.js";
import { f64, normal, said } from "./support/values.js";

describe("choices in vmap", () => {
  it("compares and chooses by entry", () => {
    const xs = rows(2, [-1, 2, 3, -4, 0, 0]);
    const f = (x: Tensor) =>
      where(x.greater(0), x.sqrt(), x.mul(-2)).add(x.maximum(x.mean())).add(x.clip(-1, 1));
    same(vmap(f)(xs), looped(f)(xs));
    const g = (x: Tensor) => f(x).sum();
    same(vmap(grad(g))(xs), looped(grad(g))(xs));
    same(vmap((x: Tensor) => x.max().equal(x))(xs), xs.max({ axis: 1, keepDims: true }).equal(xs));
  });

  it("keeps what is not finite out of the branch not taken", () => {
    const root = (x: Tensor) => where(x.greater(0), x.sqrt(), 0).sum();
    same(vmap(grad(root))(rows(2, [4, 0, -1, 1])), rows(2, [0.25, 0, 0, 0.5]));
  });

  it("looks up by indices that are mapped, or taken from what is, or both", () => {
    const table = normal([5, 2], 1);
    const tables = normal([3, 5, 2], 2);
    const words = rows(3, [0, -1, 2, 4, 4, 0, -5, 1, 3], "int32");
    same(vmap((i: Tensor) => take(table, i))(words), take(table, words));
    same(vmap((T: Tensor) => take(T, [1, -1]))(tables), take(tables, [1, -1], { axis: 1 }));
    const each = vmap((T: Tensor, i: Tensor) => take(T, i));
    const want = entries(tables).map((T, k) => take(T, entries(words)[k] as Tensor));
    same(each(tables, words), stack(want));
  });

  it("differentiates lookups, for a table in common and for one of each", () => {
    const table = normal([5, 2], 1);
    const words = rows(3, [0, -1, 0, 4, 4, 0], "int32");
    const f = (T: Tensor, i: Tensor) => take(T, i).exp().sum();
    const common = vmap(grad(f), { inAxes: [null, 0] })(table, words);
    const own = vmap(grad(f))(stack([table, table]), words);
    const want = stack(entries(words).map((i) => grad(f)(table, i)));
    same(common, want);
    same(own, want);
  });

  it("adds to places by entry", () => {
    const places = rows(3, [0, 2, 0, -1, 1, 1], "int32");
    const x = normal([3, 2], 3);
    const got = vmap((i: Tensor) => scatterAdd(x, i, 4))(places);
    same(got, stack(entries(places).map((i) => scatterAdd(x, i, 4))));
    same(
      vmap((y: Tensor) => scatterAdd(y, [3, 3], 4))(x),
      stack(entries(x).map((y) => scatterAdd(y, [3, 3], 4))),
    );
  });

  it("keeps whole numbers whole, and multiplies them as the op does", () => {
    const A = rows(2, [1, 2, 3, 4], "int32");
    expect(vmap((a: Tensor) => a.add(1))(A).dtype).toBe("int32");
    expect(vmap((a: Tensor) => a.argmax())(A).toArray()).toEqual([1, 1]);
    const products = vmap((a: Tensor) => a.dot(a))(A);
    expect([products.dtype, products.toArray()]).toEqual(["float32", [5, 25]]);
    expect(vmap((a: Tensor) => a.outer(f64([1])))(A).dtype).toBe("float64");
  });
});

describe("what vmap refuses", () => {
  const X = ones([3, 2]);

  it("sizes that differ, axes that do not exist, and nothing to map", () => {
    const add = (x: Tensor, y: Tensor) => x.add(y);
    expect(said(() => vmap(add)(X, ones([4, 2])))).toEqual([
      ShapeError,
      "vmap: axis 0 of argument 0, [3, 2], has size 3, and axis 0 of argument 1, [4, 2], has " +
        "size 4; what is mapped together has one size, and inAxes has null for what is the same for all",
    ]);
    expect(said(() => vmap(add, { inAxes: [0, 2] })(X, X))).toEqual([
      ShapeError,
      "vmap, argument 1: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
    ]);
    expect(said(() => vmap(add, { inAxes: [0] })(X, X))[1]).toBe(
      "vmap: inAxes has 1 entries and the function was called with 2 argument(s); " +
        "one for each was wanted",
    );
    expect(said(() => vmap(add, { inAxes: [null, null] })(X, X))[0]).toBe(UsageError);
    expect(said(() => vmap((x: Tensor) => x.sum(), { outAxes: 1 })(X))).toEqual([
      ShapeError,
      "vmap: axis 1 does not exist in a tensor of rank 1; axes run from -1 to 0",
    ]);
    expect(said(() => vmap((x: Tensor) => x)(scalar(1)))[0]).toBe(ShapeError);
  });

  it("promises, and what is no tensor", () => {
    const later = async (x: Tensor) => x;
    expect(said(() => vmap(later)(X))[1]).toContain("vmap: the function returned a Promise");
    expect(said(() => vmap((_: Tensor) => "x")(X))[0]).toBe(UsageError);
    expect(said(() => vmap(3 as never)(X))[0]).toBe(UsageError);
  });

  it("to read the elements of one of many", () => {
    const wanted = [
      UsageError,
      "inside vmap a tensor stands for one of many values, so its elements cannot be read; " +
        "return it, and read it outside",
    ];
    expect(said(() => vmap((x: Tensor) => scalar(x.sum().item()))(X))).toEqual(wanted);
    expect(said(() => vmap((x: Tensor) => tensor(x.data()))(X))).toEqual(wanted);
    expect(said(() => vmap((x: Tensor) => tensor(x.toArray()))(X))).toEqual(wanted);
    expect(said(() => vmap(grad((x: Tensor) => x.mul(x.sum().item()).sum()))(X))).toEqual(wanted);
  });

  it("tensors that left it other than as results", () => {
    let escaped = X;
    vmap((x: Tensor) => {
      escaped = x.mul(2);
      return x;
    })(X);
    const wanted =
      "a tensor was made inside vmap and stands for one of many values; " +
      "only what the function returns leaves vmap";
    expect(said(() => escaped.add(1))).toEqual([UsageError, `add: ${wanted}`]);
    expect(said(() => vmap((x: Tensor) => x.add(escaped))(X))[1]).toBe(`add: ${wanted}`);
    const inner = (x: Tensor) => {
      vmap((y: Tensor) => {
        escaped = y;
        return y;
      })(x);
      return escaped;
    };
    expect(said(() => vmap(inner)(X))).toEqual([UsageError, `vmap, result: ${wanted}`]);
  });

  it("what the function would refuse of one entry, in the words of that", () => {
    const alike = (f: (x: Tensor) => Tensor, xs: Tensor): void => {
      const wanted = said(() => f(entries(xs)[0] as Tensor));
      expect(wanted[0]).toBe(ShapeError);
      expect(said(() => vmap(f)(xs))).toEqual(wanted);
    };
    // All of these have a meaning for the entries together.
    alike((x) => x.t(), ones([2, 2]));
    alike((x) => x.det(), ones([2, 2]));
    alike((x) => diag(x), ones([3]));
    alike((x) => softmax(x), ones([3]));
    alike((x) => x.sum({ axis: -2 }), X);
    alike((x) => x.kron(ones([2, 2])), X);
    alike((x) => concat([x, x]), ones([3]));
    alike((x) => x.matmul(ones([3])), ones([2, 3, 2]));
  });

  it("values that an op refuses, and says of which entry they are", () => {
    const matrices = rows(2, [2, 0, 0, 1, 1, 2, 2, 4]).reshape([2, 2, 2]);
    expect(said(() => vmap((M: Tensor) => M.inv())(matrices))).toEqual([
      SingularError,
      "inv: X is singular (pivot 2 is 0) (entry 1 of vmap)",
    ]);
    const words = rows(2, [0, 1, 1, 7], "int32");
    const wanted = [
      DomainError,
      "take: indices holds 7; the size of axis 0 is 5, indices run from -5 to 4 (entry 1 of vmap)",
    ];
    const tables = ones([2, 5, 3]);
    const table = ones([5, 3]);
    expect(said(() => vmap((T: Tensor, i: Tensor) => take(T, i))(tables, words))).toEqual(wanted);
    expect(said(() => vmap((i: Tensor) => take(table, i))(words))).toEqual(wanted);
    expect(said(() => vmap((i: Tensor) => scatterAdd(ones([2]), i, 5))(words))[1]).toBe(
      "scatterAdd: indices holds 7; the size of axis 0 is 5, indices run from -5 to 4 " +
        "(entry 1 of vmap)",
    );
    const nested = vmap((T: Tensor) => vmap((i: Tensor) => take(T, i))(words));
    expect(said(() => nested(tables))[1]).toContain("take: indices holds 7; the size of axis 0");
  });
});

/** `Σ x³` over the last axis, as an op of one's own. */
function cubesOp(maps: { maps?: Maps<"X", unknown> }) {
  return defineOp({
    name: "cubes",
    inputs: ["X"],
    outputs: ["y"],
    saves: ["X"],
    shape: ({ X }) => X.slice(0, -1),
    rules: {
      X: {
        d: ({ X }, dX) => X.square().mul(3).mul(dX).sum({ axis: -1 }),
        adj: ({ X }, ybar) => X.square().mul(3).mul(ybar.expandDims(-1)),
      },
    },
    ...maps,
    notation: ({ X }) => X,
    samples: () => [{ inputs: { X: rows(3, [1, -2, 0.5, 0.3, 2, -1]) } }],
    kernel: ([X], [Y]) => {
      const n = X?.shape.at(-1) as number;
      X?.data.forEach((x, i) => {
        if (Y) Y.data[Math.floor(i / n)] = (Y.data[Math.floor(i / n)] as number) + x ** 3;
      });
    },
  });
}

describe("ops of one's own in vmap", () => {
  const X = normal([3, 4], 1);
  const cubes = (maps: { maps?: Maps<"X", unknown> }) => {
    const op = cubesOp(maps);
    return (x: Tensor) => apply(op, { X: x });
  };

  it.each([
    ["without a word about it", {}],
    ["with the number of their axes", { maps: 1 }],
    ["with a function", { maps: ({ X }: { X: Tensor }) => X.pow(3).sum({ axis: -1 }) }],
    ["with a function that cannot say", { maps: () => null }],
  ] as const)("run %s", (_, maps) => {
    const f = cubes(maps);
    same(vmap(f)(X), looped(f)(X));
    same(vmap(grad(f))(X), X.square().mul(3));
    same(grad((Y: Tensor) => vmap(f)(Y).sum())(X), X.square().mul(3));
  });

  it("are checked by checkOp, if they say how they map", () => {
    const sumOfCubes = ({ X }: { X: Tensor }) => X.pow(3).sum({ axis: -1 });
    for (const maps of [{}, { maps: 1 }, { maps: sumOfCubes }] as const) {
      expect(checkOp(cubesOp(maps)).maps).toBeLessThanOrEqual(1e-12);
    }
    const wrong = (maps: Maps<"X", unknown>) => said(() => checkOp(cubesOp({ maps })));
    expect(wrong((inputs) => sumOfCubes(inputs).flip(0))).toEqual([
      CheckError,
      "cubes, sample 0: under vmap over 3 (X mapped) it gives y[0, 1] = 6.43543, but entry 0 alone " +
        "gives 7.15309 (off by 1.0e-1, allowed 1e-12)",
    ]);
    expect(wrong((inputs) => sumOfCubes(inputs).cast("float32"))[1]).toBe(
      "cubes, sample 0: under vmap over 3 (X mapped) y is float32 [3, 2], but by single runs " +
        "float64 [3, 2]",
    );
    expect(wrong(({ X }) => X)[1]).toContain(
      "it threw UsageError: cubes: its `maps` gave [3, 2, 3]",
    );
  });

  it("are told where they map wrongly, or there is no entry to run them on", () => {
    expect(said(() => vmap(cubes({ maps: ({ X }) => X.pow(3).sum({ axis: 0 }) }))(X))).toEqual([
      UsageError,
      "cubes: its `maps` gave [4] for 3 entries; [3] was wanted, their results along the first axis",
    ]);
    expect(said(() => vmap(cubes({}))(zeros([0, 4])))).toEqual([
      UsageError,
      "cubes: it does not say how it maps over an axis (defineOp's `maps`), so it runs once for " +
        "each entry, and there is none",
    ]);
  });
});

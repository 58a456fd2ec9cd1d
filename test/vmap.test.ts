import { describe, expect, it } from "vitest";
import {
  arange,
  DomainError,
  diag,
  grad,
  iterate,
  jvp,
  oneHot,
  ones,
  random,
  ShapeError,
  stack,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  tidy,
  valueAndGrad,
  vjp,
  vmap,
  where,
  zeros,
} from "../src/index.js";
import { memory } from "../src/kernels/memory.js";
import { entries, looped, rows, same } from "./support/entries.js";
import { f64, normal, said } from "./support/values.js";

describe("axes", () => {
  const X = normal([2, 3, 4], 1);

  it("maps over the first axis, and the function sees the others", () => {
    const seen: (readonly number[])[] = [];
    const f = (x: Tensor) => {
      seen.push(x.shape);
      return x.sum({ axis: 0 });
    };
    same(vmap(f)(X), X.sum({ axis: 1 }));
    expect(seen).toEqual([[3, 4]]);
  });

  it.each([0, 1, 2, -1, -2, -3])("takes entries along axis %d, and puts results there", (axis) => {
    const f = (x: Tensor) => x.cumsum({ axis: 0 });
    const at = axis < 0 ? axis + 3 : axis;
    const perm = [0, 1, 2].toSpliced(at, 1);
    const first = X.transpose([at, ...perm]);
    const want = looped(f)(first);
    same(vmap(f, { inAxes: axis })(X), want);
    const back = perm.toSpliced(at, 0, -1).map((i) => (i < 0 ? 0 : perm.indexOf(i) + 1));
    same(vmap(f, { inAxes: axis, outAxes: axis })(X), want.transpose(back));
  });

  it("takes an axis for each argument, null where all entries get the same", () => {
    const A = normal([4, 5], 2);
    const f = (x: Tensor, B: Tensor, factor: number) => x.matmul(B).mul(factor);
    const got = vmap(f, { inAxes: [1, null, null] })(normal([4, 3], 3), A, 2);
    same(got, normal([4, 3], 3).T.matmul(A).mul(2));
    const columns = vmap((x: Tensor, y: Tensor) => x.dot(y), { inAxes: [1, 0] });
    const [P, Q] = [normal([4, 3], 4), normal([3, 4], 5)];
    same(columns(P, Q), P.T.mul(Q).sum({ axis: 1 }));
  });

  it("takes and gives trees", () => {
    const layer = { w: normal([3, 2, 4], 6), b: [normal([3, 2], 7)] as const };
    const f = (p: typeof layer, x: Tensor) => {
      const y = p.w.matmul(x).add(p.b[0]);
      return { y, more: [y.sum(), x] };
    };
    const x = normal([4], 8);
    const { y, more } = vmap(f, { inAxes: [0, null], outAxes: -1 })(layer, x) as {
      y: Tensor;
      more: [Tensor, Tensor];
    };
    const want = layer.w.matmul(x).add(layer.b[0]);
    same(y, want.T);
    same(more[0], want.sum({ axis: 1 }));
    same(more[1], stack([x, x, x], { axis: -1 })); // what does not depend on the entry is repeated
  });

  it("maps over one entry, and over none", () => {
    const f = (x: Tensor) =>
      x
        .square()
        .matmul(normal([3, 2], 9))
        .softmax();
    same(vmap(f)(X.slice([0, 0], [1, 3]).reshape([4, 3])), f(X.slice([0], [1]).reshape([4, 3])));
    const none = vmap(grad((x: Tensor) => f(x).log().sum()))(zeros([0, 3], { dtype: "float64" }));
    expect([none.shape, none.dtype]).toEqual([[0, 3], "float64"]);
  });

  it("keeps apart what one entry broadcasts with", () => {
    const rows = normal([3, 2], 10);
    const M = normal([4, 5, 2], 11);
    same(vmap((r: Tensor) => M.mul(r))(rows), looped((r) => M.mul(r))(rows));
    const [A, B] = [normal([3, 2, 2], 12), normal([5, 2, 3], 13)];
    same(vmap((a: Tensor) => a.matmul(B))(A), looped((a) => a.matmul(B))(A));
    same(
      vmap((a: Tensor) => where(a.greater(0), a, B.slice([0], [1]).sum()))(A),
      looped((a) => where(a.greater(0), a, B.slice([0], [1]).sum()))(A),
    );
  });
});

describe("vmap in vmap", () => {
  it("makes a table of two lists", () => {
    const [xs, ys] = [normal([3, 2], 1), normal([4, 2], 2)];
    const distance = (x: Tensor, y: Tensor) => x.sub(y).norm();
    const table = vmap((x: Tensor) => vmap((y: Tensor) => distance(x, y))(ys))(xs);
    const rows = entries(xs).map((x) => stack(entries(ys).map((y) => distance(x, y))));
    same(table, stack(rows));
    const swapped = vmap(vmap(distance, { inAxes: [null, 0] }), { inAxes: [0, null], outAxes: 1 });
    same(swapped(xs, ys), table.T);
  });

  it("maps three levels deep, each with axes of its own", () => {
    const X = normal([2, 3, 4, 5], 3);
    const f = (x: Tensor) => x.sub(x.mean()).exp();
    same(vmap(vmap(vmap(f)))(X), X.sub(X.mean({ axis: 3, keepDims: true })).exp());
    const inner = vmap(vmap(f, { inAxes: 1, outAxes: 1 }), { inAxes: 2, outAxes: 2 });
    same(inner(X), X.sub(X.mean({ axis: [0, 3], keepDims: true })).exp());
  });

  it("takes gradients on the way", () => {
    const [A, xs] = [normal([2, 3, 3], 4), normal([4, 3], 5)];
    const form = (M: Tensor) => (x: Tensor) => x.matmul(M).dot(x);
    const got = vmap((M: Tensor) => vmap(grad(form(M)))(xs))(A);
    same(got, stack(entries(A).map((M) => xs.matmul(M.add(M.T)))));
  });
});

/** A network with one hidden layer, and its cross entropy for one example. */
const network = { w: normal([6, 4], 1), b: normal([6], 2), v: normal([3, 6], 3) };

function loss(p: typeof network, x: Tensor, label: Tensor): Tensor {
  const scores = p.v.matmul(p.w.matmul(x).add(p.b).relu());
  return scores
    .logSoftmax()
    .mul(oneHot(label, 3, { dtype: "float64" }))
    .sum()
    .neg();
}

describe("gradients in vmap", () => {
  it("gives the gradients of a network by example", () => {
    const [X, labels] = [normal([5, 4], 4), tensor([2, 0, 1, 1, 2], { dtype: "int32" })];
    const one = valueAndGrad(loss);
    const all = vmap(one, { inAxes: [null, 0, 0] });
    const [values, gradients] = all(network, X, labels);
    entries(X).forEach((x, i) => {
      const [value, gradient] = one(network, x, entries(labels)[i] as Tensor);
      same(entries(values)[i] as Tensor, value);
      for (const key of ["w", "b", "v"] as const) {
        same(entries(gradients[key])[i] as Tensor, gradient[key]);
      }
    });
  });

  it("differentiates with respect to what is mapped, and to higher orders", () => {
    const f = (x: Tensor) => x.exp().sum().log().mul(x.square().sum());
    const second = (x: Tensor) => grad((y: Tensor) => grad(f)(y).square().sum())(x);
    const xs = normal([4, 3], 5);
    same(vmap(second)(xs), looped(second)(xs), 10);
  });

  it("does not confuse the variables of two gradients", () => {
    // d/dx [x · d/dy (x·y)] = d/dx x² = 2x
    const f = (x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(x));
    same(vmap(grad(f))(f64([1, 2, 3])), f64([2, 4, 6]));
    same(vmap((x: Tensor) => grad(f)(x))(f64([1, 2, 3])), f64([2, 4, 6]));
  });

  it("goes through decompositions, solves and determinants", () => {
    const A = normal([4, 3, 3], 6).add(diag(f64([4, 5, 6])));
    const b = normal([3], 7);
    const fs: ((M: Tensor) => Tensor)[] = [
      (M) => M.solve(b).square().sum(),
      (M) => M.logdet(),
      (M) => M.matmul(M.T).cholesky().sum(),
      (M) => M.svd().s.log().sum(),
      (M) => M.add(M.T).eigh().V.slice([0, 0], [1, 1]).square().sum(),
      (M) => M.expm().trace(),
    ];
    for (const f of fs) same(vmap(grad(f))(A), looped(grad(f))(A), 9);
  });

  it("pulls back and pushes forward", () => {
    const f = (x: Tensor) => x.mul(x.sum()).tanh();
    const [xs, vs] = [normal([4, 3], 8), normal([4, 3], 9)];
    const back = vmap((x: Tensor, v: Tensor) => vjp(f, x)[1](v)[0])(xs, vs);
    const forth = vmap((x: Tensor, v: Tensor) => jvp(f, [x], [v])[1])(xs, vs);
    entries(xs).forEach((x, i) => {
      const v = entries(vs)[i] as Tensor;
      same(entries(back)[i] as Tensor, vjp(f, x)[1](v)[0]);
      same(entries(forth)[i] as Tensor, jvp(f, [x], [v])[1]);
    });
  });

  it("makes a Hessian of directions", () => {
    const A = normal([3, 3], 10);
    const f = (x: Tensor) => x.matmul(A).dot(x).add(x.square().square().sum());
    const x = normal([3], 11);
    const along = (v: Tensor) => jvp(grad(f), [x], [v])[1];
    const want = A.add(A.T).add(diag(x.square().mul(12)));
    same(vmap(along)(diag(ones([3], { dtype: "float64" }))), want);
    const backwards = (v: Tensor) => vjp(grad(f), x)[1](v)[0];
    same(vmap(backwards, { outAxes: 1 })(diag(ones([3], { dtype: "float64" }))), want);
  });

  it("stops gradients, for the entry as it is", () => {
    const f = (x: Tensor) => stopGradient(x).mul(x).sum();
    same(vmap(grad(f))(rows(2, [1, 2, 3, 4])), rows(2, [1, 2, 3, 4]));
  });

  it("names the op that makes a value that is not finite, and its element", () => {
    const slope = grad((x: Tensor) => x.log().sum(), { anomaly: true });
    expect(said(() => vmap(slope)(rows(2, [1, 2, 1, 0])))).toEqual([
      DomainError,
      "log: made -Infinity (element 1 of a result of shape [2]); this is the first value on the " +
        "tape that is not finite",
    ]);
  });

  it("descends from many starts at once", () => {
    const slope = grad((x: Tensor) => x.sub(1).square().mul(x.add(1)).sum());
    const descend = (start: Tensor) => {
      const descent = iterate(start, (x: Tensor) => [x.sub(slope(x).mul(0.1)), null] as const);
      for (let i = 0; i < 20; i++) descent.next();
      return descent.state;
    };
    const starts = normal([6, 2], 12);
    same(vmap(descend)(starts), looped(descend)(starts));
  });
});

describe("vmap in gradients", () => {
  const X = normal([4, 3], 1);
  const w = normal([3], 2);

  it("differentiates what was mapped, also twice", () => {
    const f = (x: Tensor) => x.dot(w).tanh().mul(x.square().sum());
    const total = (mapped: typeof looped) => (Y: Tensor) => sum(mapped(f)(Y));
    same(grad(total(vmap))(X), grad(total(looped))(X));
    const twice = (mapped: typeof looped) =>
      grad((Y: Tensor) => grad(total(mapped))(Y).square().sum());
    same(twice(vmap)(X), twice(looped)(X), 10);
  });

  it("differentiates with respect to what the mapped function closes over", () => {
    const f = (v: Tensor, mapped: typeof looped) => sum(mapped((x) => x.dot(v).exp())(X));
    same(grad((v: Tensor) => f(v, vmap))(w), grad((v: Tensor) => f(v, looped))(w));
    const within = (v: Tensor, mapped: typeof looped) =>
      mapped(grad((x: Tensor) => x.mul(v).exp().sum()))(X)
        .square()
        .sum();
    same(grad((v: Tensor) => within(v, vmap))(w), grad((v: Tensor) => within(v, looped))(w), 10);
  });

  it("pushes tangents through, and closes over outer maps and tapes at once", () => {
    const f = (mapped: typeof looped) => (v: Tensor) =>
      mapped((x) => grad((y: Tensor) => mapped((z) => z.dot(y).mul(v.dot(x)).sin())(X).sum())(x))(
        X,
      );
    const [value, tangent] = jvp(f(vmap), [w], [normal([3], 3)]);
    const [wanted, wantedTangent] = jvp(f(looped), [w], [normal([3], 3)]);
    same(value, wanted);
    same(tangent, wantedTangent, 10);
  });

  it("gives a pullback that may be called when vmap has ended", () => {
    const [, pull] = vjp((Y: Tensor) => vmap((x: Tensor) => x.square().sum())(Y), X);
    same(pull(f64([1, 2, 0, -1]))[0], X.mul(f64([[2], [4], [0], [-2]])));
    same(pull(f64([0, 0, 0, 1]))[0], X.mul(f64([[0], [0], [0], [2]])));
  });

  it("stops gradients where the mapped function says so, and keeps the entries", () => {
    const f = (x: Tensor) => stopGradient(x).mul(x).sum();
    same(grad((Y: Tensor) => vmap(f)(Y).sum())(X), X);
  });
});

describe("memory of vmap", () => {
  it("keeps the result alone", () => {
    const X = random.normal([64, 1024], { seed: 1 });
    const w = random.normal([1024], { seed: 2 });
    const f = (x: Tensor) => x.mul(w).exp().square().log().sum();
    const runs = [vmap(f), vmap(grad(f)), grad((Y: Tensor) => vmap(f)(Y).sum())];
    for (const run of runs) {
      run(X);
      const before = memory().used;
      const Y = run(X);
      expect(memory().used - before).toBeLessThanOrEqual(4 * Y.size + 1024);
    }
  });

  it("does not grow in a loop", () => {
    const X = random.normal([16, 64], { seed: 1 });
    let w = zeros([64]);
    const slopes = vmap(
      grad((v: Tensor, x: Tensor) => x.dot(v).sub(1).square()),
      { inAxes: [null, 0] },
    );
    const step = (): void => {
      w = tidy(() => w.sub(slopes(w, X).mean({ axis: 0 }).mul(0.01)));
    };
    for (let i = 0; i < 2000; i++) step();
    const before = memory().used;
    for (let i = 0; i < 2000; i++) step();
    expect(memory().used - before).toBeLessThan(2 ** 18);
    expect(Number.isFinite(w.sum().item())).toBe(true);
  });

  it("frees as it goes within the mapped function", () => {
    const slope = grad((x: Tensor) => x.sub(1).exp().square().sum());
    const used: number[] = [];
    const descend = (start: Tensor) => {
      const descent = iterate(start, (x: Tensor) => [x.sub(slope(x).mul(0.01)), null] as const);
      for (let i = 0; i < 60; i++) {
        descent.next();
        used.push(memory().used);
      }
      return descent.state;
    };
    const starts = random.normal([64, 256], { seed: 1 });
    same(vmap(descend)(starts), looped(descend)(starts), 4);
    expect((used[59] as number) - (used[9] as number)).toBeLessThan(2 ** 14);
  });

  it("frees what was made when the function throws", () => {
    const X = random.normal([64, 1024], { seed: 1 });
    const f = (x: Tensor) => x.exp().square().reshape([7]);
    expect(() => vmap(f)(X)).toThrow(ShapeError);
    const before = memory().used;
    expect(() => vmap(f)(X)).toThrow(ShapeError);
    expect(memory().used).toBe(before);
    same(vmap((i: Tensor) => i.mul(2))(arange(3)), arange(3).mul(2));
  });
});

import { describe, expect, it } from "vitest";
import {
  broadcastTo,
  concat,
  DomainError,
  expandDims,
  flip,
  grad,
  oneHot,
  pad,
  reshape,
  ShapeError,
  scatterAdd,
  slice,
  split,
  squeeze,
  stack,
  sum,
  type Tensor,
  t,
  take,
  tensor,
  tidy,
  transpose,
  where,
  zeros,
} from "../../src/index.js";
import { said } from "../support/values.js";

const A = (): Tensor => reshape([1, 2, 3, 4, 5, 6], [2, 3]);
const rows = (...list: number[][]): number[][] => list;

describe("t and transpose", () => {
  it("swap the last two axes", () => {
    expect(t(A()).toArray()).toEqual(rows([1, 4], [2, 5], [3, 6]));
    expect(A().T.toArray()).toEqual(t(A()).toArray());
    expect(t(reshape([1, 2, 3, 4], [2, 1, 2])).toArray()).toEqual([
      [[1], [2]],
      [[3], [4]],
    ]);
  });

  it("name the remedies for a vector and a scalar", () => {
    const rest =
      "a matrix was wanted. For a vector use outer(x, y) for x·yᵀ, " +
      "dot(x, y) for xᵀ·y, or reshape(x, [1, n]) for a row";
    expect(said(() => t([1, 2]))).toEqual([ShapeError, `t: X is [2]; ${rest}`]);
    expect(said(() => t(1))).toEqual([ShapeError, `t: X is []; ${rest}`]);
  });

  it("reverse all axes without an order, and follow one that is given", () => {
    const X = reshape(tensor(Array.from({ length: 24 }, (_, i) => i)), [2, 3, 4]);
    expect(transpose(X).shape).toEqual([4, 3, 2]);
    const Y = transpose(X, [1, -1, 0]);
    expect(Y.shape).toEqual([3, 4, 2]);
    expect(take(reshape(Y, [-1]), [0, 1, 2, 8]).toArray()).toEqual([0, 12, 1, 4]);
    expect(transpose(5).item()).toBe(5);
  });

  it("refuse an order that is none", () => {
    expect(said(() => transpose(A(), [0]))).toEqual([
      ShapeError,
      "transpose: perm is [0]; each axis of a tensor of rank 2 was wanted once",
    ]);
    expect(said(() => transpose(A(), [0, 2]))).toEqual([
      ShapeError,
      "transpose: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
    ]);
  });

  it("handle more axes than tfjs does", () => {
    const shape = [2, 1, 2, 3, 1, 2, 2, 2];
    const X = reshape(tensor(Array.from({ length: 96 }, (_, i) => i)), shape);
    const Y = transpose(transpose(X, [7, 6, 5, 4, 3, 2, 1, 0]));
    expect(Y.shape).toEqual(shape);
    expect(Y.data()).toEqual(X.data());
    expect(X.add(reshape(X, shape)).data()[95]).toBe(190);
    expect(X.add(zeros([2, 1, 2, 1, 1, 2, 1, 2])).data()).toEqual(X.data());
  });
});

describe("reshape, squeeze and expandDims", () => {
  it("keep the elements in their order", () => {
    expect(reshape(A(), [3, -1]).toArray()).toEqual(rows([1, 2], [3, 4], [5, 6]));
    expect(reshape(A(), [-1]).shape).toEqual([6]);
    expect(reshape(zeros([0, 3]), [3, 0, 2]).shape).toEqual([3, 0, 2]);
    expect(reshape(7, [1, 1]).toArray()).toEqual([[7]]);
    expect(expandDims(A(), 1).shape).toEqual([2, 1, 3]);
    expect(expandDims(A(), -1).shape).toEqual([2, 3, 1]);
    expect(squeeze(zeros([1, 2, 1])).shape).toEqual([2]);
    expect(squeeze(zeros([1, 2, 1]), -1).shape).toEqual([1, 2]);
    expect(squeeze(zeros([1, 2, 1]), [0, 2]).shape).toEqual([2]);
  });

  it("say what does not fit", () => {
    expect(said(() => reshape(A(), [4]))[1]).toBe(
      "reshape: X is [2, 3], which holds 6; the shape [4] holds 4",
    );
    expect(said(() => reshape(A(), [-1, -1]))[1]).toBe(
      "reshape: shape is [-1, -1]; only one size may be −1",
    );
    expect(said(() => reshape(A(), [4, -1]))[1]).toBe(
      "reshape: X is [2, 3], which holds 6; no whole size in place of −1 " +
        "makes [4, -1] hold as many",
    );
    expect(said(() => reshape(zeros([0]), [0, -1]))[1]).toBe(
      "reshape: X is [0], which holds 0; no whole size in place of −1 makes [0, -1] hold as many",
    );
    expect(said(() => squeeze(A(), 1))).toEqual([
      ShapeError,
      "squeeze: X is [2, 3]; axis 1 has size 3, and only axes of size 1 can be dropped",
    ]);
    expect(said(() => expandDims(A(), 3))[1]).toBe(
      "expandDims: axis 3 does not exist in a tensor of rank 3; axes run from -3 to 2",
    );
  });
});

describe("broadcastTo", () => {
  it("repeats along new axes and axes of size 1", () => {
    expect(broadcastTo([[1], [2]], [2, 2]).toArray()).toEqual(rows([1, 1], [2, 2]));
    expect(broadcastTo(3, [2, 2]).toArray()).toEqual(rows([3, 3], [3, 3]));
    expect(broadcastTo([1], [0]).shape).toEqual([0]);
    const odd = broadcastTo([Number.NaN, Infinity, -0], [2, 3]).data();
    expect(Array.from(odd)).toEqual([Number.NaN, Infinity, -0, Number.NaN, Infinity, -0]);
  });

  it("sums the gradient over what it repeated", () => {
    const g = grad((x: Tensor) => sum(broadcastTo(x, [2, 3, 2]).mul([1, 2])))(
      tensor([[5], [6], [7]]),
    );
    expect(g.toArray()).toEqual([[6], [6], [6]]);
  });

  it("says what does not fit", () => {
    expect(said(() => broadcastTo([1, 2], [3]))).toEqual([
      ShapeError,
      "broadcastTo: X is [2] and shape is [3]; aligned at the right, each size of X must be 1 or " +
        "that of shape",
    ]);
    expect(said(() => broadcastTo([[1, 2]], [2]))[1]).toMatch(/^broadcastTo: X is \[1, 2\] and/);
  });
});

describe("concat and stack", () => {
  it("join along an axis, and along a new one", () => {
    expect(concat([[1, 2], [], [3]]).toArray()).toEqual([1, 2, 3]);
    expect(concat([A(), [[7], [8]]], { axis: 1 }).toArray()).toEqual(
      rows([1, 2, 3, 7], [4, 5, 6, 8]),
    );
    expect(
      stack([
        [1, 2],
        [3, 4],
      ]).toArray(),
    ).toEqual(rows([1, 2], [3, 4]));
    expect(
      stack(
        [
          [1, 2],
          [3, 4],
        ],
        { axis: -1 },
      ).toArray(),
    ).toEqual(rows([1, 3], [2, 4]));
    expect(stack([1, 2, 3]).toArray()).toEqual([1, 2, 3]);
  });

  it("take the dtype of what is beside an array", () => {
    const x = tensor([0.1], { dtype: "float64" });
    expect(stack([x, [0.1]]).toArray()).toEqual([[0.1], [0.1]]);
    expect(concat([x, [0.1]]).toArray()).toEqual([0.1, 0.1]);
    expect(concat([tensor([1], { dtype: "int32" }), tensor([2])]).dtype).toBe("float32");
  });

  it("give each part its own gradient, and both when it is the same", () => {
    const f = (x: Tensor): Tensor => sum(concat([x, x.mul(2)]).mul([1, 10, 100, 1000]));
    expect(grad(f)(tensor([1, 1])).toArray()).toEqual([201, 2010]);
  });

  it("say what does not fit", () => {
    expect(said(() => concat([]))).toEqual([
      ShapeError,
      "concat: Xs is empty; one tensor or more was wanted",
    ]);
    expect(said(() => concat([1, 2]))[1]).toBe(
      "concat: Xs[0] is []; scalars have no axis, stack joins them",
    );
    expect(said(() => concat([A(), [1]]))[1]).toBe(
      "concat: Xs[0] is [2, 3] and Xs[1] is [1]; all sizes but that of axis 0 must be equal",
    );
    expect(said(() => concat([A(), A()], { axis: 2 }))[1]).toBe(
      "concat: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
    );
    expect(said(() => stack([]))[1]).toBe("stack: Xs is empty; one tensor or more was wanted");
    expect(said(() => stack([A(), [1]]))).toEqual([
      ShapeError,
      "stack: Xs[0] is [2, 3] and Xs[1] is [1]; all must have the same shape",
    ]);
  });
});

describe("slice, split, pad and flip", () => {
  it("take parts from either end", () => {
    expect(slice(A(), [1]).toArray()).toEqual([[4, 5, 6]]);
    expect(slice(A(), [0, -2], [1, -1]).toArray()).toEqual([[2, 3]]);
    expect(slice(A(), [], [1, 1]).toArray()).toEqual([[1]]);
    expect(slice(A(), [2]).shape).toEqual([0, 3]);
    expect(split(A(), 3, { axis: 1 }).map((x) => x.toArray())).toEqual([
      [[1], [4]],
      [[2], [5]],
      [[3], [6]],
    ]);
    expect(split([1, 2, 3], [0, 1, 2]).map((x) => x.toArray())).toEqual([[], [1], [2, 3]]);
  });

  it("add borders and turn round", () => {
    expect(
      pad(
        [[1]],
        [
          [1, 0],
          [0, 2],
        ],
        { value: 9 },
      ).toArray(),
    ).toEqual(rows([9, 9, 9], [1, 9, 9]));
    expect(pad(tensor([1], { dtype: "int32" }), [[0, 1]]).dtype).toBe("int32");
    expect(flip(A()).toArray()).toEqual(rows([6, 5, 4], [3, 2, 1]));
    expect(flip(A(), 0).toArray()).toEqual(rows([4, 5, 6], [1, 2, 3]));
    expect(flip(A(), [-1]).toArray()).toEqual(rows([3, 2, 1], [6, 5, 4]));
  });

  it("say what does not fit", () => {
    expect(said(() => slice(A(), [0, -4]))).toEqual([
      ShapeError,
      "slice: X is [2, 3], begin is [0, -4] and size is []; along axis 1 a part of its 3 was wanted",
    ]);
    expect(said(() => slice(A(), [0.5]))[1]).toBe(
      "slice: X is [2, 3], begin is [0.5] and size is []; along axis 0 a part of its 2 was wanted",
    );
    expect(said(() => split(A(), 2, { axis: 1 }))).toEqual([
      ShapeError,
      "split: X is [2, 3]; axis 1 does not divide into 2 equal parts, give a list of their sizes",
    ]);
    expect(said(() => split(A(), 0))[1]).toBe(
      "split: X is [2, 3]; axis 0 does not divide into 0 equal parts, give a list of their sizes",
    );
    expect(said(() => split(A(), [1, 2]))[1]).toBe(
      "split: X is [2, 3] and parts is [1, 2]; whole sizes that add up to the 2 of axis 0 were wanted",
    );
    expect(said(() => pad([1], [[-1, 0]]))[1]).toBe(
      "pad: X is [1] and paddings is [[-1,0]]; one pair of whole numbers, 0 or more, was wanted for " +
        "each axis",
    );
  });
});

describe("take, scatterAdd and oneHot", () => {
  it("put the shape of the indices in the place of the axis", () => {
    expect(take(A(), [2, -3, 2], { axis: 1 }).toArray()).toEqual(rows([3, 1, 3], [6, 4, 6]));
    expect(take(A(), [[1], [0]]).shape).toEqual([2, 1, 3]);
    expect(take(A(), 1).toArray()).toEqual([4, 5, 6]);
    expect(take(A(), tensor([], { dtype: "int32" })).shape).toEqual([0, 3]);
    expect(take([5, 6], tensor([1, 0])).toArray()).toEqual([6, 5]);
  });

  it("add up the gradient of what is taken twice", () => {
    const f = (x: Tensor): Tensor => sum(take(x, [0, 2, 0]).mul([1, 10, 100]).square());
    expect(grad(f)(tensor([1, 1, 1])).toArray()).toEqual([20002, 0, 200]);
    const Hv = grad((x: Tensor) => sum(grad(f)(x).mul([1, 10, 100])));
    expect(Hv(tensor([1, 1, 1])).toArray()).toEqual([20002, 0, 20000]);
  });

  it("scatter by adding", () => {
    expect(
      scatterAdd(
        [
          [1, 2],
          [3, 4],
        ],
        [1, 1],
        3,
      ).toArray(),
    ).toEqual(rows([0, 0], [4, 6], [0, 0]));
    expect(
      scatterAdd(
        [
          [1, 2],
          [3, 4],
        ],
        [2, 0],
        3,
        { axis: 1 },
      ).toArray(),
    ).toEqual(rows([2, 0, 1], [4, 0, 3]));
    expect(
      scatterAdd(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [0, 1],
          [1, -1],
        ],
        2,
      ).toArray(),
    ).toEqual([1, 9]);
  });

  it("read inputs that an earlier op left on the heap", () => {
    const y = tidy(() => take(flip(A().mul(2)).add(1), [1]));
    expect(y.toArray()).toEqual([[7, 5, 3]]);
    expect(tidy(() => sum(slice(A().add(1), [1]))).item()).toBe(18);
  });

  it("write a 1 where the index says", () => {
    expect(oneHot([1, 0], 2).toArray()).toEqual(rows([0, 1], [1, 0]));
    expect(oneHot([[2]], 3, { dtype: "bool" }).dtype).toBe("bool");
    expect(oneHot([], 3).shape).toEqual([0, 3]);
  });

  it("refuse indices out of range", () => {
    expect(said(() => take(A(), [0, 2]))).toEqual([
      DomainError,
      "take: indices holds 2; the size of axis 0 is 2, indices run from -2 to 1",
    ]);
    expect(said(() => take(A(), [-4], { axis: 1 }))[1]).toBe(
      "take: indices holds -4; the size of axis 1 is 3, indices run from -3 to 2",
    );
    expect(said(() => take(A(), tensor([0.5])))[1]).toBe(
      "take: indices holds 0.5; the size of axis 0 is 2, indices run from -2 to 1",
    );
    expect(said(() => take(zeros([0]), [0]))[1]).toBe(
      "take: indices holds 0; the size of axis 0 is 0, there is none to take",
    );
    expect(said(() => take(A(), [0], { axis: 2 }))[1]).toBe(
      "take: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
    );
    expect(said(() => scatterAdd([1], [3], 3))[1]).toBe(
      "scatterAdd: indices holds 3; the size of axis 0 is 3, indices run from -3 to 2",
    );
    expect(said(() => scatterAdd([1, 2], [0], 3))).toEqual([
      ShapeError,
      "scatterAdd: X is [2] and indices is [1]; from axis 0 on X must have the shape of indices",
    ]);
    expect(said(() => scatterAdd([1], [0], -1))[1]).toBe(
      "scatterAdd: size is -1; a whole number, 0 or more, was wanted",
    );
    expect(said(() => oneHot([-1], 3))).toEqual([
      DomainError,
      "oneHot: indices holds -1; with depth 3 they run from 0 to 2",
    ]);
  });
});

describe("broadcasting on the stock kernels", () => {
  const big = (): Tensor => broadcastTo(tensor(Array.from({ length: 20 }, (_, i) => i)), [30, 20]);
  const column = (): Tensor => reshape(tensor(Array.from({ length: 30 }, (_, i) => i)), [30, 1]);

  it("compares and chooses with columns as with rows", () => {
    const above = big().greater(column());
    expect(sum(above).item()).toBe(190);
    const x = big().maximum(column());
    expect(x.data()[29 * 20]).toBe(29);
    expect(x.data()[19]).toBe(19);
    expect(sum(where(above, 1, column())).item()).toBe(190 + 2660 + 4900);
  });

  it("takes any number for true but 0", () => {
    expect(where([1, 0, -2], [1, 2, 3], 0).toArray()).toEqual([1, 0, 3]);
    expect(where(tensor([0.5, 0, 256]), [[1], [2]], tensor(7)).toArray()).toEqual(
      rows([1, 7, 1], [2, 7, 2]),
    );
    expect(tensor([0.5, 0, 256, Number.NaN]).cast("bool").toArray()).toEqual([1, 0, 1, 1]);
  });
});

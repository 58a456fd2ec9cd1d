import { describe, expect, it } from "vitest";
import {
  exp,
  grad,
  logSoftmax,
  logsumexp,
  random,
  ShapeError,
  softmax,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { close, f64, list, said } from "../support/values.js";

describe("logsumexp, softmax and logSoftmax", () => {
  it("do not overflow", () => {
    close(logsumexp([1000, 1000]), [1000 + Math.log(2)], 3);
    close(logsumexp(f64([-1000, -1000])), [-1000 + Math.log(2)], 12);
    close(softmax([1000, 1000 + Math.log(3)]), [0.25, 0.75], 4);
    expect(logSoftmax([0, 1000]).toArray()).toEqual([-1000, 0]);
    expect(logSoftmax(f64([0, 1000])).toArray()).toEqual([-1000, 0]);
  });

  it("go along any axis", () => {
    const X = [
      [0, Math.log(3)],
      [0, 0],
    ];
    close(softmax(X), [0.25, 0.75, 0.5, 0.5]);
    close(softmax(X, { axis: 0 }), [0.5, 0.75, 0.5, 0.25]);
    close(exp(logSoftmax(X, { axis: -2 })), [0.5, 0.75, 0.5, 0.25]);
    close(logsumexp(X, { axis: 1 }), [Math.log(4), Math.log(2)]);
    close(logsumexp(X), [Math.log(6)]);
    const Y = random.normal([2, 3, 4, 2], { seed: 5 });
    for (const axis of [0, 1, 2, 3]) {
      close(softmax(Y, { axis }), list(softmax(Y.cast("float64"), { axis })));
      close(logSoftmax(Y, { axis }), list(logSoftmax(Y.cast("float64"), { axis })), 5);
      close(logsumexp(Y, { axis }), list(logsumexp(Y.cast("float64"), { axis })), 5);
    }
  });

  it("leave infinities as they are", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const none = tensor([-Infinity, -Infinity], { dtype });
      expect(logsumexp(none).item()).toBe(-Infinity);
      expect(logsumexp(tensor([1, Infinity], { dtype })).item()).toBe(Infinity);
      expect(logsumexp(tensor([-Infinity, 2], { dtype })).item()).toBe(2);
      expect(logsumexp(tensor([Number.NaN, 2], { dtype })).item()).toBeNaN();
      expect(grad((x: Tensor) => logsumexp(x))(none).toArray()).toEqual([0, 0]);
      const mixed = tensor(
        [
          [-Infinity, -Infinity],
          [-Infinity, 1],
        ],
        { dtype },
      );
      const g = grad((x: Tensor) => sum(logsumexp(x, { axis: 1 })))(mixed);
      expect(g.toArray()).toEqual([
        [0, 0],
        [0, 1],
      ]);
      expect(logSoftmax(tensor([-Infinity, 2], { dtype })).toArray()).toEqual([-Infinity, 0]);
    }
    expect(logsumexp(zeros([0])).item()).toBe(-Infinity);
    expect(softmax(zeros([2, 0])).shape).toEqual([2, 0]);
  });

  it("have the derivatives of the textbook", () => {
    close(grad((x: Tensor) => logsumexp(x))(f64([0, Math.log(3)])), [0.25, 0.75], 14);
    // J = diag(y) − y·yᵀ
    const f = (x: Tensor): Tensor => sum(softmax(x).mul([1, 0]));
    close(grad(f)(f64([0, Math.log(3)])), [0.1875, -0.1875], 14);
    const g = (x: Tensor): Tensor => sum(logSoftmax(x).mul([1, 0]));
    close(grad(g)(f64([0, Math.log(3)])), [0.75, -0.75], 14);
  });

  it("say which axis does not exist", () => {
    expect(said(() => softmax(1))).toEqual([
      ShapeError,
      "softmax: axis -1 does not exist in a tensor of rank 0; a scalar has no axes",
    ]);
    expect(said(() => logSoftmax([1], { axis: 1 }))[1]).toBe(
      "logSoftmax: axis 1 does not exist in a tensor of rank 1; axes run from -1 to 0",
    );
  });
});

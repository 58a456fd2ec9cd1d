import { describe, expect, it } from "vitest";
import {
  DomainError,
  grad,
  hessian,
  logSoftmax,
  random,
  ShapeError,
  type Tensor,
  tensor,
  UsageError,
} from "../../src/index.js";
import {
  accuracy,
  bce,
  confusionMatrix,
  crossEntropy,
  hinge,
  huber,
  l1,
  l2,
  mae,
  mse,
  nll,
  r2,
} from "../../src/nn/index.js";
import { gradcheck } from "../../src/testing/index.js";

const f64 = (values: readonly number[]): Tensor => tensor(new Float64Array(values));
const labels = (values: readonly number[]): Tensor => tensor(values, { dtype: "int32" });
const none = { reduction: "none" } as const;

describe("losses of numbers", () => {
  const output = f64([1, -2, 0.5, 4]);
  const target = f64([0, -2, 2.5, 0]);

  it("are what their names say, by mean, sum or row", () => {
    expect(mse(output, target).item()).toBeCloseTo((1 + 0 + 4 + 16) / 4, 14);
    expect(mae(output, target, { reduction: "sum" }).item()).toBeCloseTo(7, 14);
    expect(huber(output, target, none).toArray()).toEqual([0.5, 0, 1.5, 3.5]);
    expect(huber(output, target, { ...none, delta: 3 }).toArray()).toEqual([0.5, 0, 2, 7.5]);
  });

  it.each([
    ["mse", mse],
    ["mae", mae],
    ["huber", huber],
    ["bce", bce],
    ["hinge", hinge],
  ] as const)("%s refuses shapes that would broadcast, and names the remedy", (name, loss) => {
    const error = `${name}: output is [3, 1] and target is [3]; equal shapes were wanted, such as`;
    expect(() => loss(tensor([[1], [2], [3]]), tensor([1, 2, 3]))).toThrow(error);
    expect(() => loss(tensor([1, 2]), tensor([1]))).toThrow(ShapeError);
    expect(() => loss(tensor([1, 2]), [1, 2] as unknown as Tensor)).toThrow(
      `${name}: target is an array, no tensor; make one by tensor(…)`,
    );
    expect(() => loss(tensor([1]), tensor([1]), { reduction: "avg" as "sum" })).toThrow(
      '"mean", "sum" or "none"',
    );
    expect(() => loss(tensor([1]), tensor([1]), { reduce: "sum" } as object)).toThrow(UsageError);
  });

  it.each([
    ["mse", (x: Tensor) => mse(x, f64([0, -2.5, 2.5, 0]))],
    ["mae", (x: Tensor) => mae(x, f64([0, -2.5, 2.5, 0]))],
    ["huber", (x: Tensor) => huber(x, f64([0.7, -2.5, 2.5, 0]), { delta: 0.6 })],
    ["bce", (x: Tensor) => bce(x, f64([0, 1, 0.3, 1]))],
    ["hinge", (x: Tensor) => hinge(x, f64([0, 1, 1, -1]))],
  ])("%s has the right gradient", (_, f) => {
    expect(() => gradcheck(f, [output])).not.toThrow();
  });

  it("huber is smooth at delta, and at 0", () => {
    const slope = grad((r: Tensor) => huber(r, f64([0]), { reduction: "sum" }));
    expect(slope(f64([1])).item()).toBe(1);
    expect(slope(f64([0])).item()).toBe(0);
    expect(slope(f64([-1.5])).item()).toBe(-1);
    expect(() => huber(output, target, { delta: 0 })).toThrow(DomainError);
  });
});

describe("losses of logits", () => {
  it("bce keeps its digits for logits of any size, and all its derivatives", () => {
    const z = f64([-1000, -40, 0, 40, 1000]);
    const ones = f64([1, 1, 1, 1, 1]);
    const rows = bce(z, ones, none).data();
    const wanted = [1000, 40, Math.LN2, Math.exp(-40), 0];
    for (const [i, row] of rows.entries()) expect(row).toBeCloseTo(wanted[i] as number, 14);
    expect(rows[3]).toBeCloseTo(Math.exp(-40), 30);
    const g = grad((z: Tensor) => bce(z, ones, { reduction: "sum" }))(z).data();
    for (const [i, slope] of [-1, -1, -0.5, 0, 0].entries()) expect(g[i]).toBeCloseTo(slope, 15);
    // σ′(0) = ¼: a loss by max(z, 0) and |z| would have 0 here, and Newton's method no step.
    const H = hessian((z: Tensor) => bce(z, f64([1])))(f64([0]));
    expect((H as Tensor).item()).toBe(0.25);
  });

  it("crossEntropy takes labels or probabilities, and logits of any size", () => {
    const z = tensor(
      [
        [1000, 0, -1000],
        [1, 2, 3],
      ],
      { dtype: "float64" },
    );
    const byLabel = crossEntropy(z, labels([2, 2]), none).data();
    const soft = Math.log(Math.exp(-2) + Math.exp(-1) + 1);
    expect(byLabel[0]).toBe(2000);
    expect(byLabel[1]).toBeCloseTo(soft, 14);
    const hot = tensor([
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(crossEntropy(z, hot, none).data()).toEqual(byLabel);
    const uniform = tensor([[1 / 3, 1 / 3, 1 / 3]], { dtype: "float64" });
    const smoothed = crossEntropy(z.slice([1]), labels([2]), { labelSmoothing: 0.3 }).item();
    const mixed = 0.7 * soft + 0.3 * crossEntropy(z.slice([1]), uniform).item();
    expect(smoothed).toBeCloseTo(mixed, 14);
  });

  it("crossEntropy and nll let a class be impossible", () => {
    const masked = tensor([[0, 0, Number.NEGATIVE_INFINITY]], { dtype: "float64" });
    expect(crossEntropy(masked, labels([0])).item()).toBeCloseTo(Math.LN2, 14);
    const g = grad((z: Tensor) => crossEntropy(z, labels([0])))(masked);
    expect(g.toArray()).toEqual([[-0.5, 0.5, 0]]);
    expect(nll(tensor([[0, Number.NEGATIVE_INFINITY]]), labels([0])).item()).toBe(0);
    expect(nll(tensor([[0, Number.NEGATIVE_INFINITY]]), labels([1])).item()).toBe(Infinity);
  });

  it("crossEntropy is nll of logSoftmax, with the gradient softmax − target", () => {
    const z = random.normal([5, 4], { seed: 3, dtype: "float64" });
    const y = labels([0, 3, 1, 1, 2]);
    const direct = crossEntropy(z, y).item();
    expect(nll(logSoftmax(z, { axis: -1 }), y).item()).toBeCloseTo(direct, 14);
    expect(() => gradcheck((z: Tensor) => crossEntropy(z, y), [z])).not.toThrow();
    const g = grad((z: Tensor) => crossEntropy(z, y, { reduction: "sum" }))(z);
    const hot = tensor([
      [1, 0, 0, 0],
      [0, 0, 0, 1],
      [0, 1, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ]);
    expect(
      g
        .sub(z.softmax({ axis: -1 }).sub(hot))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-15);
  });

  it("crossEntropy works on more leading axes", () => {
    const z = random.normal([2, 3, 4], { seed: 3 });
    const y = tensor(
      [
        [0, 1, 2],
        [3, 0, 1],
      ],
      { dtype: "int32" },
    );
    expect(crossEntropy(z, y, none).shape).toEqual([2, 3]);
  });

  it("say what is wrong", () => {
    const z = random.normal([2, 3], { seed: 1 });
    expect(() => crossEntropy(z, labels([0, 3]))).toThrow(DomainError);
    expect(() => crossEntropy(z, labels([0, 1, 2]))).toThrow(
      "crossEntropy: output is [2, 3] and target is [3]; scores for each class on the last axis, " +
        "and labels [2] or probabilities [2, 3], were wanted",
    );
    expect(() => nll(z, tensor([[0], [1]]))).toThrow("nll: output is [2, 3] and target is [2, 1]");
    expect(() => crossEntropy(z, labels([0, 1]), { labelSmoothing: 1 })).toThrow(DomainError);
    expect(() => crossEntropy(z, labels([0, -1]))).toThrow(
      "crossEntropy, labels of 3 classes: oneHot: indices holds -1",
    );
    expect(() => crossEntropy(z, tensor([0, 0.5]))).toThrow("indices holds 0.5");
    expect(() => crossEntropy(z, labels([0, 1]), "sum" as never)).toThrow(
      'crossEntropy: the options are "sum"; an object was wanted, such as { reduction: … }',
    );
    expect(() => crossEntropy(z, labels([0, 1]), null as unknown as object)).toThrow(UsageError);
  });

  it("crossEntropy refuses scores of one class, from which nothing can be learnt", () => {
    const error = "crossEntropy: output is [2, 1], scores of one class, which is always right";
    expect(() => crossEntropy(tensor([[1], [2]]), labels([0, 0]))).toThrow(error);
    expect(() => crossEntropy(tensor([[1], [2]]), tensor([[1], [0]]))).toThrow(ShapeError);
    expect(nll(tensor([[-1], [-2]]), labels([0, 0])).item()).toBe(1.5);
  });

  it("take labels and targets of any dtype, with the same result", () => {
    const z = random.normal([3, 2], { seed: 1 });
    const byLabel = crossEntropy(z, labels([1, 0, 1])).item();
    expect(crossEntropy(z, tensor([1, 0, 1])).item()).toBe(byLabel);
    expect(crossEntropy(z, tensor([true, false, true])).item()).toBe(byLabel);
    const hot = [
      [0, 1],
      [1, 0],
      [0, 1],
    ];
    expect(crossEntropy(z, tensor(hot, { dtype: "int32" })).item()).toBeCloseTo(byLabel, 6);
    const [s, y] = [tensor([1, -2, 3]), [true, false, false]];
    for (const loss of [bce, hinge, mse, mae, huber]) {
      const byNumbers = loss(s, tensor([1, 0, 0])).item();
      expect(loss(s, tensor(y)).item(), loss.name).toBe(byNumbers);
      expect(loss(s, labels([1, 0, 0])).item(), loss.name).toBe(byNumbers);
    }
    const whole = tensor([1, -2, 3], { dtype: "int32" });
    expect(bce(whole, tensor([0.3, 0.5, 1])).item()).toBe(bce(s, tensor([0.3, 0.5, 1])).item());
  });

  it("hinge takes classes called 0 and 1, or −1 and 1", () => {
    const s = f64([2, 0.5, -1, 0.25]);
    const zeroOne = hinge(s, f64([1, 1, 0, 0]), none).toArray();
    expect(zeroOne).toEqual([0, 0.5, 0, 1.25]);
    expect(hinge(s, f64([1, 1, -1, -1]), none).toArray()).toEqual(zeroOne);
  });
});

describe("penalties", () => {
  const params = {
    W: tensor([
      [1, -2],
      [0, 3],
    ]),
    b: tensor([10]),
  };

  it("add up over trees, of the parameters asked for", () => {
    expect(l1(0.5)(params).item()).toBe(8);
    expect(l2(0.5)(params).item()).toBe(57);
    expect(l2(0.5, { where: (p) => p.rank > 1 })(params).item()).toBe(7);
    expect(grad(l2(0.5))(params)).toMatchObject({ b: expect.anything() });
    const g = grad((p: typeof params) => l1(2)(p))(params);
    expect(g.W.toArray()).toEqual([
      [2, -2],
      [0, 2],
    ]);
  });

  it("say what is wrong", () => {
    expect(() => l1(-1)).toThrow(DomainError);
    expect(() => l2(Number.NaN)).toThrow(DomainError);
    expect(() => l2(1, { where: () => false })(params)).toThrow("l2: there are no parameters");
    expect(() => l2("1" as unknown as number)).toThrow('l2: strength is "1"');
    expect(() => l2(1, { where: 3 as never })).toThrow("l2: where is 3; a function of a parameter");
    expect(() => l2(1)([1])).toThrow("l2, parameters: [0] is a number (1)");
  });
});

describe("metrics", () => {
  it("accuracy of labels, one-hot rows, and one logit a row", () => {
    const z = tensor([
      [2, 1, 0],
      [0, 0, 1],
      [5, 6, 1],
    ]);
    expect(accuracy(z, labels([0, 2, 0])).item()).toBeCloseTo(2 / 3, 14);
    expect(
      accuracy(
        z,
        tensor([
          [1, 0, 0],
          [0, 0, 1],
          [0, 1, 0],
        ]),
      ).item(),
    ).toBe(1);
    expect(accuracy(tensor([[1], [-1]]), tensor([[1], [1]])).item()).toBe(0.5);
    expect(accuracy(tensor([[1], [-1]]), labels([1, 0])).item()).toBe(1);
    expect(accuracy(tensor([1, -1]), tensor([0, 0])).item()).toBe(0.5);
    expect(accuracy(tensor([[1], [-1]]), tensor([[1], [-1]])).item()).toBe(1); // as for hinge
    for (const target of [tensor([0, 1.5, 1]), labels([0, 3, 1]), labels([0, -1, 1])]) {
      expect(() => accuracy(z, target)).toThrow(/^accuracy, labels of 3 classes: .* from 0 to 2$/);
    }
    expect(() => accuracy(tensor([[2.1], [-3]]), tensor([[2], [-3.1]]))).toThrow(
      /^accuracy, labels of 2 classes: /,
    );
    expect(() => accuracy(tensor([[2.1], [-3]]), labels([-1, 1]))).toThrow("holds -1");
    expect(() => accuracy(labels([1, 0]), labels([1, 1]))).toThrow(
      "accuracy: output is int32 [2]; scores of classes were wanted, floats, not the classes",
    );
    expect(accuracy(tensor([[1], [-1]]), tensor([true, true])).item()).toBe(0.5);
    expect(() => accuracy([[1, 2]] as unknown as Tensor, labels([1]))).toThrow(
      "accuracy: output is an array, no tensor; make one by tensor(…)",
    );
    expect(() => accuracy(z, labels([1, 2]))).toThrow(
      "accuracy: output is [3, 3] and target is [2]",
    );
  });

  it("confusionMatrix has the truth in rows", () => {
    const z = tensor([
      [2, 1, 0],
      [0, 0, 1],
      [5, 6, 1],
      [1, 0, 0],
    ]);
    const counts = confusionMatrix(z, labels([0, 2, 0, 1]));
    expect(counts.toArray()).toEqual([
      [1, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(counts.dtype).toBe("int32");
    expect(() => confusionMatrix(z, labels([0, 2, 0, 1]), { clases: 3 } as object)).toThrow(
      "confusionMatrix: there is no option clases; did you mean classes?",
    );
    expect(() => confusionMatrix(z, labels([0, 2, 0, 1]), { classes: 2 })).toThrow(DomainError);
    const two = confusionMatrix(tensor([3, -1, 2]), tensor([1, 1, 0]));
    expect(two.toArray()).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it("r2 is 1 for a perfect fit and 0 for the mean", () => {
    const y = f64([1, 2, 3, 6]);
    expect(r2(y, y).item()).toBe(1);
    expect(r2(f64([3, 3, 3, 3]), y).item()).toBe(0);
    expect(r2(f64([1, 2]), f64([3, 3])).item()).toBeNaN();
    // Their mean is not quite 0.1.
    expect(r2(f64([1, 2, 3]), f64([0.1, 0.1, 0.1])).item()).toBeNaN();
    expect(r2(f64([1]), f64([3])).item()).toBeNaN();
    expect(() => r2(y, y.reshape([4, 1]))).toThrow(ShapeError);
    expect(() => r2([1] as unknown as Tensor, y)).toThrow("r2: output is an array, no tensor");
  });
});

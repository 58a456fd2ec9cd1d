import { describe, expect, it } from "vitest";
import { init, leaves, type Tensor, tensor, valueAndGrad } from "../../src/index.js";
import {
  type Activation,
  bce,
  crossEntropy,
  dense,
  embedding,
  type FitOptions,
  fit,
  hinge,
  huber,
  l2,
  layerNorm,
  mae,
  mlp,
  mse,
  nll,
  sequential,
} from "../../src/nn/index.js";
import { adam, adamw, exponentialDecay, momentum, sgd } from "../../src/optim/index.js";
import reference from "../golden/nn/torch.json" with { type: "json" };

await init();

type Numbers = number | readonly Numbers[];
const f64 = (values: Numbers): Tensor => tensor(values as number[], { dtype: "float64" });
const int = (values: Numbers): Tensor => tensor(values as number[], { dtype: "int32" });
const flat = (values: Numbers): readonly number[] =>
  typeof values === "number" ? [values] : values.flatMap(flat);
const numbers = (x: Tensor): readonly number[] => [...x.data()].map(Number);

/** The largest difference, of numbers above 1 in size relative to them. */
const off = (got: readonly number[], want: readonly number[]): number => {
  expect(got).toHaveLength(want.length);
  return Math.max(
    ...got.map((x, i) => {
      const y = want[i] as number;
      const difference = Math.abs(x - y) / Math.max(1, Math.abs(y));
      return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }),
  );
};

/** A value and its gradients are those wanted; what is differentiated is weighed by a cotangent. */
function compare(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Numbers[],
  wanted: { readonly value: Numbers; readonly gradients: readonly Numbers[] },
  cotangent?: Numbers,
): void {
  let value: readonly number[] = [];
  const weighed = (list: Tensor[]): Tensor => {
    const y = f(...list);
    value = numbers(y);
    return (cotangent === undefined ? y : y.mul(f64(cotangent))).sum();
  };
  const [, gradients] = valueAndGrad(weighed)(inputs.map(f64));
  expect(off(value, flat(wanted.value))).toBeLessThanOrEqual(1e-12);
  gradients.forEach((g, i) => {
    expect(off(numbers(g), flat(wanted.gradients[i] as Numbers))).toBeLessThanOrEqual(1e-12);
  });
}

describe("layers do what PyTorch's do", () => {
  const { x, W, b, cotangent, cases } = reference.dense;
  it.each(cases.map((record) => [record.activation, record] as const))("dense with %s", (_, c) => {
    const layer = dense(3, 5, { activation: c.activation as Activation });
    const f = (x: Tensor, W: Tensor, b: Tensor): Tensor => layer.apply({ W, b }, x);
    compare(f as (...list: Tensor[]) => Tensor, [x, W, b], c, cotangent);
  });

  it("layerNorm", () => {
    const { x, gain, bias, cotangent, cases } = reference.layerNorm;
    for (const { epsilon, ...wanted } of cases) {
      const layer = layerNorm(4, { epsilon });
      const f = (x: Tensor, gain: Tensor, bias: Tensor): Tensor => layer.apply({ gain, bias }, x);
      compare(f as (...list: Tensor[]) => Tensor, [x, gain, bias], wanted, cotangent);
    }
  });

  it("embedding", () => {
    const { x, W, cotangent, ...wanted } = reference.embedding;
    const f = (W?: Tensor): Tensor => embedding(5, 3).apply({ W: W as Tensor }, int(x));
    compare(f, [W], wanted, cotangent);
  });
});

describe("losses do what PyTorch's do", () => {
  const losses = { mse, mae, huber, bce, hinge, crossEntropy, nll };
  it.each(reference.losses.map((c) => [`${c.loss} ${JSON.stringify(c.options)}`, c] as const))(
    "%s",
    (_, { loss, options, output, target, labels, value, gradient }) => {
      const f = losses[loss as keyof typeof losses];
      const wanted = labels ? int(target) : f64(target);
      compare((z) => f(z as Tensor, wanted, options as { reduction: "mean" }), [output], {
        value,
        gradients: [gradient],
      });
    },
  );
});

describe("trainings do what PyTorch's do, step by step", () => {
  const { data, trainings } = reference;
  const rows = {
    x: f64(data.x),
    words: int(data.words),
    real: f64(data.real),
    labels: int(data.labels),
    binary: f64(data.binary),
  };
  const options = { epochs: 3, batchSize: 4, shuffle: false } as const;

  /** Trains from the parameters of a record, put in their places, and compares every step. */
  const follow = async <P>(
    name: string,
    model: Parameters<typeof fit<P>>[0],
    placed: (start: Tensor[]) => P,
    given: FitOptions<P, Tensor, Tensor, Tensor, never>,
  ): Promise<void> => {
    const { x, y, start, losses, path } = trainings.find((one) => one.training === name) ?? {};
    const at = { x: rows[x as keyof typeof rows], y: rows[y as keyof typeof rows] };
    const steps: { readonly loss: number; readonly params: readonly number[] }[] = [];
    await fit(model, at, {
      ...options,
      ...given,
      params: placed((start as Numbers[]).map(f64)),
      callbacks: [
        {
          onBatch: ({ scores, params }) => {
            steps.push({ loss: scores.loss, params: leaves(params).flatMap(numbers) });
          },
        },
      ],
    });
    expect(
      off(
        steps.map(({ loss }) => loss),
        losses as number[],
      ),
    ).toBeLessThanOrEqual(1e-10);
    expect(
      off(
        steps.flatMap(({ params }) => params),
        flat(path as Numbers),
      ),
    ).toBeLessThanOrEqual(1e-10);
  };

  const pair = (ps: Tensor[]) => [
    { W: ps[0] as Tensor, b: ps[1] as Tensor },
    { W: ps[2] as Tensor, b: ps[3] as Tensor },
  ];

  it("a perceptron by crossEntropy and adam", async () => {
    await follow("tanh, crossEntropy, adam", mlp([3, 4, 3], { activation: "tanh" }), pair, {
      loss: crossEntropy,
      optimizer: adam({ learningRate: 0.1 }),
    });
  });

  it("layerNorm by adamw, with a clipped norm", async () => {
    const model = sequential(dense(3, 4, { activation: "gelu" }), layerNorm(4), dense(4, 2));
    const placed = ([W1, b1, bias, gain, W2, b2]: Tensor[]) =>
      [
        { W: W1 as Tensor, b: b1 as Tensor },
        { gain: gain as Tensor, bias: bias as Tensor },
        { W: W2 as Tensor, b: b2 as Tensor },
      ] as const;
    await follow("gelu, layerNorm, mse, adamw, clip norm", model, placed, {
      loss: mse,
      optimizer: adamw({ learningRate: 0.05, weightDecay: 0.2 }),
      clip: { norm: 0.5 },
    });
  });

  it("huber by momentum, with a penalty", async () => {
    await follow("silu, huber, momentum, l2", mlp([3, 4, 2], { activation: "silu" }), pair, {
      loss: (output, target) => huber(output, target, { delta: 0.5 }),
      optimizer: momentum({ learningRate: 0.1 }),
      penalty: l2(0.05, { where: (p) => p.rank > 1 }),
    });
  });

  it("an embedding by bce and sgd, with clipped entries and a rate that decays", async () => {
    const model = sequential(embedding(5, 3), (x) => x.mean({ axis: 1 }), dense(3, 1));
    const placed = ([E, W, b]: Tensor[]) =>
      [{ W: E as Tensor }, {}, { W: W as Tensor, b: b as Tensor }] as const;
    await follow("embedding, bce, sgd, decay, clip value", model, placed, {
      loss: bce,
      optimizer: sgd({ learningRate: exponentialDecay(0.5, { decayRate: 0.9 }) }),
      clip: { value: 0.05 },
    });
  });
});

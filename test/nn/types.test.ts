import { describe, expect, expectTypeOf, it } from "vitest";
import { grad, init, random, relu, type Tensor, tensor } from "../../src/index.js";
import {
  type Callback,
  type Checkpoint,
  type DenseParams,
  dense,
  dropout,
  evaluate,
  fit,
  huber,
  type Layer,
  type LayerNormParams,
  l2,
  layerNorm,
  mae,
  mlp,
  mse,
  type NoParams,
  sequential,
} from "../../src/nn/index.js";
import { adam } from "../../src/optim/index.js";

await init();

const x = random.normal([8, 3], { seed: 1 });
const y = random.normal([8, 1], { seed: 2 });
const quick = { loss: mse, epochs: 1 } as const;

describe("types of models", () => {
  it("follow nested layers, functions, and layers of one's own", async () => {
    const block = sequential(dense(3, 3), relu);
    const scale: Layer<{ s: Tensor }> = {
      name: "scale",
      init: () => ({ s: tensor(1) }),
      apply: ({ s }, x) => x.mul(s),
    };
    const model = sequential(
      block,
      layerNorm(3),
      sequential(dense(3, 4, { bias: false }), (h) => h.tanh()),
      dropout(0.1),
      scale,
      dense(4, 1),
    );
    const { params, checkpoint } = await fit(model, { x, y }, quick);
    type Params = readonly [
      readonly [DenseParams, NoParams],
      LayerNormParams,
      readonly [Pick<DenseParams, "W">, NoParams],
      NoParams,
      { s: Tensor },
      DenseParams,
    ];
    expectTypeOf(params).toEqualTypeOf<Params>();
    expectTypeOf(checkpoint).toEqualTypeOf<Checkpoint<Params>>();
    const g = grad((p: Params) => mse(model.apply(p, x), y))(params);
    expectTypeOf(g[0][0].W).toEqualTypeOf<Tensor>();
    const train = async <P>(model: Layer<P>): Promise<P> =>
      (await fit(model, { x, y }, quick)).params;
    expectTypeOf(await train(mlp([3, 1]))).toEqualTypeOf<DenseParams[]>();
  });

  it("follow functions, whose parameters' type may come from the options", async () => {
    const params = { a: tensor(1) };
    const one = await fit(
      (p: { a: Tensor }, x: Tensor) => x.mul(p.a).sum({ axis: 1, keepDims: true }),
      { x, y },
      { ...quick, params },
    );
    expectTypeOf(one.params).toEqualTypeOf<{ a: Tensor }>();
    const two = await fit(
      (p, x, { training, seed }) => {
        expectTypeOf(p).toEqualTypeOf<{ a: Tensor }>();
        expectTypeOf(x).toEqualTypeOf<Tensor>();
        expectTypeOf(training).toEqualTypeOf<boolean | undefined>();
        expectTypeOf(seed).toEqualTypeOf<number | undefined>();
        return x.mul(p.a).sum({ axis: 1, keepDims: true });
      },
      { x, y },
      { ...quick, params },
    );
    expectTypeOf(two.params).toEqualTypeOf<{ a: Tensor }>();
  });

  it("follow trees of inputs, outputs and targets", async () => {
    const model = {
      init: () => ({ a: tensor(0) }),
      apply: (p: { a: Tensor }, { u, v }: { u: Tensor; v: Tensor }) => ({
        mean: u.mul(p.a),
        rest: [v],
      }),
    };
    const { params, history } = await fit(
      model,
      { x: { u: y, v: y }, y: { t: y } },
      {
        loss: (output, target) => {
          expectTypeOf(output).toEqualTypeOf<{ mean: Tensor; rest: Tensor[] }>();
          expectTypeOf(target).toEqualTypeOf<{ t: Tensor }>();
          return mse(output.mean, target.t);
        },
        metrics: { gap: ({ mean }, { t }) => mae(mean, t) },
        epochs: 1,
      },
    );
    expectTypeOf(params).toEqualTypeOf<{ a: Tensor }>();
    expectTypeOf(history.gap).toEqualTypeOf<readonly number[]>();
  });
});

describe("types of scores", () => {
  it("name the metrics in history, callbacks and evaluate", async () => {
    const layer = dense(3, 1);
    const { history, params, best } = await fit(
      layer,
      { x, y },
      {
        ...quick,
        metrics: { mae, own: (output, target) => output.sub(target).sum() },
        callbacks: [
          ({ scores, validation, params, checkpoint }) => {
            expectTypeOf(scores.own).toEqualTypeOf<number>();
            expectTypeOf(validation?.mae).toEqualTypeOf<number | undefined>();
            expectTypeOf(params).toEqualTypeOf<DenseParams>();
            expectTypeOf(checkpoint).returns.toEqualTypeOf<Checkpoint<DenseParams>>();
          },
          {
            onBatch: ({ scores, batch }) => {
              expectTypeOf(scores).toEqualTypeOf<{
                readonly [K in "loss" | "mae" | "own"]: number;
              }>();
              return batch < 100;
            },
          },
        ],
      },
    );
    expectTypeOf(history.validation?.own).toEqualTypeOf<readonly number[] | undefined>();
    expectTypeOf(best?.score).toEqualTypeOf<number | undefined>();
    expectTypeOf(
      evaluate(layer, params, { x, y }, { loss: mse, metrics: { mae } }).mae,
    ).toEqualTypeOf<number>();
    const inline = evaluate(
      (p: DenseParams, x: Tensor) => layer.apply(p, x),
      params,
      { x, y },
      { loss: mse },
    );
    expectTypeOf(inline).toEqualTypeOf<{ readonly loss: number }>();
  });

  it("let callbacks and options be written apart, and options be undefined", async () => {
    const log: Callback<unknown> = ({ epoch, scores }) => void [epoch, scores.loss];
    const both: Callback<DenseParams[], "mae"> = { onBatch: ({ scores }) => scores.mae > 0 };
    const options = { ...quick, metrics: { mae }, validation: 0.5 } as const;
    const model = mlp([3, 1]);
    const first = await fit(model, { x, y }, { ...options, callbacks: [log, both] });
    const none: number | undefined = undefined as number | undefined;
    const again = await fit(
      model,
      { x, y },
      {
        ...options,
        epochs: none,
        batchSize: none,
        clip: { norm: none },
        earlyStopping: none === undefined ? undefined : { patience: none },
        resume: none === undefined ? first.checkpoint : undefined,
        progress: undefined,
      },
    );
    expectTypeOf(again.history.mae).toEqualTypeOf<readonly number[]>();
    expect(huber(y, y, { delta: none, reduction: undefined }).item()).toBe(0);
    expect(layerNorm(3, { epsilon: none }).init().gain.shape).toEqual([3]);
  });
});

it("what is wrong is marked where it stands", () => {
  const model = mlp([3, 1]);
  const wrong = (): unknown => [
    // @ts-expect-error y is missing
    fit(model, { x }, quick),
    fit(
      model,
      { x, y },
      {
        // @ts-expect-error a loss gives a tensor
        loss: (output: Tensor) => output.size,
      },
    ),
    fit(
      model,
      { x, y },
      {
        // @ts-expect-error a loss takes what the model gives
        loss: (output: number, target: Tensor) => target.mul(output),
      },
    ),
    fit(
      model,
      { x, y },
      {
        loss: mse,
        // @ts-expect-error the optimizer is to be made
        optimizer: adam,
      },
    ),
    fit(
      model,
      { x, y },
      {
        loss: mse,
        // @ts-expect-error there is no such option
        optimiser: adam(),
      },
    ),
    fit(
      model,
      { x, y },
      {
        loss: mse,
        // @ts-expect-error the strength is missing
        penalty: l2,
      },
    ),
    fit(
      model,
      { x, y },
      {
        loss: mse,
        // @ts-expect-error metrics have names
        metrics: [mae],
      },
    ),
    fit(
      model,
      { x, y },
      {
        loss: mse,
        metrics: { mae },
        // @ts-expect-error there is no such score
        callbacks: [({ scores }) => scores.accuracy > 1],
      },
    ),
    fit(
      (p: { a: Tensor }, x: Tensor) => x.mul(p.a),
      { x, y },
      {
        loss: mse,
        // @ts-expect-error the parameters are others
        params: { b: tensor(1) },
      },
    ),
    fit(
      (p: { a: Tensor }, x: Tensor) => x.mul(p.a),
      // @ts-expect-error x is no object of tensors
      { x: { u: x }, y },
      { loss: mse, params: { a: tensor(1) } },
    ),
    // @ts-expect-error x is no array
    fit(model, { x: [[1, 2, 3]], y }, quick),
    // @ts-expect-error these are the parameters of another model
    evaluate(model, { W: x }, { x, y }, { loss: mse }),
    // @ts-expect-error a name is no layer
    sequential(dense(3, 1), "relu"),
    // @ts-expect-error there is no bias
    dense(3, 1, { bias: false }).init().b,
  ];
  expect(wrong).toBeTypeOf("function");
});

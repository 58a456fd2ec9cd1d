import { DomainError, iterate, type Tensor } from "../../index.js";
import { adam } from "../../optim/index.js";
import { partSeed } from "../layer.js";
import { watchOf } from "./early_stopping.js";
import { applyOf, evaluate } from "./evaluate.js";
import { Journal } from "./journal.js";
import { begin, planOf, requireOptions } from "./plan.js";
import { lineOf, progressOf } from "./progress.js";
import { heldOut, rowsOf } from "./rows.js";
import { type Carried, stepOf, type Told } from "./step.js";
import type {
  Applied,
  Applying,
  BatchInfo,
  Callback,
  Checkpoint,
  Data,
  EpochInfo,
  FitOptions,
  Fitted,
  Model,
  Stopped,
} from "./types.js";

/** Every so many ms other tasks have their turn, so that timers and signals come through. */
const TURN = 20;

/**
 * Trains a model on data: in each epoch a step of the optimizer for every batch, in another random order.
 * The seed alone decides about first parameters, order and dropout: the same call gives the same numbers,
 * and a training that goes on from a checkpoint gives those of an unbroken one, bit for bit.
 *
 * All options are checked before the first step. On a terminal a bar shows the time left.
 *
 * @throws UsageError for options that cannot be; ShapeError where rows do not match; DomainError when the
 *   loss stops being finite.
 * @example
 * const x = random.normal([200, 2], { seed: 1 });
 * const y = x.matmul([[2], [-1]]).add(3);
 * const optimizer = adam({ learningRate: 0.1 });
 * const { params, history } = await fit(dense(2, 1), { x, y }, { loss: mse, optimizer, epochs: 20 });
 * params.b.sub(3).abs().max().item() < 0.01; // true
 * history.loss.length; // 20
 */
export function fit<P, X = Tensor, Y = Tensor, O = Tensor, M extends string = never>(
  model: Applying<P, X, O>,
  data: Data<X, Y>,
  options: FitOptions<P, X, Y, O, M>,
): Promise<Fitted<P, M>>;
export function fit<P, X = Tensor, Y = Tensor, O = Tensor, M extends string = never>(
  model: Applied<P, X, O>,
  data: Data<X, Y>,
  options: FitOptions<P, X, Y, O, M>,
): Promise<Fitted<P, M>>;
// Two signatures, since a function has a method apply, too, from which types would be inferred.
export async function fit<P, X, Y, O, M extends string>(
  model: Model<P, X, O>,
  data: Data<X, Y>,
  options: FitOptions<P, X, Y, O, M>,
): Promise<Fitted<P, M>> {
  requireOptions(options);
  const { loss, metrics, signal, resume, validation, earlyStopping } = options;
  const { optimizer = adam(), epochs = 10, callbacks = [] } = options;
  const apply = applyOf("fit", model);
  const seed = options.seed ?? resume?.seed ?? 0;
  const seedOf = (i: number): number => partSeed(seed, i) as number;
  const all = rowsOf("fit: the data", data);
  const [train, held] =
    typeof validation === "number"
      ? heldOut(data, all, validation, seedOf(-1))
      : [data, validation];
  if (held !== undefined) rowsOf("fit: the validation data", held);
  const plan = planOf(options, rowsOf("fit: the data", train), seed);
  const names = ["loss", ...Object.keys(metrics ?? {})];
  const watch = earlyStopping === undefined ? null : watchOf(earlyStopping, names);
  const start = begin(model, optimizer, options, plan);

  let { epoch, batch, best } = start;
  let order = plan.orderOf(epoch);
  const journal = new Journal<M>(names, resume);
  const step = stepOf(apply, optimizer, options);
  const training = iterate<Carried<P>, Told<M>>(
    { params: start.params, state: start.optimizer },
    (carried) => {
      const pass = { training: true, seed: partSeed(seedOf(2 * epoch + 1), batch) };
      return step(carried, plan.take(train, order, batch), pass);
    },
  );
  const checkpoint = (): Checkpoint<P> => {
    const { params, state } = training.state;
    const { rows, size: batchSize, shuffle } = plan;
    const place = { seed, rows, batchSize, shuffle, epoch, batch };
    return { params, optimizer: state, ...place, ...journal.kept, best };
  };
  const current = { epochs, checkpoint, params: () => training.state.params };

  const progress = await progressOf(options.progress, plan, epochs, epoch, batch);
  let stopped: Stopped = signal?.aborted ? "aborted" : "finished";
  let turn = performance.now();
  try {
    while (epoch < epochs && stopped === "finished") {
      const { scores, moved } = named(epoch, batch, () => training.next());
      journal.add(scores, plan.sizeOf(batch));
      batch++;
      progress.batch(epoch, batch, journal.means.loss);
      const told = { epoch: epoch + 1, batch, batches: plan.count, scores };
      if (!(await heard(callbacks, "onBatch", current, told))) stopped = "callback";
      if (batch === plan.count) {
        const means = journal.means;
        const { params } = training.state;
        const validated =
          held === undefined ? undefined : evaluate(apply, params, held, { loss, metrics });
        journal.close(validated);
        [epoch, batch] = [epoch + 1, 0];
        order = plan.orderOf(epoch);
        const score = watch?.better(validated ?? means, best) ?? null;
        if (score !== null) best = { epoch, score, params };
        progress.epoch(lineOf(epoch, epochs, means, validated));
        const told = { epoch, scores: means, validation: validated };
        if (!(await heard(callbacks, "onEpoch", current, told))) stopped = "callback";
        else if (!moved && plan.count === 1) stopped = "converged";
        else if (watch?.ends(epoch, best) && epoch < epochs) stopped = "early";
      }
      if (signal?.aborted && epoch < epochs) stopped = "aborted";
      if (performance.now() - turn > TURN) {
        await othersTurn();
        turn = performance.now();
      }
    }
  } finally {
    progress.end();
  }
  return {
    params: watch?.restores && best !== null ? best.params : training.state.params,
    history: journal.history(held !== undefined),
    stopped,
    best: best === null ? null : { epoch: best.epoch, score: best.score },
    checkpoint: checkpoint(),
  };
}

/** Says where in the training an error came up that has to do with its numbers. */
function named<T>(epoch: number, batch: number, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof DomainError) || !error.message.startsWith("the loss")) throw error;
    throw new DomainError(
      `fit: ${error.message} in epoch ${epoch + 1}, batch ${batch + 1}; a smaller learning rate or ` +
        "clip: { norm: 1 } may help, grad(f, { anomaly: true }) names the op that makes it",
    );
  }
}

/** Tells the callbacks; whether none of them ends the training. */
async function heard<P, M extends string>(
  callbacks: readonly Callback<P, M>[],
  when: "onBatch" | "onEpoch",
  current: { readonly epochs: number; checkpoint(): Checkpoint<P>; params(): P },
  told: object,
): Promise<boolean> {
  let goOn = true;
  for (const callback of callbacks) {
    const functions = typeof callback === "function" ? { onEpoch: callback } : callback;
    if (functions[when] === undefined) continue;
    const { epochs, checkpoint, params } = current;
    const info = {
      ...told,
      epochs,
      checkpoint,
      get params() {
        return params();
      },
    };
    const answer = functions[when](info as unknown as BatchInfo<P, M> & EpochInfo<P, M>);
    if ((answer instanceof Promise ? await answer : answer) === false) goOn = false;
  }
  return goOn;
}

/** What Node and browsers have in common here. */
type Channel = new () => {
  readonly port1: { onmessage: (() => void) | null; close(): void };
  readonly port2: { postMessage(message: null): void };
};

/** Until the tasks that wait have run. A message comes at once; browsers let timers wait for 4 ms. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new (MessageChannel as unknown as Channel)();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

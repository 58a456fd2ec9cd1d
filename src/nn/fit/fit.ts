import { DomainError, iterate, type Tensor } from "../../index.js";
import { adam } from "../../optim/index.js";
import { partSeed } from "../layer.js";
import { requireTargets } from "../loss.js";
import { heard, listenersOf } from "./callbacks.js";
import { watchOf } from "./early_stopping.js";
import { evaluate } from "./evaluate.js";
import { Journal } from "./journal.js";
import { requireOptions } from "./options.js";
import { begin, planOf, requireScoresOf } from "./plan.js";
import { progressOf } from "./progress.js";
import { heldOut, rowsOf, wildIn } from "./rows.js";
import { applyOf } from "./scores.js";
import { type Carried, stepOf, type Told } from "./step.js";
import type { Checkpoint, Data, FitOptions, Fitted, Model, Stopped } from "./types.js";

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
export async function fit<P, X = Tensor, Y = Tensor, O = Tensor, M extends string = never>(
  model: Model<P, X, O>,
  data: Data<X, Y>,
  options: FitOptions<P, X, Y, O, M>,
): Promise<Fitted<P, M>> {
  const all = rowsOf("fit: the data", data);
  requireOptions(options);
  const { loss, metrics, signal, resume, validation, earlyStopping } = options;
  const { optimizer = adam(), epochs = 10, callbacks = [] } = options;
  const apply = applyOf("fit", model);
  const seed = options.seed ?? resume?.seed ?? 0;
  const seedOf = (i: number): number => partSeed(seed, i) as number;
  const [train, held] =
    typeof validation === "number"
      ? heldOut(data, all, validation, options.shuffle === false ? null : seedOf(-1))
      : [data, validation];
  if (held !== undefined) rowsOf("fit: the validation data", held);
  const plan = planOf(options, rowsOf("fit: the data", train), seed, optimizer);
  const names = ["loss", ...Object.keys(metrics ?? {})];
  const watch = earlyStopping === undefined ? null : watchOf(earlyStopping, names);
  const start = begin(model, optimizer, options, plan, seed);
  if (resume !== undefined) requireScoresOf(resume, names, held !== undefined);

  let { epoch, batch, converged, best } = start;
  let order: Tensor | null | undefined; // of the epoch; drawn when it begins
  const journal = new Journal<M>(names, resume);
  const look = (output: O): void => {
    requireTargets("fit: the data", loss, output, data.y);
    requireTargets("fit: the validation data", loss, output, held?.y);
  };
  const failed = (value: number): Error => notFinite(value, epoch, batch, data);
  const step = stepOf(apply, optimizer, options, look, failed);
  const training = iterate<Carried<P>, Told<M>>(
    { params: start.params, state: start.optimizer },
    (carried) => {
      const pass = { training: true, seed: partSeed(seedOf(2 * epoch + 1), batch) };
      return step(carried, plan.take(train, order ?? null, batch), pass);
    },
  );
  const checkpoint = (): Checkpoint<P> => {
    const { params, state } = training.state;
    const { rows, size: batchSize, shuffle } = plan;
    const place = { seed, rows, batchSize, shuffle, epoch, batch, converged };
    return { params, optimizer: state, ...place, ...journal.kept, best };
  };
  const inform = <T extends object>(told: T) => ({
    ...told,
    epochs,
    checkpoint,
    get params() {
      return training.state.params;
    },
  });
  const { onBatch, onEpoch } = listenersOf(callbacks);
  const ended = (): Stopped | null => {
    if (batch === 0 && converged) return "converged";
    if (epoch === epochs) return "finished";
    if (batch === 0 && watch?.ends(epoch, best)) return "early";
    return signal?.aborted ? "aborted" : null;
  };

  const progress = await progressOf(options.progress, plan, epochs, epoch, batch);
  /** They may print, so the bar makes way meanwhile. */
  const goesOn = async <I>(listeners: readonly ((info: I) => unknown)[], info: I) => {
    progress.wipe();
    const goOn = await heard(listeners, info);
    progress.redraw();
    return goOn;
  };
  let stopped = ended();
  let turn = performance.now();
  try {
    while (stopped === null) {
      let goOn = true;
      // A checkpoint may have been taken after the last batch of an epoch, which is to be closed then.
      if (batch < plan.count) {
        if (order === undefined) order = plan.orderOf(epoch);
        const { scores, moved } = training.next();
        journal.add(scores, plan.sizeOf(batch));
        batch++;
        converged = !moved && plan.count === 1;
        progress.batch(epoch, batch, () => journal.means.loss);
        if (onBatch.length > 0) {
          const told = { epoch: epoch + 1, batch, batches: plan.count, scores };
          goOn = await goesOn(onBatch, inform(told));
        }
      }
      if (batch === plan.count) {
        const scores = journal.means;
        const validated = held && evaluate(apply, training.state.params, held, { loss, metrics });
        journal.close(validated);
        [epoch, batch, order] = [epoch + 1, 0, undefined];
        const score = watch?.better(validated ?? scores, best) ?? null;
        if (score !== null) best = { epoch, score, params: training.state.params };
        progress.epoch(epoch, scores, validated);
        const told = { epoch, scores, validation: validated };
        if (onEpoch.length > 0 && !(await goesOn(onEpoch, inform(told)))) goOn = false;
      }
      stopped = ended() ?? (goOn ? null : "callback");
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

/** Where in the training the loss stopped being finite, and why, or what may help. */
function notFinite(
  loss: number,
  epoch: number,
  batch: number,
  data: Data<unknown, unknown>,
): DomainError {
  const wild = wildIn(data);
  const reason =
    wild === null
      ? "a smaller learning rate or clip: { norm: 1 } may help, grad(f, { anomaly: true }) names the " +
        "op that makes it"
      : `of the data, ${wild}`;
  return new DomainError(
    `fit: the loss is ${loss} in epoch ${epoch + 1}, batch ${batch + 1}; ${reason}`,
  );
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

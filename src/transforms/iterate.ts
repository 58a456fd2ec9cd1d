import { isRecording, moment, release, scoped } from "../kernels/memory.js";
import { UsageError } from "../tensor/errors.js";
import { storageOf, type Tensor } from "../tensor/tensor.js";
import { describe, tensorsIn } from "../tensor/tree.js";
import { asyncFunction } from "./arguments.js";

/** A loop under way: {@link iterate}. */
export interface Iteration<S, A extends unknown[], R> {
  /** What the last step left. Tensors that were read here live on. */
  readonly state: S;
  /** Takes a step, and gives what it returned beside the state. */
  next(...args: A): R;
}

/**
 * A loop that carries a state (parameters, averages, anything in objects and arrays) from step to
 * step. A step gets the state and returns `[next state, result]`.
 *
 * Without it each step's state would have to be kept until garbage is collected, since nobody says
 * that it is no longer wanted. Here it is freed as soon as the next one is there, and is not copied to
 * JS memory first. What `initial` holds is yours and stays, as do results and what was read from
 * `state`; what a step puts aside elsewhere is freed with its state, and says so when used.
 *
 * @throws UsageError when a step returns no pair, or a Promise.
 * @example
 * const f = (x: Tensor) => x.sub(3).square().sum();
 * const descent = iterate(zeros([2]), (x: Tensor) => {
 *   const [value, g] = valueAndGrad(f)(x);
 *   return [x.sub(g.mul(0.1)), value];
 * });
 * for (let i = 0; i < 100; i++) descent.next();
 * descent.state.toArray(); // [3, 3]
 */
export function iterate<S, R, A extends unknown[] = []>(
  initial: S,
  step: (state: S, ...args: A) => readonly [state: S, result: R],
): Iteration<S, A, R> {
  let state = initial;
  // The state's tensors, if nobody else can have them.
  let own: Tensor[] = [];
  return {
    get state() {
      own = [];
      return state;
    },
    next(...args) {
      const since = moment();
      const [next, result] = scoped(() => pairOf(step(state, ...args)), tensorsIn);
      const tensors = tensorsIn(next);
      const given = tensorsIn(result);
      release(own, [...tensors, ...given]);
      // The next step may free what this one made, or was ours before, and nobody else was given.
      const mine = new Set(own.map(storageOf));
      const theirs = new Set(given.map(storageOf));
      own = isRecording()
        ? []
        : tensors.filter((x) => {
            const storage = storageOf(x);
            return !theirs.has(storage) && (storage.born > since || mine.has(storage));
          });
      state = next;
      return result;
    },
  };
}

function pairOf<T>(pair: T): T {
  if (pair instanceof Promise) throw asyncFunction("iterate");
  if (Array.isArray(pair) && pair.length === 2) return pair;
  throw new UsageError(`iterate: the step returned ${describe(pair)}; [state, result] was wanted`);
}

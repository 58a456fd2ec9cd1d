import { type Interpreter, run } from "../core/apply.js";
import { type AnyOp, byName, type Carried } from "../core/op.js";
import { whileRecording } from "../kernels/memory.js";
import { concat } from "../ops/join.js";
import { broadcastTo, reshape } from "../ops/reshape.js";
import { slice } from "../ops/select.js";
import { UsageError } from "../tensor/errors.js";
import type { Shape } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type Handle, Tensor } from "../tensor/tensor.js";

/**
 * Runs ops on many values at once: its handles stand for one value each, and below them lie all,
 * along one more axis in front. Rules and functions that are written for one so run for many, in one
 * sweep. An op says by `maps` how it runs with that axis.
 */
export class Batch implements Interpreter {
  #level = 0;

  /** How many there are. */
  constructor(readonly size: number) {}

  get level(): number {
    return this.#level;
  }

  /** Runs `body`, which makes handles and takes its results from them before it ends. */
  during<T>(body: () => T): T {
    return whileRecording((depth) => {
      this.#level = depth;
      try {
        return body();
      } finally {
        this.#level = Number.POSITIVE_INFINITY; // a handle that escaped is refused by `run`
      }
    });
  }

  /** One for many: `all` has them along its first axis. */
  handle(all: Tensor): Tensor {
    const source: Handle = { owner: this, below: all };
    return new Tensor(all.shape.slice(1), all.dtype, source);
  }

  /** All that a handle stands for; a value that is the same for all is repeated. */
  all(x: Tensor): Tensor {
    return this.#below(x) ?? repeated(x, this.size);
  }

  run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
    if (this.#level === Number.POSITIVE_INFINITY) {
      throw new UsageError(
        `${op.name}: an input was made inside vmap and stands for one of many values; ` +
          "only what the function returns leaves vmap",
      );
    }
    const found = inputs.map((x) => this.#below(x));
    const has = found.map((x) => x !== null);
    const below = found.map((x, i) => x ?? (inputs[i] as Tensor));
    return carry(op, below, has, this.size, attrs).map((y) => this.handle(y));
  }

  #below(x: Tensor): Tensor | null {
    for (let { source } = x; !(source instanceof Storage); source = source.below.source) {
      if (source.owner === this) return source.below;
    }
    return null;
  }
}

/** Runs an op whose inputs carry an axis of `size` in front where `has` says so; its outputs do. */
function carry(
  op: AnyOp,
  inputs: readonly Tensor[],
  has: readonly boolean[],
  size: number,
  attrs: unknown,
): Tensor[] {
  const { maps } = op;
  if (typeof maps === "number") return run(op, aligned(inputs, has, maps), attrs);
  if (maps === "alike") {
    const every = inputs.map((x, i) => (has[i] ? x : repeated(x, size)));
    return run(op, every, attrs);
  }
  if (maps !== undefined) {
    const carried = { size, has: byName(op, has) } as Carried;
    const y: Tensor | null = maps(byName(op, inputs), attrs, carried);
    if (y !== null) return [y];
  }
  return oneByOne(op, inputs, has, size, attrs);
}

/** With axes of size 1 behind the axis in front, so that it stands before all axes of the others. */
function aligned(inputs: readonly Tensor[], has: readonly boolean[], own: number): Tensor[] {
  let lead = 0;
  for (let i = 0; i < inputs.length; i++) {
    lead = Math.max(lead, (inputs[i] as Tensor).rank - (has[i] ? 1 : 0) - own);
  }
  return inputs.map((x, i) => {
    const less = lead - (x.rank - 1 - own);
    return has[i] && less > 0 ? reshape(x, behind(x.shape, less)) : x;
  });
}

/** The shape with so many axes of size 1 behind its first. */
export function behind(shape: Shape, count: number): Shape {
  return shape.toSpliced(1, 0, ...new Array<number>(count).fill(1));
}

export function repeated(x: Tensor, size: number): Tensor {
  return broadcastTo(x, [size, ...x.shape]);
}

/** For ops that do not say how they map. */
function oneByOne(
  op: AnyOp,
  inputs: readonly Tensor[],
  has: readonly boolean[],
  size: number,
  attrs: unknown,
): Tensor[] {
  if (size === 0) {
    throw new UsageError(
      `${op.name}: it does not say how it maps over an axis (defineOp's \`maps\`), so it runs once ` +
        "for each entry, and there is none",
    );
  }
  const runs = Array.from({ length: size }, (_, i) => {
    const own = inputs.map((x, k) => (has[k] ? entry(x, i) : x));
    return run(op, own, attrs).map((y) => reshape(y, [1, ...y.shape]));
  });
  return op.outputs.map((_: string, k: number) => concat(runs.map((list) => list[k] as Tensor)));
}

function entry(x: Tensor, i: number): Tensor {
  return reshape(slice(x, [i], [1]), x.shape.slice(1));
}

import { type Interpreter, run } from "../core/apply.js";
import { outputShapes } from "../core/eval.js";
import { type AnyOp, byName, type Carried } from "../core/op.js";
import { whileTracing } from "../kernels/memory.js";
import { deepened, repeated } from "../ops/axes.js";
import { stack } from "../ops/join.js";
import { reshape } from "../ops/reshape.js";
import { slice } from "../ops/select.js";
import { DomainError, SingularError, TracegradError, UsageError } from "../tensor/errors.js";
import { format, type Shape, sameShape } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type Handle, Tensor } from "../tensor/tensor.js";

/** The level of a batch that has ended: the highest, so that `run` comes and refuses its handles. */
const ENDED = Number.POSITIVE_INFINITY;

/**
 * Runs ops on many values at once: its handles stand for one value each, and below them lie all,
 * along one more axis in front. Rules and functions that are written for one so run for many, in one
 * sweep. An op says by `maps` how it runs with that axis.
 */
export class Batch implements Interpreter {
  readonly abstract = true;
  #level = 0;

  constructor(
    /** How many there are. */
    readonly size: number,
    /** What made them so, where errors are to say which one they are of. */
    readonly by: string | null = null,
  ) {}

  get level(): number {
    return this.#level;
  }

  /** Runs `body`, which makes handles and takes its results from them before it ends. */
  during<T>(body: () => T): T {
    return whileTracing((depth) => {
      this.#level = depth;
      try {
        return body();
      } finally {
        this.#level = ENDED;
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
    if (this.#level === ENDED) throw escaped(op.name);
    const shapes = outputShapes(op, inputs, attrs); // refuses what one entry must not be
    const found = inputs.map((x) => this.#below(x));
    const has = found.map((x) => x !== null);
    const below = found.map((x, i) => x ?? (inputs[i] as Tensor));
    const { size, by } = this;
    return carry({ op, inputs: below, has, size, attrs, by }).map((y, i) => {
      const shape = [size, ...(shapes[i] as Shape)];
      if (sameShape(y.shape, shape)) return this.handle(y);
      throw new UsageError(
        `${op.name}: its \`maps\` gave ${format(y.shape)} for ${size} entries; ${format(shape)} was ` +
          "wanted, their results along the first axis",
      );
    });
  }

  #below(x: Tensor): Tensor | null {
    for (let { source } = x; !(source instanceof Storage); source = source.below.source) {
      if (source.owner === this) return source.below;
      if (source.owner.level === ENDED) throw escaped("vmap, result");
    }
    return null;
  }
}

function escaped(where: string): UsageError {
  return new UsageError(
    `${where}: a tensor was made inside vmap and stands for one of many values; ` +
      "only what the function returns leaves vmap",
  );
}

/** An op and its inputs, which carry an axis of `size` in front where `has` says so. */
interface Call {
  readonly op: AnyOp;
  readonly inputs: readonly Tensor[];
  readonly has: readonly boolean[];
  readonly size: number;
  readonly attrs: unknown;
  readonly by: string | null;
}

/** Runs the op; its outputs carry the axis. */
function carry(call: Call): Tensor[] {
  try {
    const outputs = atOnce(call);
    if (outputs !== null) return outputs;
  } catch (error) {
    // Of values that do not do, the op says more where it sees one entry alone.
    if (error instanceof DomainError || error instanceof SingularError) oneByOne(call);
    throw error;
  }
  return joined(call.op, oneByOne(call));
}

/** As the op says that it maps, or null where it does not. */
function atOnce({ op, inputs, has, size, attrs }: Call): Tensor[] | null {
  const { maps } = op;
  if (typeof maps === "number") return run(op, aligned(inputs, has, maps), attrs);
  if (maps === "alike") {
    const every = inputs.map((x, i) => (has[i] ? x : repeated(x, size)));
    return run(op, every, attrs);
  }
  if (maps === undefined) return null;
  const carried = { size, has: byName(op, has) } as Carried;
  const y: Tensor | null = maps(byName(op, inputs), attrs, carried);
  return y === null ? null : [y];
}

/** With axes of size 1 behind the axis in front, so that it stands before all axes of the others. */
function aligned(inputs: readonly Tensor[], has: readonly boolean[], own: number): Tensor[] {
  let lead = 0;
  for (let i = 0; i < inputs.length; i++) {
    lead = Math.max(lead, (inputs[i] as Tensor).rank - (has[i] ? 1 : 0) - own);
  }
  return inputs.map((x, i) => (has[i] ? deepened(x, lead - (x.rank - 1 - own)) : x));
}

/** The outputs for each entry; an error of `vmap` names it. */
function oneByOne({ op, inputs, has, size, attrs, by }: Call): Tensor[][] {
  return Array.from({ length: size }, (_, i) => {
    try {
      const own = inputs.map((x, k) => (has[k] ? entry(x, i) : x));
      return run(op, own, attrs);
    } catch (error) {
      if (by === null || !(error instanceof TracegradError)) throw error;
      const SameError = error.constructor as typeof TracegradError;
      throw new SameError(`${error.message} (entry ${i} of ${by})`, { cause: error });
    }
  });
}

function entry(x: Tensor, i: number): Tensor {
  return reshape(slice(x, [i], [1]), x.shape.slice(1));
}

/** One output after the other, those of all entries along an axis in front. */
function joined(op: AnyOp, entries: readonly Tensor[][]): Tensor[] {
  if (entries.length > 0) {
    return op.outputs.map((_: string, k: number) => stack(entries.map((own) => own[k] as Tensor)));
  }
  throw new UsageError(
    `${op.name}: it does not say how it maps over an axis (defineOp's \`maps\`), so it runs once ` +
      "for each entry, and there is none",
  );
}

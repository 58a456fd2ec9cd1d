import type { Interpreter } from "../core/apply.js";
import { outputDtype, outputShapes, workingDtype } from "../core/eval.js";
import type { AnyOp, Notation } from "../core/op.js";
import { look, uniformOf, whileRecording } from "../kernels/memory.js";
import { unary } from "../ops/entrywise.js";
import { entries } from "../ops/samples.js";
import { eye, full, scalar } from "../tensor/create.js";
import { type DType, isFloat } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { format, type Shape, sameShape, sizeOf } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type Handle, storageOf, Tensor } from "../tensor/tensor.js";
import { filled, scaled } from "./algebra.js";
import { flatSize } from "./evaluate.js";
import { type Expr, number, size, symbol, eye as unit, zero } from "./expr.js";
import { meaning, opaque } from "./meaning.js";
import { shapeOf } from "./print.js";
import { type Written, written } from "./written.js";

/** Behind a tensor that stands for a formula. */
interface SymbolHandle extends Handle {
  readonly e: Expr;
  readonly as: Written | null;
}

/** The elements of a symbol: there are none. */
class Absent extends Storage {
  override read(): never {
    throw new UsageError(
      "derive: the function reads the numbers of a tensor (by item, data, toArray or print), but it " +
        "is run on symbols, which have none; a formula cannot depend on values",
    );
  }
}

/** What `stopGradient` leaves of a value, in a formula. */
const heldOp = unary({
  name: "stopGradient",
  saves: [],
  rule: { constant: "it is what stopGradient is for" },
  notation: ({ X }) => X,
  samples: () => entries(),
  kernel: ([X], [Y]) => Y?.data.set(X?.data ?? []),
});

let current: Symbolic | null = null;

function withCurrent<T>(symbols: Symbolic | null, body: () => T): T {
  const before = current;
  current = symbols;
  try {
    return body();
  } finally {
    current = before;
  }
}

/** Whether symbols are under way. */
export function isUnderWay(): boolean {
  return current !== null;
}

/** Runs `body` on numbers, though symbols are under way. */
export function numerically<T>(body: () => T): T {
  return withCurrent(null, body);
}

/** A number everywhere; while symbols are under way a formula, as the lengths of axes are names. */
export function constant(c: number, shape: Shape, dtype: DType): Tensor {
  if (current === null)
    return shape.length === 0 ? scalar(c, { dtype }) : full(shape, c, { dtype });
  const [rows, columns] = flatSize(shape);
  return current.tensor(filled(number(c), rows, columns), shape, dtype);
}

/** The identity of order `n`; likewise. */
export function identity(n: number, dtype: DType): Tensor {
  return current === null ? eye(n, { dtype }) : current.tensor(unit(n), [n, n], dtype);
}

/** The length of an axis, which is `own` for the values at hand; likewise. */
export function lengthOf(n: number, own: number, dtype: DType): Tensor {
  return current === null ? scalar(own, { dtype }) : current.tensor(size(n), [], dtype);
}

/** Runs ops on symbols: their results are formulas. */
export class Symbolic implements Interpreter {
  readonly abstract = true;
  #level = 0;
  readonly #constants = new Map<Storage, string>();
  readonly #numbers = new Map<Storage, Expr>();
  /** The tensors that the function brought along, by name. */
  readonly constants: { readonly name: string; readonly value: Tensor }[] = [];

  /**
   * @param read what a number means, such as 1/m
   * @param show how a short formula is written
   * @param asWritten whether it is remembered how values were calculated
   * @param isNamed whether a length is that of an axis with a name
   */
  constructor(
    private readonly read: (c: number) => Expr,
    private readonly show: (e: Expr) => Notation,
    private readonly isNamed: (n: number) => boolean,
    private readonly asWritten: () => boolean,
  ) {}

  get level(): number {
    return this.#level;
  }

  during<T>(body: () => T): T {
    if (this.#level > 0) return withCurrent(this, body);
    return whileRecording((depth) => {
      this.#level = depth;
      try {
        return withCurrent(this, body);
      } finally {
        this.#level = 0;
      }
    });
  }

  /** A tensor that stands for a formula. */
  tensor(e: Expr, shape: Shape, dtype: DType = "float64", as: Written | null = null): Tensor {
    const below = new Tensor(shape, dtype, new Absent(dtype, sizeOf(shape), null));
    const source: SymbolHandle = { owner: this, below, e, as };
    return new Tensor(shape, dtype, source);
  }

  /** The formula that a tensor stands for. */
  of(x: Tensor): Expr {
    return this.#own(x)?.e ?? this.#constant(x);
  }

  /** How it was written, where that is short. */
  written(x: Tensor): Written | null {
    if (!this.asWritten()) return null;
    const own = this.#own(x);
    if (own !== null && own.as !== null) return own.as;
    const e = own?.e ?? this.#constant(x);
    const isOther = x.rank > 2 && !sameShape(shapeOf(e), x.shape);
    return e.hot || isOther || e.cost > 6 ? null : { n: this.show(e), size: e.cost };
  }

  /** A constant as a tensor that stands for its formula, so that rules calculate with that. */
  lifted(x: Tensor): Tensor {
    if (this.#own(x) !== null || !isFloat(x.dtype)) return x;
    return this.tensor(this.of(x), x.shape, x.dtype, this.written(x));
  }

  /** A value that `stopGradient` holds: its formula, through which nothing is derived. */
  stopped(x: Tensor): Tensor {
    const [e, shape] = [this.of(x), x.shape];
    const held = { op: heldOp as AnyOp, attrs: undefined, args: [e], shapes: [shape], shape };
    return this.tensor(opaque({ ...held, output: 0 }), shape, x.dtype, this.written(x));
  }

  #own(x: Tensor): SymbolHandle | null {
    for (let { source } = x; !(source instanceof Storage); source = source.below.source) {
      if (source.owner === this) return source as SymbolHandle;
    }
    return null;
  }

  run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
    const shapes = outputShapes(op, inputs, attrs);
    const dtype = outputDtype(op, workingDtype(op, inputs), attrs);
    const args = inputs.map((x) => this.of(x));
    const given = inputs.map((x) => x.shape);
    const parts = args.some((e) => e.hot) ? [null] : inputs.map((x) => this.written(x));
    return shapes.map((shape, output) => {
      const application = { op, attrs, args, shapes: given, shape, output };
      return this.tensor(meaning(application), shape, dtype, written(application, parts));
    });
  }

  #number(storage: Storage, c: number): Expr {
    let e = this.#numbers.get(storage);
    if (e === undefined) {
      e = this.read(c);
      this.#numbers.set(storage, e);
    }
    return e;
  }

  /** A tensor that is no symbol: a number everywhere, a multiple of the identity, or one with a name. */
  #constant(x: Tensor): Expr {
    const storage = storageOf(x);
    const [rows, columns] = flatSize(x.shape);
    const c = uniformOf(storage);
    if (c === 0 || rows * columns === 0) return zero(rows, columns);
    if (c !== null) return filled(this.#number(storage, c), rows, columns);
    const data = look(storage);
    if (rows === columns && isMultiple(data, rows))
      return scaled(this.#number(storage, data[0] as number), unit(rows));
    if (x.shape.some(this.isNamed)) {
      throw new UsageError(
        "derive: the function makes a constant as long as an axis that has a name only; give the " +
          "lengths as numbers, such as { args: [[3, 2], [2]] }",
      );
    }
    let name = this.#constants.get(storage);
    if (name === undefined) {
      name = `C${this.constants.length + 1}`;
      this.#constants.set(storage, name);
      this.constants.push({ name, value: x });
    }
    return symbol(name, rows, columns, { value: x, key: `${serial(storage)} ${format(x.shape)}` });
  }
}

const serials = new WeakMap<Storage, number>();
let last = 0;
function serial(storage: Storage): number {
  const known = serials.get(storage) ?? ++last;
  serials.set(storage, known);
  return known;
}

/** Whether a matrix of order `n` is a multiple of the identity. */
function isMultiple(data: ArrayLike<number>, n: number): boolean {
  const c = data[0] as number;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (data[i * n + j] !== (i === j ? c : 0)) return false;
  }
  return true;
}

import type { Interpreter } from "../core/apply.js";
import { outputShapes } from "../core/eval.js";
import { type Action, type AnyOp, byName, rulePosition } from "../core/op.js";
import { whileRecording } from "../kernels/memory.js";
import { type DType, isFloat, promote } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { format, type Shape } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type Handle, Tensor } from "../tensor/tensor.js";
import type { Names } from "./describe.js";
import { isKnown, uniformOf } from "./factor.js";
import { act, identity, merged, type Place, simplified, type Term, Unstructured } from "./term.js";

/** Sums of more terms are no structure to speak of: a sweep is sooner done, and loses no digits. */
const MOST = 8;

/** Behind a tangent that is kept as a linear map of the inputs' tangents. */
interface MapHandle extends Handle {
  readonly terms: readonly Term[];
}

/**
 * Runs the differential rules on tangents that are no numbers but linear maps of dX, and so finds the
 * second differential as a sum of terms `L·dX·R`, `L·dXᵀ·R`, `D∘dX` and `B·⟨A, dX⟩`: matrix calculus'
 * own way to identify a Hessian (Magnus and Neudecker, Matrix Differential Calculus, chapter 6).
 * An op says by `acts` what it does to the terms; one that does not say ends it.
 */
export class Tracer implements Interpreter {
  #level = 0;

  /**
   * @param sources the tensors whose tangents are traced
   * @param names give a formula of the arguments, where one is wanted: then nothing of these is folded
   */
  constructor(
    readonly sources: readonly Tensor[],
    readonly names: Names | null = null,
  ) {}

  /** Whether the elements of a value may be looked at. */
  readonly #known = (x: Tensor): boolean => {
    if (this.names === null) return isKnown(x, null);
    return isKnown(x, this.names.tape) && this.names.isFixed(x);
  };

  readonly #number = (x: Tensor): ReturnType<Place["number"]> => {
    const { names } = this;
    if (!isKnown(x, names?.tape ?? null)) return null;
    const c = uniformOf(x);
    if (c === null) return null;
    if (names === null || names.isFixed(x)) return { c, symbols: [] };
    // A formula divides by it what is left in front of its name.
    if (c === 0 || !Number.isFinite(c)) return null;
    return x.size === 1 || names.isRepeated(x) ? { c, symbols: [{ c, of: x }] } : null;
  };

  get level(): number {
    return this.#level;
  }

  /** Runs `body` on the identity maps of the sources; throws {@link Unstructured}. */
  during<T>(body: (tangents: readonly Tensor[]) => T): T {
    return whileRecording((depth) => {
      this.#level = depth;
      try {
        return body(
          this.sources.map((x, i) => {
            const source: MapHandle = { owner: this, below: x, terms: [identity(i)] };
            return new Tensor(x.shape, x.dtype, source);
          }),
        );
      } finally {
        this.#level = 0;
      }
    });
  }

  /** The terms of a result; none where it does not depend on the sources. */
  termsOf(y: Tensor | null): readonly Term[] {
    if (y === null) return [];
    const handle = this.#own(y);
    if (handle === null) throw new Unstructured("a tangent that does not depend on dX");
    if (y.rank > 2) throw new Unstructured(`a result of shape ${format(y.shape)}`);
    return handle.terms.map((term) =>
      simplified(term, (this.sources[term.source] as Tensor).shape, y.shape),
    );
  }

  #own(x: Tensor): MapHandle | null {
    return !(x.source instanceof Storage) && x.source.owner === this
      ? (x.source as MapHandle)
      : null;
  }

  run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
    const to = outputShapes(op, inputs, attrs)[0] as Shape;
    const named = byName(op, inputs);
    const terms: Term[] = [];
    let count = 0;
    let dtype: DType | null = null;
    let like: Tensor | null = null;
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i] as Tensor;
      if (isFloat(x.dtype)) dtype = dtype === null ? x.dtype : promote(dtype, x.dtype);
      const own = this.#own(x);
      if (own === null) continue;
      count++;
      like = own.below;
      const actions: readonly Action[] | undefined = op.acts?.[op.inputs[rulePosition(op, i)]]?.(
        named as never,
        attrs,
      );
      if (actions !== undefined && !Array.isArray(actions)) {
        throw new UsageError(`${op.name}: its \`acts\` gave no list of steps`);
      }
      if (actions === undefined) throw new Unstructured(`${op.name} of ${format(x.shape)}`);
      if (x.rank > 2 || to.length > 2) throw new Unstructured(`${op.name} of a batch`);
      for (const term of own.terms) terms.push(this.#acted(op, term, actions, x, to));
    }
    const sum = count > 1 ? merged(terms, this.sources) : terms;
    if (sum.length > MOST * this.sources.length) throw new Unstructured(`${op.name} of many terms`);
    if (typeof op.dtype === "function") dtype = op.dtype(attrs as never);
    const source: MapHandle = { owner: this, below: like as Tensor, terms: sum };
    return [new Tensor(to, dtype as DType, source)];
  }

  #acted(op: AnyOp, term: Term, actions: readonly Action[], x: Tensor, to: Shape): Term {
    let from = x.shape;
    let out = term;
    actions.forEach((action, i) => {
      // Only the first step of several changes the shape (the sum of a mean).
      const place = {
        op: op.name,
        from,
        to,
        dtype: x.dtype,
        X: (this.sources[term.source] as Tensor).shape,
        known: this.#known,
        number: this.#number,
      };
      out = act(out, action, place);
      if (i === 0) from = to;
    });
    return out;
  }
}

import type { Interpreter } from "../core/apply.js";
import { outputShapes } from "../core/eval.js";
import { type Action, type AnyOp, byName, rulePosition } from "../core/op.js";
import { whileRecording } from "../kernels/memory.js";
import { isFloat, promote } from "../tensor/dtype.js";
import { format, type Shape } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type Handle, Tensor } from "../tensor/tensor.js";
import { isKnown } from "./factor.js";
import { act, identity, simplified, type Term, Unstructured } from "./term.js";

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
   * @param names a tape that only names values, whose handles may be looked through
   */
  constructor(
    readonly sources: readonly Tensor[],
    readonly names: { readonly level: number } | null = null,
  ) {}

  get level(): number {
    return this.#level;
  }

  /** Runs `body` on the identity maps of the sources; throws {@link Unstructured}. */
  during<T>(body: (tangents: readonly Tensor[]) => T): T {
    return whileRecording((depth) => {
      this.#level = depth;
      try {
        return body(this.sources.map((x, source) => this.#handle(x.shape, x, [identity(source)])));
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
    return handle.terms.map((term) =>
      simplified(term, (this.sources[term.source] as Tensor).shape, y.shape),
    );
  }

  #handle(shape: Shape, like: Tensor, terms: readonly Term[]): Tensor {
    const source: MapHandle = { owner: this, below: like, terms };
    return new Tensor(shape, like.dtype, source);
  }

  #own(x: Tensor): MapHandle | null {
    return !(x.source instanceof Storage) && x.source.owner === this
      ? (x.source as MapHandle)
      : null;
  }

  run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
    const to = outputShapes(op, inputs, attrs)[0] as Shape;
    const first = inputs.find((x) => this.#own(x) !== null) as Tensor;
    const named = byName(op, inputs);
    const terms: Term[] = [];
    inputs.forEach((x, position) => {
      const own = this.#own(x);
      if (own === null) return;
      const name = op.inputs[rulePosition(op, position)];
      const actions: readonly Action[] | undefined = op.acts?.[name]?.(named as never, attrs);
      if (actions === undefined) throw new Unstructured(`${op.name} of ${format(x.shape)}`);
      if (x.rank > 2 || to.length > 2) throw new Unstructured(`${op.name} of a batch`);
      for (const term of own.terms) terms.push(this.#acted(op, term, actions, x, to));
    });
    const dtype =
      typeof op.dtype === "function"
        ? op.dtype(attrs as never)
        : inputs
            .map((x) => x.dtype)
            .filter(isFloat)
            .reduce(promote);
    return [this.#handle(to, new Tensor(first.shape, dtype, first.source), terms)];
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
        known: (value: Tensor) => isKnown(value, this.names),
      };
      out = act(out, action, place);
      if (i === 0) from = to;
    });
    return out;
  }
}

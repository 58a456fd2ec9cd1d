import { scoped } from "../kernels/memory.js";
import { LinearOperator, type OperatorSpec } from "../structure/operator.js";
import { pushForward } from "../tape/forward.js";
import { pullBack } from "../tape/sweep.js";
import { Tape } from "../tape/tape.js";
import type { Tensor } from "../tensor/tensor.js";
import { HELD, leavesLike, rebuild, tensorsIn } from "../tensor/tree.js";
import {
  checkTransform,
  choose,
  requireArguments,
  requireFunction,
  requireScalar,
  type Wrt,
} from "./arguments.js";
import type { Blocks, DerivativeOptions, Form, Naming, Recording } from "./derivative.js";
import { differentiated, one, requireForm, requireNames } from "./jacobian.js";
import { requireLayout } from "./layout.js";
import { requireChunk } from "./sweep_many.js";
import { zerosLike } from "./vjp.js";

export type HessianOptions<
  W extends number | readonly number[] = 0,
  F extends Form = "dense",
> = DerivativeOptions<W, F>;

/** A Hessian that is not written out, with what its making gave besides. */
export class HessianOperator<X> extends LinearOperator<X, X, Blocks<X, X>> {
  constructor(
    spec: OperatorSpec<X, X, Blocks<X, X>>,
    /** f(x) */
    readonly value: Tensor,
    /** The gradient there, in the form of the argument. */
    readonly gradient: X,
  ) {
    super(spec);
  }

  override get [HELD](): readonly Tensor[] {
    return [...super[HELD], ...tensorsIn([this.value, this.gradient])];
  }
}

/** What {@link hessian} gives for an argument `X`. */
export type HessianOf<X, F extends Form> = F extends "operator" ? HessianOperator<X> : Blocks<X, X>;

/**
 * The function that gives the Hessian of a scalar function, of shape `[...x.shape, ...x.shape]`; for a
 * tree of parameters a tree of trees of blocks `∂²f/∂xᵢ∂xⱼ`. The gradient's differential is either
 * found as a sum of Kronecker products and diagonals, or swept for all directions at once.
 *
 * With `form: "operator"` nothing is written out: see {@link LinearOperator}.
 *
 * @throws As {@link grad} does.
 * @example
 * const A = tensor([[2, 1], [0, 3]]);
 * const f = (x: Tensor) => x.matmul(A).dot(x);
 * hessian(f)(tensor([1, 2])).toArray(); // [[4, 1], [1, 6]]
 * const g = (U: Tensor, V: Tensor, T: Tensor) => T.sub(U.matmul(V.T)).square().sum();
 * const [U, V, T] = [ones([3, 2]), ones([4, 2]), zeros([3, 4])];
 * String(hessian(g, { form: "operator" })(U, V, T)); // Hessian, numerator layout
 * // 2·(VᵀV ⊗ I)
 */
export function hessian<
  P extends unknown[] = Tensor[],
  const W extends number | readonly number[] = 0,
  const F extends Form = "dense",
>(
  f: (...args: P) => Tensor,
  options: HessianOptions<W, F> = {},
): (...args: P) => HessianOf<Wrt<P, W>, F> {
  const known = ["wrt", "layout", "form", "chunk", "names"];
  const checked = checkTransform("hessian", f, options, known);
  const { wrt, layout = "numerator", form = "dense", chunk, names } = checked;
  requireLayout("hessian", layout);
  requireChunk("hessian", chunk);
  requireForm("hessian", form, wrt);
  requireNames("hessian", names);
  const record = (args: P, seed: Naming["seed"]): GradientRecording => {
    const { tape, chosen, outputs, result, value } = recordGradient("hessian", f, args, wrt, seed);
    const common = { tape, chosen, outputs, result, value, layout, chunk };
    return { what: "Hessian", symmetric: true, ...common };
  };
  const make = (
    spec: OperatorSpec<unknown, unknown, unknown>,
    { value, outputs, chosen, tape }: GradientRecording,
    names: Tape,
  ) => {
    const gradient = chosen.result(outputs.map((g) => names.below(tape.below(g))));
    return new HessianOperator(spec as never, names.below(value), gradient);
  };
  return (...args) => differentiated("hessian", f, args, form, names, record, make) as never;
}

interface GradientRecording extends Recording {
  readonly value: Tensor;
}

/** A tape of how the gradient was calculated: the backward pass of one tape inside another. */
function recordGradient<P extends unknown[]>(
  name: string,
  f: (...args: P) => Tensor,
  args: P,
  wrt: number | readonly number[] | undefined,
  seed: Naming["seed"],
): Pick<GradientRecording, "tape" | "chosen" | "outputs" | "result" | "value"> {
  const chosen = choose(name, args, wrt);
  const tape = new Tape();
  let value: Tensor | null = null;
  const outputs = tape.record(chosen.inputs, (handles) => {
    const inner = new Tape();
    const y = inner.record(handles, (own) => requireScalar(name, f(...chosen.with(own))));
    value = tape.below(inner.below(y));
    const bars = pullBack(inner, [y], [seed(y.dtype)]);
    return bars.map((bar, i) => bar ?? zerosLike(handles[i] as Tensor));
  });
  return { tape, chosen, outputs, result: chosen.result(outputs), value: value as never };
}

/**
 * The Hessian of a scalar function times a vector for each argument, `H v`, for about twice the price
 * of the gradient: its differential along `v` (Pearlmutter 1994). No Hessian is formed.
 *
 * @throws As {@link grad} does; ShapeError when a vector has another shape than its argument.
 * @example
 * const f = (x: Tensor) => x.square().sum().square();
 * hvp(f, [tensor([1, 2])], [tensor([1, 0])])[0].toArray(); // [28, 16]
 */
export function hvp<P extends unknown[]>(
  f: (...args: P) => Tensor,
  args: P,
  vectors: P,
): { [K in keyof P]: P[K] } {
  requireFunction("hvp", f);
  requireArguments("hvp", args);
  requireArguments("hvp", vectors, "vectors");
  return scoped(() => {
    const every = args.map((_, i) => i);
    const { tape, outputs } = recordGradient("hvp", f, args, every, one);
    const dots = leavesLike(vectors, args, "hvp, vectors");
    const list = pushForward(tape, outputs, dots);
    const whole = list.map((dY, i) => dY ?? zerosLike(outputs[i] as Tensor));
    return rebuild(args, whole, "hvp") as { [K in keyof P]: P[K] };
  }, tensorsIn);
}

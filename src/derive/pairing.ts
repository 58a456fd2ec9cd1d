import type { AnyOp } from "../core/op.js";
import { kronOp } from "../ops/product.js";
import { adjoint, RuleContext, restore, ruleOf, spread } from "../tape/sweep.js";
import { Entry } from "../tape/tape.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { filled, scaled, split, sum, term, transpose } from "./algebra.js";
import { alike, type Expr, eye, type Factor, isScalar, number, zero } from "./expr.js";
import { hadamard } from "./hadamard.js";
import { diag, diagPart, innerAsWritten, kron, total, trace } from "./known.js";
import type { Application } from "./meaning.js";
import { product } from "./product.js";
import type { Symbolic } from "./symbolic.js";

/*
 * The trace trick: ⟨M, L·Z·R⟩ = ⟨Lᵀ·M·Rᵀ, Z⟩, ⟨M, Zᵀ⟩ = ⟨Mᵀ, Z⟩, ⟨M, H∘Z⟩ = ⟨M∘H, Z⟩, and of an op that
 * the algebra does not know its own adjoint rule.
 */

/** The inner product `c·⟨M, Z⟩ = c·tr(Mᵀ·Z)`, where Z is linear in dX. */
export class Pairing {
  constructor(
    private readonly front: Expr,
    private readonly M: Expr,
    readonly Z: Expr,
  ) {}

  /** A scalar that is linear in dX. */
  static of(e: Expr): Pairing {
    const { c, scalars } = split(e);
    const hot = scalars.find(([base]) => base.hot);
    const others = scalars.filter((factor) => factor !== hot);
    const front = term(c, others, null);
    if (hot === undefined) return new Pairing(e, number(1), zero(1, 1));
    const [Z] = hot;
    if (Z.kind === "function" && Z.name === "tr") {
      const [inside] = Z.args as [Expr];
      return new Pairing(front, eye(inside.rows), inside);
    }
    return new Pairing(front, number(1), Z);
  }

  /** The law by which something moves from Z to M, or null where Z is dX. */
  next(): string | null {
    const { Z } = this;
    switch (Z.kind) {
      case "differential":
      case "zero":
        return null;
      case "term":
        return "scalars in front";
      case "product":
        return isScalar(this.M) && this.#turns() ? "a scalar is its own transpose" : "cyclic";
      case "transpose":
        return "transpose inside trace";
      case "hadamard":
        return "Hadamard exchange";
      case "function":
        if (Z.name === "sum") {
          const direct = Z.args[0]?.kind === "hadamard";
          return direct ? "Hadamard exchange" : "sum as an inner product with ones";
        }
        return Z.name === "diag" || Z.name === "diagPart"
          ? "diagonal exchange"
          : `adjoint of ${Z.name}`;
      case "call":
        return `adjoint of ${Z.op.name}`;
      default:
        throw new Error(`a differential inside ${Z.kind}`);
    }
  }

  /** Whether dX stands in the chain as a transpose. */
  #turns(): boolean {
    return this.Z.kind === "product" && this.Z.parts.some((e) => e.hot && e.kind === "transpose");
  }

  moved(symbols: Symbolic): Pairing {
    const { front, M, Z } = this;
    const to = (m: Expr, z: Expr): Pairing => new Pairing(front, m, z);
    switch (Z.kind) {
      case "term": {
        const body = Z.body;
        if (body?.hot) return new Pairing(term(Z.c, [...Z.scalars, [front, 1]], null), M, body);
        // A scalar differential times a matrix: ⟨M, s·B⟩ = ⟨M, B⟩·s
        const hot = Z.scalars.find(([base]) => base.hot) as Factor;
        const rest = Z.scalars.filter((factor) => factor !== hot);
        const pairs = body === null ? M : inner(M, body);
        return to(term(Z.c, [...rest, [pairs, 1]], null), hot[0]);
      }
      case "product": {
        const k = Z.parts.findIndex((part) => part.hot);
        const left = Z.parts.slice(0, k).toReversed().map(transpose);
        const right = Z.parts
          .slice(k + 1)
          .toReversed()
          .map(transpose);
        const [m, z] = [product([...left, M, ...right]), Z.parts[k] as Expr];
        return isScalar(M) && z.kind === "transpose" ? to(transpose(m), z.of) : to(m, z);
      }
      case "transpose":
        return to(transpose(M), Z.of);
      case "hadamard": {
        const hot = Z.factors.find(([base]) => base.hot) as Factor;
        const others = Z.factors.filter((factor) => factor !== hot);
        return to(hadamard([[M, 1], ...others]), hot[0]);
      }
      case "function": {
        const [z] = Z.args as [Expr];
        if (Z.name === "sum") {
          const all = to(filled(M, z.rows, z.columns), z);
          return z.kind === "hadamard" ? all.moved(symbols) : all;
        }
        if (Z.name === "tr") return to(scaled(M, eye(z.rows)), z);
        if (Z.name === "diag") return to(diagPart(M), z);
        if (Z.name === "diagPart") return to(diag(M), z);
        const [A, B] = Z.args as [Expr, Expr];
        const N = A.hot ? blocksSum(M, A, B, true) : blocksSum(M, B, A, false);
        if (N !== null) return to(N, A.hot ? A : B);
        const [shape, ...shapes] = [Z, A, B].map(({ rows, columns }) => [rows, columns]);
        const application = {
          op: kronOp as AnyOp,
          attrs: undefined,
          args: [A, B],
          shapes,
          output: 0,
        };
        return this.#byRule(symbols, { ...application, shape: shape as Shape });
      }
      case "call": {
        return this.#byRule(symbols, Z);
      }
      default:
        throw new Error(`nothing to move out of ${Z.kind}`);
    }
  }

  /** By the adjoint rule of an op. */
  #byRule(symbols: Symbolic, of: Application): Pairing {
    const { op, attrs, args, shapes, shape, output } = of;
    const inputs = args.map((arg, i) => symbols.tensor(arg, shapes[i] as Shape));
    const at = args.findIndex((arg) => arg.hot);
    const x = inputs[at] as Tensor;
    const entry = new Entry(op, attrs, [], inputs, [symbols.tensor(this.Z, shape)]);
    const rule = ruleOf(entry, at, output);
    const context = new RuleContext(entry, at);
    const Xbar = adjoint(rule, entry.saved, symbols.tensor(this.M, shape), context, false);
    const bar = spread(restore(Xbar, x.shape, x.dtype), x.shape);
    return new Pairing(this.front, symbols.of(bar), args[at] as Expr);
  }

  cotangent(): Expr {
    return scaled(this.front, this.M);
  }

  /** `tr(Mᵀ·Z)`; of vectors `mᵀ·z`. */
  written(): Expr {
    const { front, M, Z } = this;
    if (Z.kind === "zero") return zero(1, 1);
    if (isScalar(M))
      return term(
        1,
        [
          [front, 1],
          [M, 1],
          [Z, 1],
        ],
        null,
      );
    return scaled(front, innerAsWritten(M, Z));
  }
}

/** The `N` with `⟨M, Z ⊗ B⟩ = ⟨N, Z⟩`, or `⟨M, B ⊗ Z⟩ = ⟨N, Z⟩`, where it has a formula. */
function blocksSum(M: Expr, Z: Expr, B: Expr, left: boolean): Expr | null {
  if (M.kind === "sum") {
    const parts = M.parts.map((part) => blocksSum(part, Z, B, left));
    return parts.every((part) => part !== null) ? sum(parts) : null;
  }
  const { c, scalars, body } = split(M);
  const own = (fits: readonly Expr[]): Expr | null => {
    const [P, Q] = (left ? fits : fits.toReversed()) as [Expr, Expr];
    return alike(P, Z) && alike(Q, B) ? term(c, [...scalars, [inner(Q, B), 1]], P) : null;
  };
  if (body?.kind === "eye") {
    const fits = own(left ? [eye(Z.rows), eye(B.rows)] : [eye(B.rows), eye(Z.rows)]);
    if (fits !== null) return fits;
  }
  if (body?.kind === "function" && body.name === "kron") {
    const fits = own(body.args);
    if (fits !== null) return fits;
  }
  // Of columns: z ⊗ b = (I ⊗ b)·z
  if (Z.columns === 1 && B.columns === 1) {
    const I = eye(Z.rows);
    return product([transpose(left ? kron(I, B) : kron(B, I)), M]);
  }
  return null;
}

/** `⟨A, B⟩` */
export function inner(A: Expr, B: Expr): Expr {
  if (A.columns === 1) return product([transpose(A), B]);
  if (A.kind === "product" || B.kind === "product") return trace(product([transpose(A), B]));
  return total(
    hadamard([
      [A, 1],
      [B, 1],
    ]),
  );
}

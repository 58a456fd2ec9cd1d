import type { AnyOp, AnyRule } from "../core/op.js";
import { kronOp } from "../ops/product.js";
import { differential as differentialOf } from "../tape/forward.js";
import { adjoint, RuleContext, restore, ruleOf, spread } from "../tape/sweep.js";
import { Entry, type Slot, type Tape } from "../tape/tape.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { filled, scaled, split, sum, term, transpose } from "./algebra.js";
import {
  alike,
  type Differential,
  differential,
  type Expr,
  eye,
  type Factor,
  isScalar,
  number,
  partsOf,
  zero,
} from "./expr.js";
import { hadamard } from "./hadamard.js";
import { diag, diagPart, innerAsWritten, kron, trace } from "./known.js";
import type { Application } from "./meaning.js";
import { product } from "./product.js";
import { substituted } from "./rewrite.js";
import type { Symbolic } from "./symbolic.js";

let last = 0;

/** Longer differentials are kept as one term for each value; of so many steps all are written. */
const LONG = 200;
const MOST = 60;

/** One equality of a derivation: what `df` is after it, and by which law. */
export interface Equality {
  readonly law: string;
  readonly e: Expr;
}

/** The differential of a recorded function, written out and brought to `tr(Gᵀ·dX)`. */
export class Differentiation {
  readonly #serial = ++last;

  constructor(
    private readonly symbols: Symbolic,
    private readonly tape: Tape,
    /** The tag of the differential of the tape's input. */
    private readonly variable: Expr,
  ) {}

  /** Where a value comes from, as a differential. */
  of(y: Tensor): Expr {
    const slot = this.tape.slotOf(y);
    const e = this.symbols.of(y);
    return slot === null ? zero(e.rows, e.columns) : this.#leaf(slot, y);
  }

  #leaf({ entry, output }: Slot, y: Tensor): Expr {
    const e = this.symbols.of(y);
    const as = this.symbols.written(y)?.n ?? null;
    return entry < 0 ? this.variable : differential(e, `${this.#serial}:${entry}.${output}`, as);
  }

  #slot(leaf: Differential): Slot | null {
    const found = /^\d+:(\d+)\.(\d+)$/.exec(leaf.tag);
    return found === null ? null : { entry: Number(found[1]), output: Number(found[2]) };
  }

  /** Applies the differential rules, last op first, until `dX` alone is left. */
  expanded(start: Expr): Equality[] {
    const steps: Equality[] = [];
    let now = start;
    for (let law: string | null = null; ; ) {
      const leaf = this.#next(now, law);
      if (leaf === null) break;
      const slot = this.#slot(leaf) as Slot;
      const own: string = this.#law(slot) ?? law ?? "";
      const value = this.expansion(leaf);
      const next = substituted(now, (x) => (x === leaf ? value : x));
      if (law !== own || steps.length === 0) steps.push({ law: own, e: next });
      else steps[steps.length - 1] = { law: own, e: next };
      law = own;
      now = next;
      if (now.cost > LONG) return isScalar(now) ? this.#gathered(now, steps) : steps;
    }
    return steps;
  }

  /** Moves everything to the cotangent of a differential, and adds it to those that it has. */
  #arrive(bars: Map<Expr, Expr>, pairing: Pairing): void {
    let term = pairing;
    while (term.next() !== null) term = term.moved(this.symbols);
    if (term.Z.kind === "zero") return;
    const before = bars.get(term.Z);
    const G = term.cotangent();
    bars.set(term.Z, before === undefined ? G : sum([before, G]));
  }

  /** The differentials in a scalar, each with its cotangent. */
  paired(e: Expr): [leaf: Expr, G: Expr][] {
    const bars = new Map<Expr, Expr>();
    for (const part of termsOf(e)) this.#arrive(bars, Pairing.of(part));
    return [...bars];
  }

  /**
   * Likewise with one term `⟨G, d(Y)⟩` for each value Y, its cotangent: the backward pass on formulas.
   * However often values meet again, no term is written twice.
   */
  #gathered(start: Expr, steps: Equality[]): Equality[] {
    const bars = new Map<Expr, Expr>();
    for (const e of termsOf(start)) this.#arrive(bars, Pairing.of(e));
    let law: string | null = null;
    const note = (): void => {
      if (law === null) return;
      const terms = [...bars].map(([Z, G]) => innerAsWritten(G, Z));
      steps.push({ law, e: terms.length === 0 ? zero(1, 1) : sum(terms) });
    };
    for (;;) {
      const slots = [...bars.keys()].flatMap((leaf) => {
        const slot = this.#slot(leaf as Differential);
        return slot === null ? [] : [{ leaf, slot }];
      });
      const latest = slots.sort((a, b) => b.slot.entry - a.slot.entry)[0];
      if (latest === undefined) break;
      const { leaf, slot } = latest;
      const own: string | null = this.#law(slot) ?? law;
      if (own !== law && steps.length < MOST) note();
      law = own;
      const G = bars.get(leaf) as Expr;
      bars.delete(leaf);
      for (const e of termsOf(this.expansion(leaf as Differential)))
        this.#arrive(bars, new Pairing(number(1), G, e));
    }
    note();
    return steps;
  }

  /** The differential to expand: one that the law of the last step is about, else the latest. */
  #next(e: Expr, law: string | null): Differential | null {
    const leaves = [...differentialsIn(e)].flatMap((leaf) => {
      const slot = this.#slot(leaf);
      return slot === null ? [] : [{ leaf, slot }];
    });
    leaves.sort((a, b) => b.slot.entry - a.slot.entry);
    const like = leaves.find(({ slot }) => [law, null].includes(this.#law(slot)));
    return (like ?? leaves[0])?.leaf ?? null;
  }

  #law({ entry }: Slot): string | null {
    return lawOf((this.tape.entries[entry] as Entry).op);
  }

  /** What the op's rules say of the differential of its output. */
  expansion(leaf: Differential): Expr {
    const { entry: at, output } = this.#slot(leaf) as Slot;
    const entry = this.tape.entries[at] as Entry;
    const { shape, dtype } = entry.outputs[output] as Tensor;
    const parts: Expr[] = [];
    entry.from.forEach((slot, position) => {
      const rule = ruleOf(entry, position, output);
      if (slot === null || rule.constant !== undefined) return;
      const x = entry.inputs[position] as Tensor;
      const dX = this.symbols.tensor(this.#leaf(slot, x), x.shape, x.dtype);
      const dY = spread(differentialOf(rule, entry, position, output, dX), shape, dtype);
      parts.push(this.symbols.of(dY));
    });
    const value = this.symbols.of(entry.outputs[output] as Tensor);
    return parts.length === 0 ? zero(value.rows, value.columns) : sum(parts);
  }

  /** Brings a scalar differential to `Σ ⟨Mᵢ, dX⟩`; the sum of the M is the gradient. */
  traced(start: Expr): { steps: Equality[]; gradient: Expr } {
    const terms = termsOf(start).map((e) => Pairing.of(e));
    const steps: Equality[] = [];
    for (;;) {
      const law = terms.map((term) => term.next()).find((next) => next !== null);
      if (law === undefined) break;
      for (const [i, term] of terms.entries()) {
        if (term.next() === law) terms[i] = term.moved(this.symbols);
      }
      steps.push({ law, e: sum(terms.map((term) => term.written())) });
    }
    const { rows, columns } = this.variable;
    const parts = terms
      .filter(({ Z }) => Z.kind === "differential")
      .map((term) => term.cotangent());
    const gradient = parts.length === 0 ? zero(rows, columns) : sum(parts);
    return { steps, gradient };
  }
}

function termsOf(e: Expr): readonly Expr[] {
  return e.kind === "sum" ? e.parts : [e];
}

/** All differentials in a formula. */
export function differentialsIn(e: Expr, found = new Set<Differential>()): Set<Differential> {
  const seen = new Set<Expr>();
  const visit = (x: Expr): void => {
    if (!x.hot || seen.has(x)) return;
    seen.add(x);
    if (x.kind === "differential") found.add(x);
    for (const part of partsOf(x)) visit(part);
  };
  visit(e);
  return found;
}

/** What the rule of an op's differential is called; null where it changes nothing but the shape. */
function lawOf(op: AnyOp): string | null {
  if (op.view) return null;
  if (op.law !== undefined) return op.law;
  const rules: readonly AnyRule[] = op.rules.flat();
  if (rules.some(({ slope }) => slope)) return `chain rule: ${op.name}`;
  return rules.some(({ linear }) => linear) ? `${op.name} is linear` : op.name;
}

/** The inner product `c·⟨M, Z⟩ = c·tr(Mᵀ·Z)`, where Z is linear in dX. */
class Pairing {
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
  const both = product([transpose(A), B]);
  return A.columns === 1 ? both : trace(both);
}

import type { AnyOp, AnyRule } from "../core/op.js";
import { differential as differentialOf } from "../tape/forward.js";
import { ruleOf, spread } from "../tape/sweep.js";
import { Entry, type Slot, type Tape } from "../tape/tape.js";
import type { Tensor } from "../tensor/tensor.js";
import { sum } from "./algebra.js";
import {
  type Differential,
  differential,
  type Expr,
  isScalar,
  number,
  partsOf,
  zero,
} from "./expr.js";
import { innerAsWritten } from "./known.js";
import { Pairing } from "./pairing.js";
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
    const note = (law: string): void => {
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
      if (law !== null && own !== law && steps.length < MOST) note(law);
      law = own;
      const G = bars.get(leaf) as Expr;
      bars.delete(leaf);
      for (const e of termsOf(this.expansion(leaf as Differential)))
        this.#arrive(bars, new Pairing(number(1), G, e));
    }
    note(law ?? "reshape");
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
    const { op, attrs, from, inputs, outputs } = this.tape.entries[at] as Entry;
    const lifted = inputs.map((x) => this.symbols.lifted(x));
    const entry = new Entry(op, attrs, from, lifted, outputs);
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

import { byName, type Notation } from "../core/op.js";
import { call, fence, infix, name, power, prefix, print } from "../ops/notation.js";
import { format, type Shape, sameShape } from "../tensor/shape.js";
import { isMask } from "./evaluate.js";
import { type Expr, type Factor, isScalar, type Known, numberOf, partsOf } from "./expr.js";
import { isOnes } from "./hadamard.js";

/** Formulas as long as this get names for parts, where these make them so much shorter. */
const LONG = 40;
const SAVED = 8;

/** Writes formulas down. */
export class Printer {
  readonly #names = new Map<Expr, Notation>();
  #count = 0;
  /** What `S1` stands for, in order. */
  readonly legend: { readonly name: string; readonly notation: Notation }[] = [];

  /**
   * @param label what an axis of so many elements is called
   * @param taken names that variables have
   */
  constructor(
    private readonly label: (n: number) => string,
    private readonly taken: readonly string[],
  ) {}

  /** A name of ours, which no variable has. */
  #own(text: string): Notation {
    return name(this.taken.includes(text) ? `${text}′` : text);
  }

  /** Gives names to what is long and stands more than once in one of these formulas. */
  share(formulas: readonly Expr[]): this {
    for (const formula of formulas) {
      if (formula.cost < LONG) continue;
      const uses = new Map<Expr, number>();
      const order: Expr[] = [];
      const visit = (e: Expr): void => {
        // Signs and numbers stay outside of names.
        if (e.kind === "term") {
          for (const part of partsOf(e)) visit(part);
          return;
        }
        const before = uses.get(e) ?? 0;
        uses.set(e, before + 1);
        if (before > 0 || this.#names.has(e)) return;
        for (const part of e.kind === "differential" ? [e.of] : partsOf(e)) visit(part);
        order.push(e);
      };
      visit(formula);
      for (const e of order) {
        const saved = ((uses.get(e) as number) - 1) * (e.cost - 2);
        if (saved < SAVED || e.hot || e.kind === "transpose") continue;
        const short = this.#next();
        this.legend.push({ name: short, notation: this.of(e) });
        this.#names.set(e, name(short));
      }
    }
    return this;
  }

  #next(): string {
    do this.#count++;
    while (this.taken.includes(`S${this.#count}`));
    return `S${this.#count}`;
  }

  of(e: Expr): Notation {
    return this.#names.get(e) ?? this.#write(e);
  }

  #write(e: Expr): Notation {
    switch (e.kind) {
      case "symbol":
        return name(e.name);
      case "zero":
        return name(0);
      case "eye":
        return this.#own("I");
      case "ones":
        return name("𝟏");
      case "commutation":
        return this.#own("K");
      case "size":
        return name(this.label(e.n));
      case "differential":
        if (e.of.kind === "symbol") return prefix("d", this.of(e.of));
        return call("d", this.#names.has(e.of) ? this.of(e.of) : (e.as ?? this.of(e.of)));
      case "transpose":
        if (e.of.kind === "power" && e.of.exponent === -1) return power(this.of(e.of.of), "-T");
        return power(this.of(e.of), "T");
      case "power":
        return power(this.of(e.of), e.exponent);
      case "sum":
        return this.#sum(e.parts);
      case "term":
        return this.#term(e.c, e.scalars, e.body);
      case "hadamard":
        return this.#hadamard(e.factors);
      case "product":
        return chain(this.#links(e.parts));
      case "function":
        return this.#known(e);
      case "call": {
        const parts = e.args.map((arg, i) => this.#shaped(arg, e.shapes[i] as Shape));
        const own = this.#relabelled(e.op.notation(byName(e.op, parts) as never, e.attrs), parts);
        const [base, exponent] = own.parts as [Notation, Notation];
        if (own.kind === "power" && parts.includes(exponent) && !isScalar(e)) {
          return entrywisePower(base, exponent);
        }
        const whole = e.op.outputs.length > 1 ? call(e.op.outputs[e.output], own) : own;
        return isMask(e) ? fence("[", whole, "]") : whole;
      }
    }
  }

  /** An argument in the shape that an op sees, which is said where it has more axes and is another. */
  #shaped(e: Expr, shape: Shape): Notation {
    if (shape.length < 3 || isScalar(e) || sameShape(shapeOf(e), shape)) return this.of(e);
    return call("reshape", this.of(e), this.#relabelled(name(format(shape)), []));
  }

  /** Lengths among an op's attributes by their names. */
  #relabelled(n: Notation, args: readonly Notation[]): Notation {
    if (args.includes(n)) return n;
    if (n.kind !== "name") return { ...n, parts: n.parts.map((x) => this.#relabelled(x, args)) };
    return name(n.text.replace(/\d+/g, (digits) => this.label(Number(digits))));
  }

  #sum(parts: readonly Expr[]): Notation {
    // What is repeated everywhere is written as the number that it is.
    const bare = (e: Expr): Expr | null => {
      if (e.kind !== "term" || e.body === null || e.scalars.length > 0) return null;
      return isOnes(e.body) ? e : null;
    };
    const ordered = [...parts].sort((a, b) => Number(isNegative(a)) - Number(isNegative(b)));
    // Of two that differ in their transposes, the one that has fewer of them is first.
    const rest = ({ cost, turns }: Expr): number => cost - turns / 2;
    const [a, b] = parts as [Expr, Expr];
    const swapped = parts.length === 2 && !a.hot && b.turns < a.turns && rest(a) === rest(b);
    const first = swapped && !isNegative(b) ? b : a;
    const list = isNegative(a) ? ordered : first === b ? [b, a] : parts;
    const wide = list.some((e) => !isOnes(e) && bare(e) === null) && !isScalar(first);
    const write = (e: Expr): Notation => {
      if (!wide) return this.#unsigned(e);
      if (isOnes(e)) return name(1);
      const repeated = bare(e);
      if (repeated?.kind !== "term") return this.#unsigned(e);
      return this.#term(Math.abs(repeated.c), repeated.scalars, null);
    };
    return list
      .slice(1)
      .reduce<Notation>(
        (sum, e) => infix(isNegative(e) ? "−" : "+", sum, write(e)),
        isNegative(list[0] as Expr) ? prefix("−", write(list[0] as Expr)) : write(list[0] as Expr),
      );
  }

  /** Without its sign. */
  #unsigned(e: Expr): Notation {
    if (e.kind !== "term") return this.of(e);
    return this.#term(Math.abs(e.c), e.scalars, e.body);
  }

  #term(c: number, scalars: readonly Factor[], body: Expr | null): Notation {
    if (c < 0) return prefix("−", this.#term(-c, scalars, body));
    const [over, under] = fraction(c);
    const alone = scalars.length === 0 && body === null;
    const above = over === 1 && !alone ? [] : [name(over)];
    const below = under === 1 ? [] : [name(under)];
    // A differential stands behind everything else.
    const behind: Notation[] = [];
    for (const [base, p] of scalars) {
      const own = this.of(base);
      const part = Math.abs(p) === 1 ? own : power(own, exponent(Math.abs(p)));
      (p < 0 ? below : base.hot ? behind : above).push(part);
    }
    if (body === null) above.push(...behind.splice(0));
    // Products that are scalars stand in parentheses among other factors.
    const scalarProduct = (n: Notation): Notation => (n.text === "·" ? fence("(", n, ")") : n);
    const factors = above.length + Number(body !== null) - Number(over !== 1);
    let numerator = above.flatMap((n) => {
      if (factors > 1) return [scalarProduct(n)];
      return n.kind === "infix" && n.text === "·" ? n.parts : [n];
    });
    if (body !== null) {
      numerator =
        body.kind === "product" && !this.#names.has(body)
          ? [...numerator, ...this.#links(body.parts)]
          : [...numerator, this.of(body)];
    }
    numerator.push(...behind.map(scalarProduct));
    const top = numerator.length === 0 ? name(1) : chain(numerator);
    if (below.length === 0) return top;
    const bottom = chain(below.map((n) => (below.length > 1 ? scalarProduct(n) : n)));
    return infix("/", top, bottom);
  }

  /** The links of a chain, equal neighbours as a power. */
  #links(parts: readonly Expr[]): Notation[] {
    const links: Notation[] = [];
    for (let i = 0; i < parts.length; ) {
      let n = 1;
      while (parts[i + n] === parts[i]) n++;
      const own = this.of(parts[i] as Expr);
      const base = parts[i] as Expr;
      if (n > 1 && base.kind === "transpose")
        links.push(fence("(", power(this.of(base.of), n), ")"));
      else links.push(n > 1 && own.kind !== "power" ? power(own, n) : own);
      if (n > 1 && base.kind === "transpose") links.push(power(links.pop() as Notation, "T"));
      else if (n > 1 && own.kind === "power") for (let j = 1; j < n; j++) links.push(own);
      i += n;
    }
    return links;
  }

  #hadamard(factors: readonly Factor[]): Notation {
    const above: Notation[] = [];
    const below: Notation[] = [];
    for (const [base, p] of factors) {
      const own = this.of(base);
      const part = Math.abs(p) === 1 ? own : power(own, `∘${exponentText(Math.abs(p))}`);
      (p > 0 ? above : below).push(part);
    }
    const join = (parts: readonly Notation[]): Notation =>
      parts.length === 1 ? (parts[0] as Notation) : infix("∘", ...parts);
    const top = above.length === 0 ? name(1) : join(above);
    return below.length === 0 ? top : infix("⊘", top, join(below));
  }

  #known(e: Known): Notation {
    const parts = e.args.map((arg) => this.of(arg));
    if (e.name === "norm") return fence("‖", parts[0] as Notation, "‖");
    if (e.name === "kron") return infix("⊗", ...parts);
    return call(e.name === "diagPart" ? "diag" : e.name, ...parts);
  }
}

function chain(parts: readonly Notation[]): Notation {
  if (parts.length === 1) return parts[0] as Notation;
  return infix("·", ...parts);
}

/** The shape that a formula has by itself: that of the ops in it, where these have more than two axes. */
export function shapeOf(e: Expr): Shape {
  switch (e.kind) {
    case "call":
      return e.shape;
    case "differential":
      return shapeOf(e.of);
    case "term":
      return e.body === null ? [] : shapeOf(e.body);
    case "sum":
      return shapeOf(e.parts[0] as Expr);
    case "hadamard":
      return shapeOf((e.factors[0] as Factor)[0]);
    default:
      return [e.rows, e.columns];
  }
}

/** `X^∘n` */
export function entrywisePower(base: Notation, n: Notation): Notation {
  return power(base, n.kind === "name" ? `∘${n.text}` : `∘(${print(n)})`);
}

function isNegative(e: Expr): boolean {
  return (e.kind === "term" && e.c < 0) || (numberOf(e) ?? 0) < 0;
}

/** A number as a fraction of whole numbers, if its decimals are long and it is one. */
function fraction(c: number): [over: number, under: number] {
  if (String(c).length <= 6) return [c, 1];
  for (let under = 2; under <= 2000; under++) {
    const over = Math.round(c * under);
    if (over !== 0 && Math.abs(over / under - c) <= 1e-14 * Math.abs(c)) return [over, under];
  }
  return [c, 1];
}

function exponent(p: number): Notation {
  const [over, under] = fractionOf(p);
  return under === 1 ? name(over) : infix("/", name(over), name(under));
}

function exponentText(p: number): string {
  const [over, under] = fractionOf(p);
  return under === 1 ? String(over) : `${over}/${under}`;
}

/** An exponent: halves and thirds as such. */
function fractionOf(p: number): [over: number, under: number] {
  for (const under of [1, 2, 3, 4]) if (Number.isInteger(p * under)) return [p * under, under];
  return fraction(p);
}

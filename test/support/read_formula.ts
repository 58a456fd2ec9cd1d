import {
  abs,
  acos,
  add,
  adjugate,
  asin,
  atan,
  cos,
  cosh,
  det,
  diag,
  diagPart,
  div,
  equal,
  exp,
  eye,
  full,
  greater,
  greaterEqual,
  inv,
  kron,
  less,
  lessEqual,
  log,
  logsumexp,
  matmul,
  matrixPower,
  max,
  mul,
  neg,
  norm,
  pow,
  relu,
  reshape,
  sigmoid,
  sign,
  sin,
  sinh,
  softmax,
  softplus,
  sqrt,
  sub,
  sum,
  type Tensor,
  t,
  tan,
  tanh,
  trace,
} from "../../src/index.js";

/*
 * Reads formulas as they are printed in Unicode, with nothing but the text, and calculates them: so it is
 * seen whether the text says what the formula is. Signs bind as in print, ᵀ and powers first, then `·` and
 * `/`, then `∘` and `⊘`, `⊗`, and sums; a number in a sum stands for a matrix that has it everywhere.
 */

/** A length: a number, or unknown until it is found equal to another; unknown ones are not 1. */
interface Length {
  n: number | Length | null;
}
type Size = readonly [rows: Length, columns: Length];

interface Part {
  readonly size: Size;
  readonly value: () => Tensor;
}

type Values = ReadonlyMap<string, Tensor>;

/** The value of a printed formula, which has so many rows and columns. */
export function calculate(text: string, values: Values, rows: number, columns: number): Tensor {
  const [whole = "", ...legend] = text.split(/\nwhere|\n/).filter((line) => line.trim() !== "");
  const named = new Map<string, Part>();
  for (const line of legend) {
    const [name = "", formula = ""] = line.trim().split(/ = (.*)/s);
    named.set(name, new Reader(formula, values, named).whole());
  }
  const part = new Reader(whole, values, named).whole();
  if (isScalar(part)) return mul(part.value(), full([rows, columns], 1, { dtype: "float64" }));
  same(part.size[0], fixed(rows));
  same(part.size[1], fixed(columns));
  return part.value();
}

const fixed = (n: number): Length => ({ n });
const open = (): Length => ({ n: null });
const one = fixed(1);

function found(length: Length): Length {
  let at = length;
  while (at.n !== null && typeof at.n === "object") at = at.n;
  return at;
}

function lengthOf(length: Length): number {
  const { n } = found(length);
  if (typeof n !== "number") throw new Error("nothing says how long an axis is");
  return n;
}

function same(a: Length, b: Length): void {
  const [x, y] = [found(a), found(b)];
  if (x === y) return;
  if (x.n === null && y.n !== 1) x.n = y;
  else if (y.n === null && x.n !== 1) y.n = x;
  else if (x.n !== y.n)
    throw new Error(`an axis of ${x.n ?? "more"} meets one of ${y.n ?? "more"}`);
}

const isOne = (length: Length): boolean => found(length).n === 1;
const isScalar = ({ size: [rows, columns] }: Part): boolean => isOne(rows) && isOne(columns);

const entrywise: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ...{ exp, log, sin, cos, tan, sinh, cosh, tanh, sign, relu, softplus, sqrt },
  ...{ σ: sigmoid, arcsin: asin, arccos: acos, arctan: atan },
};
const reduces: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ...{ sum, det, logsumexp, max, tr: trace },
};
const tests: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  ...{ ">": greater, "≥": greaterEqual, "<": less, "≤": lessEqual, "=": equal },
};

const raised = new Map([..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"].map((c, i) => [c, [..."-0123456789"][i] as string]));
const token = /\s*(\d+(?:\.\d+)?(?:e[-+]?\d+)?|[\p{L}_][\p{L}\p{Nd}_]*|ᵀ|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\S)/uy;

class Reader {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly values: Values,
    private readonly named: ReadonlyMap<string, Part>,
  ) {
    // ᵀ counts as a letter in Unicode, and stands behind names.
    const spaced = text.replaceAll("ᵀ", " ᵀ ");
    for (const [, own = ""] of spaced.matchAll(new RegExp(token, "gu"))) this.#tokens.push(own);
  }

  whole(): Part {
    const part = this.#sum();
    if (this.#at < this.#tokens.length) this.#fail();
    return part;
  }

  #fail(): never {
    throw new Error(`"${this.#tokens[this.#at] ?? "the end"}" was not expected in ${this.text}`);
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? this.#fail();
  }

  #takes(...signs: string[]): string | null {
    const own = this.#tokens[this.#at];
    if (own === undefined || !signs.includes(own)) return null;
    this.#at++;
    return own;
  }

  #expect(sign: string): void {
    if (this.#takes(sign) === null) this.#fail();
  }

  #sum(): Part {
    let left = this.#takes("−") === null ? this.#kron() : negative(this.#kron());
    for (let sign = this.#takes("+", "−"); sign !== null; sign = this.#takes("+", "−")) {
      left = level(left, this.#kron(), sign === "+" ? add : sub);
    }
    return left;
  }

  #kron(): Part {
    let left = this.#hadamard();
    while (this.#takes("⊗") !== null) left = kronecker(left, this.#hadamard());
    return left;
  }

  #hadamard(): Part {
    let left = this.#product();
    for (let sign = this.#takes("∘", "⊘"); sign !== null; sign = this.#takes("∘", "⊘")) {
      left = level(left, this.#product(), sign === "∘" ? mul : div);
    }
    return left;
  }

  #product(): Part {
    let left = this.#power();
    for (let sign = this.#takes("·", "/"); sign !== null; sign = this.#takes("·", "/")) {
      const right = this.#power();
      if (sign === "·") left = times(left, right);
      else if (isScalar(right)) left = level(left, right, div);
      else throw new Error(`${this.text} divides by a matrix`);
    }
    return left;
  }

  #power(): Part {
    let base = this.#primary();
    for (;;) {
      const own = this.#tokens[this.#at] ?? "";
      if (own === "ᵀ") {
        this.#at++;
        base = turned(base);
      } else if (raised.has(own[0] ?? "")) {
        this.#at++;
        // ⁻ᵀ is the inverse of the transpose.
        const inverse = own === "⁻" && this.#takes("ᵀ") !== null;
        const n = inverse ? -1 : Number([...own].map((c) => raised.get(c)).join(""));
        base = whole(inverse ? turned(base) : base, n);
      } else if (own === "^") {
        this.#at++;
        base = this.#raised(base);
      } else return base;
    }
  }

  /** `^∘2`, `^(∘1/2)`, `^(1/2)`, `^a` */
  #raised(base: Part): Part {
    const inner = this.#takes("(") !== null;
    const dotted = this.#takes("∘") !== null;
    const exponent = inner ? this.#sum() : this.#primary();
    if (inner) this.#expect(")");
    if (!dotted && !isScalar(base)) throw new Error(`${this.text} has a power of a matrix`);
    return level(base, exponent, pow);
  }

  #inside(close: string): Part {
    const part = this.#sum();
    this.#expect(close);
    return part;
  }

  #primary(): Part {
    const own = this.#next();
    if (/^\d/.test(own)) return constant(Number(own));
    if (own === "(") return this.#inside(")");
    if (own === "‖") return scalar(this.#inside("‖"), norm);
    if (own === "|") {
      const X = this.#inside("|");
      return { size: X.size, value: () => abs(X.value()) };
    }
    if (own === "[") return this.#test();
    if (own === "𝟏") return ones();
    const known = this.named.get(own) ?? this.#variable(own);
    if (known !== null) return known;
    if (own === "I") return identity();
    if (this.#takes("(") === null) this.#fail();
    return applied(own, this.#inside(")"));
  }

  /** `[A > B]`: 1 where it holds, else 0. */
  #test(): Part {
    const left = this.#sum();
    const test = tests[this.#next()] ?? this.#fail();
    const right = this.#sum();
    this.#expect("]");
    return level(left, right, (a, b) => test(a, b).cast("float64"));
  }

  #variable(name: string): Part | null {
    const x = this.values.get(name);
    if (x === undefined) return null;
    const [rows = 1, columns = 1] = x.shape;
    return { size: [fixed(rows), fixed(columns)], value: () => reshape(x, [rows, columns]) };
  }
}

function constant(c: number): Part {
  return { size: [one, one], value: () => full([1, 1], c, { dtype: "float64" }) };
}

function ones(): Part {
  const n = open();
  return { size: [n, one], value: () => full([lengthOf(n), 1], 1, { dtype: "float64" }) };
}

function identity(): Part {
  const n = open();
  return { size: [n, n], value: () => eye(lengthOf(n), { dtype: "float64" }) };
}

function negative(X: Part): Part {
  return { size: X.size, value: () => neg(X.value()) };
}

function turned(X: Part): Part {
  return { size: [X.size[1], X.size[0]], value: () => t(X.value()) };
}

function scalar(X: Part, f: (x: Tensor) => Tensor): Part {
  return { size: [one, one], value: () => reshape(f(X.value()), [1, 1]) };
}

/** Entry by entry; a scalar goes with every entry. */
function level(a: Part, b: Part, f: (x: Tensor, y: Tensor) => Tensor): Part {
  const value = (): Tensor => f(a.value(), b.value());
  if (isScalar(a)) return { size: b.size, value };
  if (!isScalar(b)) {
    same(a.size[0], b.size[0]);
    same(a.size[1], b.size[1]);
  }
  return { size: a.size, value };
}

function times(a: Part, b: Part): Part {
  if (isScalar(a) || isScalar(b)) return level(a, b, mul);
  same(a.size[1], b.size[0]);
  return { size: [a.size[0], b.size[1]], value: () => matmul(a.value(), b.value()) };
}

/** A whole power, of a scalar or a square matrix. */
function whole(X: Part, n: number): Part {
  if (isScalar(X)) return { size: X.size, value: () => pow(X.value(), n) };
  same(...X.size);
  return {
    size: X.size,
    value: () => matrixPower(n < 0 ? inv(X.value()) : X.value(), Math.abs(n)),
  };
}

function kronecker(a: Part, b: Part): Part {
  const length = (i: 0 | 1): Length => {
    if (isOne(a.size[i])) return b.size[i];
    if (isOne(b.size[i])) return a.size[i];
    return fixed(lengthOf(a.size[i]) * lengthOf(b.size[i]));
  };
  return { size: [length(0), length(1)], value: () => kron(a.value(), b.value()) };
}

function applied(f: string, X: Part): Part {
  const [rows, columns] = X.size;
  const own = entrywise[f];
  if (own !== undefined) return { size: X.size, value: () => own(X.value()) };
  const reduced = reduces[f];
  if (reduced !== undefined) {
    if (f === "tr" || f === "det") same(rows, columns);
    return scalar(X, reduced);
  }
  if (f === "softmax") {
    same(columns, one);
    return { size: X.size, value: () => softmax(X.value(), { axis: 0 }) };
  }
  if (f === "adj") {
    same(rows, columns);
    return { size: X.size, value: () => adjugate(X.value()) };
  }
  if (f === "diag" && isOne(columns)) {
    return { size: [rows, rows], value: () => diag(reshape(X.value(), [lengthOf(rows)])) };
  }
  if (f === "diag" || f === "diagPart") {
    same(rows, columns);
    const value = (): Tensor => reshape(diagPart(X.value()), [lengthOf(rows), 1]);
    return { size: [rows, one], value };
  }
  throw new Error(`${f} is no known function`);
}

import {
  abs,
  add,
  div,
  equal,
  full,
  greater,
  greaterEqual,
  less,
  lessEqual,
  mul,
  norm,
  pow,
  reshape,
  sub,
  type Tensor,
} from "../../src/index.js";
import {
  applied,
  commutation,
  constant,
  fixed,
  identity,
  isScalar,
  kronecker,
  level,
  negative,
  ones,
  type Part,
  Products,
  same,
  scalar,
  times,
  turned,
  whole,
} from "./formula_parts.js";

/*
 * Reads formulas as they are printed in Unicode, with nothing but the text, and calculates them: so it is
 * seen whether the text says what the formula is. Signs bind as in print, ᵀ and powers first, then `·` and
 * `/`, then `∘` and `⊘`, `⊗`, and sums; a number in a sum stands for a matrix that has it everywhere.
 */

type Values = ReadonlyMap<string, Tensor>;

/** What a printed formula is calculated with. */
export interface Given {
  readonly values: Values;
  /** Of the whole: its rows and columns. */
  readonly size: readonly [rows: number, columns: number];
  /** Of the matrices that `K` is for. */
  readonly exchanges?: readonly [rows: number, columns: number];
}

/** The value of a printed formula. */
export function calculate(text: string, given: Given): Tensor {
  const [whole = "", ...legend] = text.split(/\nwhere|\n/).filter((line) => line.trim() !== "");
  const known = new Known(given);
  for (const line of legend) {
    const [name = "", formula = ""] = line.trim().split(/ = (.*)/s);
    known.named.set(name, new Reader(formula, known).whole());
  }
  const part = new Reader(whole, known).whole();
  const [rows, columns] = given.size;
  if (isScalar(part)) return mul(part.value(), full([rows, columns], 1, { dtype: "float64" }));
  same(part.size[0], fixed(rows));
  same(part.size[1], fixed(columns));
  known.products.settle();
  return part.value();
}

/** What names stand for. */
class Known {
  readonly named = new Map<string, Part>();
  readonly products = new Products();

  constructor(private readonly given: Given) {}

  get(name: string): Part | null {
    const { values, exchanges } = this.given;
    const x = values.get(name);
    if (x !== undefined) {
      const [rows = 1, columns = 1] = x.shape;
      return { size: [fixed(rows), fixed(columns)], value: () => reshape(x, [rows, columns]) };
    }
    if (name === "𝟏") return ones();
    if (name === "I") return identity();
    if (name === "K" && exchanges !== undefined) return commutation(...exchanges);
    return this.named.get(name) ?? null;
  }
}

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
    private readonly known: Known,
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
    while (this.#takes("⊗") !== null) left = kronecker(left, this.#hadamard(), this.known.products);
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
    const known = this.known.get(own);
    if (known !== null) return known;
    if (this.#takes("(") === null) this.#fail();
    return applied(own, this.#inside(")"), this.known.products);
  }

  /** `[A > B]`: 1 where it holds, else 0. */
  #test(): Part {
    const left = this.#sum();
    const test = tests[this.#next()] ?? this.#fail();
    const right = this.#sum();
    this.#expect("]");
    return level(left, right, (a, b) => test(a, b).cast("float64"));
  }
}

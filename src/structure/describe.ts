import { byName, type Notation } from "../core/op.js";
import { call, infix, name, power, print } from "../ops/notation.js";
import type { Entry, Slot, Tape } from "../tape/tape.js";
import { format, type Shape, sameShape, sizeOf } from "../tensor/shape.js";
import type { Storage } from "../tensor/storage.js";
import { storageOf, type Tensor } from "../tensor/tensor.js";
import { type Factor, multipleOf, uniformOf } from "./factor.js";
import { sizes, type Term } from "./term.js";

/** The first inputs of the tape of names are no arguments: the ones that backward passes begin with. */
export const SEEDS = 2;
/** Formulas longer than this get a name of their own, so that what is shared is written once. */
const LONG = 72;

/**
 * Names values by the formulas that they were calculated with: `tape` has recorded these from ones and
 * the arguments. Values that depend on neither are C1, C2, …; long formulas S1, S2, …
 */
export class Names {
  readonly #constants = new Map<Storage, Map<string, string>>();
  readonly #entries = new Map<number, Notation>();
  readonly #fixed: boolean[] = [];
  readonly #keys = new Map<number, string>();
  readonly #known = new Map<string, string>();
  /** What constants are the transposes of, as long as they lie there. */
  readonly #bases = new Map<Storage, Storage>();
  /** Notations in which nothing is left to tidy. */
  readonly #tidy = new WeakSet<Notation>();
  /** What C1 and S1 stand for; a line each. */
  readonly legend: string[] = [];
  #count = { C: 0, S: 0 };

  constructor(
    readonly tape: Tape,
    /** The names of the arguments, asked for only where something is printed. */
    private readonly args: () => readonly string[],
  ) {}

  /** Whether a value is the same for all arguments. */
  isFixed(x: Tensor): boolean {
    const slot = this.tape.slotOf(x);
    return slot === null || this.#isFixed(slot);
  }

  #isFixed({ entry, output }: Slot): boolean {
    if (entry < 0) return output < SEEDS;
    for (let i = this.#fixed.length; i <= entry; i++) {
      const { from } = this.tape.entries[i] as Entry;
      this.#fixed.push(from.every((slot) => slot === null || this.#isFixed(slot)));
    }
    return this.#fixed[entry] as boolean;
  }

  /** Whether a value is one number, repeated, whatever the arguments are. */
  isRepeated(x: Tensor): boolean {
    return uniform(this.of(x)) !== null;
  }

  /** The number that is repeated. */
  numberOf(x: Tensor): Notation {
    const own = this.of(x);
    return uniform(own) ?? own;
  }

  /** The numbers in formulas, which must be there when these are printed. */
  get numbers(): Tensor[] {
    const found: Tensor[] = [];
    for (const { from, inputs } of this.tape.entries) {
      for (let i = 0; i < inputs.length; i++) {
        const x = inputs[i] as Tensor;
        if (from[i] === null && x.size === 1 && !storageOf(x).settled) found.push(x);
      }
    }
    return found;
  }

  /** Notes what is lost when memory is freed. */
  note(x: Tensor): void {
    if (this.tape.slotOf(x) !== null) return;
    const storage = storageOf(x);
    if (storage.base !== null) this.#bases.set(storage, storage.base);
  }

  /** The same for values that were calculated in the same way. */
  key(x: Tensor): string {
    const text = print(this.of(x));
    return /^𝟏/u.test(text) ? text : this.#keyOf(this.tape.slotOf(x), x);
  }

  #keyOf(slot: Slot | null, x: Tensor): string {
    if (slot === null) return print(this.#constant(x));
    if (slot.entry < 0) return `x${slot.output}`;
    const done = this.#keys.get(slot.entry);
    if (done !== undefined) return done;
    const { op, attrs, from, inputs, outputs } = this.tape.entries[slot.entry] as Entry;
    const parts = inputs.map((input, i) => this.#keyOf(from[i] as Slot | null, input));
    if (op.view || op.transposes) {
      const [own, X, Y] = [parts[0] as string, inputs[0] as Tensor, outputs[0] as Tensor];
      const turned = op.transposes || isTurned(X.shape, Y.shape);
      if (turned) return own.endsWith("ᵀ") ? own.slice(0, -1) : `${own}ᵀ`;
      if (sameShape(sizes(X.shape), sizes(Y.shape))) return own;
    }
    const text = `${op.name} ${JSON.stringify(attrs)} ${parts.join(" ")}`;
    const key = this.#known.get(text) ?? `v${slot.entry}`;
    this.#known.set(text, key);
    this.#keys.set(slot.entry, key);
    return key;
  }

  of(x: Tensor): Notation {
    return this.#from(this.tape.slotOf(x), x);
  }

  #from(slot: Slot | null, x: Tensor): Notation {
    if (slot === null) return this.#constant(x);
    if (slot.entry < 0) return this.#argument(slot.output);
    const known = this.#entries.get(slot.entry);
    if (known !== undefined) return known;
    const { op, attrs, from, inputs, outputs } = this.tape.entries[slot.entry] as Entry;
    const parts = inputs.map((input, i) => this.#from(from[i] as Slot | null, input));
    const [X, Y] = [inputs[0] as Tensor, outputs[slot.output] as Tensor];
    const made = op.view
      ? viewed(parts[0] as Notation, X.shape, Y.shape)
      : this.#tidied(op.notation(byName(op, parts), attrs), X.shape, Y.shape);
    this.#tidy.add(made);
    const whole = this.#short(made);
    this.#entries.set(slot.entry, whole);
    return whole;
  }

  #argument(output: number): Notation {
    if (output < SEEDS) return name("1");
    const own = this.args()[output - SEEDS] as string;
    return name(/^[IK]$/.test(own) ? `${own}′` : own); // I and K are matrices of the formula
  }

  #short(n: Notation): Notation {
    const text = print(n);
    if (text.length <= LONG) return n;
    const short = `S${++this.#count.S}`;
    this.legend.push(`${short} is ${text}`);
    return name(short);
  }

  #constant(x: Tensor): Notation {
    const storage = storageOf(x);
    const seen = storage.settled || (x.size === 1 && storage.placed) ? plain(x) : null;
    if (seen !== null) return seen;
    const [m, n] = sizes(x.shape);
    const base = storage.base ?? this.#bases.get(storage);
    if (base !== undefined) return power(this.#constantAt(base, [n, m]), "T");
    if (m === 1 && n > 1) return power(this.#constantAt(storage, [n]), "T");
    return this.#constantAt(storage, x.shape);
  }

  #constantAt(storage: Storage, shape: Shape): Notation {
    const byShape = this.#constants.get(storage) ?? new Map<string, string>();
    this.#constants.set(storage, byShape);
    const key = format(sizes(shape));
    let known = byShape.get(key);
    if (known === undefined) {
      known = `C${++this.#count.C}`;
      byShape.set(key, known);
      this.legend.push(`${known} is a constant of shape ${format(shape)}`);
    }
    return name(known);
  }

  /** Without what goes without saying: dtypes, factors 1, transposes of transposes. */
  #tidied(n: Notation, from: Shape, to: Shape): Notation {
    if (n.parts.length === 0 || this.#tidy.has(n)) return n;
    const parts = n.parts.map((part) => this.#tidied(part, from, to));
    const [first, second] = parts as [Notation, Notation?];
    if (n.kind === "call" && n.text === "broadcast") return repeated(first, from, to);
    if (n.kind === "call" && /^float(32|64)$/.test(n.text)) return first;
    if (isTranspose(n)) return isNumber(first) ? first : transposeOf(first);
    if (n.kind === "power" && second?.text === "1") return first;
    if (n.kind !== "infix" || second === undefined) return { ...n, parts };
    return n.text === "∘" ? hadamard(first, second) : times(n.text, first, second);
  }
}

/** A number, ones or an identity matrix. */
function plain(x: Tensor): Notation | null {
  const c = uniformOf(x);
  if (c === null) return x.rank === 2 && multipleOf(x) === 1 ? name("I") : null;
  return repeated(name(number(c)), [], x.shape);
}

const ones = name("𝟏");

/** A scalar, row or column repeated to another shape: a product with ones. */
function repeated(x: Notation, from: Shape, to: Shape): Notation {
  const [m, n] = from.length === 1 && to.length === 2 ? [1, from[0] as number] : sizes(from);
  const [rows, columns] = sizes(to);
  if (m === rows && n === columns) return x;
  if (m * n === 1) {
    const all = columns === 1 ? ones : rows === 1 ? power(ones, "T") : name("𝟏𝟏ᵀ");
    return isNumber(x) && x.text === "1" ? all : uniformly(times("·", x, all), x);
  }
  if (n === columns) return infix("·", ones, from.length === 1 ? transposeOf(x) : x);
  return infix("·", x, power(ones, "T"));
}

/** Products of a number with ones, and the number. */
const uniforms = new WeakMap<Notation, Notation>();

function uniformly(n: Notation, c: Notation): Notation {
  uniforms.set(n, c);
  return n;
}

/** The number c of c·𝟏 and the like, as a notation; null of others. */
function uniform(n: Notation): Notation | null {
  if (isNumber(n)) return n;
  if (n.kind === "name" && /^𝟏/u.test(n.text)) return name("1");
  if (isTranspose(n)) return uniform(n.parts[0] as Notation);
  return uniforms.get(n) ?? null;
}

/** `A ∘ B`, a factor that is the same everywhere being a number in front. */
function hadamard(a: Notation, b: Notation): Notation {
  const [left, right] = [uniform(a), uniform(b)];
  if (left !== null && (right === null || isNumber(a))) return times("·", left, b);
  return right === null ? infix("∘", a, b) : times("·", right, a);
}

/** A product; numbers in it are multiplied out, in front. */
function times(sign: string, a: Notation, b: Notation): Notation {
  if (sign !== "·") return infix(sign, a, b);
  const all = [a, b].flatMap((n) => (n.kind === "infix" && n.text === "·" ? n.parts : [n]));
  const rest = all.filter((n) => !isNumber(n));
  const c = all.filter(isNumber).reduce((c, n) => c * Number(n.text.replaceAll("−", "-")), 1);
  const factors = c === 1 && rest.length > 0 ? rest : [name(number(c)), ...rest];
  const out = factors.length === 1 ? (factors[0] as Notation) : infix("·", ...factors);
  const same = isNumber(a) ? uniforms.get(b) : undefined;
  return same === undefined || out === b ? out : uniformly(out, times("·", a, same));
}

const isNumber = (n: Notation): boolean => n.kind === "name" && /^[−\d.e+]+$/.test(n.text);

/** The same elements under another shape: a vector is a column, and its transpose a row. */
function viewed(x: Notation, from: Shape, to: Shape): Notation {
  if ((sameShape(sizes(from), sizes(to)) && to.length < 3) || sizeOf(from) === 1) return x;
  return isTurned(from, to) ? transposeOf(x) : call("reshape", x, name(format(to)));
}

/** Whether a row became a column, or the other way round. */
function isTurned(from: Shape, to: Shape): boolean {
  const [[m, n], [rows, columns]] = [sizes(from), sizes(to)];
  return m === columns && n === rows && m !== n && (m === 1 || n === 1);
}

/** A number as a person writes it: what float32 made of 0.1 is 0.1. */
function number(value: number): string {
  return String(Number(value.toPrecision(7))).replaceAll("-", "−");
}

/**
 * The matrix of a sum of terms, for columns under one another: vec(A·X·B) = (Bᵀ ⊗ A)·vec(X)
 * (The Matrix Cookbook, equation 520). `K` is the matrix that makes vec(Xᵀ) of vec(X).
 */
export function describe(terms: readonly Term[], names: Names, X: Shape): string {
  // Terms that differ in their number alone are one.
  const found = new Map<string, { scale: number; body: Notation }>();
  for (const term of terms) {
    const key = keyOf(term, names);
    const scale = term.symbols.reduce((rest, { c }) => rest / c, term.scale);
    const before = found.get(key);
    if (before !== undefined) before.scale += scale;
    else found.set(key, { scale, body: withSymbols(term, bodyOf(term, names, X), names) });
  }
  const list = [...found.values()].filter(({ scale }) => scale !== 0);
  let out = "";
  for (const { scale, body } of list) {
    const sign = out === "" ? (scale < 0 ? "−" : "") : scale < 0 ? " − " : " + ";
    const size = number(Math.abs(scale));
    const alone = list.length === 1 && size === "1" && scale > 0;
    const loose = /^[⊗+−]$/.test(body.text) && (body.kind === "infix" || body.kind === "prefix");
    out +=
      sign +
      (loose && !alone && size === "1" ? `(${print(body)})` : print(times("·", name(size), body)));
  }
  return out === "" ? "0" : out;
}

/** With the named numbers in front. */
function withSymbols({ symbols }: Term, body: Notation, names: Names): Notation {
  return symbols.reduceRight((whole, { of }) => times("·", names.numberOf(of), whole), body);
}

function keyOf(term: Term, names: Names): string {
  const symbols = term.symbols.map(({ of }) => names.key(of)).join(" ");
  if (term.kind === "pairing") {
    return `${symbols} ${names.key(term.times)} ⟨${names.key(term.pairs)}⟩`;
  }
  const chain = (list: readonly Factor[]): string =>
    list.map(({ kind, value }) => `${kind} ${names.key(value)}`).join(", ");
  const mask = term.mask === null ? "" : names.key(term.mask);
  return `${symbols} | ${chain(term.left)} | ${chain(term.right)} | ${mask} | ${term.transposed}`;
}

function bodyOf(term: Term, names: Names, X: Shape): Notation {
  if (term.kind === "pairing") {
    const [B, A] = [names.of(term.times), names.of(term.pairs)];
    return infix("·", call("vec", B), power(call("vec", A), "T"));
  }
  const matrix = sizes(X)[1] === 1 && term.right.length === 0 && !term.transposed;
  const L = chainOf(term.left, names, false);
  const R = chainOf(term.right, names, true);
  const plain = term.left.length + term.right.length === 0;
  let out = plain ? name("I") : matrix ? L : infix("⊗", R, L);
  if (term.transposed) out = plain ? name("K") : infix("·", out, name("K"));
  if (term.mask === null) return out;
  const mask = call("diag", call("vec", names.of(term.mask)));
  return plain && !term.transposed ? mask : infix("·", mask, out);
}

/** A product of factors, or its transpose. */
function chainOf(chain: readonly Factor[], names: Names, transposes: boolean): Notation {
  const parts = chain.map(({ kind, value }) => {
    const own = names.of(value);
    if (kind === "diagonal") return call("diag", own);
    if (kind === "scalar") return names.numberOf(value);
    const one = kind === "inverse" ? power(own, -1) : own;
    return transposes ? transposeOf(one) : one;
  });
  const list = transposes ? parts.toReversed() : parts;
  if (chain.every(({ kind }) => kind === "scalar")) list.push(name("I"));
  if (list.length === 1) return list[0] as Notation;
  // Letters stand side by side, as a person writes them: VᵀV.
  return list.every(isLetter) ? name(list.map(print).join("")) : infix("·", ...list);
}

function isLetter(n: Notation): boolean {
  const [base, exponent] = n.parts;
  if (n.kind === "power")
    return /^(T|-1)$/.test(exponent?.text ?? "") && isLetter(base as Notation);
  return n.kind === "name" && /^\p{L}$/u.test(n.text);
}

function transposeOf(n: Notation): Notation {
  if (n.kind === "name" && /^(I|𝟏𝟏ᵀ)$/u.test(n.text)) return n;
  return isTranspose(n) ? (n.parts[0] as Notation) : power(n, "T");
}

function isTranspose(n: Notation): boolean {
  return n.kind === "power" && n.parts[1]?.text === "T";
}

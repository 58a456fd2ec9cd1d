import { byName, type Notation } from "../core/op.js";
import { call, infix, name, power, print } from "../ops/notation.js";
import type { Entry, Slot, Tape } from "../tape/tape.js";
import { format, type Shape } from "../tensor/shape.js";
import type { Storage } from "../tensor/storage.js";
import { storageOf, type Tensor } from "../tensor/tensor.js";
import { type Factor, multipleOf, uniformOf } from "./factor.js";
import { sizes, type Term } from "./term.js";

/**
 * Names values by the formulas that they were calculated with: `tape` has recorded these from inputs
 * of the names `inputs`. Values that depend on no input are C1, C2, …
 */
export class Names {
  readonly #constants = new Map<Storage, string>();
  readonly #entries = new Map<number, Notation>();
  /** What constants are the transposes of, as long as they lie there. */
  readonly #bases = new Map<Storage, Storage>();
  /** What the names of constants stand for; a line each. */
  readonly legend: string[] = [];

  constructor(
    readonly tape: Tape,
    /** Asked for only where something is printed. */
    private readonly inputs: () => readonly string[],
  ) {}

  /** Notes what is lost when memory is freed. */
  note(x: Tensor): void {
    if (this.tape.slotOf(x) !== null) return;
    const storage = storageOf(x);
    if (storage.base !== null) this.#bases.set(storage, storage.base);
  }

  of(x: Tensor): Notation {
    return this.#from(this.tape.slotOf(x), x);
  }

  #from(slot: Slot | null, x: Tensor): Notation {
    if (slot === null) return this.#constant(x);
    if (slot.entry < 0) return name(this.inputs()[slot.output] as string);
    const known = this.#entries.get(slot.entry);
    if (known !== undefined) return known;
    const { op, attrs, from, inputs, outputs } = this.tape.entries[slot.entry] as Entry;
    const parts = inputs.map((input, i) => this.#from(from[i] as Slot | null, input));
    const whole = op.view
      ? viewed(parts[0] as Notation, (inputs[0] as Tensor).shape, (outputs[0] as Tensor).shape)
      : tidied(op.notation(byName(op, parts), attrs));
    this.#entries.set(slot.entry, whole);
    return whole;
  }

  #constant(x: Tensor): Notation {
    const storage = storageOf(x);
    const seen = storage.settled || (x.size === 1 && storage.placed) ? plain(x) : null;
    if (seen !== null) return seen;
    const base = storage.base ?? this.#bases.get(storage);
    if (base !== undefined) return power(name(this.#known(base, x.shape.toReversed())), "T");
    return name(this.#known(storage, x.shape));
  }

  #known(storage: Storage, shape: Shape): string {
    let known = this.#constants.get(storage);
    if (known === undefined) {
      known = `C${this.#constants.size + 1}`;
      this.#constants.set(storage, known);
      this.legend.push(`${known} is a constant of shape ${format(shape)}`);
    }
    return known;
  }
}

/** A number, ones or an identity matrix. */
function plain(x: Tensor): Notation | null {
  const c = uniformOf(x);
  if (c === null) return x.rank === 2 && multipleOf(x) === 1 ? name("I") : null;
  if (x.size === 1) return name(number(c));
  const [m, n] = sizes(x.shape);
  const ones = name("𝟏");
  const all = n === 1 ? ones : m === 1 ? power(ones, "T") : name("𝟏𝟏ᵀ");
  return c === 1 ? all : infix("·", name(number(c)), all);
}

/** The same elements under another shape: a vector is a column, and its transpose a row. */
function viewed(x: Notation, from: Shape, to: Shape): Notation {
  const [a, b] = [sizes(from), sizes(to)];
  const turned = a[0] !== b[0] && a[0] === b[1] && a[1] === b[0];
  return turned && (a[0] === 1 || a[1] === 1) ? transposeOf(x) : x;
}

/** Without what goes without saying: broadcasting, dtypes, factors 1, transposes of transposes. */
function tidied(n: Notation): Notation {
  const [first, second] = n.parts;
  if (first === undefined) return n;
  if (n.kind === "call" && /^(broadcast|float32|float64)$/.test(n.text)) return first;
  if (isTranspose(n)) return isNumber(first) ? first : transposeOf(first);
  if (n.kind !== "infix" || n.text !== "∘" || second === undefined) return n;
  if (isNumber(second)) return tidied(infix("∘", second, first));
  if (first.text === "𝟏𝟏ᵀ") return second;
  if (second.text === "𝟏𝟏ᵀ") return first;
  if (!isNumber(first)) return n;
  return first.text === "1" ? second : infix("·", first, second);
}

const isNumber = (n: Notation): boolean => n.kind === "name" && /^[-\d.e]+$/.test(n.text);

/** A number as a person writes it: what float32 made of 0.1 is 0.1. */
function number(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/**
 * The matrix of a sum of terms, for columns under one another: vec(A·X·B) = (Bᵀ ⊗ A)·vec(X)
 * (The Matrix Cookbook, equation 520). `K` is the matrix that makes vec(Xᵀ) of vec(X).
 */
export function describe(terms: readonly Term[], names: Names, X: Shape): string {
  // Terms that differ in their number alone are one.
  const scales = new Map<string, number>();
  const bodies = new Map<string, Notation>();
  for (const term of terms) {
    const body = bodyOf(term, names, X);
    const text = print(body);
    bodies.set(text, body);
    scales.set(text, (scales.get(text) ?? 0) + term.scale);
  }
  const several = [...scales.values()].filter((scale) => scale !== 0).length > 1;
  let out = "";
  for (const [text, scale] of scales) {
    if (scale === 0) continue;
    const sign = out === "" ? (scale < 0 ? "−" : "") : scale < 0 ? " − " : " + ";
    const size = number(Math.abs(scale));
    const loose = (bodies.get(text) as Notation).text === "⊗" && (several || size !== "1");
    const body = loose ? `(${text})` : text;
    out += sign + (size === "1" ? body : `${size}·${body}`);
  }
  return out === "" ? "0" : out;
}

function bodyOf(term: Term, names: Names, X: Shape): Notation {
  if (term.kind === "pairing") {
    const [B, A] = [names.of(term.times), names.of(term.pairs)];
    return infix("·", call("vec", B), power(call("vec", A), "T"));
  }
  const column = sizes(X)[1] === 1;
  const L = chainOf(term.left, names, false);
  const R = chainOf(term.right, names, true);
  const plain = term.left.length + term.right.length === 0;
  let out = plain ? name("I") : column && term.right.length === 0 ? L : infix("⊗", R, L);
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
    if (kind === "scalar") return own;
    const one = kind === "inverse" ? power(own, -1) : own;
    return transposes ? transposeOf(one) : one;
  });
  const list = transposes ? parts.toReversed() : parts;
  if (list.length === 0) return name("I");
  if (list.length === 1) return list[0] as Notation;
  // Letters stand side by side, as a person writes them: VᵀV.
  return list.every(isLetter) ? name(list.map(print).join("")) : infix("·", ...list);
}

function isLetter(n: Notation): boolean {
  if (n.kind === "power") return isLetter(n.parts[0] as Notation);
  return n.kind === "name" && /^\p{L}$/u.test(n.text);
}

function transposeOf(n: Notation): Notation {
  return isTranspose(n) ? (n.parts[0] as Notation) : n.text === "I" ? n : power(n, "T");
}

function isTranspose(n: Notation): boolean {
  return n.kind === "power" && n.parts[1]?.text === "T";
}

import {
  type AnyOp,
  applyAll,
  mapTree,
  random,
  type Sample,
  stack,
  type Tensor,
  TracegradError,
  tensor,
  vmap,
  zeros,
} from "../index.js";
import { distance, position, worst } from "./compare.js";
import { CheckError } from "./gradcheck.js";

/** How far an entry of a run for all may be from a run of its own. */
const BOUND = 1e-12;

type Inputs = Readonly<Record<string, Tensor | readonly Tensor[]>>;

/**
 * Checks an op's `maps` from its samples: under `vmap`, each entry must get what the op gives for it
 * alone, whichever inputs carry the axis, and with one entry or none as well; so too for whole
 * numbers, where the op takes them. Error samples must give their message. Gives the largest
 * deviation.
 *
 * @throws CheckError that names sample, inputs and entry, and shows both values.
 */
export function checkMaps(op: AnyOp): number {
  const samples: readonly Sample<string, unknown>[] = op.samples();
  let most = 0;
  samples.forEach(({ inputs, attrs, error }, i) => {
    const call = new Call(`${op.name}, sample ${i}`, op, inputs, attrs);
    if (error !== undefined) {
      call.checkMessage(error);
      return;
    }
    const { length } = call.list;
    for (const has of choices(length)) {
      for (const count of op.maps === undefined ? [3, 1] : [3, 1, 0]) {
        most = Math.max(most, call.check(has, count));
      }
    }
    const all = new Array<boolean>(length).fill(true);
    new Call(`${op.name}, sample ${i} in int32`, op, inWholes(inputs), attrs).check(all, 2, true);
  });
  return most;
}

function inWholes(inputs: Inputs): Inputs {
  return mapTree(inputs, (x) => (x.dtype === "float64" ? x.cast("int32") : x));
}

/** An op, and the inputs and attributes of a sample. */
class Call {
  readonly list: readonly Tensor[];
  readonly #names: readonly string[];

  constructor(
    readonly where: string,
    readonly op: AnyOp,
    readonly inputs: Inputs,
    readonly attrs: unknown,
  ) {
    const named = inputNames(op).map((name) => [name, inputs[name]] as const);
    this.list = named.flatMap(([, value]) => value as Tensor | readonly Tensor[]);
    this.#names = named.flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((_, k) => `${name}[${k}]`) : [name],
    );
  }

  /** The outputs for such inputs, listed as `list` is. */
  run(list: readonly Tensor[]): Tensor[] {
    const rest = [...list];
    const inputs = inputNames(this.op).map((name) => {
      const { [name]: own } = this.inputs;
      return [name, Array.isArray(own) ? rest.splice(0, own.length) : rest.shift()];
    });
    const outputs = applyAll(this.op, Object.fromEntries(inputs), this.attrs);
    return this.op.outputs.map((name: string) => outputs[name] as Tensor);
  }

  /** With so many entries; `lenient` where the op may refuse them. */
  check(has: readonly boolean[], count: number, lenient = false): number {
    const entries = Array.from({ length: count }, (_, k) =>
      this.list.map((x, i) => (has[i] ? another(x, k, 31 * k + i) : x)),
    );
    const all = this.list.map((x, i) => {
      if (!has[i]) return x;
      if (count === 0) return zeros([0, ...x.shape], { dtype: x.dtype });
      return stack(entries.map((entry) => entry[i] as Tensor));
    });
    const carried = this.#names.filter((_, i) => has[i]).join(", ");
    const where = `${this.where}: under vmap over ${count} (${carried} mapped)`;
    if (count === 0) entries.push([...this.list]); // for the shape of what there is none of
    let alone: Tensor[][] = [];
    let got: Tensor[];
    try {
      alone = entries.map((entry) => this.run(entry));
      got = this.#mapped(has, all);
    } catch (error) {
      if (!(error instanceof TracegradError)) throw error;
      if (lenient && alone.length === 0) return 0;
      throw new CheckError(`${where} it said "${error.message}"`, { cause: error });
    }
    let most = 0;
    alone.forEach((outputs, k) => {
      outputs.forEach((want, output) => {
        const y = got[output] as Tensor;
        const name = `${where} ${this.op.outputs[output]}`;
        sameKind(name, y, [count, ...want.shape], want.dtype);
        if (count > 0) most = Math.max(most, agree(name, y, want, k));
      });
    });
    return most;
  }

  #mapped(has: readonly boolean[], all: readonly Tensor[]): Tensor[] {
    const inAxes = has.map((own) => (own ? 0 : null));
    return vmap((...list: Tensor[]) => this.run(list), { inAxes })(...all);
  }

  /** What is refused alone is refused among others. */
  checkMessage(wanted: string): void {
    if (this.list.length === 0) return;
    let said = "nothing";
    try {
      const all = this.list.map((x) => stack([x, x]));
      this.#mapped(
        all.map(() => true),
        all,
      );
    } catch (error) {
      if (!(error instanceof TracegradError)) throw error;
      said = error.message;
    }
    if (said === wanted || said === `${wanted} (entry 0 of vmap)`) return;
    throw new CheckError(
      `${this.where}: under vmap it said "${said}"; the sample wants "${wanted}"`,
    );
  }
}

function inputNames(op: AnyOp): string[] {
  return op.inputs.map((name: string) => name.replace("...", ""));
}

/** Which inputs carry the axis: every choice among up to three, else each alone and all. */
function choices(n: number): boolean[][] {
  const numbers = Array.from({ length: n }, (_, i) => i);
  if (n > 3) return [...numbers.map((i) => numbers.map((k) => k === i)), numbers.map(() => true)];
  const sets = Array.from({ length: 2 ** n - 1 }, (_, i) => i + 1);
  return sets.map((set) => numbers.map((i) => (set & (1 << i)) !== 0));
}

/**
 * The `k`-th variation of a sample's input: floats a few percent off, which leaves signs, zeros and
 * large gaps as they are; indices and truth values in another order, a single index lowered.
 */
function another(x: Tensor, k: number, seed: number): Tensor {
  if (x.dtype.startsWith("float")) {
    const factor = random.uniform(x.shape, { low: 0.95, high: 1.05, dtype: x.dtype, seed });
    return x.mul(factor);
  }
  const data = x.data();
  const { length } = data;
  const first = data[0] as number;
  const moved =
    length === 1
      ? data.map(() => (first < 0 ? first : (first + k) % (first + 1)))
      : data.map((_, i) => data[(i + k) % length] as number);
  return tensor(moved, { shape: x.shape, dtype: x.dtype });
}

function sameKind(where: string, y: Tensor, shape: readonly number[], dtype: string): void {
  if (String(y.shape) === String(shape) && y.dtype === dtype) return;
  throw new CheckError(
    `${where} is ${y.dtype} [${y.shape.join(", ")}]; by single runs it is ` +
      `${dtype} [${shape.join(", ")}]`,
  );
}

/** Entry `k` of `y` must be `want`. */
function agree(where: string, y: Tensor, want: Tensor, k: number): number {
  const wanted = want.data();
  const got = y.data().slice(k * wanted.length, (k + 1) * wanted.length);
  const off = distance(got, wanted);
  if (off <= BOUND) return off;
  const at = worst(got, wanted);
  throw new CheckError(
    `${where}${position(y.shape, k * wanted.length + at)} is ${got[at]}, but entry ${k} alone ` +
      `gives ${wanted[at]} (off by ${off.toExponential(1)}, allowed ${BOUND})`,
  );
}

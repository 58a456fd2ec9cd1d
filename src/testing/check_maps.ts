import {
  type AnyOp,
  applyAll,
  leaves,
  mapTree,
  random,
  stack,
  type Tensor,
  TracegradError,
  tensor,
  UsageError,
  vmap,
  zeros,
} from "../index.js";
import type { AnySample, Case } from "./case.js";
import { distance, entry, worst } from "./compare.js";
import { CheckError } from "./gradcheck.js";
import { named } from "./guard.js";
import { disagree } from "./part.js";

/** How far an entry of a run for all may be from a run of its own. */
const bound = 1e-12;

/**
 * What an op says of how it maps: under `vmap` each entry gets what the op gives for it alone,
 * whichever inputs are mapped, over three entries, one and none; and for whole numbers, too, where
 * the op takes them.
 */
export function checkMaps(c: Case): { maps: number } {
  if (c.op.maps === undefined) return { maps: 0 };
  const given = c.inputs.map(({ x }) => x);
  const entries = variations(c, given);
  const offs = choices(given.length).flatMap((has) =>
    [3, 1, 0].map((count) => compare(c, given, has, entries.slice(0, count))),
  );
  const whole = given.map((x) => (x.dtype === "float64" ? x.cast("int32") : x));
  if (accepts(c, [whole])) {
    const all = whole.map(() => true);
    offs.push(compare(c, whole, all, variations(c, whole)));
  }
  return { maps: Math.max(0, ...offs) };
}

/** What an op refuses alone, it refuses in the same words among others. */
export function checkMappedMessage(where: string, op: AnyOp, sample: AnySample): void {
  if (op.maps === undefined || leaves(sample.inputs).length === 0) return;
  const all = mapTree(sample.inputs, (x) => stack([x, x]));
  let said = "nothing";
  try {
    vmap((inputs: typeof all) => leaves(applyAll(op, inputs, sample.attrs)))(all);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    said = error.message;
  }
  if (said === sample.error || said === `${sample.error} (entry 0 of vmap)`) return;
  throw new CheckError(
    `${where}: under vmap it said "${said}"; the sample wants "${sample.error}"`,
  );
}

/** Which inputs are mapped: every choice among up to three, else each alone and all. */
function choices(n: number): boolean[][] {
  const numbers = Array.from({ length: n }, (_, i) => i);
  if (n > 3) return [...numbers.map((i) => numbers.map((k) => k === i)), numbers.map(() => true)];
  const sets = Array.from({ length: 2 ** n - 1 }, (_, i) => i + 1);
  return sets.map((set) => numbers.map((i) => (set & (1 << i)) !== 0));
}

/** Largest deviation; where it is too large, an error that names the entry. */
/** Where `maps` gave null: of no entries there is then nothing to say. */
function isRunOneByOne(body: () => unknown): boolean {
  try {
    body();
    return false;
  } catch (error) {
    return error instanceof UsageError && /does not say how it maps/.test(error.message);
  }
}

function compare(
  c: Case,
  given: readonly Tensor[],
  has: readonly boolean[],
  varied: readonly Tensor[][],
): number {
  const count = varied.length;
  const entries = varied.map((own) => own.map((x, i) => (has[i] ? x : (given[i] as Tensor))));
  const all = given.map((x, i) => {
    if (!has[i]) return x;
    if (count === 0) return zeros([0, ...x.shape], { dtype: x.dtype });
    return stack(entries.map((own) => own[i] as Tensor));
  });
  const names = c.inputs.filter((_, i) => has[i]).map(({ name }) => name);
  const whole = given.every((x, i) => x === c.inputs[i]?.x) ? "" : ", in int32";
  const where = `${c.where}: under vmap over ${count} (${names.join(", ")} mapped${whole})`;
  const inAxes = has.map((own) => (own ? 0 : null));
  const f = vmap((...x: Tensor[]) => run(c, x), { inAxes });
  if (count === 0 && typeof c.op.maps === "function" && isRunOneByOne(() => f(...all))) return 0;
  const got = named(`${where} it`, () => f(...all));
  // Of no entries there is the kind alone.
  const alone = (count === 0 ? [given] : entries).map((own) => run(c, own));
  const offs = alone.flatMap((outputs, k) =>
    outputs.map((want, o) => {
      const name = c.op.outputs[o] as string;
      const y = got[o] as Tensor;
      sameKind(`${where} ${name}`, y, [count, ...want.shape], want.dtype);
      return count === 0 ? 0 : sameEntry(where, name, y, want, k);
    }),
  );
  return Math.max(0, ...offs);
}

function run(c: Case, list: readonly Tensor[]): Tensor[] {
  return c.run(new Map(c.inputs.map((input, i) => [input, list[i] as Tensor])));
}

/** Whether the op takes all of these. */
function accepts(c: Case, entries: readonly Tensor[][]): boolean {
  try {
    for (const own of entries) run(c, own);
    return true;
  } catch (error) {
    if (error instanceof TracegradError) return false;
    throw error;
  }
}

/**
 * Three inputs like these: floats a few percent off, which leaves signs, zeros and large gaps as
 * they are; indices and truth values in another order, a single index lowered. The same three times,
 * where the op does not take such.
 */
function variations(c: Case, given: readonly Tensor[]): Tensor[][] {
  const varied = [0, 1, 2].map((k) =>
    given.map((x, i) => {
      if (!x.dtype.startsWith("float")) return turned(x, k);
      const range = { low: 0.95, high: 1.05, dtype: x.dtype };
      return x.mul(random.uniform(x.shape, { ...range, seed: 31 * k + i }));
    }),
  );
  return accepts(c, varied) ? varied : varied.map(() => [...given]);
}

function turned(x: Tensor, k: number): Tensor {
  const data = x.data();
  const { length } = data;
  const first = data[0] as number;
  const moved = data.map((_, i) => data[(i + k) % length] as number);
  if (length === 1 && first > 0) moved[0] = (first + k) % (first + 1);
  return tensor(moved, { shape: x.shape, dtype: x.dtype });
}

function sameKind(what: string, y: Tensor, shape: readonly number[], dtype: string): void {
  if (String(y.shape) === String(shape) && y.dtype === dtype) return;
  throw new CheckError(
    `${what} is ${y.dtype} [${y.shape.join(", ")}], but by single runs ` +
      `${dtype} [${shape.join(", ")}]`,
  );
}

/** Entry `k` of `y` must be `want`. */
function sameEntry(where: string, name: string, y: Tensor, want: Tensor, k: number): number {
  const wanted = want.data();
  const got = y.data().slice(k * wanted.length, (k + 1) * wanted.length);
  const off = distance(got, wanted);
  if (off <= bound) return off;
  const at = worst(got, wanted);
  const [one, other] = [got[at] as number, wanted[at] as number];
  const said = `${where} it gives ${entry(name, y.shape, k * wanted.length + at)}`;
  return disagree(said, one, `entry ${k} alone gives`, other, bound);
}

import { type Tensor, tensor } from "../index.js";
import { bar, distance, entry, numbers, pairing, worst } from "./compare.js";
import { backward, central, disagree, forward, ones, type Part, unit } from "./part.js";

/** What may be the reason at entry `m` of the output, or nothing. */
export type Remedy = (m: number) => string;

/** What a rule gives, and what it should give. */
type Sides = readonly [Float64Array, Float64Array];

/** Blames the rule that gives the differential, with the furthest entry of the Jacobian. */
export function blameForward(
  part: Part,
  rule: string,
  bound: number,
  dX: Tensor,
  remedy: Remedy,
): never {
  const { where, f, x, of, by } = part;
  const { shape } = f(x);
  const fail = (name: string, along: string, sides: Sides, m: number, why: string): never => {
    const [got, want] = sides.map((side) => side[m]) as [number, number];
    const said = `${where}: ${rule} gives ${name}`;
    return disagree(said, got, `central differences${along} give`, want, bound, why);
  };
  const sides = (dX: Tensor): Sides => {
    const got = forward(part, dX);
    return [got, central(part, dX, got, bound)];
  };
  // NaN times 0 is NaN: a rule that gives it does so along every direction.
  const everywhere = sides(ones(x));
  const bad = everywhere[0].findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    fail(`d${entry(of, shape, bad)}`, ` for d${by} = 1 everywhere`, everywhere, bad, remedy(bad));
  }
  const gap = ([got, want]: Sides): number => {
    const m = worst(got, want);
    return Math.abs((got[m] as number) - (want[m] as number));
  };
  const k = narrow(dX, (piece) => gap(sides(piece)));
  const dXk = unit(x, k);
  const column = sides(dXk);
  const m = worst(...column);
  const name = `∂${entry(of, shape, m)}/∂${entry(by, x.shape, k)}`;
  if (!(distance(...column) <= bound)) fail(name, "", column, m, remedy(m) + kink(part, dXk, m));
  const whole = sides(dX);
  const at = worst(...whole);
  return fail(`d${entry(of, shape, at)}`, ` along the same d${by}`, whole, at, remedy(at));
}

/** Says where the sample itself is to blame: the slopes to its left and to its right differ. */
function kink({ f, x }: Part, dX: Tensor, m: number): string {
  const h = 1e-5;
  const [a, b, c] = [-h, 0, h].map((step) => numbers(f(x.add(dX.mul(step))))[m]) as Three;
  const [left, right] = [(b - a) / h, (c - b) / h];
  if (Math.abs(right - left) <= 0.01 * Math.max(1, Math.abs(left), Math.abs(right))) return "";
  return "; the sample may lie at a kink, a jump or the border of the domain";
}

type Three = [number, number, number];

/** Blames the rule that gives the adjoint; the differential, by `right`, has been found right. */
export function blameBackward(
  part: Part,
  rule: string,
  right: string,
  bound: number,
  dX: Tensor,
  Ybar: Tensor,
): never {
  const { x, of, by } = part;
  const [start, bars] = [`${part.where}: ${rule}`, numbers(Ybar)];
  const plain = backward(part, ones(Ybar));
  const bad = plain.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const want = forward(part, unit(x, bad)).reduce((sum, value) => sum + value, 0);
    const denied = `for ${bar(of)} = 1 everywhere ⟨${bar(of)}, d${of}⟩ of d${by} = 1 there is`;
    const said = `${start} gives ${entry(bar(by), x.shape, bad)}`;
    disagree(said, plain[bad] as number, denied, want, bound);
  }
  const Xbar = backward(part, Ybar);
  const Q = Ybar.abs().add(1);
  const [q, whole] = [backward(part, Q), backward(part, Ybar.sub(Q.mul(2)))];
  const sum = Xbar.map((value, k) => value - 2 * (q[k] as number));
  if (!(distance(whole, sum) <= bound)) {
    const k = worst(whole, sum);
    const said = `${start} is not linear in ${bar(of)}: ${entry("adj(P − 2Q)", x.shape, k)}`;
    disagree(said, whole[k] as number, "adj(P) − 2·adj(Q) is", sum[k] as number, bound);
  }
  const k = narrow(dX, (piece) => {
    const left = pairing([bars], [forward(part, piece)]).value;
    return Math.abs(left - pairing([Xbar], [numbers(piece)]).value);
  });
  const column = forward(part, unit(x, k));
  const m = narrow(Ybar, (piece) => {
    const want = pairing([numbers(piece)], [column]).value;
    return Math.abs(want - (backward(part, piece)[k] as number));
  });
  const got = backward(part, unit(Ybar, m))[k] as number;
  const name = `∂${entry(of, Ybar.shape, m)}/∂${entry(by, x.shape, k)}`;
  return disagree(`${start} gives ${name}`, got, `${right} gives`, column[m] as number, bound);
}

/** One of the entries of `whole` that `off` comes from, found by halves. */
function narrow(whole: Tensor, off: (piece: Tensor) => number): number {
  const data = whole.data();
  const piece = (from: number, to: number): Tensor =>
    tensor(
      data.map((value, i) => (i >= from && i < to ? value : 0)),
      { shape: whole.shape },
    );
  let [from, to] = [0, data.length];
  while (to - from > 1) {
    const half = (from + to) >> 1;
    if (off(piece(from, half)) >= off(piece(half, to))) to = half;
    else from = half;
  }
  return from;
}

import { jvp, type Tensor, vjp } from "../index.js";
import type { Case, Input } from "./case.js";
import { apart, bar, distance, numbers, pairing } from "./compare.js";
import { namesOf } from "./first_order.js";
import { CheckError } from "./gradcheck.js";
import { judge, noise } from "./judge.js";
import { differences, ones, type Part } from "./part.js";

/** The bounds of the check table. The differences of adjoints carry the rounding of more steps. */
const bounds = { linear: 1e-10, differences: 1e-6, pairing: 1e-10 };

/**
 * The rules as functions of what they are made from. All adjoints together, as a function of the
 * inputs and Ȳ, agree with central differences and pair with their own adjoint; and differentials
 * change as adjoints do: ⟨Ȳ, d(dX)⟩ = ⟨adj(Ȳ), dX⟩ holds of the derivatives of both sides.
 */
export function checkSecondOrder(c: Case): { readonly second: number } {
  const x = c.free.map((input) => input.x);
  const Ybar = c.floats.map((o) => noise(c.outputs[o] as Tensor, c.seed + 90 + o));
  const n = x.length;
  const f = (...x: Tensor[]): Tensor[] => c.runFree(x);
  const adjoint = (...at: Tensor[]): Tensor[] => vjp(f, ...at.slice(0, n))[1](at.slice(n));
  const at = [...x, ...Ybar];
  const along = at.map((leaf, k) => noise(leaf, c.seed + 17 * k));

  const [Xbar, dXbar] = jvp(adjoint, at, along);
  const got = dXbar.map(numbers);
  const moved = (h: number): Float64Array[] =>
    adjoint(...at.map((leaf, k) => leaf.add((along[k] as Tensor).mul(h)))).map(numbers);
  const central = differences(moved, got, bounds.differences);
  const off = Math.max(0, ...got.map((list, i) => distance(list, central[i] as Float64Array)));

  const weights = Xbar.map((leaf, k) => noise(leaf, c.seed + 500 + k));
  const left = pairing(weights.map(numbers), got);
  const back = vjp(adjoint, ...at)[1](weights);
  let second = apart(left, pairing(back.map(numbers), along.map(numbers)));

  // Where the differential is the op itself, or a product with the same slope, this says nothing new.
  if (c.op.rules.some((list) => list.some((rule) => rule.d))) {
    const dX = x.map((leaf, k) => noise(leaf, c.seed + 700 + k));
    const ddX = x.map((leaf, k) => noise(leaf, c.seed + 800 + k));
    const differential = (...at: Tensor[]): Tensor[] => jvp(f, at.slice(0, n), at.slice(n))[1];
    const [dY, ddY] = jvp(differential, [...x, ...dX], [...along.slice(0, n), ...ddX]);
    const left = pairing([...along.slice(n), ...Ybar].map(numbers), [...dY, ...ddY].map(numbers));
    const right = pairing([...dXbar, ...Xbar].map(numbers), [...dX, ...ddX].map(numbers));
    second = Math.max(second, apart(left, right));
  }
  if (off <= bounds.differences && second <= bounds.pairing) return { second };
  // Ones make numbers that can be read, where they show the fault at all.
  blame(c, ones);
  blame(c, (like) => noise(like, c.seed));
  throw new CheckError(
    `${c.where}, second order: the derivatives of all rules together are off by ` +
      `${Math.max(off, second).toExponential(1)}, those of each alone are not`,
  );
}

/** Judges the rules one by one, as functions of each tensor that they are made from. */
function blame(c: Case, fill: (like: Tensor) => Tensor): void {
  const where = `${c.where}, second order`;
  const remedy = (): string => "; rules are made of ops alone, and read no numbers from tensors";
  c.free.forEach((input) => {
    for (const o of c.floats) {
      const names = namesOf(c, input, o);
      const [Ybar, dX] = [fill(c.outputs[o] as Tensor), fill(input.x)];
      const [Xbar, dY] = [bar(input.name), `d${c.op.outputs[o]}`];
      // Output `o` by `input` when `by` has moved, and where.
      const moved = (by: Input, to: Tensor): [(x: Tensor) => Tensor, Tensor] => {
        const f = (x: Tensor): Tensor => c.run(new Map([[by, to]]).set(input, x))[o] as Tensor;
        return [f, by === input ? to : input.x];
      };
      const adjoint = (by: Input, to: Tensor, Ybar: Tensor): Tensor => {
        const [f, x] = moved(by, to);
        return vjp(f, x)[1](Ybar)[0];
      };
      const differential = (by: Input, to: Tensor, dX: Tensor): Tensor => {
        const [f, x] = moved(by, to);
        return jvp(f, [x], [dX])[1];
      };
      const check = (rule: string, part: Omit<Part, "where">): void => {
        const both = { forward: rule, backward: `${rule}, reversed,`, linear: false };
        judge({ where, ...part }, both, bounds, c.seed, remedy);
      };
      for (const by of c.free) {
        const to = { x: by.x, by: by.name };
        check(names.backward, { ...to, of: Xbar, f: (x) => adjoint(by, x, Ybar) });
        check(names.forward, { ...to, of: dY, f: (x) => differential(by, x, dX) });
      }
      const bars = { x: Ybar, by: bar(c.op.outputs[o]), of: Xbar };
      check(names.backward, { ...bars, f: (Ybar) => adjoint(input, input.x, Ybar) });
      const tangents = { x: dX, by: `d${input.name}`, of: dY };
      check(names.forward, { ...tangents, f: (dX) => differential(input, input.x, dX) });
    }
  });
}

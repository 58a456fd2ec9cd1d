import { jvp, type Tensor, vjp } from "../index.js";
import type { Case } from "./case.js";
import { apart, bar, distance, entry, numbers, pairing, worst } from "./compare.js";
import { namesOf } from "./first_order.js";
import { CheckError } from "./gradcheck.js";
import { named } from "./guard.js";
import { noise } from "./judge.js";
import { disagree } from "./part.js";

/** The bound of the check table. */
const bound = 1e-5;

/**
 * In float32, on whatever kernels the backend runs it: the values are those of float64, and
 * ⟨Ȳ, d(dX)⟩ = ⟨adj(Ȳ), dX⟩.
 */
export function checkFloat32(c: Case): { values32: number; pairing32: number } {
  const narrow = named(`${c.where}: in float32 it`, () => c.in("float32"));
  const wide = narrow.in("float64"); // of the same numbers
  const offs = narrow.outputs.map((y, o) =>
    same(`${c.where}: in float32 the op gives`, c.op.outputs[o], y, wide.outputs[o] as Tensor),
  );
  const values32 = Math.max(0, ...offs);
  // An op whose result is float64 in any case is not run in float32.
  if (narrow.floats.some((o) => narrow.outputs[o]?.dtype === "float64")) {
    return { values32, pairing32: 0 };
  }
  const [dX, Ybar] = directions(narrow);
  const x = narrow.free.map((input) => input.x);
  const f = (...x: Tensor[]): Tensor[] => narrow.runFree(x);
  const left = pairing(Ybar.map(numbers), jvp(f, x, dX)[1].map(numbers));
  const right = pairing(vjp(f, ...x)[1](Ybar).map(numbers), dX.map(numbers));
  const pairing32 = apart(left, right);
  if (pairing32 <= bound) return { values32, pairing32 };
  blame(narrow, wide);
  throw new CheckError(
    `${c.where}: in float32 ⟨Ȳ, d(dX)⟩ is ${left.value}, but ⟨adj(Ȳ), dX⟩ ${right.value} ` +
      `(off by ${pairing32.toExponential(1)}, allowed ${bound})`,
  );
}

/** The rules have been found right in float64: which is another in float32? */
function blame(narrow: Case, wide: Case): void {
  const [dX, Ybar] = directions(narrow);
  narrow.free.forEach((input, i) => {
    narrow.floats.forEach((o, j) => {
      const names = namesOf(narrow, input, o);
      const both = [narrow, wide].map((c) => {
        const own = c.inputs[narrow.inputs.indexOf(input)] as typeof input;
        const f = (x: Tensor): Tensor => c.run(new Map([[own, x]]))[o] as Tensor;
        const like = (given: Tensor | undefined): Tensor => (given as Tensor).cast(own.x.dtype);
        const [, dY] = jvp(f, [own.x], [like(dX[i])]);
        return { dY, Xbar: vjp(f, own.x)[1](like(Ybar[j]))[0] };
      }) as [Record<"dY" | "Xbar", Tensor>, Record<"dY" | "Xbar", Tensor>];
      const said = (rule: string): string => `${narrow.where}: in float32 ${rule} gives`;
      same(said(names.forward), `d${narrow.op.outputs[o]}`, both[0].dY, both[1].dY);
      same(said(names.backward), bar(input.name), both[0].Xbar, both[1].Xbar);
    });
  });
}

/** dX and Ȳ, at random. */
function directions(c: Case): [Tensor[], Tensor[]] {
  const dX = c.free.map(({ x }, i) => noise(x, c.seed + 17 * i));
  const Ybar = c.floats.map((o) => noise(c.outputs[o] as Tensor, c.seed + 500 + o));
  return [dX, Ybar];
}

function same(said: string, name: string, got: Tensor, want: Tensor): number {
  const [g, w] = [numbers(got), numbers(want)];
  const off = distance(g, w);
  if (off <= bound) return off;
  const at = worst(g, w);
  const [one, other] = [g[at] as number, w[at] as number];
  return disagree(`${said} ${entry(name, want.shape, at)}`, one, "in float64", other, bound);
}

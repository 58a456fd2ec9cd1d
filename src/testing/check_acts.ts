import { jacobian, random, type Tensor } from "../index.js";
import type { Case, Input } from "./case.js";
import { distance, entry, numbers, worst } from "./compare.js";
import { named } from "./guard.js";
import { disagree } from "./part.js";

/** How far an entry of a Jacobian from the structure may be from the same of a sweep. */
const bound = 1e-12;

/**
 * What an op says of how it acts on a linear map: the Jacobian that its structure gives is that of a
 * sweep, of the op by itself and behind maps of other kinds.
 */
export function checkActs(c: Case): { acts: number } {
  let most = 0;
  for (const input of c.free) {
    const name = input.name.replace(/\[.*/, "");
    if (c.op.acts?.[name] === undefined || input.x.rank > 2) continue;
    for (const o of c.floats) {
      for (const [what, before] of contexts(input, c.seed)) {
        const f = (x: Tensor): Tensor => c.run(new Map([[input, before(x)]]))[o] as Tensor;
        const { x } = input;
        const got = named(`${c.where}: acts.${name}, ${what}: it`, () => numbers(jacobian(f)(x)));
        const want = numbers(jacobian(f, { mode: "forward" })(x));
        const off = distance(got, want);
        most = Math.max(most, off);
        if (off <= bound) continue;
        const at = worst(got, want);
        const J = [...(c.outputs[o] as Tensor).shape, ...x.shape];
        const place = entry("the Jacobian", J, at);
        const said = `${c.where}: acts.${name}, ${what}: it makes ${place}`;
        disagree(said, got[at] as number, "the differential makes it", want[at] as number, bound);
      }
    }
  }
  return { acts: most };
}

/** What comes to the input: x itself, and x behind a map of each kind of term. */
function contexts({ x }: Input, seed: number): [what: string, before: (x: Tensor) => Tensor][] {
  const normal = (shape: readonly number[], k: number): Tensor =>
    random.normal(shape, { seed: seed + k, dtype: "float64" });
  const [m, n] = [x.shape[0] ?? 1, x.shape[1] ?? 1];
  const list: [string, (x: Tensor) => Tensor][] = [
    ["alone", (x) => x],
    ["behind D∘dX", (x) => normal(x.shape, 1).mul(x)],
    ["behind B·⟨A, dX⟩", (x) => normal(x.shape, 2).mul(normal(x.shape, 3).mul(x).sum())],
  ];
  if (x.rank === 1) list.push(["behind L·dx", (x) => normal([m, m], 4).matmul(x)]);
  if (x.rank === 2) {
    list.push([
      "behind L·dX·R",
      (x) =>
        normal([m, m], 4)
          .matmul(x)
          .matmul(normal([n, n], 5)),
    ]);
    list.push([
      "behind L·dXᵀ·R",
      (x) =>
        normal([m, n], 6)
          .matmul(x.T)
          .matmul(normal([m, n], 7)),
    ]);
  }
  return list;
}

import type { Tensor } from "../index.js";
import { epsilonOf, inner } from "./vector.js";

/**
 * A step `p` with `H p ≈ −g`, which leads down: conjugate gradients that stop at the residual
 * `enough · ‖g‖`, after `most` products with H, or where a direction `d` turns up with `⟨d, H d⟩ ≤ 0`
 * (Nocedal and Wright, Numerical Optimization, 2006, algorithm 7.1), which `bends` tells.
 */
export function truncatedCG(
  apply: (d: Tensor) => Tensor,
  g: Tensor,
  enough: number,
  most: number,
): { readonly p: Tensor; readonly bends: boolean } {
  const epsilon = epsilonOf(g);
  let p = g.mul(0);
  let r = g;
  let d = g.neg();
  let rr = inner(r, r);
  const wanted = enough * enough * rr;
  for (let i = 0; i < most && rr > wanted; i++) {
    const Hd = apply(d);
    const bend = inner(d, Hd);
    const flat = epsilon * Math.sqrt(inner(d, d) * inner(Hd, Hd));
    if (!(bend > flat)) return { p: i === 0 ? d : p, bends: true };
    const alpha = rr / bend;
    p = p.add(d.mul(alpha));
    r = r.add(Hd.mul(alpha));
    const next = inner(r, r);
    d = d.mul(next / rr).sub(r);
    rr = next;
  }
  return { p, bends: false };
}

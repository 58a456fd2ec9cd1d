import { grad, type Tensor } from "tracegrad";

/**
 * Minimizes f(x) + r(x) by proximal gradient descent with momentum (FISTA, Beck and Teboulle 2009):
 * gradient steps on the smooth f, each followed by `prox`, which solves the rest near where the step
 * led. Of a set that x must not leave, it is the projection. The momentum is dropped where it points
 * back (O'Donoghue and Candès 2015). At rest, where a step moves no entry by more than `tol`.
 */
export function proximalDescent(
  f: (x: Tensor) => Tensor,
  prox: (z: Tensor) => Tensor,
  start: Tensor,
  { rate, tol }: { readonly rate: number; readonly tol: number },
): { readonly x: Tensor; readonly steps: number } {
  const slope = grad(f);
  let x = start;
  let z = start;
  let momentum = 1;
  for (let steps = 1; steps <= 20_000; steps++) {
    const next = prox(z.sub(slope(z).mul(rate)));
    const back = z.sub(next);
    if (back.abs().max().item() <= tol) return { x: next, steps };
    const moved = next.sub(x);
    const lead = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
    const forward = back.dot(moved).item() <= 0;
    z = forward ? next.add(moved.mul((momentum - 1) / lead)) : next;
    momentum = forward ? lead : 1;
    x = next;
  }
  throw new Error("proximalDescent: not at rest after 20,000 steps");
}

import type { Tensor } from "./tensor.js";

/** What is said of some tensors where they are printed: a derivative's layout. */
const labels = new WeakMap<Tensor, string>();

/** The tensor, with something said of it. */
export function labelled(x: Tensor, label: string): Tensor {
  labels.set(x, label);
  return x;
}

export function labelOf(x: Tensor): string | undefined {
  return labels.get(x);
}

import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";

const trace: ReferenceKernel = ([X], [Y]) => {
  const { data: from, shape } = X as NDArray;
  const { data: to } = Y as NDArray;
  const { batch, n } = matrices(shape);
  for (let b = 0; b < batch; b++) {
    let s = 0;
    for (let i = 0; i < n; i++) s += from[b * n * n + i * (n + 1)] as number;
    to[b] = s;
  }
};

const diag: ReferenceKernel = ([x], [Y]) => {
  const { data: from } = x as NDArray;
  const { data: to, shape } = Y as NDArray;
  const { batch, n } = matrices(shape);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < n; i++) to[b * n * n + i * (n + 1)] = from[b * n + i] as number;
  }
};

const diagPart: ReferenceKernel = ([X], [y]) => {
  const { data: from, shape } = X as NDArray;
  const { data: to } = y as NDArray;
  const { batch, m, n } = matrices(shape);
  const k = Math.min(m, n);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < k; i++) to[b * k + i] = from[b * m * n + i * (n + 1)] as number;
  }
};

/** Keeps element (i, j) where `keep` says so of j − i and k. */
function triangle(keep: (offset: number, k: number) => boolean): ReferenceKernel {
  return ([X], [Y], { k }: { k: number }) => {
    const { data: from, shape } = X as NDArray;
    const { data: to } = Y as NDArray;
    const { batch, m, n } = matrices(shape);
    for (let at = 0, row = 0; row < batch * m; row++) {
      for (let j = 0; j < n; j++, at++) if (keep(j - (row % m), k)) to[at] = from[at] as number;
    }
  };
}

/** The kernels about diagonals. */
export const diagonal: Record<string, ReferenceKernel> = {
  trace,
  diag,
  diagPart,
  tril: triangle((offset, k) => offset <= k),
  triu: triangle((offset, k) => offset >= k),
};

import { SingularError } from "../../tensor/errors.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { decompose, nameOf } from "./lu.js";
import { qr } from "./qr.js";
import { type Judgement, requireRegularFactor } from "./regular.js";

/** Row by row, of the symmetric part of `A`; what lies above the diagonal stays 0. */
const cholesky: ReferenceKernel = ([A], [L]) => {
  const { data: a, shape } = A as NDArray;
  const { batch, n } = matrices(shape);
  const l = new Float64Array(n * n);
  for (let b = 0, at = 0; b < batch; b++, at += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let x = ((a[at + i * n + j] as number) + (a[at + j * n + i] as number)) / 2;
        for (let k = 0; k < j; k++) x -= (l[i * n + k] as number) * (l[j * n + k] as number);
        if (i === j && x <= 0) {
          throw new SingularError(
            `cholesky: ${nameOf("A", shape, b)} is not positive definite (pivot ${i + 1} is ${x}); ` +
              "where only rounding makes it so, add a small multiple of the identity",
          );
        }
        l[i * n + j] = i === j ? Math.sqrt(x) : x / (l[j * n + j] as number);
      }
    }
    (L as NDArray).data.set(l, at);
  }
};

const lu: ReferenceKernel = ([X], [P, L, U]) => {
  const { data, shape } = X as NDArray;
  const { batch, m, n } = matrices(shape);
  const k = Math.min(m, n);
  const p = (P as NDArray).data;
  const l = (L as NDArray).data;
  const u = (U as NDArray).data;
  for (let b = 0; b < batch; b++) {
    const { lu, rows } = decompose(data, b * m * n, n, m);
    for (let i = 0; i < m; i++) {
      p[(b * m + (rows[i] as number)) * m + i] = 1;
      for (let j = 0; j < n; j++) {
        const x = lu[i * n + j] as number;
        if (j < i) l[(b * m + i) * k + j] = x;
        else u[(b * k + i) * n + j] = x;
      }
      if (i < k) l[(b * m + i) * k + i] = 1;
    }
  }
};

const regular: ReferenceKernel = ([T, L], [Y], attrs: Judgement) => {
  const { data, shape } = T as NDArray;
  requireRegularFactor(data, L?.data, shape, attrs);
  (Y as NDArray).data.set(data);
};

/** The factorizations, by the name of their op. */
export const factor: Record<string, ReferenceKernel> = { cholesky, lu, qr, regular };

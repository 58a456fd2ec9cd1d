import { resolvePerm, swapLast } from "../../tensor/layout.js";
import { broadcastStrides } from "../../tensor/shape.js";
import type { NDArray, ReferenceKernel } from "./kernel.js";
import { gather, permute } from "./strided.js";

const t: ReferenceKernel = ([X], [Y]) => {
  const x = X as NDArray;
  permute(x, swapLast(x.shape.length), (Y as NDArray).data);
};

const transpose: ReferenceKernel = ([X], [Y], { perm }: { perm?: readonly number[] }) => {
  const x = X as NDArray;
  permute(x, resolvePerm("transpose", perm, x.shape.length), (Y as NDArray).data);
};

const broadcastTo: ReferenceKernel = ([X], [Y]) => {
  const { data, shape } = X as NDArray;
  const y = Y as NDArray;
  gather(data, y.data, y.shape, broadcastStrides(shape, y.shape));
};

/** The kernels that move elements without choosing among them. */
export const reshape: Record<string, ReferenceKernel> = {
  t,
  transpose,
  broadcastTo,
};

import { type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import { call, drop, type Info } from "./backend.js";
import { view } from "./broadcast.js";
import type { TfKernel } from "./kernel.js";

/**
 * Inner sizes above this are multiplied in pieces: the stock kernel adds up in one float32, whose
 * error grows with the number of terms (1e-5 of the result at 100,000).
 */
const PIECE = 4096;

/** Transposed operands come transposed: the stock kernel's flags are slow (docs/decisions/001). */
function multiply(a: Info, b: Info): Info {
  return call("BatchMatMul", { a, b }, { transposeA: false, transposeB: false });
}

function slice(x: Info, axis: number, begin: number, end: number): Info {
  const size = x.shape.map((n, i) => (i === axis ? end - begin : n));
  return call("Slice", { x }, { begin: size.map((_, i) => (i === axis ? begin : 0)), size });
}

function multiplyInPieces(a: Info, b: Info): Info {
  const inner = a.shape.at(-1) as number;
  if (inner <= PIECE) return multiply(a, b);
  let total: Info | null = null;
  for (let begin = 0; begin < inner; begin += PIECE) {
    const end = Math.min(begin + PIECE, inner);
    const left = slice(a, a.shape.length - 1, begin, end);
    const right = slice(b, b.shape.length - 2, begin, end);
    const part = multiply(left, right);
    drop(left);
    drop(right);
    if (total === null) {
      total = part;
    } else {
      const next = call("Add", { a: total, b: part });
      drop(total);
      drop(part);
      total = next;
    }
  }
  return total as Info;
}

/** `x` with its leading axes repeated to `lead`; the same value where they are so already. */
function repeat(x: Info, lead: Shape): Info {
  const own = x.shape.slice(0, -2);
  if (sameShape(own, lead)) return x;
  const full = [...lead.slice(own.length).map(() => 1), ...own, ...x.shape.slice(-2)];
  while (full.length < lead.length + 2) full.unshift(1);
  const reps = full.map((n, i) => (i < lead.length && n === 1 ? (lead[i] as number) : 1));
  return call("Tile", { x: view(x, full) }, { reps });
}

/** Runs `kernel` on both operands with their leading axes repeated to `lead`. */
function repeated(a: Info, b: Info, lead: Shape, kernel: (a: Info, b: Info) => Info): Info {
  const left = repeat(a, lead);
  const right = repeat(b, lead);
  const out = kernel(left, right);
  if (left !== a) drop(left);
  if (right !== b) drop(right);
  return out;
}

const matmul: TfKernel = ([A, B], _, [result]) => {
  const a = A as Info;
  const b = B as Info;
  const { shape } = result as { readonly shape: Shape };
  const [m, inner] = a.shape.slice(-2) as [number, number];
  // The stock kernel leaves its output unwritten when nothing is summed.
  if (inner === 0 || sizeOf(shape) === 0) {
    return [call("Fill", {}, { shape: [...shape], value: 0, dtype: "float32" })];
  }
  const lead = shape.slice(0, -2);
  const batchA = sizeOf(a.shape) / (m * inner);
  const batchB = sizeOf(b.shape.slice(0, -2));
  // One matrix on the right: all rows of the batch make one product, which has the fast path.
  if (batchB === 1) {
    return [multiplyInPieces(view(a, [batchA * m, inner]), view(b, b.shape.slice(-2)))];
  }
  if (batchA === 1) return [multiplyInPieces(view(a, [m, inner]), b)];
  // The stock kernel is wrong where both sides must be repeated.
  return [repeated(a, b, lead, multiplyInPieces)];
};

const outer: TfKernel = ([a, b]) => {
  const column = view(a as Info, [...(a as Info).shape, 1]);
  return [call("Multiply", { a: column, b: b as Info })];
};

const kron: TfKernel = ([a, b], _, [result]) => {
  const [m, n] = (a as Info).shape.slice(-2) as [number, number];
  const [p, q] = (b as Info).shape.slice(-2) as [number, number];
  const lead = (result as { readonly shape: Shape }).shape.slice(0, -2);
  const batch = sizeOf(lead);
  // One axis for the batch: the stock kernel takes six axes at most.
  const multiplied = (x: Info, y: Info): Info =>
    call("Multiply", { a: view(x, [batch, m, 1, n, 1]), b: view(y, [batch, 1, p, 1, q]) });
  return [repeated(a as Info, b as Info, lead, multiplied)];
};

/** The products that stock kernels can run, by the name of their op. */
export const product: Record<string, TfKernel> = { matmul, outer, kron };

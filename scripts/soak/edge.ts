import { check } from "../../examples/shared/print.js";
import { full, OutOfMemoryError, type Tensor, tensor, tidy } from "../../src/index.js";
import { memory } from "../../src/kernels/memory.js";

const MB = 2 ** 20;

/** Fills the heap with tensors of so many bytes in one scope, until no more fit: how many did? */
function fillUp(bytes: number): { held: number; error: unknown } {
  const one = tensor([1]);
  const wanted = [bytes / 4];
  let held = 0;
  let error: unknown = null;
  try {
    tidy(() => {
      const all: Tensor[] = [];
      for (;;) {
        all.push(one.broadcastTo(wanted));
        held += bytes;
      }
    });
  } catch (caught) {
    error = caught;
  }
  return { held, error };
}

/**
 * At the 4 GB that WebAssembly can address: what does not fit is refused by name, all works as
 * before, and what was taken can be taken again, in pieces of another size too.
 */
export function visitEdge(): void {
  const A = tensor([
    [1, 2],
    [3, 4],
  ]);
  const before = memory().used;
  for (const bytes of [64 * MB, 64 * MB, 3 * MB, MB / 32, 64 * MB, 512 * MB]) {
    const { held, error } = fillUp(bytes);
    const size = bytes >= MB ? `${bytes / MB} MB` : `${bytes / 1024} kB`;
    console.log(`${(held / MB).toFixed(0)} MB fit in pieces of ${size}`);
    check("more than 3 GB", held > 3072 * MB);
    const named =
      error instanceof OutOfMemoryError && /^broadcastTo: out of mem/.test(error.message);
    check("OutOfMemoryError names the op", named);
    check("a product is right", String(A.matmul(A).toArray()) === "7,10,15,22");
    check("all is given back", memory().used <= before + MB);
  }
  console.log("6.4 GB outside every scope, where the oldest values make room");
  const kept = Array.from({ length: 100 }, (_, i) => full([16 * MB], i).add(1));
  check(
    "all are there",
    kept.every((x, i) => x.slice([5], [1]).item() === i + 1),
  );
}

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
 * Values that nobody holds any more go, large ones too. At the 4 GB that WebAssembly can address,
 * what does not fit is refused by name, all works as before, and what was taken can be taken again,
 * in pieces of another size too.
 */
export function visitEdge(): void {
  const A = tensor([
    [1, 2],
    [3, 4],
  ]);
  console.log("60 values of 64 MB, each made of the one before, outside every scope");
  let x = tensor([0]).broadcastTo([16 * MB]);
  for (let i = 0; i < 60; i++) x = x.add(1);
  check("the last is right", x.max().item() === 60);
  check("the others were collected", process.memoryUsage().arrayBuffers < 1024 * MB);

  const kept = Array.from({ length: 4 }, (_, i) => full([4 * MB], i).add(1)); // cached on the heap
  for (const bytes of [64 * MB, 64 * MB, 3 * MB, MB / 32, 64 * MB, 512 * MB]) {
    const { held, error } = fillUp(bytes);
    const size = bytes >= MB ? `${bytes / MB} MB` : `${bytes / 1024} kB`;
    console.log(`${(held / MB).toFixed(0)} MB fit in pieces of ${size}`);
    check("more than 2.5 GB", held > 2560 * MB);
    const named =
      error instanceof OutOfMemoryError && /^broadcastTo: out of mem/.test(error.message);
    check("OutOfMemoryError names the op", named);
    check("a product is right", String(A.matmul(A).toArray()) === "7,10,15,22");
    const unchanged = kept.every((x, i) => x.data()[7] === i + 1);
    check("values outside made room and are unchanged", unchanged);
    check("all is given back", memory().used === memory().cached);
  }
}

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { full, init } from "../../src/index.js";
import { load, save } from "../../src/io/index.js";

// Saves a value over and over, each time with the next number in it, until it is killed. It starts when
// a line comes, goes on from the number in the file, and says when it begins a save and when one is done.

/** About 4 MB, so that most of the time is spent inside a save. */
export interface Numbered {
  readonly n: number;
  readonly params: readonly { readonly W: ReturnType<typeof full> }[];
  readonly history: readonly number[];
}

const path = process.argv[2] as string;
await init({ backend: "reference" });
writeSync(1, "ready\n");
for await (const _ of createInterface({ input: process.stdin })) break;
let { n } = await load<Numbered>(path);
for (;;) {
  n++;
  const params = [50_000, 400_000].map((size) => ({ W: full([size], n, { dtype: "float64" }) }));
  writeSync(1, `begins ${n}\n`);
  await save(path, { n, params, history: new Array<number>(1000).fill(n) });
  writeSync(1, `saved ${n}\n`);
}

/**
 * Runs every op on its samples on one backend, in a program of its own, and prints the results.
 * `wasm`, `reference`, or `tfjs`: the stock kernels of tfjs's WASM backend.
 */
import { applyAll, init, leaves, ops, rebuild } from "../../src/index.js";
import { hasRelaxedSimd } from "../../src/kernels/wasm/native.js";
import { restartSamples } from "../../src/ops/samples.js";

type Elements = readonly (number | string)[];

/** By op and float dtype, the elements of each output of each sample. */
export interface Results {
  readonly relaxed: boolean;
  readonly outputs: Readonly<Record<string, Readonly<Record<"float64" | "float32", Elements[]>>>>;
}

const [, , backend = "wasm"] = process.argv;
if (backend === "tfjs") {
  const tf = await import("@tensorflow/tfjs-core");
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
}
await init({ backend: backend as "wasm" | "reference" | "tfjs" });

const dtypes = ["float64", "float32"] as const;
const outputs: Record<string, Results["outputs"][string]> = {};
for (const { op } of ops) {
  restartSamples();
  const lists = { float64: [] as Elements[], float32: [] as Elements[] };
  for (const { inputs, attrs, error } of op.samples()) {
    if (error !== undefined) continue;
    for (const dtype of dtypes) {
      const cast = leaves(inputs).map((x) => (x.dtype.startsWith("float") ? x.cast(dtype) : x));
      const results = leaves(applyAll(op, rebuild(inputs, cast), attrs));
      for (const y of results) lists[dtype].push([...y.data()]);
    }
  }
  outputs[op.name] = lists;
}
const exact = (_: string, x: unknown): unknown =>
  typeof x === "number" && !Number.isFinite(x) ? String(x) : x;
console.log(JSON.stringify({ relaxed: hasRelaxedSimd(), outputs }, exact));

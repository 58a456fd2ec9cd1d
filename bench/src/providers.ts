import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { run } from "../../dist/core/apply.js";
import { init, type Tensor, tensor } from "../../dist/index.js";
import { referenceKernels } from "../../dist/kernels/reference/index.js";
import { drop, upload } from "../../dist/kernels/tfjs/backend.js";
import { tfKernels } from "../../dist/kernels/tfjs/index.js";
import { allocate, heap, release } from "../../dist/kernels/wasm/heap.js";
import { wasmKernels } from "../../dist/kernels/wasm/index.js";
import { ops } from "../../dist/ops/table.js";
import { allocate as array, bytesOf } from "../../dist/tensor/dtype.js";
import { sizeOf } from "../../dist/tensor/shape.js";
import { Storage } from "../../dist/tensor/storage.js";
import { Tensor as Value } from "../../dist/tensor/tensor.js";
import { Random } from "./random.js";
import { summary } from "./statistics.js";

// How many times as fast our WASM kernels are as the stock ones and as the reference, in float32, op
// by op: `npm run bench:providers` writes bench/providers.json, from which docs/ops.md has its
// figures. Kernels are called as they are, each with making and giving back the room for its result.

/** A turn fills this many nanoseconds of the processor. */
const TURN = 5e6;
const ROUNDS = 15;

/** What is calculated: on n x n matrices, or on {@link many} numbers. */
interface Task {
  readonly shapes: readonly (readonly number[])[];
  readonly attrs?: object;
}

/** Ops that need more said than that their operands are {@link many} numbers each. */
const tasks: Readonly<Record<string, (n: number) => Task>> = {
  broadcastTo: (n) => ({ shapes: [[n]], attrs: { shape: [n, n] } }),
  cast: (n) => ({ shapes: [many(n)], attrs: { dtype: "int32" } }),
  kron: (n) => ({
    shapes: [
      [n / 2, n / 2],
      [2, 2],
    ],
  }),
  leakyRelu: (n) => ({ shapes: [many(n)], attrs: { slope: 0.01 } }),
  logSoftmax: (n) => ({ shapes: [[n, n]], attrs: { axis: 1 } }),
  matmul: (n) => ({
    shapes: [
      [n, n],
      [n, n],
    ],
  }),
  outer: (n) => ({ shapes: [[n], [n]] }),
  softmax: (n) => ({ shapes: [[n, n]], attrs: { axis: 1 } }),
  t: (n) => ({ shapes: [[n, n]] }),
  transpose: (n) => ({ shapes: [[n, n]], attrs: {} }),
};
for (const name of ["sum", "mean", "prod", "max", "min", "logsumexp"]) {
  Object.assign(tasks, { [name]: (n: number) => ({ shapes: [many(n)], attrs: {} }) });
}

/** 16 numbers beside matrices of 4 x 4, and a million beside those of 512 x 512. */
function many(n: number): number[] {
  return [n === 4 ? 16 : 1_000_000];
}

type Provider = "wasm" | "stock" | "reference";

await init();
const compared = ops.filter(({ op }) => op.name in wasmKernels && op.name in tfKernels);
const ratios: Record<string, Record<string, object>> = {};
for (const { op } of compared) {
  const measured = { small: measure(op, 4), large: measure(op, 512) };
  ratios[op.name] = measured;
  console.log(op.name.padEnd(14), JSON.stringify(measured));
}
const machine = { cpu: cpus()[0]?.model, node: process.version };
const content = `${JSON.stringify({ machine, ratios }, null, 2)}\n`;
writeFileSync(new URL("../providers.json", import.meta.url), content);

/** How many times as fast our kernel is as the others. */
function measure(op: (typeof ops)[number]["op"], n: number) {
  const task = tasks[op.name]?.(n) ?? { shapes: op.inputs.map(() => many(n)) };
  const random = new Random(7);
  const inputs = task.shapes.map((shape, i) => {
    const { data } = random.between(0.1, 0.9, shape);
    // A mask has no float numbers.
    return op.selects[i]
      ? tensor(Array.from(data, (x) => x > 0.5)).reshape([...shape])
      : tensor(data, { shape });
  });
  const outputs = run(op, inputs, task.attrs);
  const calls = callsOf(op.name, inputs, outputs, task.attrs);
  const providers = Object.keys(calls) as Provider[];
  const times: Record<Provider, number[]> = { wasm: [], stock: [], reference: [] };
  const repeats = { wasm: 1, stock: 1, reference: 1 };
  for (const provider of providers) {
    for (let spent = 0; spent < 20 * TURN; ) {
      const took = Math.max(1, time(calls[provider], repeats[provider]));
      spent += took;
      const fitting = Math.round((TURN / took) * repeats[provider]);
      repeats[provider] = Math.max(1, Math.min(4 * repeats[provider], fitting));
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const provider of round % 2 === 0 ? providers : providers.toReversed()) {
      times[provider].push(time(calls[provider], repeats[provider]) / repeats[provider]);
    }
  }
  const by = (provider: Provider): number => {
    const { median } = summary(times[provider].map((t, i) => t / (times.wasm[i] as number)));
    return Number(median.toPrecision(2));
  };
  return { stock: by("stock"), reference: by("reference") };
}

/** Nanoseconds of the processor that so many calls take. */
function time(call: () => void, repeats: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) call();
  const { user, system } = process.cpuUsage(start);
  return 1000 * (user + system);
}

/** The op as each provider runs it, on inputs that lie where it wants them. */
function callsOf(
  name: string,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: unknown,
): Record<Provider, () => void> {
  const wasm = wasmKernels[name] as (typeof wasmKernels)[string];
  const stock = tfKernels[name] as (typeof tfKernels)[string];
  const reference = referenceKernels[name] as (typeof referenceKernels)[string];
  const onHeap = inputs.map((x) => {
    const y = blank(x);
    const { at } = y.source as Storage;
    heap.uint8().set(new Uint8Array(x.data().buffer), at);
    return y;
  });
  const infos = inputs.map((x) => ({
    dataId: upload(x.dtype, x.data()),
    shape: [...x.shape],
    dtype: x.dtype as "float32",
  }));
  const arrays = inputs.map((x) => ({ shape: x.shape, data: x.data() }));
  return {
    wasm: () => {
      const results = outputs.map(blank);
      wasm(onHeap, results, attrs as never);
      for (const y of results) release((y.source as Storage).at, (y.source as Storage).bytes);
    },
    stock: () => {
      for (const info of stock(infos, attrs as never, outputs)) drop(info);
    },
    reference: () => {
      const results = outputs.map(({ shape, dtype }) => ({
        shape,
        data: array(dtype, sizeOf(shape)),
      }));
      reference(arrays, results, attrs as never);
    },
  };
}

/** A tensor like another on the heap, for a kernel to fill. */
function blank({ shape, dtype }: Tensor): Value {
  const storage = new Storage(dtype, sizeOf(shape), null);
  storage.at = allocate(bytesOf(dtype, storage.length));
  return new Value(shape, dtype, storage);
}

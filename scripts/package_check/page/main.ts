/**
 * A page that a bundler makes of the installed package: it trains a small model, calculates in float64,
 * here and in a worker, and writes what came out into the document, for the check to read.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tracegrad from "tracegrad";
import { concat, det, eye, init, inv, linspace, ones, type Tensor, tensor, zeros } from "tracegrad";
import * as data from "tracegrad/data";
import * as derive from "tracegrad/derive";
import * as io from "tracegrad/io";
import * as nn from "tracegrad/nn";
import { accuracy, crossEntropy, fit, mlp } from "tracegrad/nn";
import * as optim from "tracegrad/optim";
import { adam } from "tracegrad/optim";
import * as plot from "tracegrad/plot";
import * as testing from "tracegrad/testing";

/** What the page says, as JSON, in its element "result". */
export interface PageResult {
  readonly error?: string;
  /** Mean loss of the first and of the last epoch, and accuracy, on two spirals. */
  readonly loss: readonly [number, number];
  readonly accuracy: number;
  /** Of the Hilbert matrix of order 5, in float64. */
  readonly det: number;
  /** How far X·X⁻¹ is from I. */
  readonly inverse: number;
  /** Whether the page may share memory with threads, and whether tfjs does: then our kernels could not. */
  readonly isolated: boolean;
  readonly threads: boolean;
  /** What the worker says. */
  readonly worker: string;
  /** What the entries of the package export. */
  readonly exports: Readonly<Record<string, readonly string[]>>;
}

/** What is used of a browser, whose types the rest of the project does without. */
declare const crossOriginIsolated: boolean;
declare const document: { getElementById(id: string): { textContent: string } | null };
declare const Worker: new (
  url: URL,
  options: { readonly type: "module" },
) => { onmessage: (event: { readonly data: string }) => void; onerror: (event: unknown) => void };

const entries = {
  ".": tracegrad,
  "./data": data,
  "./derive": derive,
  "./io": io,
  "./nn": nn,
  "./optim": optim,
  "./plot": plot,
  "./testing": testing,
};

/** Points on two arms that turn around each other, and the number of the arm. */
function spirals(n: number): { x: Tensor; y: Tensor } {
  const angle = linspace(0.5, 7, n);
  const arm = tracegrad.stack([angle.cos().mul(angle), angle.sin().mul(angle)], { axis: 1 }).div(7);
  return { x: concat([arm, arm.neg()]), y: concat([zeros([n]), ones([n])]).cast("int32") };
}

async function train(): Promise<Pick<PageResult, "loss" | "accuracy">> {
  const model = mlp([2, 32, 32, 2]);
  const points = spirals(100);
  const optimizer = adam({ learningRate: 0.01 });
  const options = { loss: crossEntropy, optimizer, epochs: 200, batchSize: 20, seed: 1 };
  const { params, history } = await fit(model, points, options);
  const [first = Number.NaN] = history.loss;
  const share = accuracy(model.apply(params, points.x), points.y).item();
  return { loss: [first, history.loss.at(-1) ?? Number.NaN], accuracy: share };
}

function calculate(): Pick<PageResult, "det" | "inverse"> {
  const rows = [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => 1 / (i + j + 1)));
  const X = tensor(rows, { dtype: "float64" });
  const off = X.matmul(inv(X)).sub(eye(5, { dtype: "float64" }));
  return { det: det(X).item(), inverse: off.abs().max().item() };
}

function ask(): Promise<string> {
  return new Promise((answer, fail) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => answer(data);
    worker.onerror = () => fail(new Error("the worker did not start"));
  });
}

/** tfjs's, which the package has started. */
interface Backend {
  readonly wasm: { readonly asm: { readonly memory: { readonly buffer: unknown } } };
}

async function run(): Promise<PageResult> {
  await init();
  const names = Object.entries(entries).map(([name, entry]) => [name, Object.keys(entry).sort()]);
  const exports = Object.fromEntries(names);
  const { buffer } = (tf.backend() as unknown as Backend).wasm.asm.memory;
  const shared = { isolated: crossOriginIsolated, threads: !(buffer instanceof ArrayBuffer) };
  return { ...(await train()), ...calculate(), ...shared, worker: await ask(), exports };
}

const result = await run().catch((error: unknown) => ({ error: String(error) }));
const element = document.getElementById("result");
if (element !== null) element.textContent = JSON.stringify(result);

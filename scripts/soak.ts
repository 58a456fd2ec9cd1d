/**
 * A million steps of mixed work without await, dispose or tidy (`npm run soak -- --steps N` for
 * another number), and then the end of the heap. Prints what memory is in use on the way, and exits
 * with 1 when it grows or something goes wrong.
 */
import { parseArgs } from "node:util";
import { check, heading, printTable } from "../examples/shared/print.js";
import { init } from "../src/index.js";
import { memory } from "../src/kernels/memory.js";
import { visitEdge } from "./soak/edge.js";
import { startProgress } from "./soak/progress.js";
import { startWork } from "./soak/work.js";

/** How much more the process may hold at any later time than after the first tenth of the steps. */
const BOUND_MB = 64;
const SAMPLES = 200;
/** One line of the table for so many samples. */
const LINE = 10;

const { values } = parseArgs({ options: { steps: { type: "string", default: "1000000" } } });
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < SAMPLES) {
  throw new Error(`soak: --steps is ${values.steps}; a whole number from ${SAMPLES} on was wanted`);
}

const mb = (bytes: number): number => bytes / 2 ** 20;
const text = (n: number): string => n.toFixed(1);

/** Megabytes of the process in memory, after so many steps. */
const resident: { readonly done: number; readonly rss: number }[] = [];
const rows: string[][] = [];

function sample(done: number, microseconds: number): void {
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const { used, cached, blocks } = memory();
  resident.push({ done, rss: mb(rss) });
  if (resident.length % LINE !== 0) return;
  rows.push([
    done.toLocaleString("en"),
    ...[rss, heapUsed, arrayBuffers, used, cached].map((bytes) => text(mb(bytes))),
    String(blocks),
    text(microseconds),
  ]);
}

await init();
const work = startWork();
const bar = startProgress("soak", SAMPLES);
let i = 0;
let start = performance.now();
try {
  for (let done = 1; done <= SAMPLES; done++) {
    const first = i;
    for (const end = Math.round((steps * done) / SAMPLES); i < end; i++) work(i);
    sample(i, (1000 * (performance.now() - start)) / (i - first));
    start = performance.now();
    bar.advance(`${resident.at(-1)?.rss.toFixed(0)} MB`);
  }
} catch (error) {
  console.error(`step ${i}:`, error);
}
bar.end();

heading(`${steps.toLocaleString("en")} steps, megabytes`);
printTable(
  ["steps", "resident", "JS heap", "JS arrays", "backend", "cached", "pieces", "µs a step"],
  rows,
);
const early = Math.max(...resident.filter(({ done }) => done <= steps / 10).map(({ rss }) => rss));
const late = Math.max(...resident.filter(({ done }) => done > steps / 10).map(({ rss }) => rss));
const grown = late - early;
console.log(
  `\nat most ${text(early)} MB in the first tenth, ${text(late)} MB after it: ${text(grown)} more`,
);
check("every step went well", i === steps);
check(`resident memory grows by less than ${BOUND_MB} MB after the first tenth`, grown < BOUND_MB);

heading("the end of the heap");
try {
  visitEdge();
} catch (error) {
  console.error(error);
  check("it went well", false);
}

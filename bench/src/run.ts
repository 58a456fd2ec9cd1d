import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { requireAgreement } from "./agree.js";
import { interleave } from "./interleave.js";
import { type Entry, Player } from "./player.js";
import { type Bounded, missed, type Outcome, report } from "./report.js";
import { type Workload, workloads } from "./workloads.js";

/** Who takes part; all are compared with the first. */
const PEERS: readonly Entry[] = [
  { name: "tracegrad", file: "tracegrad" },
  { name: "tracegrad-float32", file: "tracegrad_float32" },
  { name: "tracegrad-float64", file: "tracegrad_float64" },
  { name: "tracegrad-gradient", file: "tracegrad_gradient" },
  { name: "tfjs", file: "tfjs" },
  // Its float64 logarithm is that of a float32, off by some 1e-8.
  { name: "jax-js", file: "jax_js", exact: 1e-7 },
  { name: "jax-js-eager", file: "jax_js_eager", exact: 1e-7 },
  { name: "pytorch", script: "pytorch.py", module: "torch" },
  { name: "pytorch-func", script: "pytorch_func.py", module: "torch" },
  { name: "pytorch-vectorized", script: "pytorch_vectorized.py", module: "torch" },
  { name: "jax", script: "jax_cpu.py", module: "jax" },
];

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "6" }, processor: { type: "boolean" } },
});

const clock = options.processor ? "processor" : "wall";
const load = loadavg()[0] as number;
if (load > 0.5) console.log(`The machine is busy (load ${load.toFixed(1)}): see bench/README.md.`);

const known = new Map<Player, string[]>();
for (const entry of PEERS) {
  const player = Player.enter(entry, clock);
  if (player) known.set(player, await player.start());
  else console.log(`${entry.name} is left out: no python3 here has it`);
}
const outcomes: Outcome[] = [];
const bounded: Bounded[] = [];
const failures: string[] = [];
for (const [name, workload] of Object.entries<Workload>(workloads)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  console.log(`${workload.title} …`);
  const players = [...known.keys()].filter((player) => known.get(player)?.includes(name));
  try {
    await measure(name, workload, players);
  } catch (error) {
    failures.push(`FAILED ${workload.title}: ${error}`);
  }
}
for (const player of known.keys()) player.stop();

console.log(`\n${report(outcomes, bounded)}\n`);
failures.push(...missed(outcomes, bounded));
for (const failure of failures) console.log(failure);
const machine = { cpu: cpus()[0]?.model, node: process.version, load, clock };
const content = { date: new Date().toISOString(), machine, outcomes, bounded, failures };
writeFileSync(new URL("./latest.json", import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
if (failures.length > 0) process.exitCode = 1;

async function measure(
  name: string,
  { title, bars, limit, steps, ...workload }: Workload,
  players: readonly Player[],
): Promise<void> {
  const inputs = workload.inputs();
  for (const player of players) await player.open(name, inputs);
  await requireAgreement(players, inputs, steps);
  const [own, ...others] = await interleave(players, Number(options.seconds));
  if (own === undefined) return;
  if (limit !== undefined) {
    const passed = own.step.median <= 1000 * limit;
    bounded.push({ workload: title, own: own.step, limit: 1000 * limit, passed });
  }
  others.forEach(({ step, ratio, rounds }, i) => {
    const peer = (players[i + 1] as Player).name;
    const bar = bars[peer] ?? null;
    const passed = bar === null || ratio.median >= bar;
    const times = { own: own.step, other: step, ratio, rounds };
    outcomes.push({ workload: title, peer, ...times, bar, passed });
  });
}

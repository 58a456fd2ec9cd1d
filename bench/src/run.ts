import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { requireAgreement } from "./agree.js";
import { interleave } from "./interleave.js";
import { Player } from "./player.js";
import { type Outcome, report } from "./report.js";
import { type Workload, workloads } from "./workloads.js";

/** Who takes part, by the name of a file under `peers/`; all are compared with the first. */
const PEERS = ["tracegrad", "tfjs"];

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "6" } },
});

const load = loadavg()[0] as number;
if (load > 0.5) console.log(`The machine is busy (load ${load.toFixed(1)}): see bench/README.md.`);

const known = new Map<Player, string[]>();
for (const name of PEERS) {
  const player = new Player(name);
  known.set(player, await player.start());
}
const outcomes: Outcome[] = [];
for (const [name, workload] of Object.entries<Workload>(workloads)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  console.log(`${workload.title} …`);
  const players = [...known.keys()].filter((player) => known.get(player)?.includes(name));
  outcomes.push(...(await measure(name, workload, players)));
}
for (const player of known.keys()) player.stop();

console.log(`\n${report(outcomes)}`);
const machine = { cpu: cpus()[0]?.model, node: process.version, load };
const content = { date: new Date().toISOString(), machine, outcomes };
writeFileSync(new URL("./latest.json", import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
if (outcomes.some(({ passed }) => !passed)) process.exitCode = 1;

async function measure(
  name: string,
  { title, bars, steps, ...workload }: Workload,
  players: readonly Player[],
): Promise<Outcome[]> {
  const inputs = workload.inputs();
  for (const player of players) await player.open(name, inputs);
  await requireAgreement(players, inputs, steps);
  const { rounds, timings } = await interleave(players, Number(options.seconds));
  const [own, ...others] = timings;
  if (own === undefined) return [];
  return others.map(({ step, ratio }, i) => {
    const peer = (players[i + 1] as Player).name;
    const bar = bars[peer] ?? null;
    const passed = bar === null || ratio.median >= bar;
    return { workload: title, peer, own: own.step, other: step, ratio, rounds, bar, passed };
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { load, save } from "../../src/io/index.js";
import { temporaryFolder } from "./files.js";
import type { Numbered } from "./saver.js";

// A process that saves all the time is killed again and again, in turn at a random moment and as soon
// as a file is seen beside the old one; more often with
// CRASHES=100 npx vitest run test/io/crash.test.ts

const { CRASHES = "10" } = process.env;
const rounds = Number(CRASHES);
const folder = temporaryFolder();
const path = join(folder, "model.safetensors");

/** What a save that was killed, or goes on, has left beside the file. */
const beside = (): string[] => readdirSync(folder).filter((name) => name !== "model.safetensors");

/** A process that saves, and what it has said so far. */
class Saver {
  said = "";
  private readonly child: ChildProcess;

  constructor() {
    const args = ["--import", "tsx", "test/io/saver.ts", path];
    this.child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdout?.on("data", (data) => {
      this.said += data;
    });
  }

  async until(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.said}`);
      await setTimeout(2);
    }
  }

  start(): void {
    this.child.stdin?.write("\n");
  }

  /** When it is dead all that it said has been read. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }

  last(what: "begins" | "saved"): number {
    return Number([...this.said.matchAll(new RegExp(`^${what} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  }
}

/** The number in the file, all of which must be of one save. */
async function numberIn(): Promise<number> {
  const { n, params, history } = await load<Numbered>(path);
  const sizes = params.map(({ W }) => W.size);
  expect(sizes).toEqual([50_000, 400_000]);
  expect(params.every(({ W }) => W.data().every((x) => x === n))).toBe(true);
  expect(history).toEqual(new Array(1000).fill(n));
  return n;
}

describe("a process that is killed while it saves", () => {
  const savers: Saver[] = [];
  afterAll(async () => {
    await Promise.all(savers.map((saver) => saver.kill()));
  });

  it("leaves the old file or the new one, whole", { timeout: 30_000 * (rounds + 2) }, async () => {
    await save(path, { n: 0, params: [], history: [] });
    // How fast a machine saves decides how many kills fall into a save; it takes as many as give a fifth.
    const enough = Math.ceil(rounds / 5);
    let inside = 0;
    let random = 1;
    savers.push(new Saver());
    for (let round = 0; round < rounds || (inside < enough && round < 3 * rounds); round++) {
      const saver = savers[round] as Saver;
      await saver.until("ready");
      // The next one starts while this one works.
      savers.push(new Saver());
      saver.start();
      await saver.until("saved");
      random = (random * 48271) % (2 ** 31 - 1);
      if (round % 2 === 0) await setTimeout((random / 2 ** 31) * 100);
      else {
        // Without a turn of the event loop, in which the save could end.
        const until = Date.now() + 10_000;
        while (beside().length === 0 && Date.now() < until);
      }
      await saver.kill();
      const n = await numberIn();
      expect(n).toBeGreaterThanOrEqual(saver.last("saved"));
      expect(n).toBeLessThanOrEqual(saver.last("begins"));
      // What is left beside it shows that it was killed in the midst of a save.
      for (const name of beside()) {
        expect(name).toMatch(/^\.model\.safetensors\.[-\da-f]{36}\.tmp$/);
        rmSync(join(folder, name));
        inside++;
      }
    }
    expect(inside).toBeGreaterThanOrEqual(enough);
  });
});

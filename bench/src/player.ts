import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Inputs, Results } from "./side.js";

export type Question =
  | { readonly ask: "start" }
  | { readonly ask: "open"; readonly workload: string; readonly inputs: Inputs }
  | { readonly ask: "time"; readonly repeats: number }
  | { readonly ask: "results" };

/**
 * A peer in a process of its own: copies of tfjs in one process share their engine, and garbage and
 * memory of one peer would be felt by the others.
 */
export class Player {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;

  constructor(readonly name: string) {
    this.#process = fork(new URL("./host.js", import.meta.url), [name], {
      execArgv: ["--expose-gc"],
      serialization: "advanced",
    });
    this.#ended = once(this.#process, "exit").then(() => [{ error: "its process ended" }]);
  }

  /** Gives the names of the workloads that it has a side of. */
  start(): Promise<string[]> {
    return this.#ask({ ask: "start" });
  }

  open(workload: string, inputs: Inputs): Promise<void> {
    return this.#ask({ ask: "open", workload, inputs });
  }

  /** Nanoseconds that so many steps took. */
  time(repeats: number): Promise<number> {
    return this.#ask({ ask: "time", repeats });
  }

  results(): Promise<Results> {
    return this.#ask({ ask: "results" });
  }

  stop(): void {
    this.#process.disconnect();
  }

  async #ask<T>(question: Question): Promise<T> {
    this.#process.send(question);
    const [reply] = await Promise.race([once(this.#process, "message"), this.#ended]);
    const { answer, error } = reply as { answer: T; error?: string };
    if (error !== undefined) throw new Error(`${this.name}: ${error}`);
    return answer;
  }
}

import { type Line, nodeLine, pythonLine, pythonWith } from "./line.js";
import type { Inputs, Results } from "./side.js";

/** What is counted: the time on the clock, or the processor's, on all threads of a process. */
export type Clock = "wall" | "processor";

export type Question =
  | { readonly ask: "start" }
  | { readonly ask: "open"; readonly workload: string; readonly inputs: Inputs }
  | { readonly ask: "time"; readonly repeats: number; readonly clock: Clock }
  | { readonly ask: "results" };

/** Where a peer is found: a file of `src/peers`, or a script of `bench/peers` and what it imports. */
export type Entry = {
  readonly name: string;
  /** How exact its float64 results are; 1e-10 unless given. */
  readonly exact?: number;
} & ({ readonly file: string } | { readonly script: string; readonly module: string });

/**
 * A peer in a process of its own: copies of tfjs in one process share their engine, and garbage and
 * memory of one peer would be felt by the others.
 */
export class Player {
  private constructor(
    readonly name: string,
    readonly exact: number,
    readonly clock: Clock,
    readonly line: Line,
  ) {}

  /** Gives null where the machine has no such peer. */
  static enter(entry: Entry, clock: Clock): Player | null {
    const { name, exact = 1e-10 } = entry;
    if ("file" in entry) return new Player(name, exact, clock, nodeLine(entry.file));
    const python = pythonWith(entry.module);
    return python === undefined
      ? null
      : new Player(name, exact, clock, pythonLine(python, entry.script));
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
    return this.#ask({ ask: "time", repeats, clock: this.clock });
  }

  results(): Promise<Results> {
    return this.#ask({ ask: "results" });
  }

  stop(): void {
    this.line.close();
  }

  async #ask<T>(question: Question): Promise<T> {
    const { answer, error } = await this.line.ask(question);
    if (error !== undefined) throw new Error(`${this.name}: ${error}`);
    return answer as T;
  }
}

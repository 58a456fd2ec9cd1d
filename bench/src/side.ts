export type Numbers = Float32Array | Float64Array;

/** An array of a shape, row by row, float32 or float64: how data comes to every peer. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

export type Inputs<K extends string = string> = Readonly<Record<K, Values>>;
export type Results = Readonly<Record<string, Numbers>>;

/** A workload as one peer does it, its inputs loaded. */
export interface Side {
  /** What is timed; some steps, such as a whole epoch, give a Promise. */
  step(): void | Promise<void>;
  /** What the steps so far have led to. */
  results(): Results;
  /** Gives back what the side holds. */
  close?(): void;
}

/** Who is compared: how it starts, and its sides of workloads by their names. */
export interface Peer {
  /** Starts it on one thread, or throws what stands against that. */
  start(): Promise<void>;
  readonly sides: Readonly<Record<string, ((inputs: never) => Side) | undefined>>;
}

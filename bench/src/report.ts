import type { Summary } from "./statistics.js";

/** The outcome of one workload against one peer. */
export interface Outcome {
  readonly workload: string;
  readonly peer: string;
  /** Microseconds a step. */
  readonly own: Summary;
  readonly other: Summary;
  /** How many times as fast as the peer tracegrad is. */
  readonly ratio: Summary;
  readonly rounds: number;
  readonly bar: number | null;
  readonly passed: boolean;
}

/** A workload that has only so much time. */
export interface Bounded {
  readonly workload: string;
  /** Microseconds a step. */
  readonly own: Summary;
  readonly limit: number;
  readonly passed: boolean;
}

/** A table for each peer, and one of the workloads that have only so much time. */
export function report(outcomes: readonly Outcome[], bounded: readonly Bounded[]): string {
  const peers = [...new Set(outcomes.map(({ peer }) => peer))];
  const tables = peers.map((peer) =>
    table([
      ["workload", "tracegrad (µs)", `${peer} (µs)`, "ratio", "spread", "bar"],
      ...outcomes.filter((outcome) => outcome.peer === peer).map(row),
    ]),
  );
  if (bounded.length > 0) {
    const head = ["workload", "tracegrad (µs)", "spread", "limit (µs)"];
    tables.push(table([head, ...bounded.map(boundedRow)]));
  }
  return tables.join("\n\n");
}

/** A line for each bar and each limit that was missed. */
export function missed(outcomes: readonly Outcome[], bounded: readonly Bounded[]): string[] {
  const slow = outcomes
    .filter(({ passed }) => !passed)
    .map(
      ({ workload, peer, ratio, bar }) =>
        `MISSED ${workload}: ${digits(ratio.median)}x ${peer}, at least ${bar}x was wanted`,
    );
  const late = bounded
    .filter(({ passed }) => !passed)
    .map(
      ({ workload, own, limit }) =>
        `MISSED ${workload}: ${digits(own.median)} µs, at most ${limit} was wanted`,
    );
  return [...slow, ...late];
}

function row({ workload, own, other, ratio, bar, passed }: Outcome): string[] {
  const [low, high] = ratio.quartiles;
  return [
    workload,
    digits(own.median),
    digits(other.median),
    `${digits(ratio.median)}x`,
    `${digits(low)} to ${digits(high)}`,
    bar === null ? "" : `${passed ? "≥" : "MISSED"} ${bar}x`,
  ];
}

function boundedRow({ workload, own, limit, passed }: Bounded): string[] {
  const [low, high] = own.quartiles;
  const spread = `${digits(low)} to ${digits(high)}`;
  return [workload, digits(own.median), spread, `${passed ? "≤" : "MISSED"} ${limit}`];
}

/** Three digits, or all before the point. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** A Markdown table, aligned: the first column at the left, numbers at the right. */
function table(rows: readonly string[][]): string {
  const head = rows[0] as string[];
  const widths = head.map((_, i) => Math.max(...rows.map((cells) => (cells[i] as string).length)));
  const line = (cells: readonly string[]): string => {
    const pad = (cell: string, i: number): string =>
      i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number);
    return `| ${cells.map(pad).join(" | ")} |`;
  };
  const rule = widths.map((n, i) => (i === 0 ? "-".repeat(n) : `${"-".repeat(n - 1)}:`));
  return [line(head), line(rule), ...rows.slice(1).map(line)].join("\n");
}

import { Presets, SingleBar } from "cli-progress";

/** A bar on the terminal for work of `total` steps; where there is no terminal, nothing at all. */
export interface Progress {
  advance(note: string): void;
  /** Wipes the bar, so that a plain line can take its place. */
  end(): void;
}

export function startProgress(label: string, total: number): Progress {
  if (!process.stderr.isTTY) return { advance: () => {}, end: () => {} };
  const bar = new SingleBar(
    {
      format: `${label} [{bar}] {value}/{total}  {note}  {eta_formatted} left`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: "" });
  return {
    advance: (note) => bar.increment(1, { note }),
    end: () => bar.stop(),
  };
}

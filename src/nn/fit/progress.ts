import type { Plan } from "./plan.js";
import type { Scores } from "./types.js";

/** Shows how far training is: whole epochs, and batches of the one under way. */
export interface Progress {
  batch(epoch: number, batch: number, loss: () => number): void;
  epoch(epoch: number, scores: Scores, validation: Scores | undefined): void;
  /** Wipes the bar, so that callbacks can print, and draws it again below. */
  wipe(): void;
  redraw(): void;
  end(): void;
}

interface Terminal {
  readonly stderr?: {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write(text: string): void;
  };
}

const nothing = (): void => {};
const silent: Progress = {
  batch: nothing,
  epoch: nothing,
  wipe: nothing,
  redraw: nothing,
  end: nothing,
};
/** Between two looks at the clock of the bar, in ms. */
const PAUSE = 50;

/**
 * A bar with the time left on a terminal; elsewhere nothing, or, where it is wanted, a line for each
 * epoch.
 */
export async function progressOf(
  wanted: boolean | undefined,
  plan: Plan,
  epochs: number,
  epoch: number,
  batch: number,
): Promise<Progress> {
  const { process } = globalThis as { process?: Terminal };
  const terminal = process?.stderr?.isTTY === true;
  if (wanted === false || (wanted === undefined && !terminal)) return silent;
  if (!terminal) {
    return {
      ...silent,
      epoch: (...told) => console.error(lineOf(epochs, ...told)),
    };
  }
  // The name is no literal, so that bundlers for the browser, which has no terminal, leave it alone.
  const name = "cli-progress";
  const { default: library } = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ name
  )) as {
    default: typeof import("cli-progress");
  };
  const format = "{bar} epoch {epoch}/{epochs}  {note}  {eta_formatted} left";
  // Nothing can be said of the time left before a batch is done.
  const formatTime: import("cli-progress").TimeFormatter = (...time) =>
    last === 0 ? "…" : library.Format.TimeFormat(...time);
  // It would put the cursor back at its end to where it was at its start, over what was printed since.
  const { stderr } = process as Required<Terminal>;
  const stream = {
    isTTY: true,
    columns: stderr.columns,
    write: (text: string) =>
      text === "\x1b7" || text === "\x1b8" ? undefined : stderr.write(text),
  } as unknown as NodeJS.WritableStream;
  const own = {
    format,
    stream,
    formatTime,
    barsize: 24,
    linewrap: true,
    gracefulExit: false,
    forceRedraw: true,
  };
  const bar = new library.SingleBar(
    { ...own, etaBuffer: 100, fps: 10 },
    library.Presets.shades_classic,
  );
  const total = epochs * plan.count;
  let last = 0;
  bar.start(total, epoch * plan.count + batch, {
    epoch: Math.min(epoch + 1, epochs),
    epochs,
    note: "",
  });
  return {
    batch(epoch, batch, loss) {
      const done = epoch * plan.count + batch;
      const now = performance.now();
      if (now - last < PAUSE && done < total) return;
      last = now;
      bar.update(done, { epoch: epoch + 1, note: `loss ${short(loss())}` });
    },
    epoch: () => {},
    wipe: () => stderr.write("\r\x1b[K"),
    redraw: () => bar.render(),
    end: () => bar.stop(),
  };
}

const short = (x: number): string => String(Number(x.toPrecision(4)));

/** An epoch in a line: `epoch 2/10: loss 0.52, accuracy 0.83; validation: loss 0.61, accuracy 0.8`. */
function lineOf(
  epochs: number,
  epoch: number,
  scores: Scores,
  validation: Scores | undefined,
): string {
  const words = (scores: Scores): string =>
    Object.entries(scores)
      .map(([name, score]) => `${name} ${short(score)}`)
      .join(", ");
  const second = validation === undefined ? "" : `; validation: ${words(validation)}`;
  return `epoch ${epoch}/${epochs}: ${words(scores)}${second}`;
}

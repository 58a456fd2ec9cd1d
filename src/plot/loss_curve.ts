import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { UsageError } from "../index.js";
import { isPlain, type Numbers } from "./checks.js";
import { type Drawn, lineOf, linePicture } from "./lines.js";
import { ink } from "./look.js";
import { type Picture, type PictureOptions, pictureOptions, type Spec } from "./picture.js";

/** The loss after each epoch: as `fit` returns it, or two series. */
export type LossHistory =
  | { readonly loss: Numbers; readonly validation?: { readonly loss?: Numbers } | undefined }
  | { readonly train: Numbers; readonly validation?: Numbers | undefined };

/** Options of {@link lossCurve}. */
export interface LossCurveOptions extends PictureOptions {
  /** Whether the loss has a logarithmic axis. */
  readonly log?: boolean | undefined;
  /** Whether the epoch of the lowest loss (of validation, where there is one) is marked: unless said, yes. */
  readonly best?: boolean | undefined;
  readonly xTitle?: string | undefined;
  readonly yTitle?: string | undefined;
}

/**
 * How the loss went down over the epochs of a training, in training and, where it was measured, in
 * validation; the best epoch is marked. An epoch whose loss is not finite is a gap.
 *
 * @throws DomainError when a series has no finite number, or `log` meets one that is not positive;
 *   UsageError for what is no history.
 * @example
 * const curve = lossCurve({ train: [2, 1, 0.5], validation: [2.1, 1.3, 1.4] }, { log: true });
 * curve instanceof Picture; // true
 */
export function lossCurve(history: LossHistory, options: LossCurveOptions = {}): Picture {
  requireNames("lossCurve", options, [...pictureOptions, "log", "best", "xTitle", "yTitle"]);
  const { best = true, xTitle = "epoch", yTitle = "loss" } = options;
  const drawn = seriesOf(history);
  const judged = drawn.at(-1) as Drawn;
  const more = best ? markBest(judged, drawn.length > 1) : [];
  const { title = "Loss by epoch" } = options;
  return linePicture("lossCurve", drawn, { ...options, title, xTitle, yTitle }, more);
}

function seriesOf(history: LossHistory): Drawn[] {
  if (!isPlain(history)) {
    throw new UsageError(
      `lossCurve: the history is ${said(history)}; what fit returns as history, ` +
        "or { train, validation }, was wanted",
    );
  }
  const given = history as { loss?: Numbers; train?: Numbers; validation?: unknown };
  const train = given.train ?? given.loss;
  if (train === undefined) {
    const remedy = "history" in history ? "; pass its .history" : "";
    throw new UsageError(`lossCurve: the history has neither \`loss\` nor \`train\`${remedy}`);
  }
  const { validation } = given;
  const isSeries = Array.isArray(validation) || given.train !== undefined;
  const other = isSeries ? validation : (validation as { loss?: unknown } | undefined)?.loss;
  // A history of fit without validation may hold an empty series for it.
  const isAbsent = other === undefined || other === null || (other as Numbers[]).length === 0;
  const drawn = [lineOf("lossCurve", "training", train)];
  if (!isAbsent) drawn.push(lineOf("lossCurve", "validation", other as Numbers));
  return drawn;
}

/** A rule at the epoch of the lowest number, a dot on the line, and what they say. */
function markBest({ name, points }: Drawn, isNamed: boolean): Spec[] {
  const finite = points.filter((point) => point.y !== null) as { x: number; y: number }[];
  const best = finite.reduce((a, b) => (b.y < a.y ? b : a));
  const ofName = isNamed ? ` ${name}` : "";
  const text = `lowest${ofName}: ${shortNumber(best.y)}, epoch ${best.x}`;
  // The text goes to the side where there is more room.
  const isLeft = best.x > (points.length + 1) / 2;
  const data = { values: [{ ...best, text }] };
  const x = { field: "x", type: "quantitative" };
  const y = { field: "y", type: "quantitative" };
  return [
    {
      data,
      mark: { type: "rule", strokeDash: [4, 4], color: "#888888" },
      encoding: { x },
    },
    {
      data,
      mark: { type: "point", filled: true, size: 70, color: ink, opacity: 1 },
      encoding: { x, y },
    },
    {
      data,
      mark: {
        type: "text",
        align: isLeft ? "right" : "left",
        baseline: "top",
        dx: isLeft ? -6 : 6,
        y: 6,
        fontSize: 11,
        color: ink,
      },
      encoding: { x, text: { field: "text" } },
    },
  ];
}

/** Four significant digits. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

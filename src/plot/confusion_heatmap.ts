import { requireNames } from "../checks/options.js";
import { DomainError, ShapeError } from "../index.js";
import { namesOf, type Rows, rowsOf } from "./checks.js";
import { ink } from "./look.js";
import { textWidth } from "./measure.js";
import {
  type Picture,
  type PictureOptions,
  pictureOf,
  pictureOptions,
  type Spec,
} from "./picture.js";

/** Options of {@link confusionHeatmap}. */
export interface ConfusionHeatmapOptions extends PictureOptions {
  /** The names of the classes; 0, 1, 2, … unless given. */
  readonly classes?: readonly string[] | undefined;
  readonly xTitle?: string | undefined;
  readonly yTitle?: string | undefined;
}

/**
 * How often each class was taken for which: a row for each true class, a column for each predicted one.
 * A cell shows its count and its share of the row, and is the darker the larger the share.
 *
 * @throws ShapeError when the counts are not square, or the names of another number; DomainError when
 *   a count is negative or not finite.
 * @example
 * const errors = confusionHeatmap([[48, 2], [5, 45]], { classes: ["cat", "dog"] });
 * errors instanceof Picture; // true
 */
export function confusionHeatmap(counts: Rows, options: ConfusionHeatmapOptions = {}): Picture {
  requireNames("confusionHeatmap", options, [...pictureOptions, "classes", "xTitle", "yTitle"]);
  const rows = countsOf(counts);
  const names = options.classes ?? rows.map((_, i) => String(i));
  namesOf("confusionHeatmap", "classes", names);
  if (names.length !== rows.length) {
    throw new ShapeError(
      `confusionHeatmap: there are ${rows.length} classes and ${names.length} names`,
    );
  }
  const { xTitle = "predicted class", yTitle = "true class" } = options;
  const cell = cellSize(rows);
  const widest = Math.max(...names.map((name) => textWidth({ fontSize: 11 }, name)));
  const angle = widest > cell - 4 ? -40 : 0;
  const channel = (field: string, title: string): Spec => ({
    field,
    type: "nominal",
    sort: null,
    title,
    scale: { domain: names },
    axis: {
      labelAngle: field === "predicted" ? angle : 0,
      grid: false,
      ticks: false,
      labelPadding: 6,
      domain: false,
    },
  });
  const place = { x: channel("predicted", xTitle), y: channel("actual", yTitle) };
  const text = (field: string, test: string, dy: number, fontSize: number): Spec => ({
    transform: [{ filter: test }],
    mark: { type: "text", dy, fontSize },
    encoding: {
      ...place,
      text: { field },
      color: {
        condition: [
          { test: "datum.share > 0.55", value: "white" },
          { test: "datum.share === 0", value: "#888888" },
        ],
        value: ink,
      },
    },
  });
  const layer: Spec[] = [
    {
      mark: { type: "rect", stroke: "white" },
      encoding: {
        ...place,
        color: {
          field: "share",
          type: "quantitative",
          title: "share of row",
          scale: { domain: [0, 1], range: ["#f2f6fa", "#8fbbdc", "#0b4a80"] },
          legend: {
            labelExpr: "round(100 * datum.value) + ' %'",
            gradientLength: Math.min(160, cell * rows.length - 30),
            tickCount: 4,
          },
        },
      },
    },
  ];
  if (cell >= 44) {
    const some = "datum.share > 0";
    layer.push(text("count", some, -7, 13), text("percent", some, 9, 10));
    layer.push(text("count", `!(${some})`, 0, 13));
  } else if (cell >= 26) layer.push(text("count", "true", 0, 10));
  const spec = {
    width: cell * rows.length,
    height: cell * rows.length,
    data: { values: cellsOf(rows, names) },
    layer,
    config: { view: { stroke: null } },
  };
  const { title = "Confusion matrix", subtitle = summary(rows) } = options;
  return pictureOf("confusionHeatmap", spec, { ...options, title, subtitle });
}

function countsOf(counts: Rows): number[][] {
  const rows = rowsOf("confusionHeatmap", "counts", counts);
  if (rows.length === 0 || rows[0]?.length !== rows.length) {
    throw new ShapeError(
      `confusionHeatmap: counts are [${rows.length}, ${rows[0]?.length ?? 0}]; a square matrix was ` +
        "wanted, a row for each true class",
    );
  }
  rows.forEach((row, i) => {
    const j = row.findIndex((count) => !(Number.isFinite(count) && count >= 0));
    if (j >= 0) throw new DomainError(`confusionHeatmap: counts[${i}][${j}] is ${row[j]}`);
  });
  return rows;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function cellsOf(rows: readonly number[][], names: readonly string[]): Spec[] {
  return rows.flatMap((row, i) => {
    const total = sum(row);
    return row.map((count, j) => {
      const share = total > 0 ? count / total : 0;
      return {
        actual: names[i],
        predicted: names[j],
        count: shortCount(count),
        share,
        percent: count > 0 ? `${(100 * share).toFixed(1)} %` : "",
      };
    });
  });
}

/** Whole numbers as they are, others with three digits or none behind the point. */
function shortCount(count: number): string {
  const short = count < 100 ? Number(count.toPrecision(3)) : Math.round(count);
  return String(Number.isInteger(count) ? count : short);
}

/** The side of a cell: large enough for two lines of text where there are few classes. */
function cellSize(rows: readonly number[][]): number {
  const classes = rows.length;
  if (classes > 12) return Math.max(8, Math.floor(640 / classes));
  const widest = Math.max(...rows.flat().map((n) => textWidth({ fontSize: 13 }, shortCount(n))));
  return Math.max(classes <= 4 ? 72 : 50, widest + 10);
}

function summary(rows: readonly number[][]): string {
  const all = sum(rows.map(sum));
  if (all === 0) return "no examples";
  const right = sum(rows.map((row, i) => row[i] as number));
  const percent = ((100 * right) / all).toFixed(1);
  return `${shortCount(right)} of ${shortCount(all)} right: accuracy ${percent} %`;
}

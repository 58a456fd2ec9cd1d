import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { DomainError, ShapeError, UsageError } from "../index.js";
import { type Numbers, numbersOf, pointsOf, type Rows } from "./checks.js";
import { type Classes, classesOf, type Labels } from "./classes.js";
import { type Grid, type Place, placesOf } from "./contour.js";
import { colourOf, ink, tint } from "./look.js";
import { type Picture, pictureOf, type Spec } from "./picture.js";
import { type Plane, type PointsOptions, planeOf, pointLayer, pointsOptions } from "./plane.js";
import { evaluator, lead, type Output, type Predict } from "./predictor.js";
import {
  areaLayers,
  type Field,
  levelLabels,
  lineLayers,
  outlines,
  type Surface,
} from "./regions.js";

/** Options of {@link decisionBoundary}. */
export interface DecisionBoundaryOptions extends PointsOptions {
  /** Points [n, 2] with a class each, drawn over the regions. */
  readonly points: Rows;
  readonly labels: Labels;
  /** The indices of points to ring: the support vectors. */
  readonly support?: Numbers | undefined;
  /** Dashed lines where the score is the threshold ± 1, or at scores of your own. */
  readonly margins?: boolean | readonly number[] | undefined;
  /** Scores between which the colour changes: the level sets of the score. */
  readonly levels?: readonly number[] | undefined;
  /** The score above which a point is of the second class: 0 unless given; of probabilities 0.5. */
  readonly threshold?: number | undefined;
  /** Whether a unit is as long on both axes, so that right angles look right. */
  readonly equal?: boolean | undefined;
  /** How many steps the predictor is asked for along each axis; one in 4 pixels unless given. */
  readonly resolution?: number | undefined;
}

/**
 * Where a predictor changes its mind: the regions of the classes, the boundary between them, and the
 * points. The predictor gets points [n, 2] and gives for each either a score ([n] or [n, 1]: above the
 * threshold the second class, by the larger label), a score for each class ([n, classes]: the largest
 * wins), or a label ([n], int32 or bool).
 *
 * @throws ShapeError when points, labels or predictions do not fit each other; DomainError when all
 *   predictions are NaN or a label is unknown; UsageError when margins or levels are asked for where
 *   there is no score.
 * @example
 * const predict = (X: Tensor) => X.sum({ axis: 1 }).sub(1);
 * const regions = decisionBoundary(predict, { points: [[0, 0], [1, 1]], labels: [-1, 1] });
 * regions instanceof Picture; // true
 */
export function decisionBoundary(predict: Predict, options: DecisionBoundaryOptions): Picture {
  if (options === undefined) {
    throw new UsageError(`${where}: the options are missing; points and labels are needed`);
  }
  requireNames(where, options, names);
  const points = pointsOf(where, options.points);
  const ringed = supportOf(options.support, points.length);
  const plane = planeOf(where, points, options, options.equal ?? false, 0.1);
  const grid = gridOf(plane, options.resolution);
  const evaluate = evaluator(predict, options.points);
  const places = placesOf(grid);
  const output = evaluate(places);
  if (output.values.every(Number.isNaN)) {
    throw new DomainError(`${where}: predict gives NaN at all of ${places.length} places`);
  }
  const classes = classesFor(output, options, points.length);
  const surface: Surface = { grid, places, output, evaluate, plane };
  const drawn =
    output.kind === "score"
      ? drawScore(surface, points, options)
      : drawClasses(surface, classes, output.kind, options);
  const vectors = ringed.map((i) => points[i] as Place);
  const rings = vectors.length > 0 ? [ringLayer(vectors, plane)] : [];
  // The points come last, but their legend first.
  const legend = pointLayer([], classes, plane, true);
  const layer = [legend, ...drawn, pointLayer(points, classes, plane, true), ...rings];
  const config = { view: { stroke: null } };
  return pictureOf(where, { ...plane.size, layer, config }, options);
}

const where = "decisionBoundary";
// biome-ignore format: a list of names
const names = [
  ...pointsOptions, "points", "labels", "support", "margins", "levels", "threshold", "equal",
  "resolution",
];

function gridOf({ size, x, y }: Plane, resolution: number | undefined): Grid {
  if (resolution !== undefined && !(Number.isInteger(resolution) && resolution >= 2)) {
    throw new UsageError(
      `${where}: resolution is ${said(resolution)}; a whole number of at least 2 was wanted`,
    );
  }
  const steps = (pixels: number): number => resolution ?? Math.max(2, Math.ceil(pixels / 4));
  return { columns: steps(size.width), rows: steps(size.height), x, y };
}

function supportOf(support: unknown, count: number): number[] {
  if (support === undefined) return [];
  const indices = numbersOf(where, "support", support);
  const wrong = indices.findIndex((i) => !(Number.isInteger(i) && i >= 0 && i < count));
  if (wrong < 0) return indices;
  throw new UsageError(
    `${where}: support[${wrong}] is ${indices[wrong]}; the index of one of ${count} points was wanted`,
  );
}

/** The classes of the points, which must be as many as the predictor tells apart. */
function classesFor(output: Output, options: DecisionBoundaryOptions, count: number): Classes {
  const { labels, classes: given } = options;
  if (output.kind !== "scores") {
    const classes = classesOf(where, labels, given, count);
    if (output.kind === "label" || classes.names.length === 2) return classes;
    throw new ShapeError(
      `${where}: predict gives one score, which tells two classes apart, and there are ` +
        `${classes.names.length}: ${classes.names.join(", ")}`,
    );
  }
  const { columns } = output;
  const own = classesOf(where, labels, given, count);
  if (own.names.length === columns) return own;
  if (given === undefined) {
    const indices = Array.from({ length: columns }, (_, i) => i);
    const all = own.values.every((label) => (indices as (number | string)[]).includes(label));
    if (all) return classesOf(where, labels, indices.map(String), count);
  }
  throw new ShapeError(
    `${where}: predict gives ${columns} scores a point, and there are ${own.names.length} classes`,
  );
}

/** Regions by class, and the lines between them. */
function drawClasses(
  surface: Surface,
  { names, values }: Classes,
  kind: "label" | "scores",
  { margins, levels }: DecisionBoundaryOptions,
): Spec[] {
  for (const [name, value] of Object.entries({ margins, levels })) {
    if (value === undefined || value === false) continue;
    throw new UsageError(
      `${where}: ${name} are scores, and predict gives ${kind === "label" ? "labels" : "one for each class"}`,
    );
  }
  const fields = names.map(
    (_, own): Field =>
      (output) =>
        lead(output, values, own),
  );
  const areas = fields.map((field, i) => ({
    outlines: outlines(surface, field, "area"),
    colour: tint(colourOf(i), 0.2),
  }));
  const borders = fields.flatMap((field) => outlines(surface, field, "line"));
  const lines = lineLayers([{ kind: "boundary", outlines: borders }], surface.plane);
  return [...areaLayers(areas, surface.plane), ...lines];
}

/** Bands between the levels of a score, the boundary, and the margins. */
function drawScore(
  surface: Surface,
  points: readonly Place[],
  { threshold: middle = 0, margins = false, levels = [] }: DecisionBoundaryOptions,
): Spec[] {
  const { plane } = surface;
  if (!Number.isFinite(middle)) {
    throw new DomainError(`${where}: threshold is ${said(middle)}; a number was wanted`);
  }
  const own = finite("margins", typeof margins === "boolean" ? [] : margins);
  const dashed = margins === true ? [middle - 1, middle + 1] : own;
  const steps = [...new Set([...finite("levels", levels), middle])].sort((a, b) => a - b);
  const at =
    (level: number): Field =>
    (output) =>
      output.values.map((value) => value - level);
  const below: Field = (output) => output.values.map((value) => (steps[0] as number) - value);
  const center = steps.indexOf(middle);
  /** Of the band above steps[i], or below the first for −1: the paler the nearer to the boundary. */
  const colour = (i: number): string => {
    const [side, distance, most] =
      i < center ? [0, center - 1 - i, center] : [1, i - center, steps.length - 1 - center];
    return tint(colourOf(side), most === 0 ? 0.2 : 0.1 + (0.35 * distance) / most);
  };
  const areas = [
    { outlines: outlines(surface, below, "area"), colour: colour(-1) },
    ...steps.map((level, i) => ({
      outlines: outlines(surface, at(level), "area"),
      colour: colour(i),
    })),
  ];
  const lines = steps.map((level) => ({ level, outlines: outlines(surface, at(level), "line") }));
  const boundary = lines.filter(({ level }) => level === middle);
  const others = lines.filter(({ level }) => level !== middle);
  const margin = dashed.flatMap((level) => outlines(surface, at(level), "line"));
  return [
    ...areaLayers(areas, plane),
    ...lineLayers(
      [
        { kind: "level", outlines: others.flatMap((line) => line.outlines) },
        { kind: "boundary", outlines: boundary.flatMap((line) => line.outlines) },
        { kind: "margin", outlines: margin },
      ],
      plane,
    ),
    ...(others.length > 0 ? levelLabels(lines, points, plane) : []),
  ];
}

function finite(what: string, values: unknown): number[] {
  const list = numbersOf(where, what, values);
  const wrong = list.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return list;
  throw new DomainError(`${where}: ${what}[${wrong}] is ${said(list[wrong])}`);
}

/** Rings around the support vectors, with their legend. */
function ringLayer(points: readonly Place[], plane: Plane): Spec {
  const name = "support vector";
  return {
    data: { values: points.map(([x, y]) => ({ x, y, kind: name })) },
    mark: { type: "point", size: 170, stroke: ink, strokeWidth: 1.6, filled: false, clip: true },
    encoding: {
      ...plane.encoding,
      opacity: {
        field: "kind",
        type: "ordinal",
        title: null,
        scale: { domain: [name], range: [1] },
        legend: { symbolSize: 130, symbolStrokeColor: ink, symbolFillColor: "transparent" },
      },
    },
  };
}

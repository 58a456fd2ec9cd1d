import { requireNames } from "../checks/options.js";
import { pointsOf, type Rows } from "./checks.js";
import { classesOf, type Labels } from "./classes.js";
import { type Picture, pictureOf } from "./picture.js";
import { type PointsOptions, planeOf, pointLayer, pointsOptions } from "./plane.js";

/** Options of {@link scatter}. */
export interface ScatterOptions extends PointsOptions {
  /** The class of each point, shown by colour and shape. */
  readonly labels?: Labels | undefined;
  /** Whether a unit is as long on both axes. */
  readonly equal?: boolean | undefined;
}

/**
 * Points in the plane, by class where labels are given.
 *
 * @throws ShapeError when the points are not [n, 2] or the labels of another number; DomainError when
 *   a coordinate is not finite.
 * @example
 * const flowers = scatter([[1, 2], [2, 1], [3, 3]], { labels: [0, 0, 1], classes: ["rose", "lily"] });
 * flowers instanceof Picture; // true
 */
export function scatter(points: Rows, options: ScatterOptions = {}): Picture {
  requireNames("scatter", options, [...pointsOptions, "labels", "equal"]);
  const { labels, classes, equal = false } = options;
  const places = pointsOf("scatter", points);
  const known =
    labels === undefined ? undefined : classesOf("scatter", labels, classes, places.length);
  const plane = planeOf("scatter", places, options, equal, 0.05);
  const layer = [pointLayer(places, known, plane)];
  return pictureOf("scatter", { ...plane.size, layer }, options);
}

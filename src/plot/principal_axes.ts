import { requireNames } from "../checks/options.js";
import { DomainError, ShapeError, UsageError } from "../index.js";
import { type Numbers, numbersOf, pointsOf, type Rows, rowsOf } from "./checks.js";
import { classesOf, type Labels } from "./classes.js";
import type { Place } from "./contour.js";
import { ink } from "./look.js";
import { type Picture, pictureOf, type Spec } from "./picture.js";
import {
  type Plane,
  type PointsOptions,
  pixelLayer,
  pixelOf,
  planeOf,
  pointLayer,
  pointsOptions,
  textLayers,
} from "./plane.js";

/** Options of {@link principalAxes}. */
export interface PrincipalAxesOptions extends PointsOptions {
  /** The axes as unit columns of a matrix [2, k]: the eigenvectors of the covariance unless given. */
  readonly axes?: Rows | undefined;
  /** The variance along each axis: of the points unless given. */
  readonly variances?: Numbers | undefined;
  /** The class of each point, shown by colour and shape. */
  readonly labels?: Labels | undefined;
}

/** A direction with the variance along it. */
interface Axis {
  readonly direction: Place;
  readonly variance: number;
}

/**
 * Points and their principal axes: from the mean an arrow of two standard deviations along each axis,
 * with its share of the variance. A unit is as long on both axes of the plot, so that right angles
 * look right. The covariance is that of 1/n.
 *
 * @throws ShapeError when points are not [n, 2] or axes not [2, k]; DomainError when an axis is not of
 *   length 1, a variance is negative, or all points are one; UsageError for variances without axes.
 * @example
 * const plot = principalAxes([[0, 0], [2, 1], [4, 2], [6, 2]], { xTitle: "length (cm)" });
 * plot instanceof Picture; // true
 */
export function principalAxes(points: Rows, options: PrincipalAxesOptions = {}): Picture {
  requireNames(where, options, [...pointsOptions, "axes", "variances", "labels"]);
  const places = pointsOf(where, points);
  const { labels, classes } = options;
  const known = labels === undefined ? undefined : classesOf(where, labels, classes, places.length);
  const { mean, xx, xy, yy } = spreadOf(places);
  if (!(xx + yy > 0)) throw new DomainError(`${where}: all points are one, which has no axes`);
  const axes = axesOf(options, xx, xy, yy);
  const total = axes.length === 2 ? axes.reduce((sum, axis) => sum + axis.variance, 0) : xx + yy;
  const tips = axes.map(({ direction, variance }): Place => {
    const length = 2 * Math.sqrt(variance);
    return [mean[0] + direction[0] * length, mean[1] + direction[1] * length];
  });
  const plane = planeOf(where, [...places, ...tips], options, true, 0.16);
  const shares = axes.map(({ variance }) => `${((100 * variance) / total).toFixed(1)} %`);
  const layer = [
    pointLayer(places, known, plane),
    ...arrowLayers(mean, tips, plane),
    ...shareLayers(mean, tips, shares, plane),
  ];
  const { title = "Principal axes", subtitle = caption } = options;
  return pictureOf(where, { ...plane.size, layer }, { ...options, title, subtitle });
}

const where = "principalAxes";
const caption = "Arrows: two standard deviations, and the share of the variance";

function spreadOf(points: readonly Place[]): { mean: Place; xx: number; xy: number; yy: number } {
  const average = (f: (point: Place) => number): number =>
    points.reduce((sum, point) => sum + f(point), 0) / points.length;
  const mean: Place = [average((p) => p[0]), average((p) => p[1])];
  return {
    mean,
    xx: average((p) => (p[0] - mean[0]) ** 2),
    xy: average((p) => (p[0] - mean[0]) * (p[1] - mean[1])),
    yy: average((p) => (p[1] - mean[1]) ** 2),
  };
}

function axesOf(options: PrincipalAxesOptions, xx: number, xy: number, yy: number): Axis[] {
  if (options.axes === undefined) {
    if (options.variances !== undefined) {
      throw new UsageError(`${where}: variances without axes; give both, or neither`);
    }
    // The angle that makes the covariance diagonal: tan 2φ = 2 s_xy / (s_xx − s_yy).
    const angle = Math.atan2(2 * xy, xx - yy) / 2;
    return [angle, angle + Math.PI / 2].map((phi) => along([Math.cos(phi), Math.sin(phi)]));
  }
  const [first = [], second = [], ...others] = rowsOf(where, "axes", options.axes);
  if (others.length > 0 || first.length < 1 || first.length > 2 || second.length === 0) {
    throw new ShapeError(`${where}: axes are not [2, 1] or [2, 2], a unit column each`);
  }
  const given = options.variances && numbersOf(where, "variances", options.variances);
  if (given !== undefined && given.length !== first.length) {
    throw new ShapeError(`${where}: ${first.length} axes and ${given.length} variances`);
  }
  const variances = given?.map(positive);
  return first.map((x, j) => {
    const direction: Place = [x, second[j] as number];
    const length = Math.hypot(...direction);
    if (!(Math.abs(length - 1) < 1e-3)) {
      throw new DomainError(`${where}: axis ${j} has the length ${length}; 1 was wanted`);
    }
    const variance = variances?.[j];
    return variance === undefined ? along(direction) : { direction, variance };
  });

  function along(direction: Place): Axis {
    const [x, y] = direction;
    return { direction, variance: Math.max(0, x * x * xx + 2 * x * y * xy + y * y * yy) };
  }
}

/** A variance; below zero only what rounding leaves of nothing. */
function positive(variance: number, i: number, all: readonly number[]): number {
  const most = Math.max(...all);
  if (Number.isFinite(variance) && variance >= -1e-6 * most) return Math.max(0, variance);
  throw new DomainError(`${where}: variances[${i}] is ${variance}`);
}

/** Shafts and heads on a white rim, in pixels; an axis without variance has none. */
function arrowLayers(mean: Place, tips: readonly Place[], plane: Plane): Spec[] {
  const start = pixelOf(mean, plane);
  const features = tips.flatMap((tip) => {
    const end = pixelOf(tip, plane);
    const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
    const length = Math.hypot(dx, dy);
    if (length < 1) return [];
    const head = Math.min(13, length);
    const [ux, uy] = [dx / length, dy / length];
    const neck: Place = [end[0] - ux * head, end[1] - uy * head];
    const side = (sign: number): Place => [
      neck[0] - uy * sign * head * 0.42,
      neck[1] + ux * sign * head * 0.42,
    ];
    const ring = [end, side(1), side(-1), end];
    return [
      { type: "Feature", geometry: { type: "LineString", coordinates: [start, neck] } },
      { type: "Feature", geometry: { type: "Polygon", coordinates: [ring] } },
    ];
  });
  if (features.length === 0) return [];
  const layer = (colour: string, strokeWidth: number): Spec =>
    pixelLayer(features, { stroke: colour, fill: colour, strokeWidth, strokeJoin: "round" });
  return [layer("white", 6), layer(ink, 2.4)];
}

/** The share of each axis, beyond its tip. */
function shareLayers(mean: Place, tips: readonly Place[], shares: readonly string[], plane: Plane) {
  // The same on both axes.
  const pixel = (plane.x[1] - plane.x[0]) / plane.size.width;
  const texts = tips.map((tip, i): { at: Place; text: string } => {
    const [dx, dy] = [tip[0] - mean[0], tip[1] - mean[1]];
    const length = Math.hypot(dx, dy);
    const [ux, uy] = length > 0 ? [dx / length, dy / length] : [0, 1];
    const out = (13 + 16 * Math.abs(ux)) * pixel;
    return { at: [tip[0] + ux * out, tip[1] + uy * out], text: shares[i] as string };
  });
  return textLayers(texts, plane, 12);
}

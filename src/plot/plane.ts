import { domainOf, equalDomains } from "./axis.js";
import type { Classes } from "./classes.js";
import type { Place } from "./contour.js";
import { colourOf, ink, shapeOf } from "./look.js";
import { type PictureOptions, pictureOptions, requireSizes, type Spec } from "./picture.js";

/** What pictures of points in the plane take. */
export interface PointsOptions extends PictureOptions {
  /** The names of the classes: of the labels 0, 1, 2, …, or of the labels in ascending order. */
  readonly classes?: readonly string[] | undefined;
  readonly xTitle?: string | undefined;
  readonly yTitle?: string | undefined;
}

/** The names of the options. */
export const pointsOptions = [...pictureOptions, "classes", "xTitle", "yTitle"];

/** Where a picture of points is: its size, and what its axes show. */
export interface Plane {
  readonly size: { readonly width: number; readonly height: number };
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** The channels of a layer whose data has fields x and y. */
  readonly encoding: Spec;
}

export function planeOf(
  where: string,
  points: readonly (readonly [number, number])[],
  options: PointsOptions,
  equal: boolean,
  room: number,
): Plane {
  requireSizes(where, options);
  const { width = 460, height = 400, xTitle = null, yTitle = null } = options;
  const own = [0, 1].map((axis) =>
    domainOf(
      points.map((point) => point[axis] as number),
      room,
    ),
  ) as [[number, number], [number, number]];
  const { x, y } = equal ? equalDomains(own[0], own[1], width, height) : { x: own[0], y: own[1] };
  const axis = (field: string, title: string | null, domain: readonly [number, number]): Spec => ({
    field,
    type: "quantitative",
    title,
    scale: { domain, nice: false, zero: false },
  });
  const encoding = { x: axis("x", xTitle, x), y: axis("y", yTitle, y) };
  return { size: { width, height }, x, y, encoding };
}

/** The points as a layer, with the legend of their classes; filled, they stand out from a region. */
export function pointLayer(
  points: readonly (readonly [number, number])[],
  classes: Classes | undefined,
  plane: Plane,
  filled = false,
): Spec {
  const names = classes?.names ?? [];
  const values = points.map(([x, y], i) => {
    const name = names[classes?.of[i] ?? -1];
    return name === undefined ? { x, y } : { x, y, class: name };
  });
  const channel = (range: readonly string[]): Spec => ({
    field: "class",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: names, range },
  });
  return {
    data: { values },
    mark: {
      type: "point",
      clip: true,
      filled,
      ...(filled && { stroke: "white", strokeWidth: 0.8, opacity: 1 }),
      ...(classes === undefined && { color: colourOf(0) }),
    },
    encoding: {
      ...plane.encoding,
      ...(classes !== undefined && {
        color: channel(names.map((_, i) => colourOf(i))),
        shape: channel(names.map((_, i) => shapeOf(i))),
      }),
    },
  };
}

/** Where a place is in the plot, in pixels from its top left corner. */
export function pixelOf(place: Place, { size, x, y }: Plane): [number, number] {
  const round = (pixels: number): number => Number(pixels.toFixed(2));
  return [
    round(((place[0] - x[0]) / (x[1] - x[0])) * size.width),
    round((1 - (place[1] - y[0]) / (y[1] - y[0])) * size.height),
  ];
}

/** Shapes whose coordinates are pixels of the plot. */
export function pixelLayer(values: readonly Spec[], mark: Spec, more: Spec = {}): Spec {
  return {
    data: { values },
    projection: { type: "identity", scale: 1, translate: [0, 0] },
    mark: { type: "geoshape", ...mark },
    ...more,
  };
}

/** Texts centred on places, readable over anything. */
export function textLayers(
  texts: readonly { readonly at: Place; readonly text: string }[],
  plane: Plane,
  fontSize: number,
): Spec[] {
  if (texts.length === 0) return [];
  const values = texts.map(({ at, text }) => ({ x: at[0], y: at[1], text }));
  const layer = (mark: Spec): Spec => ({
    data: { values },
    mark: { type: "text", fontSize, baseline: "middle", ...mark },
    encoding: { ...plane.encoding, text: { field: "text" } },
  });
  return [layer({ stroke: "white", strokeWidth: 4, strokeJoin: "round" }), layer({ fill: ink })];
}

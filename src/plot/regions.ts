import { borderOf, type Grid, type Place, placeCrossings } from "./contour.js";
import { ink } from "./look.js";
import type { Spec } from "./picture.js";
import { type Plane, pixelLayer, pixelOf, textLayers } from "./plane.js";
import type { Output } from "./predictor.js";

/** A predictor on its grid. */
export interface Surface {
  readonly grid: Grid;
  readonly places: readonly Place[];
  readonly output: Output;
  readonly evaluate: (at: readonly Place[]) => Output;
  readonly plane: Plane;
}

/** What of a prediction is above zero in a region. */
export type Field = (output: Output) => Float64Array;

/** Rings, or lines. */
export type Outlines = readonly (readonly Place[])[];

/** Where a field is above zero (as an area), or crosses zero (as lines). */
export function outlines(surface: Surface, field: Field, kind: "area" | "line"): Outlines {
  const { grid, places, output, evaluate } = surface;
  const values = field(output);
  const border = borderOf(values, grid, kind);
  const at = placeCrossings(border.crossings, places, values, (some) => field(evaluate(some)));
  return border.ways.map(({ crossings, isRing }) => {
    const line = crossings.map((crossing) => at[crossing] as Place);
    return isRing ? [...line, line[0] as Place] : line;
  });
}

const inPixels = (lines: Outlines, plane: Plane): Outlines =>
  lines.map((line) => line.map((place) => pixelOf(place, plane)));

/** Areas in their colours, the later over the earlier. */
export function areaLayers(
  areas: readonly { readonly outlines: Outlines; readonly colour: string }[],
  plane: Plane,
): Spec[] {
  return areas
    .filter((area) => area.outlines.length > 0)
    .map(({ outlines, colour }) => {
      const geometry = { type: "Polygon", coordinates: inPixels(outlines, plane) };
      // The stroke closes the hair between neighbours.
      const mark = { fill: colour, stroke: colour, strokeWidth: 0.8 };
      return pixelLayer([{ type: "Feature", geometry }], mark);
    });
}

const styles = {
  level: { strokeDash: [1, 0], strokeWidth: 0.6 },
  boundary: { strokeDash: [1, 0], strokeWidth: 1.8 },
  margin: { strokeDash: [6, 4], strokeWidth: 1.4 },
} as const;

/** Lines by their kind; where there are margins, a legend tells them from the boundary. */
export function lineLayers(
  groups: readonly { readonly kind: keyof typeof styles; readonly outlines: Outlines }[],
  plane: Plane,
): Spec[] {
  const present = groups.filter((group) => group.outlines.length > 0);
  const named = present.map(({ kind }) => kind).filter((kind) => kind !== "level");
  const dash = {
    field: "kind",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: named, range: named.map((kind) => styles[kind].strokeDash) },
    legend: { symbolType: "stroke", symbolSize: 500, symbolStrokeColor: ink },
  };
  return present.map(({ kind, outlines }) => {
    const geometry = { type: "MultiLineString", coordinates: inPixels(outlines, plane) };
    const mark = { filled: false, stroke: ink, ...styles[kind] };
    const isNamed = kind !== "level" && named.includes("margin");
    const more = isNamed ? { encoding: { strokeDash: dash } } : {};
    return pixelLayer([{ type: "Feature", kind, geometry }], mark, more);
  });
}

/** How far, in pixels, a number on a line stays from the frame and points, and from other numbers. */
const CLEAR = 16;
const APART = 24;

/** The number of each level on its line, as far from the others as there is room. */
export function levelLabels(
  levels: readonly { readonly level: number; readonly outlines: Outlines }[],
  points: readonly Place[],
  plane: Plane,
): Spec[] {
  const { width, height } = plane.size;
  const dots = points.map((point) => pixelOf(point, plane));
  const isClear = (x: number, y: number): boolean =>
    Math.min(x, y, width - x, height - y) >= CLEAR &&
    dots.every(([u, v]) => Math.hypot(x - u, y - v) >= CLEAR);
  const taken: (readonly number[])[] = [];
  const texts: { at: Place; text: string }[] = [];
  for (const { level, outlines } of levels) {
    let best: { at: Place; pixel: readonly number[]; distance: number } | undefined;
    for (const at of outlines.flat()) {
      const pixel = pixelOf(at, plane);
      const [x, y] = pixel;
      if (!isClear(x, y)) continue;
      const distance = taken.reduce(
        (least, [u, v]) => Math.min(least, Math.hypot(x - (u as number), y - (v as number))),
        Number.MAX_VALUE,
      );
      if (best === undefined || distance > best.distance) best = { at, pixel, distance };
    }
    if (best === undefined || best.distance < APART) continue;
    taken.push(best.pixel);
    texts.push({ at: best.at, text: String(Number(level.toPrecision(3))) });
  }
  return textLayers(texts, plane, 10);
}

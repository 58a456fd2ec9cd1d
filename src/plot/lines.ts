import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { DomainError, ShapeError, UsageError } from "../index.js";
import { domainOf, logAxis } from "./axis.js";
import { isPlain, type Numbers, numbersOf } from "./checks.js";
import { colourOf } from "./look.js";
import {
  type Picture,
  type PictureOptions,
  pictureOf,
  pictureOptions,
  type Spec,
} from "./picture.js";

/** The heights of a line at 1, 2, 3, …, or at positions of its own. */
export type Line = Numbers | { readonly x: Numbers; readonly y: Numbers };

/** Options of {@link lines}. */
export interface LinesOptions extends PictureOptions {
  /** Which axes are logarithmic: `true` is y. */
  readonly log?: boolean | "x" | "y" | "xy" | undefined;
  readonly xTitle?: string | undefined;
  readonly yTitle?: string | undefined;
  /** Whether each number is a dot too; unless said, only one that stands alone is. */
  readonly dots?: boolean | undefined;
}

/** A line with its name, and only places that can be drawn. */
export interface Drawn {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
}

/**
 * Lines in one plot, by their names. A number that is not finite is a gap.
 *
 * @throws DomainError when a line has no finite number, or a logarithmic axis meets one that is not
 *   positive; ShapeError when x and y differ in length; UsageError for what is no line.
 * @example
 * const path = lines({ sgd: [1, 0.1, 0.01], adam: [1, 0.3, 0.2] }, { log: true, xTitle: "step" });
 * path instanceof Picture; // true
 */
export function lines(series: Readonly<Record<string, Line>>, options: LinesOptions = {}): Picture {
  requireNames("lines", options, [...pictureOptions, "log", "xTitle", "yTitle", "dots"]);
  if (!isPlain(series)) {
    throw new UsageError(
      `lines: the series are ${said(series)}; an object of lines by name was wanted`,
    );
  }
  const all = Object.entries(series);
  if (all.length === 0) throw new UsageError("lines: there are no lines");
  const drawn = all.map(([name, line]) => lineOf("lines", name, line));
  return linePicture("lines", drawn, options);
}

/** Reads a line, and refuses what cannot be drawn. */
export function lineOf(where: string, name: string, line: Line): Drawn {
  const own = isPair(line);
  const ys = numbersOf(where, own ? `${name}.y` : name, own ? line.y : line);
  const xs = own ? numbersOf(where, `${name}.x`, line.x) : ys.map((_, i) => i + 1);
  if (xs.length !== ys.length) {
    throw new ShapeError(`${where}: ${name} has ${xs.length} x and ${ys.length} y`);
  }
  if (ys.length === 0) throw new ShapeError(`${where}: ${name} is empty`);
  const wrong = xs.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) throw new DomainError(`${where}: ${name}.x[${wrong}] is ${xs[wrong]}`);
  if (!ys.some(Number.isFinite)) {
    throw new DomainError(`${where}: none of the ${ys.length} numbers of ${name} is finite`);
  }
  const points = ys.map((y, i) => ({ x: xs[i] as number, y: Number.isFinite(y) ? y : null }));
  return { name, points };
}

function isPair(line: Line): line is { x: Numbers; y: Numbers } {
  return typeof line === "object" && line !== null && "x" in line && "y" in line;
}

/** The picture of lines, with `more` layers over them. */
export function linePicture(
  where: string,
  drawn: readonly Drawn[],
  options: LinesOptions,
  more: readonly Spec[] = [],
): Picture {
  const { log = false, xTitle = null, yTitle = null, dots } = options;
  const isLog = (axis: "x" | "y"): boolean =>
    log === true ? axis === "y" : typeof log === "string" && log.includes(axis);
  const axis = (name: "x" | "y", title: string | null): Spec => {
    const channel = { field: name, type: "quantitative", title };
    if (isLog(name)) return { ...channel, ...logAxis(positive(where, name, drawn)) };
    const values = drawn.flatMap((line) => line.points.flatMap((point) => point[name] ?? []));
    const isConstant = values.every((value) => value === values[0]);
    const scale = isConstant ? { domain: domainOf(values, 0), nice: false } : { zero: false };
    const whole = values.every(Number.isInteger);
    return { ...channel, scale, ...(whole && { axis: { tickMinStep: 1 } }) };
  };
  const names = drawn.map((line) => line.name);
  const dotted = dots === false ? [] : dots === true ? drawn : drawn.map(alone);
  const colour = {
    field: "series",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: names, range: names.map((_, i) => colourOf(i)) },
    legend: names.length === 1 ? null : { symbolType: "stroke", symbolSize: 300 },
  };
  const encoding = { x: axis("x", xTitle), y: axis("y", yTitle), color: colour };
  const valuesOf = (some: readonly Drawn[]): Spec[] =>
    some.flatMap(({ name, points }) => points.map((point) => ({ series: name, ...point })));
  const layer: Spec[] = [{ data: { values: valuesOf(drawn) }, mark: "line", encoding }];
  if (valuesOf(dotted).length > 0) {
    const mark = { type: "point", filled: true, size: 30, opacity: 1 };
    layer.push({ data: { values: valuesOf(dotted) }, mark, encoding });
  }
  return pictureOf(where, { width: 520, height: 320, layer: [...layer, ...more] }, options);
}

/** The points of a line that no piece of it leads to. */
function alone({ name, points }: Drawn): Drawn {
  const isGap = (i: number): boolean => (points[i]?.y ?? null) === null;
  return { name, points: points.filter((_, i) => !isGap(i) && isGap(i - 1) && isGap(i + 1)) };
}

/** The numbers on a logarithmic axis. */
function positive(where: string, axis: "x" | "y", drawn: readonly Drawn[]): number[] {
  return drawn.flatMap(({ name, points }) =>
    points.flatMap((point, i) => {
      const value = point[axis];
      if (value === null) return [];
      if (value > 0) return [value];
      throw new DomainError(
        `${where}: ${name} has the ${axis} ${value} at [${i}], which a logarithmic axis does not reach; ` +
          "leave out log",
      );
    }),
  );
}

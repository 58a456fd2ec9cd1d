import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { UsageError } from "../index.js";
import { isPlain } from "./checks.js";
import { drawSvg } from "./draw.js";
import { savePicture } from "./file.js";
import { look, ticks } from "./look.js";
import { drawPng } from "./png.js";

/** A Vega-Lite spec, as data. */
export type Spec = Readonly<Record<string, unknown>>;

/** What every picture takes beside its data. */
export interface PictureOptions {
  readonly title?: string | undefined;
  /** A line below the title; an array for several. */
  readonly subtitle?: string | readonly string[] | undefined;
  /** Of the plot without its axes, in pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** The names of the options. */
export const pictureOptions = ["title", "subtitle", "width", "height"];

/** How large a PNG is. */
export interface PngOptions {
  /** Pixels of the image for one of the picture: 2 unless given, which is sharp on most screens. */
  readonly scale?: number | undefined;
}

/**
 * A picture: a Vega-Lite spec with its data, drawn when it is asked for. Drawing needs the packages
 * vega and vega-lite; a PNG in Node needs \@resvg/resvg-wasm and dejavu-fonts-ttf too. A browser, a
 * network or native code are not needed.
 */
export class Picture {
  constructor(
    /** The whole Vega-Lite spec, look and data included: JSON that other tools draw too. */
    readonly spec: Spec,
  ) {}

  /** The picture as the text of an SVG file: the same text in every run. */
  svg(): Promise<string> {
    return drawSvg(this.spec);
  }

  /** The picture as the bytes of a PNG file. */
  async png(options: PngOptions = {}): Promise<Uint8Array> {
    requireNames("png", options, ["scale"]);
    const { scale = 2 } = options;
    if (!(Number.isFinite(scale) && scale > 0)) {
      throw new UsageError(`png: scale is ${said(scale)}; a positive number was wanted`);
    }
    return drawPng(await this.svg(), scale);
  }

  /** Writes the picture to a file that ends in .svg or .png: whole, or not at all. */
  save(path: string | URL): Promise<void> {
    return savePicture(path, this);
  }
}

/**
 * A picture of any [Vega-Lite](https://vega.github.io/vega-lite/docs/) spec, in the look of the
 * others; what the spec's own `config` says has precedence.
 *
 * @throws UsageError when the spec is no object, or has a size that does not fit.
 * @example
 * const bars = picture(
 *   {
 *     data: { values: [{ city: "Oslo", rain: 763 }, { city: "Rome", rain: 804 }] },
 *     mark: "bar",
 *     encoding: { x: { field: "city" }, y: { field: "rain", type: "quantitative" } },
 *   },
 *   { title: "Rain in a year", width: 200 },
 * );
 * bars.spec.width; // 200
 */
export function picture(spec: object, options: PictureOptions = {}): Picture {
  requireNames("picture", options, pictureOptions);
  return pictureOf("picture", spec, options);
}

/** The same, for the function `where`. */
export function pictureOf(where: string, spec: object, options: PictureOptions): Picture {
  if (!isPlain(spec)) {
    throw new UsageError(`${where}: the spec is ${said(spec)}; an object of Vega-Lite was wanted`);
  }
  const given = spec as Spec;
  if (!kinds.some((kind) => kind in given)) {
    throw new UsageError(`${where}: the spec has none of ${kinds.join(", ")}, so it shows nothing`);
  }
  const { width, height } = options;
  requireSizes(where, options);
  const isSized = "mark" in given || "layer" in given;
  if (!isSized && (width !== undefined || height !== undefined)) {
    throw new UsageError(
      `${where}: width and height are for a spec with a mark or layers, which this is not; ` +
        "set them in its parts",
    );
  }
  return new Picture({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...given,
    ...titled(given.title, options),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    config: merged(isSized ? { ...look, ...ticks } : look, given.config),
  });
}

/** What a spec of Vega-Lite has one of. */
const kinds = ["mark", "layer", "facet", "repeat", "concat", "hconcat", "vconcat"] as const;

/** The largest side of a picture in pixels. */
const MOST = 10_000;

/** Refuses sizes that are none. */
export function requireSizes(where: string, { width, height }: PictureOptions): void {
  for (const [name, size] of Object.entries({ width, height })) {
    if (size === undefined || (typeof size === "number" && size > 0 && size <= MOST)) continue;
    throw new UsageError(
      `${where}: ${name} is ${said(size)}; a positive number of at most ${MOST} was wanted`,
    );
  }
}

/** The title of the spec, with what the options give instead; an empty one is none. */
function titled(given: unknown, { title, subtitle }: PictureOptions): Spec {
  if (title === undefined && subtitle === undefined) return {};
  const own = isPlain(given) ? given : { text: given };
  const text = title ?? own.text ?? "";
  const below = subtitle ?? own.subtitle ?? "";
  if (text === "" && below === "") return { title: null };
  const { subtitle: _, ...rest } = own;
  return { title: { ...rest, text, ...(below !== "" && { subtitle: below }) } };
}

/** `over` laid over `under`, objects within objects too. */
function merged(under: Spec, over: unknown): Spec {
  if (!isPlain(over)) return under;
  const all: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = all[key];
    all[key] = isPlain(below) && isPlain(value) ? merged(below, value) : value;
  }
  return all;
}

import { UsageError } from "../index.js";
import { drawSvg } from "./draw.js";
import { savePicture } from "./file.js";
import { look } from "./look.js";
import { drawPng } from "./png.js";

/** A Vega-Lite spec, as data. */
export type Spec = Readonly<Record<string, unknown>>;

/** What every picture takes beside its data. */
export interface PictureOptions {
  readonly title?: string;
  /** A line below the title; an array for several. */
  readonly subtitle?: string | readonly string[];
  /** Of the plot without its axes, in pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** How large a PNG is. */
export interface PngOptions {
  /** Pixels of the image for one of the picture: 2 unless given, which is sharp on most screens. */
  readonly scale?: number;
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
  async png({ scale = 2 }: PngOptions = {}): Promise<Uint8Array> {
    if (!(Number.isFinite(scale) && scale > 0)) {
      throw new UsageError(`png: scale is ${String(scale)}; a positive number was wanted`);
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
  return pictureOf("picture", spec, options);
}

/** The same, for the function `where`. */
export function pictureOf(where: string, spec: object, options: PictureOptions): Picture {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    throw new UsageError(`${where}: the spec is none; an object of Vega-Lite was wanted`);
  }
  const given = spec as Spec;
  const { title, subtitle, width, height } = options;
  for (const [name, size] of Object.entries({ width, height })) {
    if (size === undefined) continue;
    if (!(Number.isFinite(size) && size > 0)) {
      throw new UsageError(`${where}: ${name} is ${String(size)}; a positive number was wanted`);
    }
    if (!("mark" in given || "layer" in given)) {
      throw new UsageError(
        `${where}: ${name} is for a spec with a mark or layers, which this is not`,
      );
    }
  }
  return new Picture({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...given,
    ...titled(given.title, title, subtitle),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    config: merged(look, given.config),
  });
}

/** The title of the spec, with what the options give instead. */
function titled(
  given: unknown,
  text: string | undefined,
  subtitle: string | readonly string[] | undefined,
): Spec {
  if (text === undefined && subtitle === undefined) return {};
  const own = isPlain(given) ? given : given === undefined ? { text: "" } : { text: given };
  return {
    title: {
      ...own,
      ...(text !== undefined && { text }),
      ...(subtitle !== undefined && { subtitle }),
    },
  };
}

const isPlain = (value: unknown): value is Spec =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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

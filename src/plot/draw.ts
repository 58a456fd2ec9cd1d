import { UsageError } from "../index.js";
import { textWidth } from "./measure.js";
import { loadVega } from "./peers.js";
import type { Spec } from "./picture.js";
import { stable } from "./stable.js";

/** The picture that is drawn at the moment: the next waits for it. */
let current: Promise<unknown> = Promise.resolve();

/** The SVG of a spec; what Vega has to complain about becomes an error. */
export async function drawSvg(spec: Spec): Promise<string> {
  const modules = await loadVega();
  const drawn = current.then(() => draw(modules, spec));
  current = drawn.catch(() => {});
  return drawn;
}

async function draw(
  { vega, lite }: Awaited<ReturnType<typeof loadVega>>,
  spec: Spec,
): Promise<string> {
  const complaints: string[] = [];
  const note = (...parts: readonly unknown[]): void => {
    const texts = parts.map((part) => (part instanceof Error ? part.message : String(part)));
    complaints.push(texts.join(" "));
  };
  // Data that does not load is a warning of Vega's, and then a picture of nothing.
  const logger = vega.logger(vega.Warn, undefined, (method, _, parts) => {
    if (method === "warn" && parts[0] !== "Loading failed") console.warn(...parts);
    else note(...parts);
  });
  // The measure of texts is Vega's own for all views: it is given back at the end.
  const { textMetrics } = vega as unknown as { textMetrics: { width: typeof textWidth } };
  const { width } = textMetrics;
  textMetrics.width = textWidth;
  let view: InstanceType<typeof vega.View> | undefined;
  try {
    // Vega writes into the data, which may be frozen, or drawn twice.
    const copy = structuredClone(spec) as unknown as Parameters<typeof lite.compile>[0];
    const compiled = lite.compile(copy, { logger });
    view = new vega.View(vega.parse(compiled.spec), { renderer: "none", logger });
    const svg = await view.toSVG();
    if (complaints.length === 0) return stable(svg);
  } catch (error) {
    note(error);
  } finally {
    textMetrics.width = width;
    view?.finalize();
  }
  throw new UsageError(`picture: the spec cannot be drawn: ${complaints.join("; ")}`);
}

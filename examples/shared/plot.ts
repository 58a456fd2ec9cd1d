import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

const folder = new URL("../../out/", import.meta.url);

/** One look for all pictures. */
const look = {
  background: "white",
  font: "Helvetica, Arial, sans-serif",
  padding: 16,
  title: {
    anchor: "start",
    fontSize: 16,
    subtitleFontSize: 12,
    subtitleColor: "#555",
    subtitlePadding: 6,
    offset: 14,
  },
  axis: { labelFontSize: 11, titleFontSize: 12, titlePadding: 8, gridColor: "#e6e6e6" },
  legend: { labelFontSize: 11, titleFontSize: 12, labelLimit: 300 },
  view: { stroke: "#bbb" },
} as const;

/** Draws a Vega-Lite picture as `out/<name>.svg`, without a browser, and says where it is. */
export async function drawSvg(name: string, spec: TopLevelSpec): Promise<void> {
  const vega = compile({ ...spec, config: look }).spec;
  const svg = await new View(parse(vega), { renderer: "none" }).toSVG();
  const file = fileURLToPath(new URL(`${name}.svg`, folder));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, svg);
  console.log(`drawn  ${relative(process.cwd(), file)}`);
}

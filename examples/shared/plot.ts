import { mkdirSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Picture, picture } from "tracegrad/plot";

const folder = fileURLToPath(new URL("../../out/", import.meta.url));

/** Saves a picture, or a Vega-Lite spec as one, as `out/<name>.svg`, and says where it is. */
export async function drawSvg(name: string, drawn: Picture | object): Promise<void> {
  const file = `${folder}${name}.svg`;
  mkdirSync(folder, { recursive: true });
  await (drawn instanceof Picture ? drawn : picture(drawn)).save(file);
  console.log(`drawn  ${relative(process.cwd(), file)}`);
}

/** A channel of numbers in a Vega-Lite spec: their field, their title, and what else there is to say. */
export function quantitative(field: string, title: string | null, more: object = {}): object {
  return { field, type: "quantitative", title, ...more };
}

/** A channel of names. */
export function nominal(field: string, title: string | null, more: object = {}): object {
  return { field, type: "nominal", title, ...more };
}

import type { Matrix } from "ml-matrix";
import { drawSvg, nominal, quantitative } from "../shared/plot.js";
import { percent } from "../shared/print.js";

/** What principal components tell of penguins: the shares of the variance, directions, and scores. */
export interface Components {
  readonly shares: readonly number[];
  readonly measurements: readonly string[];
  readonly directions: Matrix;
  readonly scores: Matrix;
}

/** Penguins along two components, by species, and the measurements as directions among them. */
export function draw(
  species: readonly string[],
  { shares, measurements, directions, scores }: Components,
): Promise<void> {
  const at = (place: Matrix, i: number, scale = 1) => ({
    x: scale * place.get(i, 0),
    y: scale * place.get(i, 1),
  });
  const rays = measurements.flatMap((label, i) =>
    [0, 3].map((scale) => ({ label, scale, ...at(directions, i, scale) })),
  );
  const [first, second] = shares.map(
    (share, j) => `component ${j + 1} (${percent(share)} of the variance)`,
  );
  // Each name over a white one that is a little wider.
  const names = [{ stroke: "white", strokeWidth: 4 }, { color: "black" }].map((colour) => ({
    transform: [{ filter: "datum.scale > 0" }],
    mark: { type: "text", align: "left", dx: 6, fontSize: 12, ...colour },
    encoding: { text: { field: "label" } },
  }));
  const line = { mark: { type: "line", color: "black" }, encoding: { detail: { field: "label" } } };
  return drawSvg("pca", {
    title: {
      text: "Three species of penguins along their principal components",
      subtitle: `${species.length} penguins, four measurements, standardised; by gradient ascent`,
    },
    width: 520,
    height: 380,
    encoding: { x: quantitative("x", first ?? null), y: quantitative("y", second ?? null) },
    layer: [
      {
        data: { values: species.map((species, i) => ({ species, ...at(scores, i) })) },
        mark: { type: "point", opacity: 0.7 },
        encoding: { color: nominal("species", "species"), shape: nominal("species", "species") },
      },
      { data: { values: rays }, layer: [line, ...names] },
    ],
  });
}

import { drawSvg, nominal, quantitative } from "../shared/plot.js";

/** A plane, where each penguin lies in it, and how many lie nearest to the mean of another species. */
export interface Plane {
  readonly title: string;
  readonly scores: readonly (readonly number[])[];
  readonly wrong: number;
}

/** Penguins by species in two planes, side by side. */
export function draw(species: readonly string[], planes: readonly Plane[]): Promise<void> {
  const scale = { padding: 10 };
  return drawSvg("lda", {
    title: {
      text: "What tells three species of penguins apart",
      subtitle: `${species.length} penguins, four measurements; discriminants by gradient ascent on Fisher's criterion`,
    },
    hconcat: planes.map(({ title, scores, wrong }) => ({
      title: {
        text: title,
        fontSize: 13,
        subtitle: `${wrong} nearest to the mean of another species`,
      },
      width: 340,
      height: 300,
      data: { values: scores.map(([x, y], i) => ({ x, y, species: species[i] })) },
      mark: { type: "point", size: 40, strokeWidth: 1.5, opacity: 0.85 },
      encoding: {
        x: quantitative("x", "first direction", { scale }),
        y: quantitative("y", "second direction", { scale }),
        color: nominal("species", "species"),
        shape: nominal("species", "species"),
      },
    })),
  });
}

import type { Tensor } from "tracegrad";
import { decisionBoundary, lines } from "tracegrad/plot";
import { drawSvg } from "../shared/plot.js";

/** Flowers: their petals [n, 2] and species, and the probability of the second. */
export interface Flowers {
  readonly petals: Tensor;
  readonly labels: Tensor;
  readonly species: readonly string[];
  readonly probability: (petals: Tensor) => Tensor;
}

/** Where each species is likelier; and how the gradient vanishes, by the steps of each method. */
export async function draw(
  { petals, labels, species, probability }: Flowers,
  way: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  const boundary = decisionBoundary(probability, {
    points: petals,
    labels,
    classes: species,
    threshold: 0.5,
    levels: [0.01, 0.1, 0.9, 0.99],
    title: "Which iris has this petal?",
    subtitle: "Lines where virginica has the probability 0.01, 0.1, 0.5, 0.9 and 0.99",
    xTitle: "petal length (cm)",
    yTitle: "petal width (cm)",
    width: 540,
    height: 380,
  });
  await drawSvg("logistic_regression", boundary);
  const steps = (method: string): number => (way[method]?.length ?? 0) - 1;
  const descents = lines(way, {
    title: `Newton arrives in ${steps("Newton")} steps, gradient descent in ${steps("gradient descent")}`,
    subtitle: "The largest entry of the gradient, before each step",
    xTitle: "step",
    yTitle: "gradient",
    log: "xy",
    width: 540,
    height: 320,
  });
  await drawSvg("logistic_regression_steps", descents);
}

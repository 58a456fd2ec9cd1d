/** The weights w and the offset b of the line that a support vector machine finds, and the multipliers. */
export interface Machine {
  readonly w: readonly number[];
  readonly b: number;
  readonly lambda: readonly number[];
  readonly steps: number;
}

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);

/** The hard margin of points with signs y = ±1 by sequential minimal optimization, in plain numbers. */
export function minimalOptimization(
  rows: readonly (readonly number[])[],
  signs: readonly number[],
): Machine {
  const points = rows.map((x, i) => ({ x, y: signs[i] ?? 0, lambda: 0 }));
  const w = rows[0]?.map(() => 0) ?? [];
  for (let steps = 0; ; steps++) {
    // The pull y ∂D/∂λ: largest at i, where yλ may grow, and least at j, where it may fall.
    const pulls = points.map((point) => ({ ...point, point, pull: point.y - dot(point.x, w) }));
    const [i] = pulls
      .filter(({ y, lambda }) => y > 0 || lambda > 0)
      .sort((a, b) => b.pull - a.pull);
    const [j] = pulls
      .filter(({ y, lambda }) => y < 0 || lambda > 0)
      .sort((a, b) => a.pull - b.pull);
    if (!i || !j || i.pull - j.pull <= 1e-13) {
      return { w, b: i?.pull ?? 0, lambda: points.map((point) => point.lambda), steps };
    }
    const way = i.x.map((value, k) => value - (j.x[k] ?? 0));
    const whole = (i.pull - j.pull) / dot(way, way);
    const move = Math.min(whole, i.y < 0 ? i.lambda : whole, j.y > 0 ? j.lambda : whole);
    i.point.lambda += i.y * move;
    j.point.lambda -= j.y * move;
    for (const [k, value] of way.entries()) w[k] = (w[k] ?? 0) + move * value;
  }
}

/** What a series tells of a noise: its expected value, and the variance that is left. */
export interface Noise {
  readonly mean: number;
  readonly variance: number;
}

/**
 * The disturbance smoother of the local level model with variances e and h: forward the Kalman
 * filter, then backward over what it left (Durbin and Koopman, 2012, section 2.5). Of each
 * measurement its noise ε, and the step η from each level to the next.
 */
export function smooth(y: readonly number[], e: number, h: number): { eps: Noise[]; eta: Noise[] } {
  // The first measurement tells nothing of itself: v/F = 1/F = 0 and K = 1.
  const steps = [{ error: 0, precision: 0, K: 1 }];
  let [a, P] = [y[0] ?? Number.NaN, e + h];
  for (const yt of y.slice(1)) {
    const F = P + e;
    const K = P / F;
    steps.push({ error: (yt - a) / F, precision: 1 / F, K });
    a += K * (yt - a);
    P = (1 - K) * P + h;
  }
  const eps: Noise[] = [];
  const eta: Noise[] = [];
  let [r, N] = [0, 0];
  for (const { error, precision, K } of steps.toReversed()) {
    eta.unshift({ mean: h * r, variance: h - h * h * N });
    eps.unshift({ mean: e * (error - K * r), variance: e - e * e * (precision + K * K * N) });
    r = error + (1 - K) * r;
    N = precision + (1 - K) ** 2 * N;
  }
  return { eps, eta: eta.slice(0, -1) };
}

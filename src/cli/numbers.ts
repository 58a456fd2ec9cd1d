/** A matrix of numbers, row by row; a vector is a column. */
export interface Numbers {
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly number[];
}

/** Numbers that agree to this, relative to the largest, are equal. */
export const CLOSE = 1e-8;

/** Below this size differences count as they are: they may be what rounding left of larger numbers. */
const SMALL = 1e-4;

export function transposed({ rows, columns, data }: Numbers): Numbers {
  const turned = Array.from(
    data,
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] as number,
  );
  return { rows: columns, columns: rows, data: turned };
}

export const scaled = (c: number, X: Numbers): Numbers => ({
  ...X,
  data: X.data.map((x) => c * x),
});

export const sameShape = (X: Numbers, Y: Numbers): boolean =>
  X.rows === Y.rows && X.columns === Y.columns;

export const allFinite = ({ data }: Numbers): boolean => data.every(Number.isFinite);

export const sizeOf = ({ data }: Numbers): number =>
  data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** How far two of one shape are apart, relative to the larger. */
export function distance(X: Numbers, Y: Numbers): number {
  const off = X.data.reduce((most, x, i) => Math.max(most, Math.abs(x - (Y.data[i] as number))), 0);
  return off / Math.max(SMALL, sizeOf(X), sizeOf(Y));
}

export const isClose = (X: Numbers, Y: Numbers): boolean =>
  sameShape(X, Y) && distance(X, Y) <= CLOSE;

/** The number by which the second is multiplied to come nearest to the first, over all pairs. */
export function ratio(pairs: readonly (readonly [Numbers, Numbers])[]): number {
  let [both, own] = [0, 0];
  for (const [X, Y] of pairs) {
    Y.data.forEach((y, i) => {
      both += (X.data[i] as number) * y;
      own += y * y;
    });
  }
  return both / own;
}

/** A number as a person writes it: 2, 1/3, 0.1234. */
export function written(x: number): string {
  if (Math.abs(x) < 1e-9) return "0";
  for (let below = 1; below <= 12; below++) {
    const above = Math.round(x * below);
    if (above === 0 || Math.abs(above) > 1000 || Math.abs(x * below - above) > 1e-7) continue;
    return below === 1 ? String(above) : `${above}/${below}`;
  }
  return String(Number(x.toPrecision(4)));
}

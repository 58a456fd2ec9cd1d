/** A place in the plane. */
export type Place = readonly [number, number];

/** A grid of columns + 1 by rows + 1 places that fills two domains. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** The places of a grid, row by row. */
export function placesOf({ columns, rows, x, y }: Grid): Place[] {
  const at = ([low, high]: readonly [number, number], i: number, n: number): number =>
    low + ((high - low) * i) / n;
  return Array.from({ length: (rows + 1) * (columns + 1) }, (_, i) => {
    const column = i % (columns + 1);
    return [at(x, column, columns), at(y, Math.floor(i / (columns + 1)), rows)];
  });
}

/** An edge of the grid that a level crosses: between a place inside (above it) and one outside. */
export interface Crossing {
  readonly inside: number;
  /** −1: beyond the grid; the crossing is then at `inside`. */
  readonly outside: number;
  /** Whether the field is not a number outside: the region ends, but no level is crossed. */
  readonly isGap: boolean;
}

/** A way along crossings with the inside to its left; a ring ends where it began. */
export interface Way {
  readonly crossings: readonly number[];
  readonly isRing: boolean;
}

/** The border of a region: its crossings, and the ways that pass through them. */
export interface Border {
  readonly crossings: readonly Crossing[];
  readonly ways: readonly Way[];
}

/** Corners of a cell, counterclockwise: as steps of column and row. */
const corners = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;

/**
 * Where a field on a grid is above zero, by marching squares. As an area the region is closed along
 * the rim of the grid; as a line its border ends there. What is not a number is outside.
 */
export function borderOf(field: ArrayLike<number>, grid: Grid, kind: "area" | "line"): Border {
  const { columns, rows } = grid;
  const crossings: Crossing[] = [];
  const known = new Map<string, number>();
  const next = new Map<number, number>();
  const from = kind === "area" ? -1 : 0;

  const indexOf = (column: number, row: number): number =>
    column < 0 || row < 0 || column > columns || row > rows ? -1 : row * (columns + 1) + column;
  const valueAt = (i: number): number => {
    const value = i < 0 ? Number.NaN : (field[i] as number);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  /** The crossing on the edge after corner `side` of a cell; the same for both cells beside it. */
  const crossingOn = (column: number, row: number, side: number): number => {
    const ends = [side, (side + 1) % 4].map((corner) => {
      const [dx, dy] = corners[corner] as readonly [number, number];
      return [column + dx, row + dy] as const;
    });
    const [a, b] = ends.map(([x, y]) => y * (columns + 3) + x) as [number, number];
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const [i, j] = ends.map(([x, y]) => indexOf(x, y)) as [number, number];
    const [inside, outside] = valueAt(i) > 0 ? [i, j] : [j, i];
    crossings.push({ inside, outside, isGap: outside >= 0 && Number.isNaN(field[outside]) });
    known.set(key, crossings.length - 1);
    return crossings.length - 1;
  };

  for (let row = from; row < rows - from; row++) {
    for (let column = from; column < columns - from; column++) {
      const values = corners.map(([dx, dy]) => valueAt(indexOf(column + dx, row + dy)));
      const above = values.map((value) => value > 0);
      // Walking counterclockwise: where the region is left, and where it is entered.
      const sides = [0, 1, 2, 3];
      const leaves = sides.filter((i) => above[i] && !above[(i + 1) % 4]);
      const enters = sides.filter((i) => !above[i] && above[(i + 1) % 4]);
      const isSaddle = leaves.length === 2;
      const joined = isSaddle && values.reduce((sum, value) => sum + value, 0) > 0;
      for (const side of leaves) {
        // A part of the region ends at `side`; its border goes on where the same part was entered,
        // but where two parts meet in the middle, where the other one is.
        const back = [1, 2, 3].map((step) => (side + (joined ? step : 4 - step)) % 4);
        const entry = back.find((i) => enters.includes(i)) as number;
        const step = [crossingOn(column, row, side), crossingOn(column, row, entry)] as const;
        const isBorder = kind === "area" || step.every((i) => !crossings[i]?.isGap);
        if (isBorder) next.set(...step);
      }
    }
  }
  return { crossings, ways: waysOf(next) };
}

/** The ways of which `next` holds the steps: first those with an end, then rings. */
function waysOf(next: Map<number, number>): Way[] {
  const ways: Way[] = [];
  const ends = new Set(next.values());
  const follow = (start: number): Way => {
    const crossings = [start];
    for (let at = start; ; ) {
      const to = next.get(at);
      next.delete(at);
      if (to === undefined) return { crossings, isRing: false };
      if (to === start) return { crossings, isRing: true };
      crossings.push(to);
      at = to;
    }
  };
  const starts = [...next.keys()].filter((crossing) => !ends.has(crossing));
  for (const start of starts) ways.push(follow(start));
  for (const start of [...next.keys()]) if (next.has(start)) ways.push(follow(start));
  return ways;
}

/**
 * Where on their edges a level is crossed: halved `rounds` times by what `evaluate` gives, which
 * also finds steps and the ends of what is a number, then by a straight line.
 */
export function placeCrossings(
  crossings: readonly Crossing[],
  places: readonly Place[],
  field: ArrayLike<number>,
  evaluate: (at: readonly Place[]) => ArrayLike<number>,
  rounds = 5,
): Place[] {
  const ends = crossings.map(({ inside, outside }) => {
    const at = outside < 0 ? inside : outside;
    const [a, b] = [places[inside] as Place, places[at] as Place];
    return { a, va: field[inside] as number, b, vb: field[at] as number };
  });
  const open = ends.filter(({ a, b }) => a !== b);
  for (let round = 0; round < rounds && open.length > 0; round++) {
    const middles = open.map(({ a, b }): Place => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    const values = evaluate(middles);
    open.forEach((end, i) => {
      const [middle, value] = [middles[i] as Place, values[i] as number];
      Object.assign(end, value > 0 ? { a: middle, va: value } : { b: middle, vb: value });
    });
  }
  return ends.map(({ a, va, b, vb }) => {
    // Of an infinite difference nothing follows but the middle; of none, as beyond a gap, the inside.
    const part = Number.isNaN(vb) ? 0 : va / (va - vb);
    const t = part >= 0 && part <= 1 ? part : 0.5;
    return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  });
}

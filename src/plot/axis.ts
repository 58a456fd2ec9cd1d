import type { Spec } from "./picture.js";

/** The scale and the labels of a logarithmic axis for positive numbers. */
export function logAxis(values: readonly number[]): Spec {
  const low = Math.log10(values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
  const high = Math.log10(values.reduce((a, b) => Math.max(a, b), 0));
  const room = high > low ? (high - low) * 0.04 : 0.5;
  const ticks = logTicks(low - room, high + room);
  const domain = [
    Math.max(10 ** (low - room), Number.MIN_VALUE),
    Math.min(10 ** (high + room), Number.MAX_VALUE),
  ];
  const small = "datum.value < 0.001 || datum.value >= 1e6";
  return {
    scale: { type: "log", domain, nice: false },
    axis: {
      labelExpr: `${small} ? format(datum.value, '.0e') : datum.label`,
      format: "~f",
      // Between two powers of ten that are close there are other numbers to write.
      ...(ticks.length > 1 && { values: ticks }),
    },
  };
}

/** The numbers to write between two powers of ten: 2 and 5 too where there are few others. */
function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(low), Math.ceil(high)];
  const digits = high - low <= 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil((last - first) / 8));
  const ticks: number[] = [];
  for (let power = first; power <= last; power++) {
    // Where powers are left out, 1 is not.
    if (power % every !== 0) continue;
    for (const digit of digits) ticks.push(Number(`${digit}e${power}`));
  }
  return ticks.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
}

/** The domain of an axis around numbers, with `room` of their extent left free at both ends. */
export function domainOf(values: readonly number[], room: number): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const free = high > low ? (high - low) * room : Math.max(Math.abs(low), 1) * 0.5;
  return [low - free, high + free];
}

/** Both domains, the shorter one made longer until a unit is as long on both axes. */
export function equalDomains(
  x: readonly [number, number],
  y: readonly [number, number],
  width: number,
  height: number,
): { x: [number, number]; y: [number, number] } {
  const unit = Math.max((x[1] - x[0]) / width, (y[1] - y[0]) / height);
  const around = ([low, high]: readonly [number, number], size: number): [number, number] => {
    const middle = low + (high - low) / 2;
    return [middle - (unit * size) / 2, middle + (unit * size) / 2];
  };
  return { x: around(x, width), y: around(y, height) };
}

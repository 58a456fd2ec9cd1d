/**
 * Colours that stay apart for the colour-blind, after Okabe and Ito (2008), two of Paul Tol's behind
 * them; the first are the strongest on white.
 */
const colours = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#332288",
  "#882255",
  "#7F7F7F",
  "#B8A800",
] as const;

/** One for each class beside the colour, so that a picture also reads in black and white. */
const shapes = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "triangle-down",
  "triangle-right",
  "triangle-left",
] as const;

export const ink = "#222222";

/** The look of all pictures, as the `config` of a Vega-Lite spec. */
export const look = {
  background: "white",
  padding: 16,
  font: "Helvetica, Arial, DejaVu Sans, sans-serif",
  view: { continuousWidth: 520, continuousHeight: 320, stroke: "#bbbbbb" },
  title: {
    anchor: "start",
    frame: "group",
    color: ink,
    fontSize: 16,
    fontWeight: "bold",
    subtitleFontSize: 12,
    subtitleColor: "#555555",
    subtitlePadding: 6,
    offset: 14,
  },
  axis: {
    labelColor: ink,
    labelFontSize: 11,
    titleColor: ink,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 8,
    gridColor: "#e6e6e6",
    domainColor: "#888888",
    tickColor: "#888888",
    labelFlush: false,
    labelLimit: 240,
  },
  legend: {
    labelColor: ink,
    labelFontSize: 11,
    labelLimit: 300,
    titleColor: ink,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titleLimit: 300,
    symbolSize: 70,
    symbolStrokeWidth: 1.5,
  },
  range: { category: colours, symbol: shapes },
  line: { strokeWidth: 2, strokeJoin: "round" },
  point: { size: 45, strokeWidth: 1.5, opacity: 0.85 },
  // Without `aria` each point of a picture carries its numbers a second time, as text.
  mark: { aria: false, color: colours[0] },
} as const;

/**
 * Fewer numbers on the axes than Vega-Lite writes, for a spec of one view: in one of several the
 * signals mean the whole, which has no size.
 */
export const ticks = {
  axisXQuantitative: { tickCount: { signal: "ceil(width / 65)" } },
  axisYQuantitative: { tickCount: { signal: "ceil(height / 50)" } },
} as const;

/** A colour on white paper with only `share` of its strength: #rrggbb. */
export function tint(colour: string, share: number): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const mixed = parts.map((part) => Math.round(255 - (255 - part) * share));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** The colour of the i-th series or class; they begin again where there are more. */
export function colourOf(i: number): string {
  return colours[i % colours.length] as string;
}

/** Its shape. */
export function shapeOf(i: number): string {
  return shapes[i % shapes.length] as string;
}

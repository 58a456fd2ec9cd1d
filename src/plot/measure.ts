/** What Vega knows of a text: the parts that its width depends on. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly limit?: number;
}

/** Characters of like width in DejaVu Sans, as a part of the font's size; all others are 0.7. */
const narrow = /[ ijlIJ'.,/:;\\|f\-()[\]t!r·¹²³⁰-⁹₀-₉ᵀ]/;
const common = /[a-eghknop-qsuvxyzFLPTY0-9"*_`?$]/;
const wide = /[mwMOQW@%#+<=>~^&−—…]/;
const fullWidth = /[\u2e80-\uffff]/;

/**
 * About the width of a text in DejaVu Sans, in pixels. Without a canvas Vega takes every character for
 * 0.8 of the size, which leaves gaps beside axes and legends; with one the width would depend on the
 * fonts of the machine, and the picture with it.
 */
export function textWidth(item: TextItem, text: unknown): number {
  const { fontSize = 11, fontWeight, limit } = item;
  const isBold = fontWeight === "bold" || Number(fontWeight) >= 600;
  let em = 0;
  for (const sign of String(text ?? "").trim()) em += widthOf(sign);
  const width = Math.ceil(em * fontSize * (isBold ? 1.12 : 1));
  return limit !== undefined && limit > 0 ? Math.min(width, limit) : width;
}

function widthOf(sign: string): number {
  if (narrow.test(sign)) return 0.38;
  if (common.test(sign)) return 0.63;
  if (wide.test(sign)) return 0.92;
  return fullWidth.test(sign) || sign.length > 1 ? 1 : 0.7;
}

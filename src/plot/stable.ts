/** Attributes with numbers in them, of more digits than a picture shows. */
const long = /-?\d+\.\d{3,}(?:e[-+]?\d+)?/g;

/** Characters that XML has no place for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * An SVG of Vega's with the same bytes in every run. Vega counts clip paths and gradients through the
 * life of the process: here they are named by the picture's own content, so that several can also
 * stand in one page. Coordinates keep two decimals, the rest differs between machines.
 */
export function stable(svg: string): string {
  const ids: string[] = [];
  const clean = svg.replace(control, "\ufffd").replace(/<[^>]*>/g, (tag) => {
    const id = / id="([^"]*)"/.exec(tag)?.[1];
    if (id !== undefined && !ids.includes(id)) ids.push(id);
    return tag.replace(long, (number) => String(Number(Number(number).toFixed(2)) + 0));
  });
  const renamed = (prefix: string): string =>
    ids.reduce(
      (text, id, i) =>
        text
          .replaceAll(` id="${id}"`, ` id="${prefix}${i}"`)
          .replaceAll(`url(#${id})`, `url(#${prefix}${i})`),
      clean,
    );
  return ids.length === 0 ? clean : renamed(`p${hash(renamed("#"))}-`);
}

/** FNV-1a, of 32 bits. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return (sum >>> 0).toString(36);
}

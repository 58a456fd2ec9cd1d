/** How much of a long text a message shows. */
const shown = 60;

/**
 * A message about a place in a text (an offset): the text, the column, what is the matter, and the
 * line again with a caret under the place. Of a long text it shows what is around.
 */
export function atPlace(text: string, at: number, what: string): string {
  // Columns count signs, not halves of them; what would break the line is shown as a space.
  const before = [...text.slice(0, at)].length;
  const signs = [...text.replace(/\s/g, " ")];
  const from = signs.length <= shown ? 0 : Math.max(0, before - shown / 2);
  const to = Math.min(signs.length, from + shown);
  const lead = from > 0 ? "…" : "";
  const line = `${lead}${signs.slice(from, to).join("")}${to < signs.length ? "…" : ""}`;
  const caret = `${" ".repeat(lead.length + before - from)}^`;
  const shownAgain = line.trim() === "" ? "" : `\n  ${line}\n  ${caret}`;
  return `parse: "${line}" at column ${before + 1}: ${what}${shownAgain}`;
}

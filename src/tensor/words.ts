/** How to come from what is often in the place of a tensor to what was meant. */
const REMEDIES: Readonly<Record<string, string>> = {
  "a Promise": " (await it)",
  "a Table": " (its tensor([names]) gives columns)",
};

/** What a value is, as in "a Table", and how to come from it to a tensor where that is one step. */
export function withRemedy(what: string): string {
  return `${what}${REMEDIES[what] ?? ""}`;
}

/** What to say where a name was likely meant for one of others: `did you mean axis? `, or nothing. */
export function meant(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === null ? "" : `did you mean ${near}? `;
}

/** The name that was most likely meant, if one is near enough. */
function nearest(name: string, names: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(name);
  let found: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const own of names) {
    const short = abbreviates(wanted, plain(own)) || wanted.startsWith(plain(own));
    const off = short ? 1 : edits(wanted, plain(own));
    if (off < Math.min(least, wanted.length) && off <= Math.max(2, own.length / 3)) {
      found = own;
      least = off;
    }
  }
  return found;
}

/** Whether a text begins with the first letter of a short one and has its others in order: lr, eps. */
function abbreviates(short: string, text: string): boolean {
  let at = -1;
  const inOrder = [...short].every((letter) => {
    at = text.indexOf(letter, at + 1);
    return at >= 0;
  });
  return inOrder && short[0] === text[0];
}

/** How many letters must be put in, left out or exchanged, or swapped with the next (Damerau 1964). */
export function edits(a: string, b: string): number {
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (last[j - 2] as number) + 1 : same;
      next.push(Math.min(same, swapped, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    [last, row] = [row, next];
  }
  return row[b.length] as number;
}

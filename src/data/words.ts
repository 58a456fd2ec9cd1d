import { edits, quoted, said } from "../checks/said.js";
import { UsageError } from "../index.js";

/** The first of some names; how many more there are where they are many. */
export function listed(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map(quoted).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** That there is no column of this name, and which was probably meant. */
export function unknownColumn(where: string, name: unknown, names: readonly string[]): UsageError {
  const near = typeof name === "string" ? nearest(name, names) : [];
  const meant = near.length > 0 ? `did you mean ${near.map(quoted).join(" or ")}? ` : "";
  const all = names.length === 0 ? "the table has none" : `there are ${listed(names)}`;
  return new UsageError(`${where}: there is no column ${said(name)}; ${meant}${all}`);
}

/** At most three of the names that are like one in spelling, the most alike first. */
function nearest(name: string, names: readonly string[]): string[] {
  const wanted = name.trim().toLowerCase().slice(0, 64);
  if (wanted === "") return [];
  const near = names.slice(0, 1000).flatMap((known) => {
    const own = known.toLowerCase().slice(0, 64);
    const isPart = wanted.length > 1 && (own.includes(wanted) || wanted.includes(own));
    const changes = isPart ? 1 : edits(wanted, own);
    const most = wanted.length < 2 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
    return changes <= most ? [{ known, changes }] : [];
  });
  near.sort((a, b) => a.changes - b.changes);
  return near.slice(0, 3).map(({ known }) => known);
}

/** Prints a title over a line of its own length. */
export function heading(title: string): void {
  console.log(`\n${title}\n${"=".repeat(title.length)}`);
}

/** Prints rows under one another: the first column to the left, the others to the right. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of lines) {
    const cells = line.map((cell, i) => {
      const width = widths[i] ?? 0;
      return i === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(`  ${cells.join("  ")}`.trimEnd());
  }
}

/** A share as a percentage with one decimal: `0.6884` is `68.8 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Says whether a promise of the example is kept; a broken one makes the program end with 1. */
export function check(promise: string, kept: boolean): void {
  console.log(`${kept ? "ok    " : "FAILED"} ${promise}`);
  if (!kept) process.exitCode = 1;
}

import { inspect } from "node:util";

/** Where the program writes, and what starts the library once it is known that it is needed. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether what goes to `out` may have colours. */
  readonly colour: boolean;
  readonly start: () => Promise<void>;
}

export type Style = "bold" | "dim" | "green" | "red";

/** Whether output may have colours: on a terminal, unless the user wants none (no-color.org). */
export function allowsColour(isTty: boolean | undefined, noColor: string | undefined): boolean {
  return isTty === true && (noColor === undefined || noColor === "");
}

/** A text in a style, where the terminal has colours. */
export function styled(terminal: Terminal, style: Style, text: string): string {
  if (!terminal.colour) return text;
  const [on, off] = inspect.colors[style] as [number, number];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/** Writes a value for programs that read the output. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

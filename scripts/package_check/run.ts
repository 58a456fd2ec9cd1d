import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end; gives what it printed, or throws with it. */
export async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { cwd, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Record<string, string>;
    const said = `${stdout}\n${stderr}`.trim() || message;
    throw new Error(`${command} ${args.join(" ")}\n${said}`);
  }
}

/** Says whether a part of the check holds, and what it found; a broken one makes the check end with 1. */
export async function step(name: string, body: () => Promise<string>): Promise<void> {
  const start = performance.now();
  try {
    const said = await body();
    const seconds = (performance.now() - start) / 1000;
    console.log(`ok      ${name}: ${said} (${seconds.toFixed(1)} s)`);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    console.log(`FAILED  ${name}: ${said.slice(0, 4000).replace(/\n/g, "\n        ")}`);
    process.exitCode = 1;
  }
}

/** Throws where something is not so. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

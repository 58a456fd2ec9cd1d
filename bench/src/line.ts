import { fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { settings } from "./workloads.js";

/** A peer's process: takes one question at a time, and answers it. */
export interface Line {
  ask(question: unknown): Promise<Reply>;
  close(): void;
}

export interface Reply {
  readonly answer?: unknown;
  readonly error?: string;
}

const ENDED: Reply = { error: "its process ended" };

/** A peer in JavaScript: `host.ts` with a file of `src/peers`. */
export function nodeLine(file: string): Line {
  const child = fork(new URL("./host.js", import.meta.url), [file], {
    serialization: "advanced",
  });
  const ended = once(child, "exit").then(() => ENDED);
  return {
    ask: (question) => {
      child.send(question as object);
      return Promise.race([once(child, "message").then(([reply]) => reply as Reply), ended]);
    },
    close: () => child.disconnect(),
  };
}

/** What keeps the libraries under Python peers on one thread; each peer also sees to itself. */
const ONE_THREAD = {
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  XLA_FLAGS: "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
};

/** A peer in Python, a script of `bench/peers`: a question and its answer are a line of JSON each. */
export function pythonLine(python: string, script: string): Line {
  const path = fileURLToPath(new URL(`../peers/${script}`, import.meta.url));
  const child = spawn(python, [path], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      ...ONE_THREAD,
      PYTHONDONTWRITEBYTECODE: "1",
      BENCH_SETTINGS: JSON.stringify(settings),
    },
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(() => ENDED);
  return {
    ask: (question) => {
      child.stdin.write(`${JSON.stringify(question, pack)}\n`);
      const reply = once(lines, "line").then(([line]) => JSON.parse(line, unpack) as Reply);
      return Promise.race([reply, ended]);
    },
    close: () => child.stdin.end(),
  };
}

/** The first Python on this machine that can import a module. */
export function pythonWith(module: string): string | undefined {
  return ["python3", "/usr/bin/python3"].find(
    (python) => spawnSync(python, ["-c", `import ${module}`]).status === 0,
  );
}

/** Arrays of numbers go as their bytes. */
function pack(_key: string, value: unknown): unknown {
  if (!(value instanceof Float32Array || value instanceof Float64Array)) return value;
  const { buffer, byteOffset, byteLength } = value;
  const dtype = value instanceof Float32Array ? "float32" : "float64";
  return { dtype, bytes: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
}

function unpack(_key: string, value: unknown): unknown {
  const { dtype, bytes } = (value ?? {}) as { dtype?: string; bytes?: string };
  if (bytes === undefined) return value;
  const { buffer } = Uint8Array.from(Buffer.from(bytes, "base64"));
  return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

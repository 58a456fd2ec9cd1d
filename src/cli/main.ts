#!/usr/bin/env node
import { run } from "./program.js";
import { allowsColour } from "./terminal.js";

// A reader that has enough, such as `head`, closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Not process.exit: it would cut off what a pipe has not taken yet.
process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  colour: allowsColour(process.stdout.isTTY, process.env.NO_COLOR),
  start: async () => {
    const { init } = await import("../index.js");
    // Formulas are checked on a few numbers: starting WebAssembly would take longer than that.
    await init({ backend: "reference" });
  },
});

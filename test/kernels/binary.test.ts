import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/index.js";
import { binaryUrl, faultOf, type WasmPaths } from "../../src/kernels/tfjs/binary.js";

const name = "tfjs-backend-wasm-simd.wasm";
const file = fileURLToPath(import.meta.resolve(`@tensorflow/tfjs-backend-wasm/dist/${name}`));

/** As in a browser, as far as tfjs can tell. */
async function outsideNode<T>(body: () => Promise<T>): Promise<T> {
  tf.env().set("IS_NODE", false);
  try {
    return await body();
  } finally {
    tf.env().set("IS_NODE", true);
  }
}

describe("where tfjs's binary is", () => {
  it("is tfjs's business in Node", async () => {
    expect(await binaryUrl()).toBe(null);
  });

  it("is the package's own copy in a browser, the same bytes", async () => {
    const url = await outsideNode(() => binaryUrl());
    const response = await fetch(url ?? "");
    expect(response.headers.get("content-type")).toBe("application/wasm");
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(readFileSync(file))).toBe(true);
    expect(await outsideNode(() => faultOf(url))).toBe(null);
  });

  it.each<[WasmPaths, string]>([
    ["/assets/", `/assets/${name}`],
    ["/assets", `/assets/${name}`],
    ["", name],
    ["C:\\assets\\", `C:\\assets\\${name}`],
    [new URL("https://a.org/b"), `https://a.org/b/${name}`],
    [{ [name]: "/assets/tfjs-1a2b.wasm" }, "/assets/tfjs-1a2b.wasm"],
    [{ [name]: new URL("https://a.org/b.wasm") }, "https://a.org/b.wasm"],
  ])("is where wasmPaths says: %o", async (wasmPaths, url) => {
    expect(await binaryUrl(wasmPaths)).toBe(url);
  });

  it.each([{}, [], 3, null, { "tfjs-backend-wasm.wasm": "/a.wasm" }, { [name]: 3 }])(
    "wasmPaths may not be %o",
    async (wasmPaths) => {
      const asked = binaryUrl(wasmPaths as unknown as WasmPaths);
      await expect(asked).rejects.toThrow(UsageError);
      await expect(asked).rejects.toThrow(
        `init: wasmPaths is ${JSON.stringify(wasmPaths)}; a folder, as "/assets/", ` +
          `or { "${name}": url } was wanted`,
      );
    },
  );
});

describe("what is wrong with it", () => {
  const server = createServer((request, response) => {
    const page = request.url === "/index.html";
    response.writeHead(page ? 200 : 404, { "content-type": "text/html" }).end("<!doctype html>");
  });
  let origin = "";

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  const fault = (url: string): Promise<string | null> => outsideNode(() => faultOf(url));

  it("is said where it is not there, is another file, or cannot be reached", async () => {
    expect(await fault(`${origin}/${name}`)).toBe(`${origin}/${name} gives 404 Not Found`);
    const page = `${origin}/index.html`;
    expect(await fault(page)).toBe(`${page} is no WebAssembly, but text/html`);
    expect(await fault("http://127.0.0.1:1/")).toContain(
      "http://127.0.0.1:1/ could not be fetched",
    );
    expect(await fault("blob:nodedata:none")).toContain("must allow connect-src blob:");
  });
});

describe("in a program of its own", () => {
  const said = (code: string): string => {
    const program =
      'import { init, tensor } from "./src/index.js";' +
      "const start = (options) => init(options).then(() => tensor([1]).add(1).item(), String);" +
      `const print = (text) => process.stdout.write(text + "\\n"); ${code}`;
    const args = ["--import", "tsx", "--input-type=module", "-e", program];
    return spawnSync("node", args, { encoding: "utf8" }).stdout;
  };

  it("starts from a folder, and from a file", () => {
    const folder = JSON.stringify(dirname(file));
    expect(said(`print(await start({ wasmPaths: ${folder} }));`)).toBe("2\n");
    const record = JSON.stringify({ [name]: file });
    expect(said(`print(await start({ wasmPaths: ${record} }));`)).toBe("2\n");
  });

  it("starts once where several parts of a program ask for it at the same time", () => {
    expect(said("print(await Promise.all([start(), start(), start()]));")).toBe("2,2,2\n");
    const other = 'start({ backend: "reference" })';
    expect(said(`print(await Promise.all([start(), ${other}]));`)).toBe(
      '2,UsageError: init: tracegrad runs on "wasm" already; the backend is chosen once\n',
    );
  });

  it("names the file that is not there, and that tfjs does not try twice", () => {
    const out = said('for (const wasmPaths of ["/none", "/"]) print(await start({ wasmPaths }));');
    expect(out).toBe(
      `UsageError: init: tfjs did not start its WASM backend (/none/${name} could not be read); ` +
        "init({ wasmPaths }) says where its binary is: docs/browser.md has examples\n" +
        "UsageError: init: tfjs's WASM backend has failed to start before, and takes no other " +
        "binary then; start the program, or load the page, anew\n",
    );
  });

  it("says so where there is no SIMD, no WebAssembly, or it is forbidden", () => {
    const reference = '; print(await start({ backend: "reference" }));';
    expect(said(`WebAssembly.validate = () => false; print(await start())${reference}`)).toMatch(
      /^UsageError: init: WebAssembly has no SIMD here, .*"reference" \}\) needs no WebAssembly\n2\n$/,
    );
    expect(said(`delete globalThis.WebAssembly; print(await start())${reference}`)).toBe(
      "UsageError: init: there is no WebAssembly here; " +
        'init({ backend: "reference" }) needs no WebAssembly\n2\n',
    );
    const forbid = 'WebAssembly.compile = async () => { throw new Error("no") };';
    expect(said(`${forbid} print(await start());`)).toContain(
      "init: WebAssembly may not run here (Error: no); a Content-Security-Policy must allow",
    );
  });
});

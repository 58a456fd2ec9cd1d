import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCsv, parseJson, readCsv, readJson } from "../../src/data/index.js";
import { FormatError } from "../../src/index.js";
import { cpuTime } from "../cpu_time.js";

const html = '<!doctype html>\n<html lang="en">\n<head><title>App</title></head>\n</html>\n';

describe("an HTML page in place of a table", () => {
  it.each([
    ["of one line for each tag", html],
    ["of one line", html.replace(/\n/g, "")],
    ["with commas in it", html.replace("App", "Hello, you, there")],
    ["in capitals, after a mark and blank lines", `\uFEFF\n \r\n${html.toUpperCase()}`],
    ["without a doctype", html.slice(html.indexOf("<html"))],
    ["of XHTML", `<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD">\n<html></html>`],
    ["of which only the first tag came", "<!DOCTYPE html>"],
  ])("%s", (_, text) => {
    for (const header of [true, false, ["a"]]) {
      const read = () => parseCsv(text, { header, name: "cars.csv" });
      expect(read).toThrow(FormatError);
      expect(read).toThrow(
        "cars.csv: this is an HTML page, and CSV was wanted; many servers send one for a path that " +
          "they do not have",
      );
    }
    expect(() => parseJson(text)).toThrow(FormatError);
    expect(() => parseJson(text)).toThrow("JSON: this is an HTML page, and JSON was wanted");
  });

  it("is none where tags stand in cells", () => {
    expect(parseCsv("tag,count\n<html>,1\n").column("tag")).toEqual(["<html>"]);
    expect(parseCsv("<html>,<body>\n1,2\n").names).toEqual(["<html>", "<body>"]);
    expect(parseCsv('"<html><p>a, b</p></html>",1\n', { header: false }).length).toBe(1);
    expect(parseCsv("<htmlx>\n<a>\n").length).toBe(1);
    expect(parseJson({ page: [html] }).column("page")).toEqual([html]);
    expect(() => parseJson("<p>")).toThrow('"<" came where a value was wanted');
  });

  it("is found in time that grows as the text does", () => {
    const long = "<?xml ".repeat(300_000) + "<!doctype html ".repeat(300_000);
    const start = cpuTime();
    expect(parseCsv(long).length).toBe(0);
    expect(cpuTime() - start).toBeLessThan(5000);
  });

  describe("of a file or a server", () => {
    let folder = "";
    let server: Server;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "pages-"));
      await writeFile(join(folder, "index.html"), html);
      // As development servers do for pages that are programs.
      server = createServer((_, response) => {
        response.setHeader("content-type", "text/html");
        response.end(html);
      });
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    });
    afterAll(async () => {
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true });
    });

    it.each([
      ["CSV", readCsv],
      ["JSON", readJson],
    ])("by the reader of %s", async (kind, read) => {
      const path = join(folder, "index.html");
      await expect(read(path)).rejects.toThrow(FormatError);
      await expect(read(path)).rejects.toThrow(`${path}: this is an HTML page, and ${kind} was`);
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cars`;
      await expect(read(url)).rejects.toThrow(`${url}: this is an HTML page`);
      await expect(read(new URL(url), { columns: { a: "number" } })).rejects.toThrow(
        `cars: this is an HTML page, and ${kind} was wanted`,
      );
    });
  });
});

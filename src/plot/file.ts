import { said } from "../checks/said.js";
import { UsageError } from "../index.js";
import { writeParts } from "../io/atomic.js";
import { isNode } from "./peers.js";

const NAME = "picture.save";

/** What can be written. */
interface Drawable {
  svg(): Promise<string>;
  png(): Promise<Uint8Array>;
}

/** Writes a picture in the format that the file's name says. */
export async function savePicture(path: string | URL, picture: Drawable): Promise<void> {
  if (typeof path !== "string" && !(path instanceof URL)) {
    throw new UsageError(`${NAME}: the path is ${said(path)}; the name of a file was wanted`);
  }
  const name = path instanceof URL ? path.pathname : path;
  const kind = /[^/\\]\.(svg|png)$/i.exec(name)?.[1]?.toLowerCase();
  if (kind === undefined) {
    throw new UsageError(`${NAME}: "${name}" ends in neither .svg nor .png, which say the format`);
  }
  if (!isNode()) {
    throw new UsageError(`${NAME}: there are no files here; in a browser use svg() or png()`);
  }
  const svg = async () => new TextEncoder().encode(await picture.svg());
  await writeParts(NAME, path, [kind === "svg" ? await svg() : await picture.png()]);
}

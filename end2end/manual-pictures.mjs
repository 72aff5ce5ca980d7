// Makes the manual's pictures of what the journeys saw: `node end2end/manual-pictures.mjs` after a run.
// `![words](/manual/NAME.webp)` in docs/manual is the shot NAME-view.png of end2end/shots, and
// `/manual/NAME-375.webp` its telephone (the upper part); as small as a page on a screen needs.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { startBrowser } from "./lib/browser.mjs";

const HEIGHT = 1000;
const QUALITY = 0.72;

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "..");
const shots = path.join(here, "shots");
const out = path.join(root, "public/manual");
const wanted = new Set();
const manual = path.join(root, "docs/manual");
for (const file of await readdir(manual)) {
  const text = await readFile(path.join(manual, file), "utf8");
  for (const [, name] of text.matchAll(/!\[[^\]]*\]\(\/manual\/([a-z0-9-]+)\.webp\)/g)) wanted.add(name);
}

await mkdir(out, { recursive: true });
const chromium = await startBrowser(shots);
const page = await chromium.browser.newPage();
let missing = 0;
for (const name of [...wanted].sort()) {
  const shot = path.join(shots, `${/-375$/.test(name) ? name : `${name}-view`}.png`);
  const png = await readFile(shot).catch(() => null);
  if (!png) {
    missing += 1;
    console.log(`missing ${shot}`);
    continue;
  }
  const webp = await page.evaluate(smaller, { png: png.toString("base64"), height: HEIGHT, quality: QUALITY });
  await writeFile(path.join(out, `${name}.webp`), Buffer.from(webp, "base64"));
  console.log(`${name}: ${Math.round((webp.length * 0.75) / 1000)} kB`);
}
await chromium.close();
process.exit(missing === 0 ? 0 : 1);

async function smaller({ png, height, quality }) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = Math.min(image.naturalHeight, height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}

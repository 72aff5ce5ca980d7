// What a browser with an empty cache loads for one page: `node page.mjs URL OWN_ORIGIN`.
// Prints JSON: bytes over the wire (as compressed) of the document, of style, of script and of wasm.
// LINE's script, fonts and pictures are left out.
import { chromium } from "playwright-core";

const [url, origin] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.KAIRAN_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
const page = await (await browser.newContext({ locale: "ja-JP", viewport: { width: 375, height: 812 } })).newPage();
const devtools = await page.context().newCDPSession(page);
const answers = new Map();
const bytes = { document: 0, style: 0, script: 0, wasm: 0, other: 0 };
const files = [];
await devtools.send("Network.enable");
devtools.on("Network.responseReceived", ({ requestId, response, type }) => answers.set(requestId, { response, type }));
devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
  const { response, type } = answers.get(requestId) ?? {};
  if (!response?.url.startsWith(`${origin}/`) || ["Font", "Image"].includes(type)) return;
  const kind = kindOf(type, response);
  bytes[kind] += encodedDataLength;
  files.push({ kind, bytes: encodedDataLength, url: response.url.slice(origin.length) });
});
await page.goto(url, { waitUntil: "networkidle" });
// Hydration waits for an idle moment before it loads what is lazy.
await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
await page.waitForLoadState("networkidle");
await browser.close();
console.log(JSON.stringify({ bytes, files }));

function kindOf(type, { mimeType }) {
  if (type === "Document") return "document";
  if (mimeType === "application/wasm") return "wasm";
  if (type === "Stylesheet") return "style";
  if (/javascript/.test(mimeType)) return "script";
  return "other";
}

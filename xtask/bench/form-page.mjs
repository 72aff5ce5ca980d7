// How soon a resident on a weak telephone can fill in and send a form: `node form-page.mjs RUNS NAME=URL…`.
// Slow 4G and a processor of a quarter, as Lighthouse takes them for a middling telephone; a cold cache; the pages in
// turns. A form can be filled in from the frame on in which its first control and its button are drawn, with style;
// that it can is tried out at once. Prints JSON: by name the medians of milliseconds and of bytes over the wire (as
// compressed, headers included) until then and in all, of the page's own origin.
import { chromium } from "playwright-core";

const [runs, ...pages] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.KAIRAN_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
const SLOW_4G = { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 };
const found = Object.fromEntries(pages.map((page) => [page.split("=")[0], []]));
for (let run = 0; run < Number(runs); run += 1) {
  for (const page of pages) {
    const at = page.indexOf("=");
    found[page.slice(0, at)].push(await measure(page.slice(at + 1)));
  }
}
await browser.close();
const middle = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
console.log(
  JSON.stringify(
    Object.fromEntries(
      Object.entries(found).map(([name, all]) => [name, Object.fromEntries(Object.keys(all[0]).map((key) => [key, middle(all.map((one) => one[key]))]))]),
    ),
  ),
);

async function measure(url) {
  const { origin } = new URL(url);
  const context = await browser.newContext({ locale: "ja-JP", viewport: { width: 375, height: 812 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  // What came over the wire, and when (in seconds of the browser's clock).
  const requests = new Map();
  const came = [];
  let began;
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
    began ??= timestamp;
    requests.set(requestId, { own: request.url.startsWith(`${origin}/`), bytes: 0 });
  });
  const note = (requestId, timestamp, bytes) => {
    const request = requests.get(requestId);
    if (!request?.own || bytes <= request.bytes) return;
    came.push({ at: timestamp, bytes: bytes - request.bytes });
    request.bytes = bytes;
  };
  devtools.on("Network.responseReceived", ({ requestId, timestamp, response }) => note(requestId, timestamp, response.encodedDataLength));
  devtools.on("Network.dataReceived", ({ requestId, timestamp, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) note(requestId, timestamp, request.bytes + encodedDataLength);
  });
  devtools.on("Network.loadingFinished", ({ requestId, timestamp, encodedDataLength }) => note(requestId, timestamp, encodedDataLength));
  await devtools.send("Network.emulateNetworkConditions", SLOW_4G);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.addInitScript(() => {
    const look = () => {
      const control = document.querySelector("form input:not([type=hidden]), form select, form textarea");
      const button = [...document.querySelectorAll("form button[type=submit]")].at(-1);
      const drawn = [control, button].every((element) => element?.getClientRects().length > 0);
      // The frame in which it is drawn has ended when the next one begins.
      if (drawn) requestAnimationFrame(() => requestAnimationFrame(() => (window.usable = performance.now())));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(() => window.usable !== undefined);
  const usable = await page.evaluate(() => window.usable);
  await page.waitForLoadState("networkidle");
  // What is lazy waits for an idle moment.
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
  await page.waitForLoadState("networkidle");
  const sum = (until) => came.filter(({ at }) => at <= until).reduce((all, { bytes }) => all + bytes, 0);
  const measured = { ms: Math.round(usable), bytes_until: sum(began + usable / 1000), bytes_all: sum(Infinity) };
  await context.close();
  await tried(url);
  return measured;
}

// The first page is filled in and sent in the very frame in which that was said to be possible.
async function tried(url) {
  const context = await browser.newContext({ locale: "ja-JP", viewport: { width: 375, height: 812 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const look = () => {
      const control = document.querySelector("form input[type=radio]");
      const button = [...document.querySelectorAll("form button[type=submit]")].at(-1);
      if (!(control?.getClientRects().length > 0 && button?.getClientRects().length > 0)) return requestAnimationFrame(look);
      requestAnimationFrame(() => requestAnimationFrame(() => (control.click(), button.click())));
    };
    if (!sessionStorage.tried) requestAnimationFrame(look);
    sessionStorage.tried = "yes";
  });
  await page.goto(url);
  await page.getByRole("heading", { name: "連絡先", level: 1 }).waitFor();
  await context.close();
}

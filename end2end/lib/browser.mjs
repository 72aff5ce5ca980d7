// Chromium for journeys: pages that report every error, axe, screenshots.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };
// WCAG 2.0 to 2.2, A and AA (NFR-4).
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export async function startBrowser(shots) {
  const executablePath = process.env.KAIRAN_CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) {
    throw new Error("Chromium is missing: `cargo xtask setup --browser` installs it");
  }
  // Its own words, such as those of a field for a date, are Japanese where its package of languages is there.
  const env = { ...process.env, LANGUAGE: "ja" };
  const browser = await chromium.launch({ executablePath, args: FLAGS, env });
  const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  return {
    browser,
    close: () => browser.close(),
    session: (base) => new Session(browser, base, shots, axeSource),
  };
}

// Pages whose frames a hand waits for; without a script there is none to wait for.
const watched = new WeakSet();

// What was done last is drawn, and has the focus that it gets with the next frame.
export const drawn = (page) =>
  page
    .evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    // A page that is being left draws nothing any more.
    .catch(() => {});

// A hand is slower than the screen: a key that does something is pressed, and words are typed, once
// what was done last is drawn. Tab only goes on.
function actAfterFrames(page) {
  watched.add(page);
  const press = page.keyboard.press.bind(page.keyboard);
  page.keyboard.press = async (key, options) => {
    if (!key.endsWith("Tab")) await drawn(page);
    await press(key, options);
  };
  // Filling in is two commands, the focus and the words: a focus that moves between them takes the words along.
  const locators = Object.getPrototypeOf(page.locator("html"));
  if (locators.fillAtOnce) return;
  locators.fillAtOnce = locators.fill;
  locators.fill = async function (words, options) {
    if (watched.has(this.page())) {
      await this.waitFor();
      await drawn(this.page());
    }
    await this.fillAtOnce(words, options);
  };
}

// Elements remember that somebody listens to them, so that a journey can wait for a page to be
// alive before it clicks (`live` in page.mjs): what the server rendered looks the same before.
function markListeners() {
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (...all) {
    if (this instanceof Element) this.listens = true;
    return add.apply(this, all);
  };
  // While it takes over a page, the browser part holds clicks on links back (frontend/src/lib.rs).
  const remove = EventTarget.prototype.removeEventListener;
  EventTarget.prototype.removeEventListener = function (...all) {
    if (this === window && all[0] === "click") window.takenOver = true;
    return remove.apply(this, all);
  };
}

// What one journey opened and what went wrong there.
class Session {
  problems = [];
  #contexts = [];

  constructor(browser, base, shots, axeSource) {
    this.browser = browser;
    this.base = base;
    this.shots = shots;
    this.axeSource = axeSource;
  }

  // A page with cookies of its own. `width`, `height`, `javaScript: false`, `wasm: false` (blocked,
  // as on a device that cannot load it); `ignore`: patterns of console errors that belong to the
  // journey, such as a page that is meant to be not found.
  newPage = async ({ width, height, javaScript = true, wasm = true, ignore = [], ...more } = {}) => {
    const context = await this.browser.newContext({
      baseURL: this.base,
      viewport: { width: width ?? DESK.width, height: height ?? DESK.height },
      locale: "ja-JP",
      timezoneId: "Asia/Tokyo",
      // Pictures and contrast are judged when nothing moves.
      reducedMotion: "reduce",
      javaScriptEnabled: javaScript,
      ...more,
    });
    this.#contexts.push(context);
    context.setDefaultTimeout(30_000);
    await context.addInitScript(markListeners);
    const expected = [...ignore];
    if (!wasm) {
      await context.route(/\.wasm(\?|$)/, (route) => route.abort());
      expected.push(/\.wasm|WebAssembly|Failed to fetch|ERR_FAILED/);
    }
    const note = (kind, text, where) => {
      const line = `${kind}: ${text}${where ? ` (${where})` : ""}`;
      if (!expected.some((pattern) => pattern.test(line))) this.problems.push(line);
    };
    // Broken Content-Security-Policy rules arrive as console errors, too.
    context.on("console", (message) => {
      if (message.type() === "error") note("console", message.text(), message.location().url);
    });
    context.on("weberror", (error) => note("page", error.error().stack ?? String(error.error())));
    const page = await context.newPage();
    // From the first moment a window in which a file is chosen is held for whoever waits for it:
    // holding begins a moment after it was asked for, too late for a key that opens one.
    page.on("filechooser", () => {});
    if (javaScript) actAfterFrames(page);
    return page;
  };

  // Throws if axe finds anything in the page or in its frames.
  axe = async (page, label) => {
    for (const frame of page.frames()) {
      // Evaluated by the debugger, so it works under a strict Content-Security-Policy.
      await frame.evaluate(this.axeSource).catch((error) => {
        if (!frame.isDetached()) throw error;
      });
    }
    const found = await page.evaluate(
      async (rules) => {
        const result = await window.axe.run(document, {
          runOnly: { type: "tag", values: rules },
          resultTypes: ["violations"],
        });
        // What lies half below a bar that sticks to the window, or below a menu that is open, is a
        // target of its whole size once it is scrolled to and the menu closed: it is judged again so.
        const { scrollX, scrollY } = window;
        const floats = (element) => ["absolute", "fixed"].includes(getComputedStyle(element).position);
        const menus = [...document.querySelectorAll("details[open] > :not(summary)")].filter(floats);
        for (const violation of result.violations.filter(({ id }) => id === "target-size")) {
          const small = [];
          for (const node of violation.nodes) {
            const element = node.target.length === 1 && document.querySelector(node.target[0]);
            if (element && /obscured/.test(node.failureSummary)) {
              element.scrollIntoView({ block: "center", behavior: "instant" });
              const above = menus.filter((menu) => !menu.contains(element));
              for (const menu of above) menu.style.visibility = "hidden";
              const again = await window.axe.run(element, { runOnly: { type: "rule", values: ["target-size"] } });
              for (const menu of above) menu.style.visibility = "";
              if (again.violations.length === 0) continue;
            }
            small.push(node);
          }
          violation.nodes = small;
          window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
        }
        return result.violations
          .filter(({ nodes }) => nodes.length > 0)
          .map((violation) => ({
            id: violation.id,
            impact: violation.impact,
            help: violation.help,
            nodes: violation.nodes.map((node) => `${node.target.join(" ")} — ${node.failureSummary}`),
          }));
      },
      RULES,
    );
    if (found.length > 0) {
      const list = found.map(
        ({ id, impact, help, nodes }) =>
          `${id} (${impact}): ${help}\n${nodes.map((node) => `  - ${node.replace(/\s*\n\s*/g, "; ")}`).join("\n")}`,
      );
      throw new Error(`axe finds on ${label} (${page.url()}):\n${list.join("\n")}`);
    }
  };

  // Saves end2end/shots/NAME-1280.png and NAME-375.png, and NAME-view.png as it stands in the window of a
  // desk (for the manual); throws if the page has to be scrolled sideways.
  shot = async (page, name, { fullPage = true } = {}) => {
    const before = page.viewportSize();
    let scrolled = 0;
    const save = (kind, whole) => page.screenshot({ path: path.join(this.shots, `${name}-${kind}.png`), fullPage: whole });
    try {
      await page.setViewportSize(DESK);
      await save("view", false);
      // Scrolled, what sticks to the window would stand in the middle of the whole page.
      scrolled = await page.evaluate(() => window.scrollY);
      for (const size of [DESK, PHONE]) {
        await page.setViewportSize(size);
        if (fullPage) await page.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
        await save(size.width, fullPage);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > size.width) {
          throw new Error(`${name} is ${width} px wide in a window of ${size.width} px (${page.url()})`);
        }
      }
    } finally {
      if (before) await page.setViewportSize(before);
      await page.evaluate((top) => window.scrollTo({ top, behavior: "instant" }), scrolled);
    }
  };

  // Throws if any page reported an error.
  complain() {
    if (this.problems.length > 0) {
      throw new Error(`${this.problems.length} errors in the browser`);
    }
  }

  // What the pages looked like when the journey failed.
  async keepEvidence(file, results) {
    const pages = this.#contexts.flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      const place = path.join(results, `${path.basename(file, ".mjs")}-${index + 1}.png`);
      await page.screenshot({ path: place, fullPage: true, timeout: 5_000 }).then(
        () => console.log(`        ${page.url()} → ${place}`),
        () => {},
      );
    }
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close().catch(() => {})));
  }
}

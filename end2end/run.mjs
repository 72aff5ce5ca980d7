// Runs the journeys in real Chromium, each against a fresh demo: `node end2end/run.mjs [NAME]…`
// (a NAME picks the journeys whose file name contains it). Needs what `cargo xtask test` builds;
// KAIRAN_BINARIES names the folder of the binaries, KAIRAN_CHROMIUM the browser, KAIRAN_LANES how
// many journeys run at once: one where something is measured, otherwise two, since each mostly waits.
import { mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import path from "node:path";
import { startBrowser } from "./lib/browser.mjs";
import { makeDemo } from "./lib/demo.mjs";
import { expect, until } from "./lib/expect.mjs";
import { Sandbox } from "./lib/sandbox.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
// Every wait within has a limit of its own.
const JOURNEY_LIMIT_MS = 1_200_000;

const wanted = process.argv.slice(2);
const files = (await readdir(path.join(here, "journeys")).catch(() => []))
  .filter((file) => file.endsWith(".mjs"))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort();
if (files.length === 0) {
  console.log("no journeys found");
  process.exit(1);
}

const shots = path.join(here, "shots");
const results = path.join(here, "results");
for (const folder of [shots, results]) {
  if (wanted.length === 0) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

const demos = [];
let chromium;
async function stop() {
  await chromium?.close().catch(() => {});
  await Promise.all(demos.map((demo) => demo.stop()));
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => stop().finally(() => process.exit(130)));
}

let passed = 0;
let failed = 0;
try {
  chromium = await startBrowser(shots);
  const lanes = Math.min(Number(process.env.KAIRAN_LANES ?? 2), files.length);
  for (let lane = 1; lane <= lanes; lane += 1) {
    const logs = path.join(results, `lane-${lane}`);
    await mkdir(logs, { recursive: true });
    demos.push(await makeDemo(path.resolve(here, ".."), logs));
  }
  // Each lane takes the next journey that nobody has taken.
  const waiting = [...files];
  await Promise.all(
    demos.map(async (demo) => {
      for (let file = waiting.shift(); file; file = waiting.shift()) await travel(file, demo);
    }),
  );
} catch (error) {
  failed += 1;
  console.log(`failed  starting\n${indent(error?.stack ?? String(error))}`);
} finally {
  if (failed > 0) console.log(`logs: ${demos.flatMap((demo) => demo.logs).join(", ")}`);
  await stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

// One journey, in a city of its own.
async function travel(file, demo) {
  const journey = await import(pathToFileURL(path.join(here, "journeys", file)).href);
  const name = journey.name ?? file;
  const started = Date.now();
  const session = chromium.session(demo.base);
  try {
    await demo.startFresh();
    await within(
      JOURNEY_LIMIT_MS,
      journey.run({
        browser: chromium.browser,
        base: demo.base,
        sandbox: new Sandbox(demo.sandbox),
        // What `kairan demo` printed: addresses and sign-in.
        printed: demo.printed(),
        signIn: demo.signIn(),
        // For `kairan` commands beside the running server.
        binary: demo.binary,
        // What was handed to the mail relay so far.
        mails: demo.mails,
        env: demo.env,
        // `kill -9` on Kairan, and Kairan again on the same state.
        killKairan: demo.killKairan,
        startKairan: demo.startKairan,
        // LINE and Kairan on the same state, so many seconds later.
        startLater: demo.startLater,
        newPage: session.newPage,
        axe: session.axe,
        shot: session.shot,
        expect,
        until,
      }),
    );
    session.complain();
    passed += 1;
    console.log(`ok      ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`failed  ${name}\n${indent(error?.stack ?? String(error))}`);
    for (const problem of session.problems) console.log(indent(problem));
    await session.keepEvidence(file, results);
  } finally {
    await session.close();
  }
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function indent(text) {
  return text.replace(/^/gm, "        ");
}

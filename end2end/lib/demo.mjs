// The simulated LINE and `kairan demo` on free ports with state of their own.
import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { until } from "./expect.mjs";
import { startMail } from "./mail.mjs";

const READY_LIMIT_MS = 180_000;
const DRAIN_LIMIT_MS = 35_000;
const HOUR_MS = 3_600_000;
// The sample city's course sends at 10:00 in Tokyo, and at midnight a day begins.
const TURNS = [0, 10];
// So shortly before a turn no journey begins: it would see two days, or what the course sends.
const BEFORE_TURN_MS = 300_000;

// `only: "sandbox"` leaves Kairan out; `webhook` is where the sandbox sends its webhooks then.
export async function makeDemo(root, results, { only, webhook } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "kairan-end2end-"));
  const [state, first] = [path.join(folder, "state"), path.join(folder, "first")];
  await mkdir(state);
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const base = `http://127.0.0.1:${port}`;
  const sandbox = `http://127.0.0.1:${sandboxPort}`;
  const mail = await startMail();
  const env = { ...environment(state, port, base, sandbox), KAIRAN_SMTP_RELAY_URL: mail.url };
  if (webhook) env.KAIRAN_WEBHOOK_URL = webhook;

  let programs = [];
  // What moves the clock of programs that start from now on.
  let clock = {};
  const logs = ["kairan-sandbox", "kairan"].map((name) => path.join(results, `${name}.log`));
  await Promise.all(logs.map((log) => rm(log, { force: true })));
  let printed = "";
  function start(name, args) {
    const file = path.join(results, `${name}.log`);
    const log = createWriteStream(file, { flags: "a" });
    const child = spawn(path.join(binaries(root), name), args, { cwd: root, env: { ...env, ...clock }, stdio: ["ignore", "pipe", "pipe"] });
    const program = { name, child, file, trouble: null };
    child.on("error", (error) => (program.trouble = error.message));
    child.on("exit", (code, signal) => (program.trouble ??= `ended with ${code ?? signal}`));
    child.stderr.pipe(log);
    child.stdout.pipe(log, { end: false });
    if (name === "kairan") child.stdout.on("data", (data) => (printed += data));
    programs.push(program);
    return program;
  }

  async function begin() {
    printed = "";
    mail.mails.length = 0;
    await ready(start("kairan-sandbox", ["--bind", `127.0.0.1:${sandboxPort}`]), `${sandbox}/_sandbox/config`);
    if (only !== "sandbox") await ready(start("kairan", ["demo"]), `${base}/readyz`);
  }

  async function end() {
    for (const { child } of programs) child.kill("SIGTERM");
    await Promise.all(programs.map(({ child }) => ended(child)));
    programs = [];
  }

  // Kairan alone, as when the machine loses its power: nothing is drained, nothing written any more.
  async function killKairan() {
    const gone = programs.filter(({ name }) => name === "kairan");
    programs = programs.filter(({ name }) => name !== "kairan");
    for (const { child } of gone) child.kill("SIGKILL");
    await Promise.all(gone.map(({ child }) => ended(child)));
  }

  // Again, on the state that it left.
  async function startKairan() {
    await ready(start("kairan", ["demo"]), `${base}/readyz`);
  }

  // Both again, on the state that they left, so many seconds later: by the clock of `cargo xtask crash`.
  async function startLater(seconds) {
    const [library, offset] = ["clock.so", "clock.offset"].map((name) => path.join(folder, name));
    const source = path.join(root, "xtask/src/crash/clock.c");
    await promisify(execFile)("cc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"]);
    await writeFile(offset, String(seconds));
    await end();
    clock = { LD_PRELOAD: library, KAIRAN_TEST_CLOCK: offset };
    await begin();
  }

  async function stop() {
    await end();
    mail.stop();
    await rm(folder, { recursive: true, force: true });
  }

  // The city as it is when it has just been made; it is not running.
  let made = 0;
  async function make() {
    const at = turn(Date.now());
    await begin();
    await end();
    await cp(state, first, { recursive: true });
    made = at;
  }

  // Both start (again) from what they were when the city had just been made, at the same addresses.
  // What was made before a turn of the day would begin with what was due then and is late now.
  async function startFresh() {
    await end();
    clock = {};
    const stays = () => turn(Date.now()) === turn(Date.now() + BEFORE_TURN_MS);
    await until(stays, "the turn of the day", { timeout: BEFORE_TURN_MS + 30_000 });
    await rm(state, { recursive: true, force: true });
    if (turn(Date.now()) === made) {
      await cp(first, state, { recursive: true });
    } else {
      await rm(first, { recursive: true, force: true });
      await mkdir(state);
      await make();
    }
    await begin();
  }

  try {
    await make();
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, sandbox, env, binary: path.join(binaries(root), "kairan"), logs, mails: mail.mails, startFresh, killKairan, startKairan, startLater, stop, printed: () => printed, signIn: () => signIn(printed) };
}

// What both programs read; nothing of what is configured in this terminal leaks in.
function environment(folder, port, base, sandbox) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KAIRAN_"));
  return {
    ...Object.fromEntries(inherited),
    LEPTOS_OUTPUT_NAME: "kairan",
    LEPTOS_HASH_FILES: "true",
    LEPTOS_SITE_ROOT: "target/site",
    LEPTOS_SITE_PKG_DIR: "pkg",
    KAIRAN_BIND: `127.0.0.1:${port}`,
    KAIRAN_PUBLIC_URL: base,
    KAIRAN_DATABASE_URL: `sqlite://${folder}/kairan.sqlite?mode=rwc`,
    KAIRAN_BLOB_URL: `file:${folder}/blobs`,
    KAIRAN_KEY_FILE: `${folder}/kairan.key`,
    // Made up; the sandbox and Kairan only have to agree.
    KAIRAN_LINE_CHANNEL_ID: "1000000001",
    KAIRAN_LINE_CHANNEL_SECRET: "5a17d0c0ffee5a17d0c0ffee5a17d0c0",
    KAIRAN_LOGIN_CHANNEL_ID: "1000000002",
    KAIRAN_LOGIN_CHANNEL_SECRET: "10917d0c0ffee10917d0c0ffee10917d",
    KAIRAN_LIFF_ID: "1000000002-mihon000",
    KAIRAN_LIFF_ENDPOINT_URL: `${base}/liff`,
    KAIRAN_WEBHOOK_URL: `${base}/webhook`,
    KAIRAN_SANDBOX_STATE: `${folder}/sandbox.state`,
    KAIRAN_SANDBOX_URL: sandbox,
    KAIRAN_LINE_API_URL: sandbox,
    KAIRAN_LINE_DATA_API_URL: sandbox,
    KAIRAN_LINE_LOGIN_URL: sandbox,
    KAIRAN_LIFF_URL: `${sandbox}/liff`,
    KAIRAN_LIFF_SDK_URL: `${sandbox}/liff/edge/2/sdk.js`,
    KAIRAN_MAP_TILES: `${sandbox}/xyz/pale/{z}/{x}/{y}.png`,
    KAIRAN_MAP_CENTER: "35.0,135.0",
  };
}

function binaries(root) {
  if (process.env.KAIRAN_BINARIES) return process.env.KAIRAN_BINARIES;
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
  const target =
    process.env.CARGO_TARGET_DIR ?? process.env.KAIRAN_TARGET_DIR ?? path.join(cache, "kairan", "target");
  return path.resolve(root, target, "debug");
}

// How many turns of the day there have been.
function turn(at) {
  const hour = at / HOUR_MS + 9;
  const day = Math.floor(hour / 24);
  return day * TURNS.length + TURNS.filter((turn) => day * 24 + turn <= hour).length;
}

// The first name and password among what the demo printed.
function signIn(printed) {
  return {
    name: printed.match(/職員番号\s+(\d+)/)?.[1],
    password: printed.match(/パスワード\s+(\S+)/)?.[1],
  };
}

async function ready(program, url) {
  const limit = Date.now() + READY_LIMIT_MS;
  while (Date.now() < limit) {
    if (program.trouble) throw new Error(`${program.name} ${program.trouble}; see ${program.file}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`${program.name} does not answer at ${url}; see ${program.file}`);
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), DRAIN_LIMIT_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      done();
    });
  });
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

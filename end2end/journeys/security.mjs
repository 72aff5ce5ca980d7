// What a stranger or a broken system may send: a clear answer, nothing believed, no panic.
import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { spawn } from "node:child_process";
import path from "node:path";
import { press, signIn } from "../lib/page.mjs";
import { NO_PICTURES, png } from "../lib/picture.mjs";
import { mp4, NO_VIDEOS } from "../lib/video.mjs";

export const name = "forged, broken and oversized input gets a clear answer";

const HOSTILE = `<img src=x onerror="document.title='HACKED'"><script>document.title='HACKED'</script>'; DROP TABLE resident; --`;

export async function run({ base, sandbox, env, binary, signIn: account, newPage, axe, expect, until }) {
  const page = await newPage();
  await signIn(page, account);
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const inside = (target, options = {}) => ask(base, target, { ...options, headers: { cookie, ...options.headers } });

  await headers({ base, inside, expect });
  await crossSite({ base, inside, account, expect });
  await webhook({ base, env, sandbox, expect, until });
  await rest({ base, env, binary, expect });
  await pictures({ base, env, binary, inside, expect });
  await videos({ base, env, binary, inside, expect });
  await identity({ base, sandbox, expect });
  await shownAsText({ page, axe, expect, until });
  expect((await ask(base, "/readyz")).status, "the server afterwards").toBe(200);
}

async function headers({ base, inside, expect }) {
  for (const target of ["/console", "/console/signin", "/liff/register", "/phone"]) {
    const { headers } = target === "/console" ? await inside(target) : await ask(base, target);
    const policy = headers["content-security-policy"];
    expect(policy, `the policy of ${target}`).toMatch(/script-src[^;]*'nonce-[^']{16,}'/);
    for (const lax of ["'unsafe-inline'", "'unsafe-eval'", " *"]) expect(policy.includes(lax), `${lax} in the policy of ${target}`).toBe(false);
    expect(headers["x-content-type-options"], `nosniff of ${target}`).toBe("nosniff");
    if (target !== "/liff/register") expect(policy, `who may frame ${target}`).toContain("frame-ancestors 'none'");
  }
  const nonce = async () => (await ask(base, "/console/signin")).headers["content-security-policy"].match(/'nonce-([^']+)'/)[1];
  expect((await nonce()) === (await nonce()), "a nonce is used twice").toBe(false);
  const csv = ["/console/residents.csv", "/console/deliveries.csv", "/console/deliveries.xlsx", "/console/deliveries/1/figures.csv", "/console/deliveries/1/figures.xlsx", "/console/deliveries/periods.csv", "/console/deliveries/periods.xlsx", "/console/settings/ledger.csv"];
  for (const target of ["/console", "/console/deliveries", ...csv]) {
    const answer = await inside(target);
    expect(answer.status, target).toBe(200);
    expect(answer.headers["cache-control"], `${target} may be kept`).toBe("no-store");
  }
  for (const target of ["/console", "/console/", "/console/signin", "/console/nowhere", "/console/fn/nowhere"]) {
    expect((await ask(base, target)).headers["cache-control"], `${target} without a session may be kept`).toBe("no-store");
  }
  // Without a session nothing of it is there.
  for (const target of ["/console", "/console/residents", "/console/residents/1", ...csv]) {
    const answer = await ask(base, target);
    expect(answer.status, `${target} without a session`).toBe(303);
    expect(answer.headers.location, `${target} without a session`).toContain("/console/signin");
  }
  const forged = await ask(base, "/console/residents", { headers: { cookie: `kairan_staff=${"a".repeat(43)}` } });
  expect(forged.status, "a forged session").toBe(303);
  // A loopback peer is no proxy of ours: what it forwards is not believed, either way.
  for (const forwarded of ["203.0.113.9", "127.0.0.1", "10.0.0.1, 203.0.113.9"]) {
    const answer = await inside("/console/signin", { headers: { "x-forwarded-for": forwarded } });
    expect([200, 302, 303].includes(answer.status), `X-Forwarded-For ${forwarded}: ${answer.status}`).toBe(true);
    const signedOut = await ask(base, "/console/signin", { headers: { "x-forwarded-for": forwarded } });
    expect(signedOut.text.includes("203.0.113.9"), "a forwarded address is believed").toBe(false);
  }
}

async function crossSite({ base, inside, account, expect }) {
  const form = new URLSearchParams({ number: account.name, password: account.password, next: "/console" }).toString();
  const kind = { "content-type": "application/x-www-form-urlencoded" };
  const foreign = [
    {},
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: base, "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: base },
  ];
  for (const headers of foreign) {
    for (const target of ["/console/fn/console/account/sign_in/sign_in", "/console/fn/console/delivery/begin/new_draft", "/liff/register", "/liff/session"]) {
      const answer = await inside(target, { method: "POST", body: form, headers: { ...kind, ...headers } });
      expect(answer.status, `POST ${target} with ${JSON.stringify(headers)}`).toBe(403);
    }
  }
  const own = await ask(base, "/console/fn/console/delivery/begin/new_draft", { method: "POST", body: "", headers: { ...kind, origin: base } });
  expect(own.status, "a server function without a session").toBe(401);
  const big = await inside("/console/fn/console/account/sign_in/sign_in", { method: "POST", body: "a".repeat(10_000_000), headers: { ...kind, origin: base } });
  expect(big.status, "10 MB to the console").toBe(413);
  const garbled = await inside("/console/fn/console/delivery/send/send_delivery", { method: "POST", body: "id=x&seen=%FF&confirmed=1e9", headers: { ...kind, origin: base } });
  expect([400, 409, 422].includes(garbled.status), `garbled arguments: ${garbled.status}`).toBe(true);
}

async function webhook({ base, env, sandbox, expect, until }) {
  const sign = (body) => createHmac("sha256", env.KAIRAN_LINE_CHANNEL_SECRET).update(body).digest("base64");
  const send = (body, signature) =>
    ask(base, "/webhook", { method: "POST", body, headers: { "content-type": "application/json", ...(signature === null ? {} : { "x-line-signature": signature ?? sign(body) }) } });
  const status = async (body, signature) => (await send(body, signature)).status;
  const empty = JSON.stringify({ destination: "U".padEnd(33, "0"), events: [] });
  expect(await status(empty), "an empty list").toBe(200);
  expect(await status(empty, null), "no signature").toBe(401);
  expect(await status(empty, "AAAA"), "a wrong signature").toBe(401);
  expect(await status(empty, sign(`${empty} `)), "the signature of another body").toBe(401);
  const malformed = ["", "{", "[]", '"text"', "{}", '{"events": 1}', "[".repeat(200_000), `{"events":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])];
  for (const body of malformed) {
    expect(await status(body), `the body ${body.toString("latin1").slice(0, 20)}`).toBe(400);
    expect(await status(body, "AAAA"), "the same with a wrong signature").toBe(401);
  }
  // Over 1 MB: refused, and the sender hears it.
  for (const size of [1_100_000, 10_000_000]) {
    expect(await status(Buffer.alloc(size, 0x20)), `${size} bytes`).toBe(413);
  }
  expect((await ask(base, "/webhook")).status, "GET").toBe(405);
  const half = String.raw`{"destination":"U","events":[{"type":"message","webhookEventId":"01JZZZZZZZZZZZZZZZZZZZZZZY","message":{"id":"1","type":"text","text":"\ud800"}}]}`;
  expect(await status(half), "half an emoji").toBe(200);
  // What nobody has heard of is taken, once, and the next event still works.
  const odd = { destination: "U".padEnd(33, "0"), events: [{ type: "unheard-of", mode: "active", timestamp: Date.now(), webhookEventId: "01JZZZZZZZZZZZZZZZZZZZZZZZ", deliveryContext: { isRedelivery: false }, deep: HOSTILE }] };
  expect(await status(JSON.stringify(odd)), "an unknown event").toBe(200);
  expect(await status(JSON.stringify(odd)), "the same event again").toBe(200);
  const resident = await sandbox.resident(HOSTILE.slice(0, 20));
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting afterwards");
}

async function rest({ base, env, binary, expect }) {
  const [all, narrow] = await Promise.all([token(binary, env, "all"), token(binary, env, "resident:read")]);
  const call = async (method, target, { body, with: bearer = all, raw, headers = {} } = {}) => {
    const answer = await ask(base, `/api/v1${target}`, {
      method,
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
      headers: { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), "content-type": "application/json", ...headers },
    });
    return { ...answer, problem: problem(answer) };
  };
  const refused = async (status, ...what) => {
    const answer = await call(...what);
    const words = `${what[0]} ${what[1]} ${JSON.stringify(what[2]?.body ?? "")?.slice(0, 60)}`;
    expect(answer.status, words).toBe(status);
    expect(answer.headers["content-type"], words).toContain("application/problem+json");
    expect(answer.problem?.status, `${words}: the problem's status`).toBe(status);
    expect(typeof answer.problem?.title, `${words}: the problem's title`).toBe("string");
    expect(answer.text.includes("panicked"), `${words}: internals`).toBe(false);
    return answer;
  };
  await refused(401, "GET", "/deliveries", { with: null });
  await refused(401, "GET", "/deliveries", { with: "nonsense" });
  await refused(401, "POST", "/residents/import", { with: `${all}x`, raw: "{}" });
  await refused(403, "POST", "/attributes", { with: narrow, body: { key: "x", label: "x", kind: "single", choices: [{ key: "a", label: "a" }] } });
  await refused(404, "GET", "/deliveries/999999");
  await refused(404, "GET", "/deliveries/abc");
  for (const target of ["/nothing", "", "/", "/deliveries/", "/deliveries/%FF"]) await refused(404, "GET", target);
  await refused(401, "GET", "/", { with: null });
  await refused(401, "GET", "/deliveries/openapi.json", { with: null });
  for (const target of ["/deliveries", "/audiences/count", "/openapi.json", "/residents/import"]) await refused(405, "DELETE", target);
  for (const list of ["/deliveries", "/attributes"]) {
    for (const query of ["limit=x", "limit=0", "limit=99999999999999999999", "limit=1&limit=1", "cursor=nowhere"]) {
      const answer = await refused(422, "GET", `${list}?${query}`);
      expect("pointer" in answer.problem, `${list}?${query} has a pointer`).toBe(false);
    }
  }
  const keys = async (target) => {
    const { items, next } = JSON.parse((await call("GET", target)).text);
    return { keys: items.map(({ key }) => key), next };
  };
  const whole = await keys("/attributes");
  expect(whole.next, "the attributes' last page").toBe(null);
  const front = await keys("/attributes?limit=1");
  const rest = await keys(`/attributes?cursor=${front.next}`);
  expect([...front.keys, ...rest.keys], "the attributes by pages").toEqual(whole.keys);
  const twice = await refused(422, "POST", "/audiences/count", { raw: '{"audience":{"all":[{"everyone":true,"everyone":true}]}}' });
  expect(twice.problem.pointer, "where a key stands twice").toBe("/audience/all/0/everyone");
  const many = await refused(422, "POST", "/audiences/count", { body: { audience: { attribute: "home", is: Array(2_001).fill("x") } } });
  expect(many.problem.pointer, "where there are too many choices").toBe("/audience/is");
  await refused(415, "POST", "/residents/import", { raw: "{}", headers: { "content-type": "text/csv" } });
  const counting = { headers: { "idempotency-key": "journey-count" }, body: { audience: { everyone: true } } };
  const [counted1, counted2] = [await call("POST", "/audiences/count", counting), await call("POST", "/audiences/count", counting)];
  expect([counted1.status, counted2.text], "the same count again").toEqual([200, counted1.text]);
  await refused(422, "POST", "/audiences/count", { ...counting, body: { audience: { not: { everyone: true } } } });
  for (const audience of [{}, { all: [] }, { any: [] }, { attribute: "nowhere", is: ["x"] }, { attribute: "home", is: [] }, { everyone: false }, { everyone: true, all: [] }, { not: {} }, null, [], 1]) {
    await refused(422, "POST", "/audiences/count", { body: { audience } });
  }
  const wrong = await refused(422, "POST", "/deliveries", { body: { title: "", audience: { everyone: true }, parts: [], purpose: "notice" } });
  expect(JSON.stringify(wrong.problem), "where it is wrong").toContain("/title");
  expect(JSON.stringify(wrong.problem), "where it is wrong").toContain("/parts");
  // Deep, cut off, not UTF-8, too big.
  let deep = '{"everyone":true}';
  for (let depth = 0; depth < 20_000; depth += 1) deep = `{"not":${deep}}`;
  for (const raw of ["{", "", `{"audience":${deep}}`, "[".repeat(100_000), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])]) {
    const answer = await call("POST", "/audiences/count", { raw });
    expect([400, 422].includes(answer.status), `${raw.toString("latin1").slice(0, 24)}: ${answer.status}`).toBe(true);
    expect(answer.problem?.status, "the problem's status").toBe(answer.status);
  }
  expect((await call("POST", "/deliveries", { raw: "x".repeat(10_000_000) })).status, "10 MB").toBe(413);
  // An import is known again by what it holds, not by how long it is.
  const bring = (row) => call("POST", "/residents/import", { raw: `{"line_user_id":"U${row.repeat(32)}"}\n`, headers: { "content-type": "application/x-ndjson", "idempotency-key": "journey-import" } });
  const [one, same, other] = [await bring("a"), await bring("a"), await bring("b")];
  expect([one.status, JSON.parse(one.text).created, same.text, other.status], "imports under one key").toEqual([200, 1, one.text, 422]);
  // An import takes the good rows and says which are bad.
  const user = (n) => `U${n.toString(16).padStart(32, "0")}`;
  const rows = [
    JSON.stringify({ line_user_id: user(0xabc1), attributes: { topics: ["waste"] } }),
    "not json",
    JSON.stringify({ line_user_id: HOSTILE, attributes: {} }),
    JSON.stringify({ line_user_id: user(0xabc2), attributes: { topics: [HOSTILE] } }),
    JSON.stringify({ line_user_id: user(0xabc3), attributes: { topics: null } }),
  ];
  const imported = await call("POST", "/residents/import", { raw: rows.join("\n"), headers: { "content-type": "application/x-ndjson" } });
  expect(imported.status, "an import").toBe(200);
  const report = JSON.parse(imported.text);
  expect(report.errors.map(({ line }) => line), "the bad rows").toEqual([2, 3, 4]);
  expect(report.created + report.updated, "the good rows").toBe(2);
  const counted = await call("POST", "/audiences/count", { body: { audience: { everyone: true } } });
  expect(JSON.parse(counted.text).count > 0, "the residents are still there").toBe(true);
  // One key, one delivery.
  const soon = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const delivery = { title: HOSTILE.slice(0, 100), audience: { everyone: true }, parts: [{ text: "あ" }], purpose: "notice", send_at: soon };
  const once = { body: delivery, headers: { "idempotency-key": "journey-1" } };
  const [first, again] = [await call("POST", "/deliveries", once), await call("POST", "/deliveries", once)];
  expect(first.status, `a planned delivery: ${first.text}`).toBe(201);
  expect(again.text, "the same request again").toBe(first.text);
  await refused(409, "POST", "/deliveries", { ...once, body: { ...delivery, title: "ほか" } }).catch((error) => {
    if (!/is not 409/.test(error.message) || !/422/.test(error.message)) throw error;
  });
  const { id } = JSON.parse(first.text);
  const [stopped, stoppedAgain] = [await call("POST", `/deliveries/${id}/cancel`), await call("POST", `/deliveries/${id}/cancel`)];
  expect(stopped.status, "stopping it").toBe(200);
  expect(JSON.parse(stoppedAgain.text).status, "stopping it again").toBe("cancelled");
}

// Videos as pictures: by what they are, and behind the same guards.
async function videos({ base, env, binary, inside, expect }) {
  const [all, narrow] = await Promise.all([token(binary, env, "all"), token(binary, env, "delivery:read")]);
  const upload = (body, headers = {}) => inside("/console/videos", { method: "POST", body, headers: { origin: base, "content-type": "video/mp4", ...headers } });
  const keep = (body, headers = {}) => ask(base, "/api/v1/blobs", { method: "POST", body, headers: { authorization: `Bearer ${all}`, "content-type": "video/mp4", ...headers } });
  for (const [what, body] of NO_VIDEOS) {
    const [console, rest] = [await upload(body), await keep(body)];
    expect([console.status, rest.status], `${what} as a video`).toEqual([422, 422]);
    expect(rest.headers["content-type"], what).toContain("application/problem+json");
    expect(rest.text.includes("panicked") || console.text.includes("panicked"), `${what}: internals`).toBe(false);
  }
  const good = mp4();
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    expect((await upload(good, headers)).status, `a video with ${JSON.stringify(headers)}`).toBe(403);
  }
  expect((await ask(base, "/console/videos", { method: "POST", body: good, headers: { origin: base } })).status, "a video without a session").toBe(401);
  expect((await keep(good, { authorization: "Bearer x" })).status, "a video without a token").toBe(401);
  expect((await keep(good, { authorization: `Bearer ${narrow}` })).status, "a video by who may only read").toBe(403);
  const first = await keep(good, { "idempotency-key": "video-1" });
  expect(first.status, first.text).toBe(201);
  expect((await keep(good, { "idempotency-key": "video-1" })).text, "the same video again").toBe(first.text);
  const { id, width, height, milliseconds } = JSON.parse(first.text);
  expect([width, height, milliseconds], "what it is").toEqual([128, 96, 2000]);
  const poster = JSON.parse((await keep(png(64, 48), { "content-type": "image/png" })).text).id;
  const send = (parts) => ask(base, "/api/v1/deliveries", { method: "POST", body: JSON.stringify({ title: "動画", audience: { everyone: true }, parts, purpose: "notice", send_at: new Date(Date.now() + 30 * 86_400_000).toISOString() }), headers: { authorization: `Bearer ${all}`, "content-type": "application/json" } });
  for (const [parts, pointer] of [
    [[{ video: poster, poster }], "/parts/0/video"],
    [[{ video: id, poster: id }], "/parts/0/poster"],
    [[{ video: id }], "/parts/0/poster"],
    [[{ image: id }], "/parts/0/image"],
  ]) {
    const refused = await send(parts);
    expect([refused.status, JSON.parse(refused.text).pointer], JSON.stringify(parts)).toEqual([422, pointer]);
  }
  const planned = await send([{ video: id, poster }]);
  expect(planned.status, `a delivery with the video: ${planned.text}`).toBe(201);
  await ask(base, `/api/v1/deliveries/${JSON.parse(planned.text).id}/cancel`, { method: "POST", body: "", headers: { authorization: `Bearer ${all}` } });
}

// Uploads are checked by what they are, and served to whoever knows their name alone.
async function pictures({ base, env, binary, inside, expect }) {
  const [all, narrow] = await Promise.all([token(binary, env, "all"), token(binary, env, "delivery:read")]);
  const upload = (body, headers = {}) => inside("/console/pictures", { method: "POST", body, headers: { origin: base, "content-type": "image/png", ...headers } });
  const keep = (body, headers = {}) => ask(base, "/api/v1/blobs", { method: "POST", body, headers: { authorization: `Bearer ${all}`, "content-type": "image/png", ...headers } });
  const good = png(64, 48);
  for (const [what, body] of Object.entries(NO_PICTURES)) {
    const [console, rest] = [await upload(body), await keep(body)];
    expect([console.status, rest.status], `${what} as a picture`).toEqual([422, 422]);
    expect(rest.headers["content-type"], what).toContain("application/problem+json");
    expect(rest.text.includes("panicked") || console.text.includes("panicked"), `${what}: internals`).toBe(false);
  }
  for (const send of [upload, keep]) {
    expect((await send(Buffer.alloc(11_000_000))).status, "11 MB as a picture").toBe(413);
  }
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    expect((await upload(good, headers)).status, `an upload with ${JSON.stringify(headers)}`).toBe(403);
  }
  expect((await ask(base, "/console/pictures", { method: "POST", body: good, headers: { origin: base } })).status, "an upload without a session").toBe(401);
  expect((await keep(good, { authorization: "Bearer x" })).status, "an upload without a token").toBe(401);
  expect((await keep(good, { authorization: `Bearer ${narrow}` })).status, "an upload by who may only read").toBe(403);
  expect((await keep(good, { "content-type": "text/html" })).status, "an upload as a page").toBe(415);
  const { id } = JSON.parse((await keep(good, { "idempotency-key": "picture-1" })).text);
  expect((await keep(good, { "idempotency-key": "picture-1" })).text, "the same upload again").toBe(JSON.stringify({ height: 48, id, width: 64 }));
  expect(id, "the id").toMatch(/^[0-9a-f]{40}$/);
  const served = await ask(base, `/media/${id}`);
  expect([served.status, served.headers["content-type"], served.headers["x-content-type-options"]], "the picture").toEqual([200, "image/jpeg", "nosniff"]);
  expect(served.headers["set-cookie"], "a cookie with the picture").toBe(undefined);
  expect(served.text.includes("GPS"), "where it was taken").toBe(false);
  for (const target of [`/media/${"0".repeat(40)}`, `/media/${id.toUpperCase()}`, `/media/${id}/original`, "/media/", "/media/..%2f..%2fkairan.key", `/media/${id}%00`]) {
    expect((await ask(base, target)).status, target).toBe(404);
  }
  expect((await ask(base, `/media/${id}`, { method: "POST", body: "" })).status, "POST to a picture").toBe(405);
  const send = (parts) => ask(base, "/api/v1/deliveries", { method: "POST", body: JSON.stringify({ title: "写真", audience: { everyone: true }, parts, purpose: "notice", send_at: new Date(Date.now() + 30 * 86_400_000).toISOString() }), headers: { authorization: `Bearer ${all}`, "content-type": "application/json" } });
  const unknown = await send([{ text: "あ" }, { image: "0".repeat(40) }]);
  expect([unknown.status, JSON.parse(unknown.text).pointer], "a picture that is not kept").toEqual([422, "/parts/1/image"]);
  const planned = await send([{ image: id, alt: HOSTILE.slice(0, 100) }]);
  expect(planned.status, `a delivery with the picture: ${planned.text}`).toBe(201);
  const cancel = await ask(base, `/api/v1/deliveries/${JSON.parse(planned.text).id}/cancel`, { method: "POST", body: "", headers: { authorization: `Bearer ${all}` } });
  expect(JSON.parse(cancel.text).parts, "the parts as they were given").toEqual([{ image: id, alt: HOSTILE.slice(0, 100) }]);
}

// Who somebody is says LINE alone.
async function identity({ base, sandbox, expect }) {
  const resident = await sandbox.resident("偽 られ太");
  const { id_token: token } = await sandbox.get(`/residents/${resident}/liff-session`);
  const [head, body, signature] = token.split(".");
  const decoded = JSON.parse(Buffer.from(body, "base64url").toString());
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const forged = {
    "another person's": [head, encode({ ...decoded, sub: `U${"0".repeat(32)}` }), signature].join("."),
    "another channel's": [head, encode({ ...decoded, aud: "1" }), signature].join("."),
    unsigned: [encode({ alg: "none", typ: "JWT" }), body, ""].join("."),
    "cut off": token.slice(0, -10),
    "no token": "x",
    empty: "",
  };
  const open = (idToken) =>
    ask(base, "/liff/session", { method: "POST", body: JSON.stringify({ id_token: idToken }), headers: { "content-type": "application/json", origin: base } });
  for (const [what, idToken] of Object.entries(forged)) {
    const answer = await open(idToken);
    expect([400, 401].includes(answer.status), `${what}: ${answer.status}`).toBe(true);
    expect(answer.headers["set-cookie"], `${what}: a session`).toBe(undefined);
  }
  expect((await open(token)).status, "LINE's own token").toBe(200);
  const nobody = await ask(base, "/liff/register", {
    method: "POST",
    body: new URLSearchParams({ "answers[topics][]": HOSTILE, session: HOSTILE }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", origin: base },
  });
  expect(nobody.status, "a registration of nobody").toBe(403);
  expect(nobody.text.includes("<img src=x"), "what was sent comes back as markup").toBe(false);
}

// HTML and SQL in every field are words, nothing else.
async function shownAsText({ page, axe, expect, until }) {
  const title = HOSTILE.slice(0, 100);
  await page.goto("/console/deliveries");
  await press(page.getByRole("button", { name: "新しい配信" }).first());
  await page.waitForURL(/\/edit$/);
  const text = page.getByLabel("文章", { exact: true }).first();
  await until(() => text.evaluate((element) => element.listens), "the editor");
  await page.locator("#title").fill(title);
  await text.fill(HOSTILE);
  await until(async () => (await page.locator(".preview .talk-bubble").textContent()) === HOSTILE, "the preview");
  await page.getByText(/自動で保存しました/).waitFor();
  await axe(page, "a draft with markup in it");
  for (const target of [`/console/deliveries?q=${encodeURIComponent(HOSTILE)}`, "/console/deliveries", "/console", `/console/audiences?q=${encodeURIComponent(HOSTILE)}`, `/console/residents?q=${encodeURIComponent(HOSTILE)}`, `/console/help?q=${encodeURIComponent(HOSTILE)}`]) {
    await page.goto(target);
    await page.locator("h1").waitFor();
    expect((await page.title()).includes("HACKED"), `${target} ran what was written`).toBe(false);
    expect(await page.locator('img[src="x"]').count(), `${target} has the markup`).toBe(0);
  }
  await page.goto(`/console/deliveries?q=${encodeURIComponent(title)}`);
  await page.getByText(title).first().waitFor();
}

function problem({ text, headers }) {
  return headers["content-type"]?.includes("json") ? JSON.parse(text) : null;
}

// A token for another system, as an operator makes it.
function token(binary, env, permission) {
  return new Promise((done, fail) => {
    const child = spawn(binary, ["token", "create", "--name", `journey ${permission}`, "--permission", permission], { env, stdio: ["ignore", "pipe", "ignore"], cwd: path.dirname(binary) });
    let printed = "";
    child.stdout.on("data", (data) => (printed += data));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done(printed.trim()) : fail(new Error(`kairan token create ended with ${code}`))));
  });
}

// One request, with exactly these headers (fetch would add its own).
function ask(base, target, { method = "GET", body, headers = {} } = {}) {
  return new Promise((done, fail) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const request = httpRequest(new URL(target, base), { method, agent: false, headers: { ...length, ...headers } }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("error", fail);
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(pieces).toString() }));
    });
    request.on("error", fail);
    request.setTimeout(20_000, () => request.destroy(new Error(`no answer from ${target}`)));
    request.end(body);
  });
}

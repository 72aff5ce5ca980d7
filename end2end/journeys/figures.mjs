// What became of a delivery: two links, one of them not counted; a tap on a phone; readers by
// LINE's statistics; the same numbers on the page, in the CSV and in the workbook.
import { inflateRawSync } from "node:zlib";
import { axeAtBothWidths, beginDelivery, download, live, press, signIn, takenOver, texts, tick, toEveryone } from "../lib/page.mjs";

export const name = "links are counted without knowing anybody, and the figures come down as files";

const TITLE = "給水所のお知らせ";

export async function run({ base, sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const counted = `${sandbox.url}/_sandbox/config?kyusui=1#basho`;
  const plain = "https://www.example.jp/chizu";
  const text = `給水所をひらきました。\n${counted}\n地図は ${plain} をご覧ください。`;
  const resident = await sandbox.resident("江川 つばさ");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");

  const desk = await newPage();
  await signIn(desk, account);
  await compose({ desk, text, counted, plain, base, axe, shot, expect, until });
  const id = desk.url().match(/\/(\d+)$/)[1];

  // What arrives: the counted link is short, the other as it was written.
  const sent = await until(async () => (await sandbox.received(resident)).find(({ text }) => text?.includes("給水所")), "the message");
  const short = sent.text.match(new RegExp(`${base}/r/[0-9A-Za-z]{7}`))?.[0];
  expect(short, "the short address").toBeTruthy();
  expect(sent.text, "what LINE received").toBe(text.replace(counted, short));

  await refusals({ short, counted, base, expect });
  await tap({ resident, short, counted, newPage, until });

  // The page counts it; nobody has read it yet as far as LINE tells.
  const results = desk.locator(".panel", { has: desk.getByRole("heading", { name: "結果", exact: true }) });
  await until(async () => {
    await desk.reload();
    return (await strip(results))["リンクのタップ"].startsWith("1 回");
  }, "the tap is counted");
  // Who was meant is counted once, by what they had registered.
  await until(async () => {
    await desk.reload();
    return (await desk.locator("main").textContent()).includes("送ったときの登録内容で分けた人数です");
  }, "the recipients are counted", { timeout: 120_000 });
  expect((await strip(results))["読んだ人"], "readers before LINE was asked").toContain("まだLINEから読んでいません");
  expect(await results.textContent(), "what is said of people").toContain("だれがリンクを押したかは、記録していません");
  await axeAtBothWidths(desk, "results before LINE was asked", axe);

  // Fewer than 20 are not told; then everybody opens the talk.
  await press(results.getByRole("button", { name: "いまの数を読む" }));
  await until(async () => (await strip(results))["読んだ人"].includes("公表されません"), "fewer than 20 are not told");
  await axe(desk, "results that LINE does not tell");
  const asked = Date.now();
  await sandbox.post("/open-all", { share: 1, click_share: 0 });
  // Numbers of the last ten seconds are not asked for again.
  await until(() => Date.now() - asked > 10_000, "LINE may be asked again");
  await press(results.getByRole("button", { name: "いまの数を読む" }));
  const friends = await until(async () => {
    const shown = (await strip(results))["読んだ人"];
    return /^[\d,]+ 人/.test(shown) && shown;
  }, "readers are told");
  const readers = Number(friends.match(/^([\d,]+) 人/)[1].replaceAll(",", ""));
  expect(readers >= 20, `${readers} readers`).toBe(true);
  expect(friends, "the share says of what").toContain("受け付けた");

  const chart = desk.locator(".chart-panel", { has: desk.getByRole("heading", { name: "リンクごとのタップ" }) });
  await chart.locator("label", { hasText: "表" }).click();
  expect(await texts(chart.locator("tbody th")), "the table's links").toEqual([counted]);
  expect(await texts(chart.locator("tbody td")), "the table's figures").toContain("1回");
  await axeAtBothWidths(desk, "results with readers", axe);
  await shot(desk, "results");

  await files({ desk, id, counted, readers, results, expect });
  await addedUp({ desk, axe, expect });
}

// The same tap among all deliveries of a 年度, and in the file of it.
async function addedUp({ desk, axe, expect }) {
  await desk.goto("/console/deliveries/periods");
  const first = (await desk.locator(".strip").innerText()).replace(/\s+/g, " ");
  expect(first, "the taps of all deliveries").toMatch(/リンクのタップ [\d,]*[1-9][\d,]* ?回/);
  await desk.locator("summary", { hasText: "期間：直近12か月" }).click();
  await desk.getByRole("link", { name: /^令和\d+年度$/ }).first().click();
  await desk.waitForURL(/\/console\/deliveries\/periods\?from=\d{4}-04&until=\d{4}-03$/);
  const chosen = desk.locator(".chip-on summary");
  await chosen.waitFor();
  expect(await chosen.innerText(), "the year that was chosen").toMatch(/令和\d+年度/);
  const panel = desk.locator(".chart-panel").first();
  await panel.locator("label", { hasText: "表" }).click();
  await panel.locator("table").waitFor();
  expect(await texts(panel.locator("thead th")), "what the table says of each month").toContain("前の年との差");
  await axeAtBothWidths(desk, "the deliveries of a year as a table", axe);
  const csv = (await download(desk, () => panel.getByRole("link", { name: "CSV" }).click())).bytes.toString("utf8");
  const [head, ...rows] = csv.trim().split("\r\n").map((line) => line.split(","));
  expect(head, "the file's columns").toContain("タップ（回）");
  expect(Number(rows.at(-1)[head.indexOf("タップ（回）")]) >= 1, "the tap in the file").toBe(true);
  // From one month to another, without the year's chip.
  await takenOver(desk);
  await desk.getByLabel("はじめの月").selectOption({ index: 0 });
  await desk.getByLabel("おわりの月").selectOption({ index: 0 });
  await desk.getByRole("button", { name: "この期間を見る" }).click();
  await desk.waitForURL((url) => url.searchParams.get("from") === url.searchParams.get("until"));
  await desk.locator(".strip").waitFor();
  await axeAtBothWidths(desk, "the deliveries of one month", axe);
}

async function compose({ desk, text, counted, plain, base, axe, shot, expect, until }) {
  await beginDelivery(desk);
  const field = await live(desk.getByLabel("文章", { exact: true }).first());
  await desk.locator("#title").fill(TITLE);
  await field.fill(text);
  const links = desk.locator(".links");
  const check = (uri) => links.locator("label", { hasText: uri });
  await check(counted).waitFor();
  expect(await links.locator("input").evaluateAll((all) => all.map((i) => i.checked)), "both are counted at first").toEqual([true, true]);
  await live(check(plain).locator("input"));
  await check(plain).click();
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" }).locator(".talk-bubble").first();
  await until(async () => {
    const shown = await preview.textContent();
    return shown.includes(plain) && shown.includes(`${base}/r/xxxxxxx`) && !shown.includes(counted);
  }, "the preview shows what arrives");
  const units = text.replace(counted, `${base}/r/xxxxxxx`).length;
  await until(async () => (await desk.locator(".part-foot .end").first().textContent()).startsWith(`${units} /`), "the length is that of what arrives");
  await axeAtBothWidths(desk, "a draft with links", axe);
  await toEveryone(desk);
  await desk.getByText(/自動で保存しました/).waitFor();
  await shot(desk, "composer-links");
  // What was switched off stays off.
  await until(async () => {
    await desk.reload();
    await live(desk.getByLabel("文章", { exact: true }).first());
    return !(await check(plain).locator("input").isChecked());
  }, "the draft keeps the switch");
  const send = desk.getByRole("button", { name: /人に配信する$/ });
  const people = (await (await live(send)).textContent()).match(/([\d,]+)人/)[1];
  await press(send);
  const dialog = desk.getByRole("dialog");
  await dialog.getByRole("textbox").fill(people);
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await desk.waitForURL(/\/console\/deliveries\/\d+$/);
  await until(async () => (await desk.locator("main .panel").first().textContent()).includes("完了"), "the delivery ends as 完了");
}

// Looks at an address as browsers, programs and the curious do; none of these is a tap.
async function refusals({ short, counted, base, expect }) {
  const ask = (url, options = {}) => fetch(url, { redirect: "manual", ...options });
  const head = await ask(short, { method: "HEAD" });
  expect([head.status, head.headers.get("location")], "HEAD").toEqual([302, counted]);
  const bot = await ask(`${short}?to=https://evil.example/`, { headers: { "user-agent": "Examplebot/1.0" } });
  expect([bot.status, bot.headers.get("location")], "a program").toEqual([302, counted]);
  expect(bot.headers.get("cache-control"), "the answer is not kept").toBe("no-store");
  expect(bot.headers.get("x-robots-tag"), "search engines").toContain("noindex");
  expect(bot.headers.get("set-cookie"), "no cookie").toBe(null);
  for (const nowhere of ["0000000", "x", "https://evil.example/", "%2F%2Fevil.example"]) {
    const answer = await ask(`${base}/r/${nowhere}`);
    expect([answer.status, answer.headers.get("location")], nowhere).toEqual([404, null]);
    expect(await answer.text(), nowhere).toContain("このリンク先はありません");
  }
  expect((await ask(short, { method: "POST" })).status, "POST").toBe(405);
}

async function tap({ resident, short, counted, newPage, until }) {
  // Where the link leads to is no page and has no icon.
  const phone = await newPage({ ignore: [/favicon\.ico/] });
  await phone.goto(`/phone?as=${resident}`);
  const link = phone.locator(".talk-city a.talk-link", { hasText: short }).last();
  await link.scrollIntoViewIfNeeded();
  const [opened] = await Promise.all([phone.context().waitForEvent("page"), link.click()]);
  await until(() => opened.url() === counted, "the tap leads to the address");
  await opened.close();
  await phone.close();
}

// 「読んだ人」 and its neighbours with what stands below them.
async function strip(results) {
  await results.locator(".strip").waitFor();
  const cells = await results.locator(".strip > div").evaluateAll((all) =>
    all.map((cell) => [cell.querySelector("dt").textContent, [...cell.querySelectorAll("dd")].map((d) => d.textContent.trim()).join(" ")]),
  );
  return Object.fromEntries(cells);
}

async function files({ desk, id, counted, readers, results, expect }) {
  const saved = (link) => download(desk, () => link.click());
  const csv = await saved(results.getByRole("link", { name: "CSV" }));
  expect(csv.name, "the CSV's name").toBe(`delivery-${id}.csv`);
  const lines = csv.bytes.toString("utf8");
  expect(lines.charCodeAt(0), "the mark of UTF-8").toBe(0xfeff);
  for (const words of [`読んだ人（人）,${readers},`, `1番目の内容　${counted},1,`, "対象者の内訳の分け方,送ったときの登録内容で"]) expect(lines, "the CSV").toContain(words);
  const book = unzipped((await saved(results.getByRole("link", { name: "Excel" }))).bytes);
  for (const words of [TITLE, counted, "読んだ人（人）", "対象者の内訳"]) expect(book, "the workbook").toContain(words);
  expect(book, "the workbook's readers").toContain(`<v>${readers}</v>`);

  await desk.goto("/console/deliveries?q=給水所");
  const page = desk.locator(".page-acts");
  const list = (await saved(page.getByRole("link", { name: "CSV" }))).bytes.toString("utf8");
  expect(list, "the list's CSV").toContain("リンクごとのタップ");
  expect(list, "the list's CSV").toContain(`${counted}　1回`);
  const all = unzipped((await saved(page.getByRole("link", { name: "Excel" }))).bytes);
  for (const words of [TITLE, counted, "対象（のべ人数）"]) expect(all, "the list's workbook").toContain(words);
}

// Everything in a zip archive as one text.
function unzipped(zip) {
  const all = [];
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = zip.readUInt32LE(end + 16);
  for (let entries = zip.readUInt16LE(end + 10); entries > 0; entries -= 1) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const head = zip.readUInt32LE(at + 42);
    const from = head + 30 + zip.readUInt16LE(head + 26) + zip.readUInt16LE(head + 28);
    const bytes = zip.subarray(from, from + packed);
    all.push((method === 8 ? inflateRawSync(bytes) : bytes).toString("utf8"));
    at += 46 + nameLength + extra + comment;
  }
  return all.join("\n").replaceAll("&amp;", "&");
}

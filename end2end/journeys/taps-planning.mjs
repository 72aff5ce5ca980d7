// A telephone and one finger: a list is imported and sent to, who was not reached gets it again, the figures come down
// as a file, and a series is begun and ended. Everything is a single tap; nothing is dragged, held or tapped twice.
import { begin, beginSeries, sendNow } from "../lib/delivery.mjs";
import { notWide } from "../lib/form.mjs";
import { Taps } from "../lib/menu.mjs";
import { download, live, number, signIn, texts } from "../lib/page.mjs";

export const name = "a list, a resend, its figures and a series are done by single taps on a telephone";

const WIDTH = 375;
const LIST = "消防団の名簿";
const TITLE = "消防団へのお知らせ";
const TEXT = "消防団の集まりは、土曜日の9時からです。";
const SERIES = "びんの日（くり返し）";
const PEOPLE = ["安西 まこと", "石野 はるか", "上田 つとむ"];

export async function run(tools) {
  const { sandbox, signIn: account, newPage, axe, expect, until } = tools;
  const ids = await Promise.all(PEOPLE.map((who) => sandbox.resident(who)));
  for (const resident of ids) {
    await sandbox.act(resident, "follow");
    await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  }
  const page = await newPage({ width: WIDTH, height: 812, hasTouch: true, isMobile: true });
  const hand = new Taps(page);
  const look = async (label) => {
    await axe(page, label);
    await notWide(page, WIDTH, label);
  };
  await signIn(page, account);
  await imported(hand, ids, look, tools);
  const sent = await delivered(hand, ids, look, tools);
  await again(hand, sent, look, tools);
  // The sample city sends at its own times as well.
  const got = await Promise.all(ids.map(async (id) => (await sandbox.received(id)).filter(({ text }) => text === TEXT).length));
  expect(got, "everybody of the list once").toEqual([1, 1, 1]);
  await figures(hand, sent, look, tools);
  await series(hand, look, tools);
}

async function imported(hand, ids, look, { expect }) {
  const { page } = hand;
  await page.goto("/console/audiences");
  await page.getByRole("navigation", { name: "配信対象" }).getByRole("link", { name: "対象者リスト" }).tap();
  await page.waitForURL("**/console/audiences/lists");
  await page.getByRole("link", { name: "リストを取りこむ" }).first().tap();
  await page.waitForURL("**/lists/new");
  await live(page.locator("#roster-file"));
  await look("an import on a telephone");
  const lines = ["番号,LINE,氏名", ...ids.map((id, at) => `${at + 1},${id},${PEOPLE[at]}`), "4,,無記入"];
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.locator("label", { has: page.locator("#roster-file") }).tap()]);
  await chooser.setFiles({ name: `${LIST}.csv`, mimeType: "text/csv", buffer: Buffer.from(`${lines.join("\r\n")}\r\n`) });
  await page.getByRole("heading", { name: "3. 結果を確かめて、取りこむ" }).waitFor();
  expect(number(await page.locator(".figure").first().innerText()), "who was found").toBe(3);
  // By another column nobody is found, and nothing can be taken.
  await page.locator("#roster-column").selectOption("0");
  await page.getByText("当てはまる友だちが1人もいないため").waitFor();
  await page.locator("#roster-column").selectOption("1");
  const take = page.getByRole("button", { name: "3人のリストとして取りこむ" });
  await take.waitFor();
  await look("what a file brings, on a telephone");
  expect(await page.locator("#roster-name").inputValue(), "the file's name").toBe(LIST);
  await hand.press(take);
  await page.waitForURL(/\/lists\/\d+$/);
  await page.getByRole("heading", { name: LIST, level: 1 }).waitFor();
  await look("a list on a telephone");
}

// What stands above all on the page of a delivery.
const ends = (page, words, until) => until(async () => (await page.locator("main .panel").first().textContent()).includes(words), `the delivery ends: ${words}`);

// The composer has counted so many people.
const counted = (page, people, until) => until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === people, `the head count of ${people}`);

async function delivered(hand, ids, look, { sandbox, until }) {
  const { page } = hand;
  await begin(hand, TITLE);
  await hand.fill(page.locator("#parts textarea").first(), TEXT);
  await hand.press(page.getByRole("button", { name: "条件を足す" }));
  await hand.press(page.locator(".pick-list .pick-option", { hasText: "対象者リスト" }));
  const lists = page.getByRole("dialog", { name: "どれか" });
  const wanted = lists.locator(".pick-option", { hasText: LIST });
  await wanted.waitFor();
  await look("the lists to pick from, on a telephone");
  await hand.press(wanted);
  await counted(page, "3人", until);
  await look("a draft to a list on a telephone");
  // LINE does not know the third any more.
  await sandbox.faults({ refuse_ids: [ids[2]] });
  try {
    const path = await sendNow(page, hand);
    await ends(page, "一部届かず", until);
    await look("a delivery that failed for one, on a telephone");
    return path;
  } finally {
    await sandbox.faults({});
  }
}

async function again(hand, sent, look, { until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "届かなかった人にもう一度送る" }));
  const dialog = page.locator("dialog#resend");
  await dialog.waitFor({ state: "visible" });
  await look("the dialog of a resend on a telephone");
  await hand.press(dialog.getByRole("button", { name: "1人への下書きを作る" }));
  await page.waitForURL(/\/edit$/);
  await live(page.locator("#title"));
  await counted(page, "1人", until);
  await look("the draft of a resend on a telephone");
  await sendNow(page, hand);
  await ends(page, "完了", until);
  await look("a resend that is done, on a telephone");
  await page.getByRole("link", { name: "もとの配信を見る" }).tap();
  await page.waitForURL((url) => url.pathname === sent);
  await page.getByText("届かなかった人に、もう一度送りました").waitFor();
}

async function figures(hand, sent, look, { expect, until }) {
  const { page } = hand;
  const results = page.locator(".panel", { has: page.getByRole("heading", { name: "結果", exact: true }) });
  // A worker may have read it by itself.
  const [read, few] = [results.getByRole("button", { name: "いまの数を読む" }), results.getByText("公表されません").first()];
  await read.or(few).first().waitFor();
  if (await few.isHidden()) await hand.press(read);
  await few.waitFor();
  await look("results on a telephone");
  const file = await download(page, () => results.getByRole("link", { name: "CSV" }).tap());
  expect(file.name, "the CSV's name").toBe(`delivery-${sent.split("/").pop()}.csv`);
  const csv = file.bytes.toString("utf8");
  for (const words of [`件名,${TITLE},`, "対象（人）,3,", "受付（人）,2,", "届かず（人）,1,"]) expect(csv, "the CSV").toContain(words);

  // All of the month added up, as a table.
  await page.goto("/console/deliveries");
  await page.getByRole("link", { name: "まとめ" }).tap();
  await page.waitForURL("**/deliveries/periods");
  await page.locator(".chart-panel label", { hasText: "表" }).tap();
  await page.locator(".table-view table").waitFor();
  await look("the deliveries by months as a table on a telephone");
}

async function series(hand, look, { expect, until }) {
  const { page } = hand;
  const path = await begin(hand, SERIES);
  await hand.fill(page.locator("#parts textarea").first(), "あすは、びんの日です。");
  const everyone = page.locator("label", { hasText: "友だち全員" }).first();
  await live(everyone.locator("input"));
  await everyone.tap();
  await until(async () => (await page.locator(".audience-sentence").innerText()).includes("友だち全員"), "everyone");
  await hand.pick(page.getByRole("radio", { name: "くり返す" }));
  const fields = page.locator(".repeat");
  await fields.getByText("毎月 第何曜日").tap();
  await hand.check(fields.getByRole("group", { name: /^第何/ }).getByRole("checkbox", { name: "第3" }));
  await fields.getByText(/^毎月 第1・第3.曜日の 10:00/).waitFor();
  expect(await fields.locator(".outlook > li").count(), "the next dates").toBe(5);
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()) && (await page.locator(".checks.counting").count()) === 0, "the head count");
  await look("a series on a telephone");
  await beginSeries(hand, path, () => look("the question before a series begins, on a telephone"));
  await page.getByText("くり返し中").waitFor();
  await look("a series in force on a telephone");
  await hand.press(page.getByRole("button", { name: "終わらせる", exact: true }));
  const dialog = page.getByRole("dialog", { name: "くり返しを終わらせます" });
  await hand.press(dialog.getByRole("button", { name: "終わらせる", exact: true }));
  await page.getByText("終わりました").first().waitFor();
  await look("a series that was ended by taps");
}

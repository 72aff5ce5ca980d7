// A telephone and one finger: people are asked for by year, period, age and words, words that differ from resident to
// resident go to one of them, the certificate is printed, the figures come down as workbooks, and who received it is
// asked for. Everything is a single tap; nothing is dragged, held or tapped twice.
import { begin, sendNow, tapper } from "../lib/delivery.mjs";
import { identified } from "../lib/form.mjs";
import { download, live, number, register, sentOut, texts } from "../lib/page.mjs";
import { cellTexts } from "../lib/workbook.mjs";

export const name = "an audience by facts, a personal message, its certificate and its workbooks are done by single taps";

const YEAR = "生まれた年";
const DATE = "お子さんの誕生日";
const WORDS = "自治会の名前";
const OWN = "しおかぜ通り会";
const AUDIENCE = "しおかぜ通りの人";
const TITLE = "しおかぜ通り会へのお知らせ";
const TEXT = "お届けする情報：";
const TOPIC = "ごみの日";

export async function run(tools) {
  const resident = await registered(tools);
  const hand = await tapper(tools);
  await asked(hand, tools);
  const sent = await personal(hand, resident, tools);
  await certificate(hand, sent, tools);
  await figures(hand, sent, tools);
  await received(hand, tools);
}

// Somebody whom the sample city does not have yet: nobody else wrote these words.
async function registered({ sandbox, newPage, until }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const resident = await sandbox.resident("汐見 かおり");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const phone = await newPage({ width: 375, height: 812 });
  await phone.goto(sandbox.liffUrl(liffId, resident, "/register"));
  await phone.waitForURL("**/liff/register");
  await identified(phone);
  await phone.locator("fieldset", { has: phone.locator("legend", { hasText: WORDS }) }).locator("input").fill(OWN);
  await register(phone, [TOPIC]);
  await phone.getByRole("heading", { name: "登録しました" }).waitFor();
  await phone.close();
  return resident;
}

// What a new audience is asked by, in the sheet at the foot of the telephone.
function sheet(hand, until) {
  const { page } = hand;
  const list = page.locator(".pick-list");
  return {
    list,
    by: async (words) => {
      await hand.press(page.locator(".pick").first());
      await hand.press(list.locator(".pick-option", { hasText: words }).first());
      await page.getByRole("dialog", { name: "どれか" }).waitFor();
    },
    way: async (words) => {
      const radio = list.getByRole("radio", { name: words, exact: true });
      await live(radio);
      await list.locator("label", { hasText: words }).first().tap();
      await until(() => radio.isChecked(), `${words} is chosen`);
    },
    // What is chosen from has the focus, and not a field that goes away by it.
    take: async (label, value) => {
      const select = await live(list.getByLabel(label));
      await select.focus();
      await select.selectOption(value);
    },
    comes: (check, what) =>
      until(async () => {
        const words = await page.locator(".audience-side .figure-xl").innerText();
        return /\d/.test(words) && check(number(words)) && (await page.locator(".counting").count()) === 0;
      }, what),
    settled: async () => {
      await hand.press(list.getByRole("button", { name: "決める" }));
      await list.waitFor({ state: "detached" });
    },
  };
}

async function asked(hand, { expect, until }) {
  const { page } = hand;
  const { list, by, way, take, comes, settled } = sheet(hand, until);
  await page.goto("/console/audiences/new");
  await hand.fill(page.locator("#name"), AUDIENCE);
  await by(YEAR);
  await way("年で");
  await take("この年から", "1970");
  await take("この年まで", "1999");
  await comes((n) => n > 0, "thirty years");
  await hand.look("the years on a telephone");
  await settled();

  await by(DATE);
  await take("この日から", "months-before");
  await hand.fill(list.getByLabel("何か月"), "12");
  await take("この日まで", "today");
  await comes((n) => n > 0 && n < 1_000, "children of this year");
  await hand.look("a period on a telephone");
  await way("年齢で");
  await hand.fill(list.getByLabel("何歳まで"), "6");
  await comes((n) => n > 0, "children up to six");
  await hand.look("the ages on a telephone");
  await settled();
  expect(await page.locator(".readback-text").innerText(), "the sentence").toContain("6歳以下");

  await by(WORDS);
  await hand.fill(list.getByLabel("さがす文字"), OWN);
  await comes((n) => n === 1, "the one who wrote so");
  await hand.look("the words on a telephone");
  await settled();
  await hand.press(page.getByRole("button", { name: "この条件で保存する" }).first());
  await page.waitForURL(/\/console\/audiences\/\d+$/);
  await page.getByRole("heading", { name: AUDIENCE, level: 1 }).waitFor();
  await hand.look("an audience that was saved by taps");
}

// To the one, with what they registered.
async function personal(hand, resident, { sandbox, expect, until }) {
  const { page } = hand;
  await begin(hand, TITLE);
  const area = page.locator("#parts textarea").first();
  await hand.fill(area, TEXT);
  await hand.open(page.getByLabel("文章1に差しこみを入れる"));
  const menu = page.locator("details.variable[open]").getByRole("group", { name: "差しこみ", exact: true });
  await hand.fill(menu.getByLabel("登録していない人には"), "まだありません");
  await hand.look("what can be filled in, on a telephone");
  await hand.press(menu.getByRole("button", { name: "受け取りたい情報" }));
  await until(async () => (await area.inputValue()) === `${TEXT}{{topics|まだありません}}`, "the words that differ");

  await hand.press(page.getByRole("button", { name: "条件を足す" }));
  const { list, settled } = sheet(hand, until);
  await hand.press(list.locator(".pick-option", { hasText: WORDS }));
  await hand.fill(list.getByLabel("さがす文字"), OWN);
  await settled();
  await until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === "1人", "the head count of one");
  await hand.look("a personal draft on a telephone");
  const sent = await sendNow(page, hand);
  await sentOut(page);
  const told = await until(async () => (await sandbox.received(resident)).find(({ text }) => text?.startsWith(TEXT)), "the message");
  expect(told.text, "what they registered").toBe(`${TEXT}${TOPIC}`);
  await hand.look("a personal delivery that was sent by taps");
  return sent;
}

async function certificate(hand, sent, { until }) {
  const { page } = hand;
  await page.getByRole("link", { name: "証明書をひらいて印刷する" }).tap();
  await page.waitForURL(`**${sent}/certificate`);
  await page.getByRole("heading", { name: "配信証明書", level: 1 }).waitFor();
  await hand.look("a certificate on a telephone");
  // The window of the browser that prints is not ours.
  await page.evaluate(() => {
    window.print = () => {
      window.printed = true;
    };
  });
  await hand.press(page.getByRole("button", { name: "印刷する" }));
  await until(() => page.evaluate(() => window.printed === true), "the paper");
}

// The workbook of the delivery, and of all weeks.
async function figures(hand, sent, { expect }) {
  const { page } = hand;
  await page.goto(sent);
  const results = page.locator(".panel", { has: page.getByRole("heading", { name: "結果", exact: true }) });
  const book = await download(page, () => results.getByRole("link", { name: "Excel" }).tap());
  expect(book.name, "the workbook's name").toBe(`delivery-${sent.split("/").pop()}.xlsx`);
  expect(cellTexts(book.bytes), "the workbook").toContain(TITLE);

  await page.goto("/console/deliveries");
  await page.getByRole("link", { name: "まとめ" }).tap();
  await page.waitForURL("**/deliveries/periods");
  await page.getByRole("link", { name: "週ごと" }).tap();
  await page.waitForURL("**/deliveries/periods?every=week");
  const panel = page.locator(".chart-panel").first();
  await panel.locator(".chart-sentence").getByText(/^今週は/).waitFor();
  await panel.locator("label", { hasText: "表" }).tap();
  await panel.locator(".table-view table").waitFor();
  await hand.look("the deliveries by weeks as a table on a telephone");
  const weeks = await download(page, () => panel.getByRole("link", { name: "Excel" }).tap());
  expect(weeks.bytes.subarray(0, 2).toString("latin1"), "a workbook").toBe("PK");
}

async function received(hand, { expect, until }) {
  const { page } = hand;
  const { list, by, comes } = sheet(hand, until);
  await page.goto("/console/audiences/new");
  await by("受け取った配信");
  const wanted = list.locator(".pick-option", { hasText: TITLE });
  await wanted.waitFor();
  await hand.look("the deliveries to pick from, on a telephone");
  await hand.press(wanted);
  await list.waitFor({ state: "detached" });
  await comes((n) => n === 1, "who received it");
  expect(await page.locator(".readback-text").innerText(), "the sentence").toContain(TITLE);
  await hand.look("who received it, asked by taps");
}

// A step course: written step by step and from a table, looked at for one resident, put in force,
// changed, paused, resumed and ended; the calendar shows what will come.
import { axeAtBothWidths, live, press, signIn } from "../lib/page.mjs";

export const name = "a step course is written, previewed for one resident, put in force and ended";

const TITLE = "妊娠と子育てのたより";
const ENGLISH = "It is time for the health check at 3 months.";

export async function run({ signIn: account, newPage, axe, shot, expect, until }) {
  const page = await newPage({ ignore: [/status of 422/] });
  await signIn(page, account);
  const path = await begin(page, axe, shot);
  await write(page, path, axe, shot, expect, until);
  await table(page, axe, shot, expect, until);
  await preview(page, path, axe, shot, expect, until);
  await force(page, path, axe, shot, until);
  await calendar(page, axe, until);
  await change(page, path, axe, expect, until);
  await over(page, path, axe);
}

const button = (page, name) => page.getByRole("button", { name, exact: true });

// What `type` writes is saved by itself two seconds later; 「自動で保存しました」 goes with the first letter.
async function saved(page, type) {
  await type();
  await page.getByText(/自動で保存しました/).waitFor();
}

async function begin(page, axe, shot) {
  await page.goto("/console/deliveries");
  await page.getByRole("link", { name: "ステップ配信" }).click();
  await page.waitForURL(/\/deliveries\/steps$/);
  await page.getByRole("heading", { name: "新しいステップ配信" }).waitFor();
  await axeAtBothWidths(page, "the courses", axe);
  await live(button(page, "作りはじめる"));
  await button(page, "作りはじめる").click();
  await page.getByText("名前が空です").waitFor();
  await page.getByLabel("名前（職員にだけ見えます）").fill(TITLE);
  await button(page, "作りはじめる").click();
  await page.waitForURL(/\/deliveries\/steps\/\d+$/);
  await page.getByText("ステップがまだありません。下で").waitFor();
  await axeAtBothWidths(page, "an empty course", axe);
  await shot(page, "steps-empty");
  return new URL(page.url()).pathname;
}

async function add(page, n, unit, time) {
  const fields = page.getByRole("group", { name: "ステップを足す" });
  await live(fields.getByLabel("単位"));
  await fields.getByLabel("単位").selectOption({ label: unit });
  if (n) await fields.getByLabel("数", { exact: true }).fill(n);
  await fields.getByLabel("時刻").fill(time);
  await press(fields.getByRole("button", { name: "足して書く" }));
  await page.waitForURL(/\/steps\/\d+\/\d+$/);
}

async function write(page, path, axe, shot, expect, until) {
  await add(page, "3", "か月後", "10:00");
  const text = page.locator("#parts textarea").first();
  await live(text);
  await axe(page, "an empty step");
  await saved(page, () => text.fill("3か月児健診の時期です。\n日程は、市のホームページをごらんください。"));
  await page.locator("#preview").getByText("3か月児健診の時期です").first().waitFor();
  // The same in English; the phone shows what is on the screen.
  const menu = page.locator(".language-bar details");
  await menu.locator("summary").click();
  await press(menu.getByRole("button", { name: "英語", exact: true }));
  const english = page.getByRole("tab", { name: /^英語/ });
  await until(async () => (await english.getAttribute("aria-selected")) === "true", "English is shown");
  await saved(page, () => text.fill(ENGLISH));
  await page.locator("#preview").getByText(ENGLISH).first().waitFor();
  await until(async () => /\d人/.test(await english.innerText()), "how many read it in English");
  // The field says when it is unfinished, and nothing is saved then.
  const n = page.getByLabel("数", { exact: true });
  await n.fill("");
  await page.getByText("1以上の数を入れてください").waitFor();
  await saved(page, () => n.fill("4"));
  await saved(page, () => n.fill("3"));
  await axeAtBothWidths(page, "a step", axe);
  await shot(page, "steps-step");

  // Left before it was saved by itself: nothing is lost.
  await page.goto(path);
  await add(page, "", "当日", "09:00");
  await live(page.locator("#parts textarea").first());
  await page.locator("#parts textarea").first().fill("お誕生おめでとうございます。");
  await page.locator(".editor-back").click();
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText("お誕生おめでとうございます。").waitFor();
  await page.getByText("英語でも書いてあります").waitFor();
  await page.getByText(/英語で書いていないステップが1件あります/).waitFor();
  const whens = page.locator(".steps-list tbody .title-link");
  expect(await whens.allInnerTexts(), "in the order in which they are sent").toEqual(["当日 9:00", "3か月後 10:00"]);

  await press(page.getByRole("button", { name: "「3か月後 10:00」を消す" }));
  await page.locator(".toast", { hasText: "「3か月後 10:00」を消しました" }).waitFor();
  await press(page.getByRole("button", { name: "元にもどす" }));
  await until(async () => (await whens.count()) === 2, "the step is back");
}

async function table(page, axe, shot, expect, until) {
  await live(button(page, "足して書く"));
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSVで保存する" }).click()]);
  expect(file.suggestedFilename(), "the file").toMatch(/^steps-\d+\.csv$/);
  const input = page.locator('input[type="file"]');
  const choose = (rows) =>
    input.setInputFiles({ name: "たより.csv", mimeType: "text/csv", buffer: Buffer.from(`いつ,時刻,文章\r\n${rows.join("\r\n")}\r\n`) });
  await choose(["あした,9:00,こんにちは"]);
  await page.getByText("2行目：「いつ」が「あした」です").waitFor();
  await axe(page, "a table with what is to mend");
  await shot(page, "steps-table-errors");
  const days = Array.from({ length: 40 }, (_, n) => `${40 - n}日前,7:30,"あと${40 - n}日です。\n体をいたわりましょう。"`);
  await choose(days);
  await page.locator("#table-read").getByText("新しく 40・変わる 0・そのまま 0。表にない 2ステップも、そのまま残ります。").waitFor();
  await axe(page, "a table before it is taken in");
  await shot(page, "steps-table");
  await press(button(page, "取りこむ").first());
  await page.locator("dialog#table-take").getByRole("button", { name: "取りこむ" }).click();
  await page.locator(".toast", { hasText: "40ステップを取りこみました" }).waitFor();
  await until(async () => (await page.locator(".steps-list tbody tr").count()) === 42, "all steps");
}

async function preview(page, path, axe, shot, expect, until) {
  await page.getByRole("link", { name: "1人分を見る" }).click();
  await page.waitForURL(/\/preview$/);
  await page.getByText("まだ選んでいません").waitFor();
  await axe(page, "a preview of nobody");
  await page.getByLabel(/がこの日の人$/).fill("2026-08-31");
  await page.getByLabel("ことば", { exact: true }).selectOption({ label: "英語" });
  await page.getByRole("button", { name: "この日で見る" }).click();
  await page.waitForURL(/day=2026-08-31/);
  await page.getByText("2026年11月30日（月）10:00").waitFor();
  expect(await page.locator(".step-line > li").count(), "every step with its day").toBe(42);
  await press(page.locator(".step-line > li").last().getByRole("button", { name: "画面で見る" }));
  await page.locator(".step-phone").getByText(ENGLISH).first().waitFor();
  await axeAtBothWidths(page, "a preview of a day", axe);
  await shot(page, "steps-preview");
  const resident = page.locator(".step-examples a").first();
  const number = (await resident.innerText()).replace(/\D/g, "");
  await resident.click();
  await page.waitForURL(new RegExp(`resident=${number}`));
  await page.getByRole("heading", { name: new RegExp(`番号 ${number} の人`) }).waitFor();
  await axe(page, "a preview of a resident");
  await page.goto(`${path}/preview?resident=99999999`);
  await page.getByText("この人には届きません").waitFor();
  await axe(page, "a preview of nobody's number");
  await page.goto(path);
  await until(async () => (await page.locator(".steps-list tbody tr").count()) === 42, "the course");
}

async function force(page, path, axe, shot, until) {
  // The settings: only some, and the latest for who registers late.
  await live(button(page, "設定を保存する"));
  await page.locator("label", { hasText: "直前の1通も届ける" }).click();
  await page.getByText("まだ保存していません").waitFor();
  await press(button(page, "設定を保存する"));
  await page.locator(".toast", { hasText: "設定を保存しました" }).waitFor();
  await axeAtBothWidths(page, "a course before it begins", axe);
  await shot(page, "steps-course");
  await press(button(page, "この内容で始める"));
  const dialog = page.locator("dialog#course-begin");
  await dialog.getByText(/あした [\d,]+人に届きます/).waitFor();
  await axe(page, "the question before a course begins");
  await shot(page, "steps-begin");
  await dialog.getByRole("button", { name: "この内容で始める" }).click();
  await page.getByText(/^配信中です。次に確かめるのは/).waitFor();
  await page.goto("/console/deliveries/steps");
  const row = page.getByRole("row", { name: new RegExp(TITLE) });
  await row.getByText("配信中").waitFor();
  await until(async () => /きょう [\d,]+人・7日で [\d,]+人/.test(await row.innerText()), "whom it reaches");
  await axeAtBothWidths(page, "the courses with one in force", axe);
  await shot(page, "steps-list");
}

async function calendar(page, axe, until) {
  await page.goto("/console/deliveries/calendar?view=list");
  const line = page.locator(".agenda").getByRole("link", { name: new RegExp(`${TITLE}（\\d+通）`) }).first();
  // Nobody's day need be in the rest of this month.
  const month = page.locator("#calendar-month");
  for (let later = 0, shown = await month.innerText(); later < 3 && (await line.count()) === 0; later += 1) {
    await page.getByRole("link", { name: "次の月" }).click();
    await until(async () => (await month.innerText()) !== shown, "the next month");
    shown = await month.innerText();
  }
  await line.waitFor();
  await axe(page, "the calendar with steps");
  await line.click();
  await page.waitForURL(/\/deliveries\/steps\/\d+$/);
}

async function change(page, path, axe, expect, until) {
  await page.goto(path);
  await page.locator(".steps-list .title-link", { hasText: "3か月後 10:00" }).click();
  await page.waitForURL(/\/steps\/\d+\/\d+$/);
  await live(page.getByLabel("時刻"));
  await saved(page, () => page.getByLabel("時刻").fill("11:00"));
  await page.locator(".editor-back").click();
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText("まだ届けていない変更があります。").waitFor();
  await axe(page, "a course with a change");
  await press(button(page, "変更を取り消す"));
  await page.locator(".steps-list .title-link", { hasText: "3か月後 10:00" }).waitFor();
  expect(await page.getByText("まだ届けていない変更があります。").count(), "nothing is changed any more").toBe(0);

  await press(button(page, "休止する"));
  await page.getByText(/^休止しています。/).waitFor();
  await axe(page, "a paused course");
  await press(button(page, "再開する"));
  await page.locator("dialog#course-begin").getByText(/休止していたあいだ/).waitFor();
  await page.locator("dialog#course-begin").getByRole("button", { name: "再開する" }).click();
  await page.getByText(/^配信中です。/).waitFor();
  await until(async () => (await page.locator(".events li").count()) >= 5, "what happened");
}

async function over(page, path, axe) {
  await press(button(page, "終わらせる"));
  const dialog = page.locator("dialog#course-end");
  await dialog.getByText(/これからはだれにも届けません/).waitFor();
  await dialog.getByRole("button", { name: "終わらせる" }).click();
  await page.getByText(/^終わりました。もう一度/).waitFor();
  await axeAtBothWidths(page, "a course that is over", axe);
  // A copy that was never in force can be deleted.
  await press(button(page, "複製する"));
  await page.waitForURL((url) => /\/steps\/\d+$/.test(url.pathname) && url.pathname !== path);
  await press(button(page, "消す"));
  await page.locator("dialog#course-end").getByRole("button", { name: "消す", exact: true }).click();
  await page.waitForURL(/\/deliveries\/steps$/);
}

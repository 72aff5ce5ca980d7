// An official who has a keyboard alone imports a list, sends to it, sends again to who was not reached, prints and reads
// what became of it, asks for people by date, age, text and what they have received, and calls off what the calendar
// shows. No pointer touches their screen.
import { begin, sendNow } from "../lib/delivery.mjs";
import { Keys } from "../lib/menu.mjs";
import { arrived, download, focused, focusKept, live, noPointer, number, signInByKeys, takenOver, texts, tick } from "../lib/page.mjs";

export const name = "a list, a resend, figures, an audience and the calendar are worked by keyboard alone";

const LIST = "民生委員の名簿";
const TITLE = "民生委員へのお知らせ";
const TEXT = "定例会は、木曜日の14時からです。";
const LATER = "図書館の休館日";
const PEOPLE = ["大西 けい", "川口 ふみ", "久保 じゅん"];
const YEAR = "生まれた年";
const DATE = "お子さんの誕生日";
const WORDS = "自治会の名前";

export async function run(tools) {
  const { sandbox, newPage, expect, until } = tools;
  const ids = await Promise.all(PEOPLE.map((who) => sandbox.resident(who)));
  for (const resident of ids) {
    await sandbox.act(resident, "follow");
    await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  }
  const page = await newPage();
  const hand = new Keys(page);
  await noPointer(page);
  await signInByKeys(hand, tools.signIn);
  await imported(hand, ids, tools);
  const sent = await delivered(hand, ids, tools);
  await again(hand, sent, tools);
  // The sample city sends at its own times as well.
  const got = await Promise.all(ids.map(async (id) => (await sandbox.received(id)).filter(({ text }) => text === TEXT).length));
  expect(got, "everybody of the list once").toEqual([1, 1, 1]);
  await figures(hand, sent, tools);
  await asked(hand, tools);
  await calledOff(hand, tools);
}

// By its address; links lead on within the application from here.
async function open(page, path) {
  await page.goto(path);
  await takenOver(page);
}

async function imported(hand, ids, { axe, expect, until }) {
  const { page } = hand;
  await open(page, "/console/audiences/lists");
  await hand.open(page.getByRole("link", { name: "リストを取りこむ" }).first());
  await page.waitForURL("**/lists/new");
  await arrived(page, "リストを取りこむ");
  const lines = ["番号,LINE,氏名", ...ids.map((id, at) => `${at + 1},${id},${PEOPLE[at]}`), "4,,無記入"];
  await hand.give(page.locator("#roster-file"), { name: `${LIST}.csv`, mimeType: "text/csv", buffer: Buffer.from(`${lines.join("\r\n")}\r\n`) });
  await page.getByRole("heading", { name: "3. 結果を確かめて、取りこむ" }).waitFor();
  expect(number(await page.locator(".figure").first().innerText()), "who was found").toBe(3);
  // By another column nobody is found; the field is drawn anew and keeps the focus.
  const column = page.locator("#roster-column");
  await hand.reach(column);
  await page.keyboard.press("ArrowUp");
  await page.getByText("当てはまる友だちが1人もいないため").waitFor();
  await until(async () => (await column.inputValue()) === "0" && focused(column), "focus on the column");
  await live(column);
  await page.keyboard.press("ArrowDown");
  const take = page.getByRole("button", { name: "3人のリストとして取りこむ" });
  await take.waitFor();
  await until(() => focused(column), "focus on the column again");
  await axe(page, "what a file brings, by keyboard");
  await hand.press(take);
  await page.waitForURL(/\/lists\/\d+$/);
  await arrived(page, LIST);

  // Its content would be replaced by another file.
  await hand.press(page.getByRole("button", { name: "新しいファイルを選ぶ" }));
  await until(() => focused(page.locator("#roster-file")), "focus on the field of the file");
  await axe(page, "a list by keyboard");
}

// What stands above all on the page of a delivery.
const ends = (page, words, until) => until(async () => (await page.locator("main .panel").first().textContent()).includes(words), `the delivery ends: ${words}`);

// The composer has counted so many people.
const counted = (page, people, until) => until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === people, `the head count of ${people}`);

async function delivered(hand, ids, { sandbox, axe, until }) {
  const { page } = hand;
  await begin(hand, TITLE);
  await hand.fill(page.locator("#parts textarea").first(), TEXT);
  await hand.press(page.getByRole("button", { name: "条件を足す" }));
  await hand.press(page.locator(".pick-list .pick-option", { hasText: "対象者リスト" }));
  await hand.press(page.getByRole("dialog", { name: "どれか" }).locator(".pick-option", { hasText: LIST }));
  await counted(page, "3人", until);
  await focusKept(page, "a list was chosen");
  await axe(page, "a draft to a list by keyboard");
  // LINE does not know the third any more.
  await sandbox.faults({ refuse_ids: [ids[2]] });
  try {
    const path = await sendNow(page, hand);
    await ends(page, "一部届かず", until);
    await axe(page, "a delivery that failed for one, by keyboard");
    return path;
  } finally {
    await sandbox.faults({});
  }
}

async function again(hand, sent, { axe, until }) {
  const { page } = hand;
  const offer = page.getByRole("button", { name: "届かなかった人にもう一度送る" });
  await hand.press(offer);
  const dialog = page.locator("dialog#resend");
  await dialog.waitFor({ state: "visible" });
  // Esc leaves it, and the focus is where it was.
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await until(() => focused(offer), "focus back on the button");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "visible" });
  await axe(page, "the dialog of a resend by keyboard");
  await hand.press(dialog.getByRole("button", { name: "1人への下書きを作る" }));
  await page.waitForURL(/\/edit$/);
  await counted(page, "1人", until);
  await arrived(page, "を書く");
  await sendNow(page, hand);
  await ends(page, "完了", until);
  await hand.open(page.getByRole("link", { name: "もとの配信を見る" }));
  await page.waitForURL((url) => url.pathname === sent);
  await arrived(page, TITLE);
  await page.getByText("届かなかった人に、もう一度送りました").waitFor();
}

// The certificate, the figures as a file, and all of the year as a table.
async function figures(hand, sent, { axe, expect, until }) {
  const { page } = hand;
  await hand.open(page.getByRole("link", { name: "証明書をひらいて印刷する" }));
  await page.waitForURL(`**${sent}/certificate`);
  await arrived(page, "配信証明書");
  await axe(page, "a certificate by keyboard");
  await open(page, sent);
  const results = page.locator(".panel", { has: page.getByRole("heading", { name: "結果", exact: true }) });
  const csv = results.getByRole("link", { name: "CSV" });
  await hand.reach(csv);
  const file = await download(page, () => page.keyboard.press("Enter"));
  expect(file.name, "the CSV's name").toBe(`delivery-${sent.split("/").pop()}.csv`);
  expect(file.bytes.toString("utf8"), "the CSV").toContain(`件名,${TITLE},`);

  await open(page, "/console/deliveries");
  await hand.open(page.getByRole("link", { name: "まとめ" }));
  await page.waitForURL("**/deliveries/periods");
  await page.locator(".chart-sentence").getByText(/^今月は/).waitFor();
  const panel = page.locator(".chart-panel").first();
  await hand.reach(panel.locator('input[type="radio"]:checked'));
  await page.keyboard.press("ArrowRight");
  await panel.locator(".table-view table").waitFor();
  expect(await panel.locator(".table-view tbody tr").count(), "months").toBe(12);
  await axe(page, "the deliveries by months as a table, by keyboard");
  await hand.open(page.getByRole("link", { name: "週ごと" }));
  await page.waitForURL("**/deliveries/periods?every=week");
  await page.locator(".chart-sentence").getByText(/^今週は/).waitFor();
  await hand.open(page.locator("summary", { hasText: "登録項目" }));
  await hand.open(page.locator(".chip a", { hasText: "年代" }));
  await page.getByRole("heading", { name: "対象者の内訳：年代" }).waitFor();
  const book = page.locator(".chart-panel").first().getByRole("link", { name: "Excel" });
  await hand.reach(book);
  const all = await download(page, () => page.keyboard.press("Enter"));
  expect(all.bytes.subarray(0, 2).toString("latin1"), "a workbook").toBe("PK");
  await until(() => focused(book), "focus stays on the link of the file");
}

// By year, period, age, words, since when somebody is a friend, and what they have received.
async function asked(hand, { axe, expect, until }) {
  const { page } = hand;
  const list = page.locator(".pick-list");
  const people = async () => {
    const words = await page.locator(".figure-xl").innerText();
    return words.includes("—") ? null : number(words);
  };
  const comes = (check, what) =>
    until(async () => {
      const n = await people();
      return n !== null && check(n) && (await page.locator(".counting").count()) === 0;
    }, what);
  // What it is asked by, from the beginning of its list.
  const by = async (words) => {
    await hand.press(list.locator(".pick-option", { hasText: words }).first());
    await page.getByRole("dialog", { name: "どれか" }).waitFor();
  };
  const settled = async () => {
    await hand.press(list.getByRole("button", { name: "決める" }));
    await list.waitFor({ state: "detached" });
    await until(() => page.evaluate(() => document.activeElement?.matches(".pick")), "focus back on the word");
  };
  const fresh = async () => {
    await open(page, "/console/audiences/new");
    await hand.press(page.locator(".pick").first());
    await list.waitFor();
  };

  await fresh();
  await by(YEAR);
  await hand.pick(list.getByRole("radio", { name: "年で" }));
  await hand.reach(list.getByLabel("この年まで"));
  await page.keyboard.press("Home");
  for (let year = 0; year < 3; year += 1) await page.keyboard.press("ArrowDown");
  await comes((n) => n > 0, "everybody older");
  await settled();

  await fresh();
  await by(DATE);
  await hand.choose(list.getByLabel("この日から"), "○か月前");
  await hand.fill(list.getByLabel("何か月"), "12");
  await hand.choose(list.getByLabel("この日まで"), "今日");
  await comes((n) => n > 0 && n < 1_000, "children of this year");
  await axe(page, "a period by keyboard");
  await settled();
  await hand.press(page.locator(".pick").nth(1));
  await hand.pick(list.getByRole("radio", { name: "年齢で" }));
  await hand.fill(list.getByLabel("何歳まで"), "6");
  await comes((n) => n > 0, "children up to six");
  await settled();
  expect(await page.locator(".readback-text").innerText(), "the sentence").toContain("6歳以下");

  await fresh();
  await by(WORDS);
  await hand.fill(list.getByLabel("さがす文字"), "港南");
  await comes((n) => n > 0 && n < 1_000, "who wrote so");
  await settled();
  await hand.press(page.locator(".pick").first());
  await by("友だちになった日");
  await hand.choose(list.getByLabel("この日まで"), "今日");
  await comes((n) => n > 1_000, "everybody until today");
  await settled();
  await hand.press(page.locator(".pick").first());
  await by("受け取った配信");
  await hand.press(list.locator(".pick-option", { hasText: new RegExp(`^\\s*${TITLE}`) }));
  await comes((n) => n === 2, "who has received it");
  await axe(page, "who has received it, by keyboard");
}

// A delivery for tomorrow, found in the calendar by arrow keys and called off.
async function calledOff(hand, { axe, until }) {
  const { page } = hand;
  const path = await begin(hand, LATER);
  await hand.fill(page.locator("#parts textarea").first(), "図書館は、毎月最後の木曜日にお休みします。");
  await hand.pick(page.getByRole("radio", { name: "友だち全員", exact: true }));
  await hand.pick(page.getByRole("radio", { name: "日時を決める" }));
  const day = await page.getByLabel("日付", { exact: true }).inputValue();
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()) && (await page.locator(".checks.counting").count()) === 0, "the head count");
  await hand.press(page.getByRole("button", { name: /予約する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  const people = (await dialog.getByText(/いま数えると [\d,]+人に届きます/).innerText()).match(/数えると ([\d,]+)人/)[1];
  await hand.fill(dialog.getByLabel("確かめるため、人数を入れてください"), people);
  await tick(dialog, (box) => hand.check(box));
  await hand.press(dialog.getByRole("button", { name: `${people}人への配信を予約する` }));
  await page.waitForURL((url) => url.pathname === path);

  await open(page, `/console/deliveries/calendar?month=${day.slice(0, 7)}`);
  const stop = page.locator(".calendar-day[tabindex='0']");
  await live(stop);
  await hand.reach(stop);
  // The first tab stop is today or the first of the month; tomorrow is one of the next days.
  const here = () => page.evaluate(() => document.activeElement?.id);
  for (let days = 0; days < 31 && (await here()) !== `day-${day}`; days += 1) {
    const before = await here();
    await page.keyboard.press("ArrowRight");
    await until(async () => (await here()) !== before && (await here()).startsWith("day-"), "the day beside");
  }
  const line = page.locator(".calendar-lines").first().getByRole("link", { name: LATER });
  await line.waitFor();
  await axe(page, "a day of the calendar by keyboard");
  await hand.open(line);
  await page.waitForURL((url) => url.pathname === path);
  await arrived(page, LATER);
  const cancel = page.getByRole("button", { name: "取り消す", exact: true });
  await hand.press(cancel);
  const question = page.getByRole("dialog", { name: "配信を取り消します" });
  await question.waitFor();
  await until(() => focused(question.getByRole("button", { name: "やめる", exact: true })), "focus on やめる");
  await hand.press(question.getByRole("button", { name: "配信を取り消す" }));
  await page.getByText("だれにも届いていません").first().waitFor();
  await cancel.waitFor({ state: "detached" });
  await focusKept(page, "a delivery was called off");
  await axe(page, "a delivery that was called off by keyboard");
}

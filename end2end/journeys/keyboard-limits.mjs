// What stands between a message and the telephones, by officials who have a keyboard alone: a delivery that fails is
// told and seen, quiet hours let a reservation wait unless somebody says why, a reservation is opened again, a day off
// is added and taken out, and who approves sends back. No pointer touches their screens.
import { begin, headCount, sendNow } from "../lib/delivery.mjs";
import { Keys } from "../lib/menu.mjs";
import { arrived, focused, focusKept, live, noPointer, signInByKeys, takenOver, texts, tick } from "../lib/page.mjs";

export const name = "an alert, quiet hours, a reopened reservation, days off and a sending back are done by keyboard alone";

const LIST = "見守りの名簿";
const FAILED = "見守りのお知らせ";
const EARLY = "朝市のお知らせ";
const REASON = "朝7時に始まるため";
const DAY_OFF = "開庁記念日";
const NOTICE = "体育館の休み";
const WORDS = "休みの曜日を書いてください";
const APPROVER = "198230";
const PEOPLE = ["今井 りく", "上村 さな"];

export async function run(tools) {
  const hand = await official(tools, tools.signIn);
  await failed(hand, tools);
  await quiet(hand, tools);
  await seen(hand, tools);
  await dayOff(hand, tools);
  await ended(hand, tools);
  await sentBack(hand, tools);
}

async function official({ newPage }, account) {
  const page = await newPage();
  await noPointer(page);
  const hand = new Keys(page);
  await signInByKeys(hand, account);
  return hand;
}

// By its address; links lead on within the application from here.
async function open(page, path) {
  await page.goto(path);
  await takenOver(page);
}

// A dialog that asks begins on やめる.
const asks = (dialog, until) => until(() => focused(dialog.getByRole("button", { name: "やめる", exact: true })), "focus on やめる");

// A draft to everyone, counted; answers the address of its page.
async function drafted(hand, title) {
  const { page } = hand;
  const path = await begin(hand, title);
  await hand.fill(page.locator("#parts textarea").first(), `${title}です。`);
  await hand.pick(page.getByRole("radio", { name: "友だち全員", exact: true }));
  await headCount(page);
  return path;
}

// To a list of two, one of whom LINE does not know any more.
async function failed(hand, { sandbox, until }) {
  const { page } = hand;
  const ids = await Promise.all(PEOPLE.map((who) => sandbox.resident(who)));
  for (const resident of ids) {
    await sandbox.act(resident, "follow");
    await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  }
  await open(page, "/console/audiences/lists/new");
  const lines = ["番号,LINE,氏名", ...ids.map((id, at) => `${at + 1},${id},${PEOPLE[at]}`)];
  await hand.give(page.locator("#roster-file"), { name: `${LIST}.csv`, mimeType: "text/csv", buffer: Buffer.from(`${lines.join("\r\n")}\r\n`) });
  await hand.press(page.getByRole("button", { name: "2人のリストとして取りこむ" }));
  await page.waitForURL(/\/lists\/\d+$/);

  await begin(hand, FAILED);
  await hand.fill(page.locator("#parts textarea").first(), `${FAILED}です。`);
  await hand.press(page.getByRole("button", { name: "条件を足す" }));
  await hand.press(page.locator(".pick-list .pick-option", { hasText: "対象者リスト" }));
  await hand.press(page.getByRole("dialog", { name: "どれか" }).locator(".pick-option", { hasText: LIST }));
  await until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === "2人", "the head count of the list");
  await sandbox.faults({ refuse_ids: [ids[1]] });
  try {
    await sendNow(page, hand);
    await page.locator(".status", { hasText: "一部届かず" }).first().waitFor();
  } finally {
    await sandbox.faults({});
  }
}

// Set, and passed over with a reason by a reservation for six in the morning, which is opened again.
async function quiet(hand, { axe, expect, until }) {
  const { page } = hand;
  await open(page, "/console/settings/rules");
  await hand.pick(page.locator("#quiet").getByRole("radio", { name: "決める", exact: true }));
  await hand.press(page.getByRole("button", { name: "静かな時間を保存する" }));
  await page.getByText("21:00から翌日の7:00まで、お知らせと訓練を待たせます").waitFor();
  await axe(page, "quiet hours by keyboard");
  // Beside them, how much one resident gets: so much that nobody here has had enough.
  await hand.pick(page.locator("#budget").getByRole("radio", { name: "決める", exact: true }));
  await hand.fill(page.getByLabel("何日に"), "7");
  await hand.fill(page.getByLabel("何通まで"), "50");
  await hand.press(page.getByRole("button", { name: "上限を保存する" }));
  await page.getByText("1人あたり7日に50通までです").waitFor();
  await page.getByText("21:00から翌日の7:00まで、お知らせと訓練を待たせます").waitFor();
  await axe(page, "the budget by keyboard");

  const path = await drafted(hand, EARLY);
  await hand.pick(page.getByRole("radio", { name: "日時を決める" }));
  const time = page.getByLabel("時刻", { exact: true });
  await live(time);
  await hand.reach(time);
  for (const hour of ["09", "08", "07", "06"]) {
    // In whichever of its parts the focus stands, the hours are the first.
    for (let part = 0; part < 3; part += 1) await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowDown");
    await until(async () => (await time.inputValue()) === `${hour}:00`, `${hour} o'clock`);
  }
  await page.locator(".checks").getByText(/静かな時間（/).waitFor();
  await headCount(page);
  await hand.press(page.getByRole("button", { name: /予約する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await asks(dialog, until);
  await hand.pick(dialog.getByRole("radio", { name: /のまま届ける/ }));
  await hand.fill(dialog.getByLabel("静かな時間に届ける理由"), REASON);
  const people = (await dialog.getByText(/いま数えると [\d,]+人に届きます/).innerText()).match(/数えると ([\d,]+)人/)[1];
  await hand.fill(dialog.getByLabel("確かめるため、人数を入れてください"), people);
  await tick(dialog, (box) => hand.check(box));
  await axe(page, "a notice in the quiet hours, by keyboard");
  await hand.press(dialog.getByRole("button", { name: `${people}人への配信を予約する` }));
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText(/6:00に届けます/).first().waitFor();
  await arrived(page, EARLY);
  await axe(page, "a reservation in the quiet hours, by keyboard");

  await hand.press(page.getByRole("button", { name: "下書きにもどして直す" }));
  await page.waitForURL(/\/edit$/);
  await arrived(page, "を書く");
  expect(await page.getByLabel("時刻", { exact: true }).inputValue(), "the time is kept").toBe("06:00");
}

// At home, with one key.
async function seen(hand, { axe }) {
  const { page } = hand;
  await open(page, "/console");
  const alert = page.locator("main .banner", { hasText: `配信「${FAILED}」が、多くの人に届いていません` });
  await alert.waitFor();
  await axe(page, "home with an alert, by keyboard");
  await hand.press(alert.getByRole("button", { name: "見ました" }));
  await page.locator(".toast", { hasText: "見たことを、記録に残しました" }).waitFor();
  await focusKept(page, "an alert was seen");
}

async function dayOff(hand, { axe, expect }) {
  const { page } = hand;
  await open(page, "/console/settings/holidays");
  const date = await live(page.locator("#holiday-date"));
  await hand.reach(date);
  // In whichever order this browser has the parts: the second month, its second day, the next year.
  for (let part = 0; part < 3; part += 1) {
    for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowRight");
  }
  const day = await date.inputValue();
  expect(day, "the day").toMatch(/^\d{4}-02-02$/);
  await hand.fill(page.locator("#holiday-name"), DAY_OFF);
  await hand.press(page.getByRole("button", { name: "休みの日に足す" }));
  await page.locator(".toast", { hasText: "1日を、休みの日に足しました" }).waitFor();
  await focusKept(page, "a day off was added");
  const year = day.slice(0, 4);
  await hand.open(page.getByRole("link", { name: `${year}年`, exact: true }));
  await page.waitForURL(`**/holidays?year=${year}`);
  const act = (words) => page.locator("tr", { hasText: DAY_OFF }).getByRole("button", { name: new RegExp(`${words}$`) });
  await hand.press(act("を外す"));
  await act("をもどす").waitFor();
  await focusKept(page, "a day was taken out");
  await axe(page, "days off by keyboard");
  await hand.press(act("をもどす"));
  await act("を外す").waitFor();
  await focusKept(page, "a day was put back");
}

// What failed does not undo itself: the alert is over since somebody has seen it. Its report is for the files.
async function ended(hand, { axe, until }) {
  const { page } = hand;
  const line = page.locator("table.list tbody tr", { hasText: FAILED });
  await until(async () => {
    await page.goto("/console/settings/alerts");
    return (await line.getByText("つづきました").count()) > 0;
  }, "the alert ends", { timeout: 120_000 });
  await takenOver(page);
  await axe(page, "an alert that has ended, by keyboard");
  await hand.open(line.getByRole("link", { name: "経過報告書" }));
  await page.waitForURL(/\/console\/settings\/alerts\/\d+$/);
  await arrived(page, "経過報告書");
  await page.locator(".report-table").getByText("知らせを見ました").first().waitFor();
}

// A second person says what to mend; the draft says it to who wrote it, who asks again.
async function sentBack(hand, tools) {
  const { axe, until } = tools;
  const { page } = hand;
  await open(page, "/console/settings/rules");
  await hand.pick(page.getByRole("radio", { name: /承認が要る/ }));
  await hand.fill(page.getByLabel("この人数をこえたら"), "100");
  await hand.press(page.getByRole("button", { name: "この決まりで保存する" }));
  await page.getByText("いまは、100人をこえる配信に").waitFor();

  const path = await drafted(hand, NOTICE);
  const dialog = page.locator("dialog#send");
  const ask = async () => {
    await hand.press(page.getByRole("button", { name: /承認を求める$/ }));
    await tick(dialog, (box) => hand.check(box));
    await hand.press(dialog.getByRole("button", { name: /承認を求める$/ }));
    await page.waitForURL((url) => url.pathname === path);
    await page.getByText("承認待ちです").waitFor();
  };
  await ask();

  const second = await official(tools, { ...tools.signIn, name: APPROVER });
  const { page: screen } = second;
  await open(screen, path);
  const offer = screen.getByRole("button", { name: "差しもどす" });
  await second.press(offer);
  const back = screen.locator("dialog#send-back");
  await back.waitFor({ state: "visible" });
  await asks(back, until);
  // Esc leaves it, and the focus is where it was.
  await screen.keyboard.press("Escape");
  await back.waitFor({ state: "hidden" });
  await until(() => focused(offer), "focus back on the button");
  await screen.keyboard.press("Enter");
  await back.waitFor({ state: "visible" });
  await second.fill(back.getByLabel("どこを直してほしいか"), WORDS);
  await axe(screen, "sending back by keyboard");
  await second.press(back.getByRole("button", { name: "差しもどす" }));
  await screen.locator(".toast", { hasText: "差しもどしました" }).waitFor();
  await focusKept(screen, "it was sent back");

  await open(page, `${path}/edit`);
  await page.getByText(WORDS).waitFor();
  await axe(page, "a draft that was sent back, by keyboard");
  await hand.fill(page.locator("#parts textarea").first(), `${NOTICE}は、月曜日です。`);
  await headCount(page);
  await ask();
}

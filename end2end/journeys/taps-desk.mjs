// A telephone and one finger: every kind of part goes out and is taken back, a step course is looked at for one resident
// and begun, a delivery of the calendar is changed and called off, a second person approves, and an emergency does not
// wait. Everything is a single tap; nothing is dragged, held or tapped twice.
import { begin, sendNow, tapEveryone, tapper } from "../lib/delivery.mjs";
import { focusKept, live, sentOut, texts, tick } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";

export const name = "parts, a correction, a course, the calendar and an approval are done by single taps on a telephone";

const TITLE = "ひなん所の案内";
const TEXT = "ひなん所の案内です。";
const AREAS = ["北小学校の地図", "南中学校の地図"];
const CARDS = ["南中学校", "北小学校"];
const CORRECTION = "【訂正】北小学校は、ひらいていません。";
const COURSE = "健診のたより";
const STEP = "3か月児健診の時期です。";
const LATER = "図書館の休館日";
const NOTICE = "体育館の休み";
const URGENT = "川の水位";
const APPROVER = "198230";

const group = (within, name) => within.getByRole("group", { name, exact: true });

export async function run(tools) {
  const hand = await tapper(tools);
  await message(hand, tools);
  await course(hand, tools);
  await calendar(hand);
  await approval(hand, tools);
}

// A draft to everyone; answers the address of its page.
async function drafted(hand, title) {
  const path = await begin(hand, title);
  await hand.fill(hand.page.locator("#parts textarea").first(), `${title}のお知らせです。`);
  await tapEveryone(hand);
  return path;
}

async function message(hand, tools) {
  const { sandbox, expect, until } = tools;
  const { page } = hand;
  const resident = await sandbox.resident("沢田 もえ");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const before = (await sandbox.received(resident)).length;

  await begin(hand, TITLE);
  await hand.fill(page.locator("#parts textarea").first(), TEXT);
  await hand.open(page.getByLabel("文章1に絵文字を入れる"));
  // Asked for its styles while the page is drawn anew after this tap, Chromium 156 crashes: nothing is asked until the
  // draft is saved.
  const saved = page.waitForResponse((response) => response.request().postData()?.includes("🏫") ?? false);
  await hand.press(page.locator("details.emoji[open]").getByRole("button", { name: "学校", exact: true }));
  await saved;
  await until(async () => (await page.locator("#parts textarea").first().inputValue()) === `${TEXT}🏫`, "the emoji at the end of the text");
  await rich(hand, tools);
  await cards(hand, tools);
  await hand.press(page.getByRole("button", { name: "返事のボタンを足す" }));
  await hand.fill(group(page, "返事のボタン1").getByLabel("ボタンの名前"), "見ました");

  // Put in order by buttons.
  await hand.press(page.getByRole("button", { name: "カード3を上へ" }));
  await group(page, "タップ画像3").waitFor();
  await hand.press(page.getByRole("button", { name: "タップ画像3を上へ" }));
  await group(page, "タップ画像2").waitFor();
  await hand.look("every kind of part on a telephone");
  await tapEveryone(hand);
  const wrong = await sendNow(page, hand);
  await sentOut(page);
  const received = await until(async () => {
    const all = (await sandbox.received(resident)).slice(before);
    const at = all.findIndex(({ text }) => text === `${TEXT}🏫`);
    return at >= 0 && all.length >= at + 3 && all.slice(at, at + 3);
  }, "what arrived");
  expect(received.map(({ type }) => type).join(), "the kinds").toBe("text,imagemap,flex");
  await hand.look("every kind of part that was sent by taps");

  await hand.press(page.getByRole("button", { name: "訂正を送る" }));
  const dialog = page.locator("dialog#retract");
  await dialog.waitFor({ state: "visible" });
  await hand.fill(dialog.getByLabel("訂正の文章"), CORRECTION);
  await hand.press(dialog.getByRole("button", { name: /人に訂正を送る$/ }));
  await page.waitForURL((url) => /\/deliveries\/\d+$/.test(url.pathname) && url.pathname !== wrong);
  await page.getByText("これは訂正です").waitFor();
  await sentOut(page);
  await until(async () => (await sandbox.received(resident)).some(({ text }) => text === CORRECTION), "the correction");
  await hand.look("a correction that was sent by taps");
}

// Two areas; their border by its number, for whom nothing has to be dragged, and one split and joined again.
async function rich(hand, { until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "タップ画像を足す" }));
  const part = group(page, "タップ画像2");
  await hand.give(part.locator('input[type="file"]'), { name: "地図.png", mimeType: "image/png", buffer: png(1200, 800, { colour: [230, 238, 250] }) });
  await part.locator(".cut-canvas img").waitFor();
  await hand.press(part.getByRole("button", { name: "左右に2つ", exact: true }));
  const areas = part.getByRole("group", { name: /^エリア\d$/ });
  await until(async () => (await areas.count()) === 2, "two areas");
  await hand.open(part.getByText(/境目を動かす/));
  await hand.fill(part.getByRole("spinbutton", { name: /境目1/ }), "400");
  // What was typed holds with the next tap.
  const description = part.getByLabel("読み上げと通知に出る説明");
  await description.tap();
  const border = part.locator(".cut-canvas").getByRole("slider", { name: "境目1", exact: true });
  await until(async () => (await border.getAttribute("aria-valuenow")) === "400", "the border by number");
  await hand.press(part.getByRole("button", { name: "エリア2を上下に分ける" }));
  await until(async () => (await areas.count()) === 3, "three areas");
  await hand.press(part.getByRole("button", { name: "エリア2を次のエリアと結合する" }));
  await until(async () => (await areas.count()) === 2, "two areas again");
  await hand.fill(description, "開いているひなん所の地図です");
  for (const [at, label] of AREAS.entries()) await hand.fill(group(part, `エリア${at + 1}`).getByLabel("読み上げる名前"), label);
  await hand.look("a picture with areas on a telephone");
}

async function cards(hand, { until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "カードを足す" }));
  const part = group(page, "カード3");
  await hand.fill(part.getByLabel("読み上げと通知に出る説明"), "ひなん所を2つ案内します");
  const [first, second] = [group(part, "カード1"), group(part, "カード2")];
  await hand.fill(first.getByLabel("見出し"), CARDS[1]);
  await hand.press(part.getByRole("button", { name: "カードを1枚足す" }));
  await hand.fill(second.getByLabel("見出し"), CARDS[0]);
  await hand.fill(second.getByLabel("文章", { exact: true }), "校庭は使えません。");
  await hand.press(second.getByRole("button", { name: "カード2を前へ" }));
  await until(async () => (await first.getByLabel("見出し").inputValue()) === CARDS[0], "the order of the cards");
  await hand.look("cards on a telephone");
}

// Written, looked at for one resident, begun, paused and ended.
async function course(hand, { expect, until }) {
  const { page } = hand;
  await page.goto("/console/deliveries");
  await page.getByRole("link", { name: "ステップ配信" }).tap();
  await page.waitForURL(/\/deliveries\/steps$/);
  await hand.fill(page.getByLabel("名前（職員にだけ見えます）"), COURSE);
  await hand.press(page.getByRole("button", { name: "作りはじめる", exact: true }));
  await page.waitForURL(/\/deliveries\/steps\/\d+$/);
  const path = new URL(page.url()).pathname;
  const fields = page.getByRole("group", { name: "ステップを足す" });
  await hand.choose(fields.getByLabel("単位"), "か月後");
  await hand.fill(fields.getByLabel("数", { exact: true }), "3");
  await hand.press(fields.getByRole("button", { name: "足して書く" }));
  await page.waitForURL(/\/steps\/\d+\/\d+$/);
  await hand.fill(page.locator("#parts textarea").first(), STEP);
  await hand.look("a step on a telephone");
  await page.locator(".editor-back").tap();
  await page.waitForURL((url) => url.pathname === path);
  await until(async () => (await texts(page.locator(".steps-list .step-summary"))).join().includes(STEP), "the step of the course");

  await page.getByRole("link", { name: "1人分を見る" }).tap();
  await page.waitForURL(/\/preview$/);
  const example = page.locator(".step-examples a").first();
  const resident = (await example.innerText()).replace(/\D/g, "");
  await example.tap();
  await page.waitForURL(new RegExp(`resident=${resident}`));
  await page.getByRole("heading", { name: new RegExp(`番号 ${resident} の人`) }).waitFor();
  const shown = page.getByRole("button", { name: "画面で見る" });
  expect(await shown.count(), "the one step").toBe(1);
  await hand.press(shown);
  await page.locator(".step-phone").getByText(STEP).first().waitFor();
  await hand.look("a preview of a resident on a telephone");

  await page.goto(path);
  await hand.press(page.getByRole("button", { name: "この内容で始める", exact: true }));
  const beginning = page.locator("dialog#course-begin");
  await beginning.waitFor({ state: "visible" });
  await hand.look("the question before a course begins, on a telephone");
  await hand.press(beginning.getByRole("button", { name: "この内容で始める", exact: true }));
  await page.getByText(/^配信中です。次に確かめるのは/).waitFor();
  await hand.press(page.getByRole("button", { name: "休止する", exact: true }));
  await page.getByText(/^休止しています。/).waitFor();
  await focusKept(page, "a course was paused");
  await hand.look("a paused course on a telephone");
  await hand.press(page.getByRole("button", { name: "終わらせる", exact: true }));
  const ending = page.locator("dialog#course-end");
  await ending.waitFor({ state: "visible" });
  await hand.press(ending.getByRole("button", { name: "終わらせる", exact: true }));
  await page.getByText(/^終わりました。もう一度/).waitFor();
  await focusKept(page, "a course was ended");
  await hand.look("a course that was ended by taps");
}

// Reserved, found in the calendar, changed, found again and called off.
async function calendar(hand) {
  const { page } = hand;
  const path = await drafted(hand, LATER);
  await hand.pick(page.getByRole("radio", { name: "日時を決める" }));
  const month = (await page.getByLabel("日付", { exact: true }).inputValue()).slice(0, 7);
  const reserved = async (time) => {
    await hand.fill(page.getByLabel("時刻", { exact: true }), time);
    await hand.press(page.getByRole("button", { name: /予約する$/ }));
    const dialog = page.locator("dialog#send");
    await dialog.waitFor({ state: "visible" });
    const people = (await dialog.getByText(/いま数えると [\d,]+人に届きます/).innerText()).match(/数えると ([\d,]+)人/)[1];
    await hand.fill(dialog.getByLabel("確かめるため、人数を入れてください"), people);
    await tick(dialog, (box) => hand.check(box));
    await hand.press(dialog.getByRole("button", { name: `${people}人への配信を予約する` }));
    await page.waitForURL((url) => url.pathname === path);
    await page.getByText(new RegExp(`${time}に届けます`)).first().waitFor();
  };
  const found = async () => {
    await page.goto(`/console/deliveries/calendar?month=${month}`);
    const line = page.locator(".agenda").getByRole("link", { name: LATER });
    await line.waitFor();
    await hand.look("the calendar on a telephone");
    await line.tap();
    await page.waitForURL((url) => url.pathname === path);
  };
  await reserved("10:30");
  await found();
  await hand.press(page.getByRole("button", { name: "下書きにもどして直す" }));
  await page.waitForURL(/\/edit$/);
  await live(page.locator("#title"));
  await reserved("11:45");
  await found();
  const cancel = page.getByRole("button", { name: "取り消す", exact: true });
  await hand.press(cancel);
  await hand.press(page.getByRole("dialog", { name: "配信を取り消します" }).getByRole("button", { name: "配信を取り消す" }));
  await cancel.waitFor({ state: "detached" });
  await page.getByText("取り消しました").first().waitFor();
  await focusKept(page, "a delivery was called off");
  await hand.look("a delivery that was called off by taps");
}

async function approval(hand, tools) {
  const { expect } = tools;
  const { page } = hand;
  await page.goto("/console/settings/rules");
  await hand.pick(page.getByRole("radio", { name: /承認が要る/ }));
  await hand.fill(page.getByLabel("この人数をこえたら"), "100");
  await hand.press(page.getByRole("button", { name: "この決まりで保存する" }));
  await page.getByText("いまは、100人をこえる配信に").waitFor();
  const dialog = page.locator("dialog#send");
  const asks = async () => {
    await hand.press(page.getByRole("button", { name: /承認を求める$/ }));
    await dialog.waitFor({ state: "visible" });
  };

  const path = await drafted(hand, NOTICE);
  await asks();
  await hand.press(dialog.getByRole("button", { name: /承認を求める$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText("承認待ちです").waitFor();
  await hand.look("what waits, for who asked by taps");

  const second = await tapper(tools, { name: APPROVER });
  const { page: screen } = second;
  await screen.goto("/console");
  const waiting = screen.locator(".panel", { has: screen.getByRole("heading", { name: "承認を待つもの" }) });
  await waiting.getByRole("link", { name: NOTICE }).tap();
  await screen.waitForURL((url) => url.pathname === path);
  await second.press(screen.getByRole("button", { name: /への配信を承認する$/ }));
  const question = screen.locator("dialog#approve");
  await question.waitFor({ state: "visible" });
  await second.look("the question before it is approved, on a telephone");
  await second.press(question.getByRole("button", { name: /への配信を承認する$/ }));
  await sentOut(screen);
  await focusKept(screen, "an approval");
  expect((await screen.locator(".approval .stamp").count()) >= 2, "two stamps on the paper").toBe(true);
  await second.look("what was approved by taps");

  // An emergency does not wait, and is looked at afterwards.
  const urgent = await drafted(hand, URGENT);
  await hand.pick(page.getByRole("radio", { name: /緊急/ }));
  await asks();
  await hand.pick(dialog.getByRole("radio", { name: /待たずに送る/ }));
  await hand.pick(dialog.getByRole("radio", { name: /命に関わる/ }));
  await hand.look("an emergency that does not wait, on a telephone");
  await tick(dialog, (box) => hand.check(box));
  await hand.press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === urgent);
  await page.getByText("承認を待たずに送った配信です").waitFor();
  await screen.goto(urgent);
  const review = screen.getByRole("button", { name: "内容を確かめました" });
  await second.press(review);
  await review.waitFor({ state: "detached" });
  await focusKept(screen, "a review");
  await second.look("an emergency that was looked at by taps");
}

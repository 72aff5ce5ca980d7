// A telephone and one finger: a message with a photo, a video and a second language becomes a template, is sent back by
// who approves, mended and sent; one from the template is held, which is told, seen and ended; quiet hours are set and
// passed over with a reason for a message whose link is not counted, and a day off is added. Everything is a single tap;
// nothing is dragged or tapped twice.
import { begin, headCount, sendNow, taken, tapEveryone, tapper, uncounted } from "../lib/delivery.mjs";
import { clock, focusKept, live, monthOf, number, sentOut, tick } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";
import { mp4 } from "../lib/video.mjs";

export const name = "photos, videos, templates, languages, a sending back, an alert and quiet hours are done by single taps";

const TITLE = "公園の開園";
const TEXT = "公園がひらきました。";
const MENDED = "公園が、きのうひらきました。";
const ENGLISH = "The park is open.";
const TEMPLATE = "公園を知らせるとき";
const WORDS = "いつひらいたかを書いてください";
const HELD = "公園の工事";
const NIGHT = "公園の夜間照明";
const LINK = "https://www.example.jp/yakan";
const REASON = "今夜から始まるため";
const DAY_OFF = "開庁記念日";
const APPROVER = "198230";
const RULES = "/console/settings/rules";

// This Chromium need not be able to play the video.
const IGNORED = [/net::ERR_/];

const group = (within, name) => within.getByRole("group", { name, exact: true });
const picture = (colour) => ({ name: "公園.png", mimeType: "image/png", buffer: png(640, 480, { colour }) });

export async function run(tools) {
  const { sandbox, expect, until } = tools;
  const resident = await sandbox.resident("坂口 なな");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const before = (await sandbox.received(resident)).length;

  const hand = await tapper(tools, { ignore: IGNORED });
  await approvals(hand, /承認が要る/, "いまは、100人をこえる配信に");
  const path = await composed(hand, tools);
  await sentBack(hand, path, tools);
  const received = await until(async () => {
    const all = (await sandbox.received(resident)).slice(before);
    const at = all.findIndex(({ text }) => text === MENDED);
    return at >= 0 && all.length >= at + 3 && all.slice(at, at + 3);
  }, "what arrived");
  expect(received.map(({ type }) => type).join(), "the kinds").toBe("text,image,video");

  await approvals(hand, "承認を使わない", "承認なしで送れます");
  await held(hand, tools);
  await quiet(hand);
  const last = await until(async () => (await sandbox.received(resident)).find(({ text }) => text?.startsWith(NIGHT)), "the notice");
  expect(last.text, "the address as it was written").toBe(`${NIGHT}のお知らせです。\n${LINK}`);
  await dayOff(hand);
}

async function approvals(hand, choice, then) {
  const { page } = hand;
  await page.goto(RULES);
  await hand.pick(page.getByRole("radio", { name: choice }));
  const above = page.getByLabel("この人数をこえたら");
  if (choice !== "承認を使わない") await hand.fill(above, "100");
  await hand.press(page.getByRole("button", { name: "この決まりで保存する" }));
  await page.getByText(then).waitFor();
}

// A text in two languages, a photo and a video with its poster, to everybody; kept as a template.
async function composed(hand, { expect, until }) {
  const { page } = hand;
  const path = await begin(hand, TITLE);
  const area = page.locator("#parts textarea").first();
  await hand.fill(area, TEXT);
  await hand.press(page.getByRole("button", { name: "写真を足す" }));
  const photo = group(page, "写真2");
  await hand.give(photo.locator('input[type="file"]'), picture([60, 140, 70]));
  await photo.locator("img.part-photo").waitFor();
  await hand.fill(photo.getByLabel("写真の説明（職員にだけ見えます）"), "公園の入口");
  await hand.look("a photo on a telephone");
  await hand.press(page.getByRole("button", { name: "動画を足す" }));
  const video = group(page, "動画3");
  const files = video.locator('input[type="file"]');
  await hand.give(files.first(), { name: "公園.mp4", mimeType: "video/mp4", buffer: mp4() });
  await video.getByText("長さは 0:02 です。").waitFor();
  await hand.give(files.nth(1), picture([200, 90, 60]));
  await video.locator("img.part-photo").waitFor();
  await hand.look("a video on a telephone");
  // Deleted by one tap, and back by another.
  await hand.press(page.getByRole("button", { name: "写真2を消す" }));
  await photo.waitFor({ state: "detached" });
  await hand.press(page.locator(".toast", { hasText: "写真2を消しました" }).getByRole("button", { name: "元にもどす" }));
  await photo.locator("img.part-photo").waitFor();

  const tab = (words) => page.getByRole("tab", { name: new RegExp(`^${words}`) });
  const shown = (words) => until(async () => (await tab(words).getAttribute("aria-selected")) === "true", `the tab ${words}`);
  await hand.open(page.locator(".language-bar summary"));
  await hand.look("the languages to add, on a telephone");
  await hand.press(page.locator(".language-bar .menu-list").getByRole("button", { name: "英語", exact: true }));
  await shown("英語");
  await hand.fill(area, ENGLISH);
  await hand.look("a second language on a telephone");
  // The list of more languages fits beside the tabs as well.
  await hand.open(page.locator(".language-bar summary"));
  await hand.look("more languages to add, on a telephone");
  await hand.open(page.locator(".language-bar summary"));
  await hand.press(tab("日本語"));
  await shown("日本語");
  expect(await area.inputValue(), "the Japanese text").toBe(TEXT);

  await tapEveryone(hand);
  await hand.press(page.getByRole("button", { name: "ひな形にする" }));
  const dialog = page.getByRole("dialog", { name: "ひな形にする" });
  await hand.fill(dialog.getByLabel("ひな形の名前"), TEMPLATE);
  await hand.look("the template's name on a telephone");
  await hand.press(dialog.getByRole("button", { name: "この名前で保存する" }));
  await page.locator(".toast", { hasText: "ひな形にしました" }).waitFor();
  return path;
}

// Who approves sends it back; who wrote it finds why in the notices, mends it and asks again.
async function sentBack(hand, path, tools) {
  const { until } = tools;
  const { page } = hand;
  const dialog = page.locator("dialog#send");
  const ask = async () => {
    await headCount(page);
    await hand.press(page.getByRole("button", { name: /承認を求める$/ }));
    await tick(dialog, (box) => hand.check(box));
    await hand.press(dialog.getByRole("button", { name: /承認を求める$/ }));
    await page.waitForURL((url) => url.pathname === path);
    await page.getByText("承認待ちです").waitFor();
  };
  await ask();

  const second = await tapper(tools, { name: APPROVER, ignore: IGNORED });
  const { page: screen } = second;
  await screen.goto(path);
  await second.press(screen.getByRole("button", { name: "差しもどす" }));
  const back = screen.locator("dialog#send-back");
  await back.waitFor({ state: "visible" });
  await second.fill(back.getByLabel("どこを直してほしいか"), WORDS);
  await second.look("sending back, on a telephone");
  await second.press(back.getByRole("button", { name: "差しもどす" }));
  await screen.locator(".toast", { hasText: "差しもどしました" }).waitFor();
  await focusKept(screen, "it was sent back");

  await page.goto("/console");
  await page.locator(".nav-open").tap();
  const bell = await live(page.locator("#nav details.notices"));
  await hand.open(bell.locator("summary"));
  const notice = bell.getByRole("link", { name: `「${TITLE}」が、差しもどされました` });
  await notice.waitFor();
  await hand.look("the notices on a telephone");
  await notice.tap();
  await page.waitForURL((url) => url.pathname === `${path}/edit`);
  await page.getByText(WORDS).waitFor();
  await hand.look("a draft that was sent back, on a telephone");
  const area = page.locator("#parts textarea").first();
  await until(async () => {
    await hand.fill(area, MENDED);
    return (await area.inputValue()) === MENDED;
  }, "the mended text");
  await ask();

  await screen.goto(path);
  await second.press(screen.getByRole("button", { name: /への配信を承認する$/ }));
  await second.press(screen.locator("dialog#approve").getByRole("button", { name: /への配信を承認する$/ }));
  await sentOut(screen);
  await screen.locator(".sent-language").filter({ hasText: ENGLISH }).first().waitFor();
  await second.look("a photo and a video that were sent by taps");
  await screen.close();
}

// From the template; LINE takes no more messages this month, which is told, seen, and ended by stopping it.
async function held(hand, { sandbox, expect, until }) {
  const { page } = hand;
  await page.goto("/console/deliveries/new");
  await hand.press(page.getByRole("button", { name: `これで書く：${TEMPLATE}` }));
  await page.waitForURL(/\/edit$/);
  const field = await live(page.locator("#title"));
  await until(async () => {
    await hand.fill(field, HELD);
    return (await field.inputValue()) === HELD;
  }, "the title");
  expect(await page.locator("#parts textarea").first().inputValue(), "the template's text").toBe(TEXT);
  await group(page, "写真2").locator("img.part-photo").waitFor();
  await hand.look("a draft from a template on a telephone");
  await sandbox.faults({ monthly_limit: await taken(sandbox) });
  try {
    await sendNow(page, hand);
    await page.getByText("送らずに止めています").first().waitFor();
  } finally {
    await sandbox.faults({});
  }

  await page.goto("/console");
  const alert = page.locator("main .banner", { hasText: HELD });
  const seen = alert.getByRole("button", { name: "見ました" });
  await seen.waitFor();
  await hand.look("home with an alert, on a telephone");
  await hand.press(seen);
  await page.locator(".toast", { hasText: "見たことを、記録に残しました" }).waitFor();
  await focusKept(page, "an alert was seen");
  await page.getByRole("link", { name: /^つづいている知らせが/ }).tap();
  await page.waitForURL("**/console/settings/alerts");
  await alert.getByText(/に見ました/).waitFor();
  await hand.look("the record of alerts on a telephone");
  await alert.getByRole("link", { name: "中身を確かめる" }).tap();
  await page.waitForURL(/\/console\/deliveries\/\d+$/);
  await hand.press(page.getByRole("button", { name: "残りを止める", exact: true }));
  await hand.press(page.getByRole("dialog", { name: "残りを止めます" }).getByRole("button", { name: /人分を止める$/ }));
  await page.locator(".toast", { hasText: "残りを止めました" }).waitFor();
  await focusKept(page, "the rest was stopped");
  await until(async () => {
    await page.goto("/console/settings/alerts");
    return (await page.locator("table.list tbody tr", { hasText: HELD }).getByText("つづきました").count()) > 0;
  }, "the alert ends", { timeout: 120_000 });
  await hand.look("an alert that has ended, on a telephone");
}

// A notice would wait until they are over; with a reason it leaves at once.
async function quiet(hand) {
  const { page } = hand;
  await page.goto(RULES);
  await hand.pick(page.locator("#quiet").getByRole("radio", { name: "決める", exact: true }));
  await hand.fill(page.getByLabel("始まり"), clock(-2));
  await hand.fill(page.getByLabel("終わり"), clock(6));
  await hand.press(page.getByRole("button", { name: "静かな時間を保存する" }));
  await page.getByText(/お知らせと訓練を待たせます/).waitFor();
  await hand.look("quiet hours on a telephone");

  const path = await begin(hand, NIGHT);
  await hand.fill(page.locator("#parts textarea").first(), `${NIGHT}のお知らせです。\n${LINK}`);
  await uncounted(hand, LINK);
  await hand.look("a link that is not counted, on a telephone");
  await tapEveryone(hand);
  await page.locator(".checks").getByText(/静かな時間（/).waitFor();
  await hand.press(page.getByRole("button", { name: /への配信を予約する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await hand.pick(dialog.getByRole("radio", { name: /いま届ける/ }));
  await hand.fill(dialog.getByLabel("静かな時間に届ける理由"), REASON);
  const people = number(await page.locator(".checks .figure-xl").innerText());
  await hand.fill(dialog.getByLabel("確かめるため、人数を入れてください"), String(people));
  await tick(dialog, (box) => hand.check(box));
  await hand.look("a notice in the quiet hours, on a telephone");
  await hand.press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await sentOut(page);
  await page.getByText(REASON).first().waitFor();
}

// A day of the city's own, in the list of next year, taken out again and put back.
async function dayOff(hand) {
  const { page } = hand;
  const year = Number(monthOf(0).slice(0, 4)) + 1;
  await page.goto("/console/settings/holidays");
  await hand.fill(page.locator("#holiday-date"), `${year}-02-02`);
  await hand.fill(page.locator("#holiday-name"), DAY_OFF);
  await hand.press(page.getByRole("button", { name: "休みの日に足す" }));
  await page.locator(".toast", { hasText: "1日を、休みの日に足しました" }).waitFor();
  await page.getByRole("link", { name: `${year}年`, exact: true }).tap();
  await page.waitForURL(`**/holidays?year=${year}`);
  const act = (words) => page.locator("tr", { hasText: DAY_OFF }).getByRole("button", { name: new RegExp(`${words}$`) });
  await hand.press(act("を外す"));
  await act("をもどす").waitFor();
  await focusKept(page, "a day was taken out");
  await hand.look("days off on a telephone");
  await hand.press(act("をもどす"));
  await act("を外す").waitFor();
}

// What is planned, by officials who have a keyboard alone: a series with its dates, a step course with what one
// resident gets of it, a delivery that a second person approves, and an emergency that does not wait and is looked at
// afterwards. No pointer touches their screens.
import { begin, beginSeries } from "../lib/delivery.mjs";
import { Keys } from "../lib/menu.mjs";
import { arrived, focused, focusKept, noPointer, sentOut, signInByKeys, takenOver, tick } from "../lib/page.mjs";

export const name = "a series, a step course, an approval and an emergency are done by keyboard alone";

const SERIES = "資源ごみの日（くり返し）";
const COURSE = "健診のたより";
const STEP = "3か月児健診の時期です。";
const NOTICE = "体育館の休み";
const WORDS = "日付は館長に確かめました";
const URGENT = "川の水位";
const APPROVER = "198230";

export async function run(tools) {
  const hand = await official(tools, tools.signIn);
  await series(hand, tools);
  await course(hand, tools);
  const second = await approval(hand, tools);
  await urgent(hand, second, tools);
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

// A draft to everyone, counted; answers the address of its page.
async function drafted(hand, title, { until }) {
  const { page } = hand;
  const path = await begin(hand, title);
  await hand.fill(page.locator("#parts textarea").first(), `${title}のお知らせです。`);
  await hand.pick(page.getByRole("radio", { name: "友だち全員", exact: true }));
  await until(async () => (await page.locator(".audience-sentence").innerText()).includes("友だち全員"), "everyone");
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()) && (await page.locator(".checks.counting").count()) === 0, "the head count");
  return path;
}

// A dialog that asks begins on やめる.
const asks = (dialog, until) => until(() => focused(dialog.getByRole("button", { name: "やめる", exact: true })), "focus on やめる");

async function series(hand, tools) {
  const { axe, expect, until } = tools;
  const { page } = hand;
  const path = await drafted(hand, SERIES, tools);
  await hand.pick(page.getByRole("radio", { name: "くり返す" }));
  const fields = page.locator(".repeat");
  await fields.getByText(/^毎週/).first().waitFor();
  await hand.pick(fields.getByRole("radio", { name: "毎月 第何曜日" }));
  await hand.check(fields.getByRole("group", { name: /^第何/ }).getByRole("checkbox", { name: "第3" }));
  const time = fields.getByLabel("時刻");
  await hand.reach(time);
  // In whichever of its parts the focus stands, the hours are the first.
  for (let part = 0; part < 3; part += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowDown");
  await until(async () => (await time.inputValue()) === "09:00", "an hour earlier");
  await hand.choose(fields.getByLabel("祝日のとき"), "次の平日に届ける");
  const rule = /^毎月 第1・第3.曜日の 9:00。祝日のときは次の平日に届けます/;
  await fields.getByText(rule).waitFor();
  expect(await fields.locator(".outlook > li").count(), "the next dates").toBe(5);
  await axe(page, "a series by keyboard");

  await beginSeries(hand, path, async (dialog) => {
    await asks(dialog, until);
    await axe(page, "the question before a series begins, by keyboard");
  });
  await arrived(page, SERIES);
  await page.getByText("くり返し中").waitFor();
  await page.getByText(rule).first().waitFor();
  await axe(page, "a series in force by keyboard");

  await hand.press(page.getByRole("button", { name: "終わらせる", exact: true }));
  const dialog = page.getByRole("dialog", { name: "くり返しを終わらせます" });
  await dialog.waitFor();
  await asks(dialog, until);
  await axe(page, "the question before a series ends, by keyboard");
  await hand.press(dialog.getByRole("button", { name: "終わらせる", exact: true }));
  await page.getByText("終わりました").first().waitFor();
  await page.getByRole("button", { name: "終わらせる", exact: true }).waitFor({ state: "detached" });
  await focusKept(page, "a series was ended");
  await axe(page, "a series that was ended by keyboard");
}

async function course(hand, { axe, expect, until }) {
  const { page } = hand;
  await open(page, "/console/deliveries/steps");
  await hand.fill(page.getByLabel("名前（職員にだけ見えます）"), COURSE);
  await hand.press(page.getByRole("button", { name: "作りはじめる", exact: true }));
  await page.waitForURL(/\/deliveries\/steps\/\d+$/);
  await arrived(page, COURSE);
  const path = new URL(page.url()).pathname;
  const fields = page.getByRole("group", { name: "ステップを足す" });
  await hand.choose(fields.getByLabel("単位"), "か月後");
  await hand.fill(fields.getByLabel("数", { exact: true }), "3");
  await axe(page, "an empty course by keyboard");
  await hand.press(fields.getByRole("button", { name: "足して書く" }));

  await page.waitForURL(/\/steps\/\d+\/\d+$/);
  await arrived(page, COURSE);
  await hand.fill(page.locator("#parts textarea").first(), STEP);
  await page.locator("#preview").getByText(STEP).first().waitFor();
  await axe(page, "a step by keyboard");
  await hand.open(page.locator(".editor-back"));
  await page.waitForURL((url) => url.pathname === path);
  await arrived(page, COURSE);
  await page.locator(".steps-list").getByText(STEP).waitFor();
  expect(await page.locator(".steps-list tbody .title-link").allInnerTexts(), "the steps").toEqual(["3か月後 10:00"]);

  await hand.open(page.getByRole("link", { name: "1人分を見る" }));
  await page.waitForURL(/\/preview$/);
  await arrived(page, "1人分を見る");
  await axe(page, "a preview of nobody by keyboard");
  const resident = (await page.locator(".step-examples a").first().innerText()).replace(/\D/g, "");
  await hand.fill(page.locator(".step-whose").getByLabel("住民の番号"), resident);
  await hand.press(page.getByRole("button", { name: "この人で見る" }));
  await page.waitForURL(new RegExp(`resident=${resident}`));
  await page.getByRole("heading", { name: new RegExp(`番号 ${resident} の人`) }).waitFor();
  const shown = page.getByRole("button", { name: "画面で見る" });
  expect(await shown.count(), "the one step").toBe(1);
  await hand.press(shown);
  await page.locator(".step-phone").getByText(STEP).first().waitFor();
  await axe(page, "a preview of a resident by keyboard");

  await open(page, path);
  await hand.press(page.getByRole("button", { name: "この内容で始める", exact: true }));
  const dialog = page.locator("dialog#course-begin");
  await dialog.waitFor({ state: "visible" });
  await asks(dialog, until);
  await axe(page, "the question before a course begins, by keyboard");
  await hand.press(dialog.getByRole("button", { name: "この内容で始める", exact: true }));
  await page.getByText(/^配信中です。次に確かめるのは/).waitFor();
  await focusKept(page, "a course began");
  await axe(page, "a course in force by keyboard");
}

async function approval(hand, tools) {
  const { axe, expect, until } = tools;
  const { page } = hand;
  await open(page, "/console/settings/rules");
  await hand.pick(page.getByRole("radio", { name: /承認が要る/ }));
  await hand.fill(page.getByLabel("この人数をこえたら"), "100");
  await hand.press(page.getByRole("button", { name: "この決まりで保存する" }));
  await page.getByText("いまは、100人をこえる配信に").waitFor();
  await axe(page, "the rules by keyboard");

  const path = await drafted(hand, NOTICE, tools);
  await hand.press(page.getByRole("button", { name: /承認を求める$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await asks(dialog, until);
  await hand.fill(dialog.getByLabel(/ひとこと/), WORDS);
  await axe(page, "the question before approval is asked for, by keyboard");
  await hand.press(dialog.getByRole("button", { name: /承認を求める$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText("承認待ちです").waitFor();
  await axe(page, "what waits, for who asked by keyboard");

  const second = await official(tools, { ...tools.signIn, name: APPROVER });
  const { page: screen } = second;
  await open(screen, "/console");
  const waiting = screen.locator(".panel", { has: screen.getByRole("heading", { name: "承認を待つもの" }) });
  await second.open(waiting.getByRole("link", { name: NOTICE }));
  await screen.waitForURL((url) => url.pathname === path);
  await arrived(screen, NOTICE);
  await screen.getByText(WORDS).first().waitFor();
  await axe(screen, "what waits, for who decides by keyboard");
  await second.press(screen.getByRole("button", { name: /への配信を承認する$/ }));
  const question = screen.locator("dialog#approve");
  await question.waitFor({ state: "visible" });
  await asks(question, until);
  await axe(screen, "the question before it is approved, by keyboard");
  await second.press(question.getByRole("button", { name: /への配信を承認する$/ }));
  await sentOut(screen);
  await focusKept(screen, "an approval");
  expect((await screen.locator(".approval .stamp").count()) >= 2, "two stamps on the paper").toBe(true);
  await axe(screen, "what was approved by keyboard");
  return second;
}

// An emergency: nothing to type, a reason to choose, and somebody else looks at it afterwards.
async function urgent(hand, second, tools) {
  const { axe, expect, until } = tools;
  const { page } = hand;
  const { page: screen } = second;
  const path = await drafted(hand, URGENT, tools);
  await hand.pick(page.getByRole("radio", { name: /緊急/ }));
  await hand.press(page.getByRole("button", { name: /承認を求める$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await asks(dialog, until);
  await hand.pick(dialog.getByRole("radio", { name: /待たずに送る/ }));
  await hand.pick(dialog.getByRole("radio", { name: /命に関わる/ }));
  await axe(page, "an emergency that does not wait, by keyboard");
  await tick(dialog, (box) => hand.check(box));
  await hand.press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText("承認を待たずに送った配信です").waitFor();

  await open(screen, path);
  const review = screen.getByRole("button", { name: "内容を確かめました" });
  await second.press(review);
  await review.waitFor({ state: "detached" });
  await focusKept(screen, "a review");
  expect(await screen.getByText("承認を待たずに送った配信です").count(), "what waits for a review").toBe(0);
  await axe(screen, "an emergency that was looked at by keyboard");
}

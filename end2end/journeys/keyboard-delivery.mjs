// A message goes out and is taken back by an official who has a keyboard alone: Tab, Enter, Space, arrows and what is
// typed. No pointer touches their screen.
import { begin } from "../lib/delivery.mjs";
import { Keys } from "../lib/menu.mjs";
import { focused, noPointer, register, sentOut, signInByKeys } from "../lib/page.mjs";

export const name = "a message is written, put in order, sent and taken back by keyboard alone";

const TITLE = "図書館のお知らせ";
const FIRST = "おはなし会をひらきます。";
const SECOND = "今月の休館日は、毎週月曜日です。";
const CORRECTION = "【訂正】休館日は、毎週火曜日です。";

export async function run(tools) {
  const { sandbox, newPage, expect, until } = tools;
  const resident = await registered(tools);
  const before = (await sandbox.received(resident)).length;
  const page = await newPage();
  const hand = new Keys(page);
  await noPointer(page);
  await signInByKeys(hand, tools.signIn);
  await written(page, hand, tools);
  await meant(page, hand, tools);
  const wrong = await sent(page, hand, tools);
  await takenBack(page, hand, wrong, tools);

  // The sample city sends at its own times as well.
  const ours = [`${FIRST}📚`, SECOND, CORRECTION];
  const received = await until(async () => {
    const all = (await sandbox.received(resident)).slice(before).map(({ text }) => text).filter((text) => ours.includes(text));
    return all.length >= 3 && all;
  }, "the message and its correction");
  expect(received, "what the resident received").toEqual([SECOND, `${FIRST}📚`, CORRECTION]);
}

// Somebody in their forties, on a telephone of their own.
async function registered({ sandbox, newPage, until }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const resident = await sandbox.resident("本田 よみ");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const phone = await newPage({ width: 375, height: 812 });
  await phone.goto(sandbox.liffUrl(liffId, resident, "/register"));
  await phone.waitForURL("**/liff/register");
  await register(phone, ["40代"]);
  await phone.getByRole("heading", { name: "登録しました" }).waitFor();
  await phone.close();
  return resident;
}

// A title, a text with an emoji, a second text; the second one first, by keys and by its button.
async function written(page, hand, { axe, expect, until }) {
  await begin(hand, TITLE);
  const areas = page.locator("#parts textarea");
  const words = () => areas.evaluateAll((all) => all.map((area) => area.value));
  await hand.fill(areas.first(), FIRST);
  await hand.open(page.getByLabel("文章1に絵文字を入れる"));
  await axe(page, "the emoji by keyboard");
  await hand.press(page.locator("details.emoji[open]").getByRole("button", { name: "本", exact: true }));
  await until(async () => (await words())[0] === `${FIRST}📚`, "the emoji at the end of the text");
  await until(() => focused(areas.first()), "focus back in the text");
  expect(await page.locator("details.emoji[open]").count(), "open lists of emoji").toBe(0);

  await hand.press(page.getByRole("button", { name: "文章を足す" }));
  await until(async () => (await areas.count()) === 2 && focused(areas.nth(1)), "focus in the second text");
  await page.keyboard.type(SECOND);
  await until(async () => (await words())[1] === SECOND, "the second text");
  const inOrder = (...texts) => until(async () => (await words()).join() === texts.join(), `the order ${texts.join()}`);
  await page.keyboard.press("Alt+ArrowUp");
  await inOrder(SECOND, `${FIRST}📚`);
  await until(() => focused(areas.first()), "focus in the text that moved");
  await until(async () => (await page.locator(".toasts [role=status]").textContent()).includes("1番目に移しました"), "what is read aloud");
  await page.keyboard.press("Alt+ArrowDown");
  await inOrder(`${FIRST}📚`, SECOND);
  await hand.press(page.getByRole("button", { name: "文章2を上へ" }));
  await inOrder(SECOND, `${FIRST}📚`);
  await until(() => focused(page.getByRole("button", { name: "文章1を上へ" })), "focus on the button that moved");
  await axe(page, "a written draft by keyboard");
}

// Who is meant: a condition, from its list and with its choice.
async function meant(page, hand, { axe, until }) {
  await hand.press(page.getByRole("button", { name: "条件を足す" }));
  const within = (selector) => until(() => page.evaluate((selector) => Boolean(document.activeElement?.closest(selector)), selector), `focus within ${selector}`);
  await within(".pick-list");
  await hand.press(page.locator(".pick-list .pick-option", { hasText: "年代" }));
  const choices = page.getByRole("dialog", { name: "どれか" });
  await choices.waitFor();
  await within('[aria-label="どれか"]');
  await hand.check(choices.getByLabel("40代", { exact: true }));
  await axe(page, "a choice by keyboard");
  await hand.press(choices.getByRole("button", { name: "決める" }));
  await until(async () => (await page.locator(".audience-sentence").innerText()).includes("40代"), "the condition");
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()) && (await page.locator(".checks.counting").count()) === 0, "the head count");
}

async function sent(page, hand, { axe, until }) {
  await hand.press(page.getByRole("button", { name: /^[\d,]+人に配信する$/ }));
  const dialog = page.getByRole("dialog", { name: /いま届けます/ });
  await dialog.waitFor();
  await until(() => focused(dialog.getByRole("button", { name: "やめる", exact: true })), "focus on やめる");
  await axe(page, "the confirmation by keyboard");
  const differs = dialog.getByRole("checkbox", { name: /確かめました/ });
  if ((await differs.count()) > 0) await hand.check(differs);
  await hand.press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL(/\/console\/deliveries\/\d+$/);
  await sentOut(page);
  await axe(page, "a delivery that was sent by keyboard");
  return new URL(page.url()).pathname;
}

async function takenBack(page, hand, wrong, { axe, expect, until }) {
  const offer = page.getByRole("button", { name: "訂正を送る" });
  await hand.press(offer);
  const dialog = page.locator("dialog#retract");
  await dialog.waitFor({ state: "visible" });
  await until(() => focused(dialog.getByRole("button", { name: "やめる", exact: true })), "focus on やめる");
  // Esc leaves it, and the focus is where it was.
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await until(() => focused(offer), "focus back on the button");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "visible" });
  await hand.fill(dialog.getByLabel("訂正の文章"), CORRECTION);
  expect(await dialog.getByLabel("訂正の文章").inputValue(), "the correction").toBe(CORRECTION);
  await axe(page, "a correction by keyboard");
  await hand.press(dialog.getByRole("button", { name: /人に訂正を送る$/ }));
  await page.waitForURL((url) => /\/deliveries\/\d+$/.test(url.pathname) && url.pathname !== wrong);
  await page.getByText("これは訂正です").waitFor();
  await sentOut(page);
  await axe(page, "what was taken back by keyboard");
}

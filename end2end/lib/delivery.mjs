// What journeys do with a delivery that is written: sent, kept on its way, counted.
import { expect, until } from "./expect.mjs";
import { notWide } from "./form.mjs";
import { Hand, Taps } from "./menu.mjs";
import { beginDelivery, live, number, press, signIn, tick } from "./page.mjs";

// An official with a telephone and one finger, signed in; `look(label)` judges what is to be seen. `name`: of somebody
// else; the rest as for a page (browser.mjs).
export async function tapper({ newPage, axe, signIn: account }, { name = account.name, ...more } = {}) {
  const width = 375;
  const page = await newPage({ width, height: 812, hasTouch: true, isMobile: true, ...more });
  const hand = new Taps(page);
  hand.look = async (label) => {
    await axe(page, label);
    await notWide(page, width, label);
  };
  await signIn(page, { ...account, name });
  return hand;
}

// Begins a delivery with its title, by a hand of menu.mjs; answers its address, without /edit. The composer is open.
export async function begin(hand, title) {
  const path = await beginDelivery(hand.page, (button) => hand.press(button));
  const field = await live(hand.page.locator("#title"));
  // The heading takes the focus when the page arrives.
  await until(async () => {
    await hand.fill(field, title);
    return (await field.inputValue()) === title;
  }, "the title");
  return path;
}

// The composer has counted whom the draft is for.
export const headCount = (page) =>
  until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()) && (await page.locator(".checks.counting").count()) === 0, "the head count");

// To all friends, by a tap, until they are counted; the radio itself lies hidden below its words.
export async function tapEveryone({ page }) {
  const words = page.locator("label", { hasText: "友だち全員" }).first();
  await live(words.locator("input"));
  await words.tap();
  await until(async () => (await page.locator(".audience-sentence").innerText()).includes("友だち全員"), "everyone");
  await headCount(page);
}

// The tick of a link in the composer: whether its taps are counted.
export const linkTick = (page, uri) => page.locator(`.links input[value="${uri}"]`);

// Takes the only link of a draft out of counting, by a hand of menu.mjs, until the draft is saved with it.
export async function uncounted(hand, uri) {
  const { page } = hand;
  const shortened = page.getByText("短いアドレスの終わりの7文字は");
  await shortened.waitFor();
  const saved = page.waitForResponse(
    (response) => /\/save_draft$/.test(response.url()) && response.request().postData()?.includes(`"uncounted":["${uri}"]`),
  );
  const [answer] = await Promise.all([saved, hand.check(linkTick(page, uri), false)]);
  expect(answer.ok(), "the draft is saved").toBe(true);
  await shortened.waitFor({ state: "detached" });
}

// Puts the series that the composer holds in force, with the head count; `path`: its page, which is open then.
// `look(dialog)`: while it is asked.
export async function beginSeries(hand, path, look = async () => {}) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: /くり返しを始める$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await look(dialog);
  const people = (await dialog.getByText(/いま数えると [\d,]+人に届きます/).innerText()).match(/数えると ([\d,]+)人/)[1];
  await tick(dialog, (box) => hand.check(box));
  await hand.fill(dialog.getByLabel("確かめるため、人数を入れてください"), people);
  await hand.press(dialog.getByRole("button", { name: `${people}人へのくり返しを始める` }));
  await page.waitForURL((url) => url.pathname === path);
}

// Confirms what the composer has, by a hand of menu.mjs, with the head count where it is asked for; answers the address
// of the delivery's page, which is open.
export async function sendNow(page, hand = new Hand(page)) {
  const send = page.getByRole("button", { name: /^[\d,]+人に配信する$/ });
  await until(async () => (await send.count()) === 1 && (await page.locator(".checks.counting").count()) === 0, "the head count");
  await hand.press(send);
  const dialog = page.getByRole("dialog", { name: /いま届けます/ });
  await dialog.waitFor();
  const field = dialog.getByLabel("確かめるため、人数を入れてください");
  if ((await field.count()) > 0) await hand.fill(field, (await dialog.innerText()).match(/([\d,]+)人に/)[1]);
  await tick(dialog, (box) => hand.check(box));
  await hand.press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL(/\/console\/deliveries\/\d+$/);
  return new URL(page.url()).pathname;
}

// 「あわせて確かめる」 as numbers, by label.
export async function figures(page) {
  const parts = await page.locator(".sum-check > div").evaluateAll((all) => all.map((part) => [part.querySelector("dt").textContent, part.querySelector("dd").textContent]));
  return Object.fromEntries(parts.map(([label, value]) => [label, number(value)]));
}

// Messages that count towards LINE's limit of the month.
export async function taken(sandbox) {
  const kinds = await Promise.all(["push", "multicast", "broadcast"].map((kind) => sandbox.get(`/received?kind=${kind}`)));
  return kinds.reduce((sum, { received_total: total }) => sum + total, 0);
}

// From now on LINE takes one call, and nothing more this month.
export async function oneCall(sandbox) {
  await sandbox.faults({ monthly_limit: (await taken(sandbox)) + 600 });
}

// A delivery that LINE took one call of is let go on while LINE is too busy, so that it stays on its way; its page is
// open. Answers its figures. `look(label)`: at every state.
export async function midway(page, sandbox, look = async () => {}) {
  await page.getByText("送らずに止めています").first().waitFor();
  await until(async () => (await figures(page)).受付 > 0, "what LINE took before its limit");
  await sandbox.faults({ rate_429: 1 });
  await press(page.getByRole("button", { name: "いま送る" }));
  const dialog = page.getByRole("dialog", { name: "止めていた配信を、いま送ります" });
  await dialog.waitFor();
  await look("the question before it goes on");
  await press(dialog.getByRole("button", { name: /人に送る$/ }));
  await until(async () => (await page.locator("main .panel").first().textContent()).includes("送信中"), "it goes on");
  const seen = await figures(page);
  const sum = seen.受付 + seen.届かず + seen.差し控え + seen.これから;
  if (seen.配信対象 !== sum || seen.受付 === 0 || seen.これから === 0) throw new Error(`not in the middle: ${JSON.stringify(seen)}`);
  await look("a delivery in the middle");
  return seen;
}

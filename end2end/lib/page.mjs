// What every journey does with a page of Kairan.
import { expect, until } from "./expect.mjs";

// Waits until the browser part listens to an element, and gives it back: what the server rendered
// looks the same before, but a click on it would be lost.
export async function live(locator) {
  await locator.waitFor({ state: "visible" });
  await until(() => locator.evaluate((element) => element.listens === true), `${locator} listens`);
  return locator;
}

// Waits until the browser part has taken over the whole page.
export const takenOver = (page) => page.waitForFunction(() => window.takenOver === true);

// Presses what needs the browser part.
export async function press(locator) {
  await (await live(locator)).click();
}

// Signs in with the plain form and waits for the page that follows.
export async function signIn(page, { name, password }) {
  if (!new URL(page.url(), "http://nowhere").pathname.startsWith("/console/signin")) {
    await page.goto("/console/signin");
  }
  await page.getByLabel("職員番号").fill(name);
  await page.locator('input[name="password"]').fill(password);
  await page.getByRole("button", { name: "サインイン" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/console/signin"));
  await page.locator("h1").waitFor();
}

// Signs in by keyboard alone (`Keys` in menu.mjs).
export async function signInByKeys(hand, { name, password }) {
  const { page } = hand;
  await page.goto("/console/signin");
  await hand.fill(page.locator("#number"), name);
  await hand.reach(page.locator('input[name="password"]'));
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/console/signin"));
}

export const focused = (locator) => locator.evaluate((element) => element === document.activeElement);

// The focus stands somewhere: what had it may be gone with what it did.
export const focusKept = (page, what) =>
  until(() => page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body), `focus after ${what}`);

// Puts the focus somewhere for the keys that follow; what was done before may still move it.
export const keysTo = (locator) =>
  until(async () => {
    await locator.focus();
    return locator.evaluate((element) => new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(() => done(element === document.activeElement)));
    }));
  }, `the focus stays on ${locator}`);

// What a press saves as a file: its name and its bytes.
export async function download(page, act) {
  const [file] = await Promise.all([page.waitForEvent("download"), act()]);
  const pieces = [];
  for await (const piece of await file.createReadStream()) pieces.push(piece);
  return { name: file.suggestedFilename(), bytes: Buffer.concat(pieces) };
}

// The texts of elements, as they stand in the document.
export const texts = (locator) => locator.evaluateAll((all) => all.map((element) => element.textContent.trim()));

// Fills in the registration page and sends it. `choices`: labels to choose.
export async function register(page, choices) {
  const form = page.locator("#liff-form");
  await form.waitFor();
  for (const words of choices) await form.getByLabel(words, { exact: true }).check();
  // Required in the sample city: where somebody lives, and the consent.
  await form.locator('input[value="_none"]').first().check();
  await form.getByLabel(/^同意する/).check();
  await form.getByRole("button", { name: "この内容で登録する" }).click();
}

// Begins a delivery, with the button pressed by `act`; answers its address, without /edit. The composer is open.
export async function beginDelivery(page, act = press) {
  await page.goto("/console/deliveries");
  await act(page.getByRole("button", { name: "新しい配信" }).first());
  await page.waitForURL(/\/console\/deliveries\/\d+\/edit$/);
  return new URL(page.url()).pathname.replace(/\/edit$/, "");
}

// In the composer: to all friends. The radio itself lies hidden below its words.
export async function toEveryone(page) {
  const label = page.locator("label", { hasText: "友だち全員" }).first();
  await live(label.locator("input"));
  await label.click();
}

// The page of a delivery says that LINE took all of it.
export async function sentOut(page) {
  // What LINE refused again and again is tried again after a minute and a half at the latest.
  await page.locator(".status", { hasText: "完了" }).first().waitFor({ timeout: 120_000 });
}

// Confirms a striking difference to the last delivery, where the dialog asks for it.
export async function tick(dialog, check = (box) => box.check()) {
  await dialog.waitFor({ state: "visible" });
  // Whether it asks follows from the checks beside the draft.
  await until(async () => (await dialog.page().locator(".checks.counting").count()) === 0, "the checks");
  const box = dialog.getByRole("checkbox", { name: /確かめました/ });
  if ((await box.count()) > 0 && !(await box.isChecked())) await check(box);
}

// A number as the pages write it: 「1,234 人」 → 1234.
export function number(words) {
  expect(words, "a figure").toMatch(/\d/);
  return Number(words.replace(/[^\d]/g, ""));
}

// Axe finds nothing at a desk nor on a phone.
export async function axeAtBothWidths(page, label, axe) {
  const desk = page.viewportSize();
  await axe(page, label);
  await page.setViewportSize({ width: 375, height: 812 });
  await axe(page, `${label}, narrow`);
  await page.setViewportSize(desk);
}

// The page has one heading, and focus stands on it: where a link of our own leads.
export const arrived = (page, words) =>
  until(
    () =>
      page.evaluate((words) => {
        const all = document.querySelectorAll("h1");
        return all.length === 1 && all[0] === document.activeElement && all[0].textContent.includes(words);
      }, words),
    `focus on the heading 「${words}」`,
  );

// From now on whatever a pointer does is an error of this page.
export async function noPointer(page) {
  const refuse = () => {
    const used = () => {
      throw new Error("a pointer was used");
    };
    addEventListener("pointerdown", used, true);
  };
  await page.addInitScript(refuse);
  await page.evaluate(refuse);
}

const inTokyo = (locale, parts, hours) =>
  new Intl.DateTimeFormat(locale, { timeZone: "Asia/Tokyo", ...parts }).format(new Date(Date.now() + hours * 3_600_000));

// 「23:40」 in Tokyo, so many hours from now.
export const clock = (hours) => inTokyo("ja-JP", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, hours);

// 「2026-12」 in Tokyo, so many hours from now.
export const monthOf = (hours) => inTokyo("sv-SE", { year: "numeric", month: "2-digit" }, hours);

// The same menu by keyboard alone: no pointer is used after the page is open.
import { Keys, areaOf, beginMenu, borders, byTemplate, finished, saved } from "../lib/menu.mjs";
import { signIn } from "../lib/page.mjs";

export const name = "three tabs of six icons are made by keyboard alone";

export async function run({ signIn: account, newPage, axe, expect, until }) {
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  await beginMenu(page, "キーボードのメニュー", "空のシート");
  const hand = new Keys(page);
  await byTemplate(hand);
  // A border by arrow keys: 1, with Shift 10, put back by Esc, fixed by Enter.
  const border = borders(page).and(page.locator("[data-axis=columns]")).first();
  await hand.reach(border);
  const value = async () => Number(await border.getAttribute("aria-valuenow"));
  const before = await value();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await until(async () => (await value()) === before + 11, "eleven to the right");
  await axe(page, "a border moved by keys");
  await page.keyboard.press("Escape");
  await until(async () => (await value()) === before, "back again");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await page.locator(".me-said", { hasText: "境界を10px左へ動かしました" }).waitFor();
  await page.keyboard.press("Control+z");
  await until(async () => (await value()) === before, "undone");
  // Areas by arrow keys.
  await hand.reach(areaOf(page, 1));
  await page.keyboard.press("ArrowRight");
  await until(() => areaOf(page, 2).evaluate((g) => g === document.activeElement), "the next area");
  await page.keyboard.press("Enter");
  expect(await areaOf(page, 2).getAttribute("aria-pressed"), "chosen").toBe("true");
  await finished(page);
  await saved(page);
}

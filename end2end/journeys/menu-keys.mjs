// The same menu by keyboard alone: no pointer is used after the page is open.
import { Keys, SHEETS, areaCount, areaOf, beginMenu, borders, button, byTemplate, finished, saved } from "../lib/menu.mjs";
import { noPointer, signIn } from "../lib/page.mjs";

export const name = "three tabs of six icons are made by keyboard alone";

export async function run({ signIn: account, newPage, axe, expect, until }) {
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  await beginMenu(page, "キーボードのメニュー", "空のシート");
  const hand = new Keys(page);
  await noPointer(page);
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
  await until(async () => (await areaOf(page, 2).getAttribute("aria-pressed")) === "true", "it is chosen");
  await cut(page, hand, { axe, until });
  await free(page, hand, { axe, until });
  await ordered(page, hand, { axe, until });
  await finished(page);
  await saved(page);
}

// An area is split, and merged with what it was split from; Esc leaves the choice of the other one.
async function cut(page, hand, { axe, until }) {
  await hand.press(areaOf(page, 9));
  await hand.press(button(page, "縦に分ける"));
  await until(async () => (await areaCount(page)) === 10, "ten areas");
  await hand.press(button(page, "横に分ける"));
  await until(async () => (await areaCount(page)) === 11, "eleven areas");
  await page.keyboard.press("Control+z");
  await until(async () => (await areaCount(page)) === 10, "ten areas again");
  await hand.press(areaOf(page, 9));
  await hand.press(button(page, "結合"));
  await hand.reach(areaOf(page, 10));
  await axe(page, "choosing by keyboard what to merge with");
  await page.keyboard.press("Escape");
  await page.locator(".me-pair").waitFor({ state: "detached" });
  await hand.press(button(page, "結合"));
  await hand.press(areaOf(page, 10));
  await until(async () => (await areaCount(page)) === 9, "nine areas");
  await page.locator(".me-said", { hasText: "エリア9とエリア10を結合しました" }).waitFor();
}

// Free rectangles: arrow keys move one, Alt with them changes its size, and all of it is one step.
async function free(page, hand, { axe, until }) {
  await hand.press(button(page, "シート"));
  await hand.press(button(page, "四角を自由に置く"));
  await borders(page).first().waitFor({ state: "detached" });
  const last = areaOf(page, 9);
  const box = () => last.locator(".me-area-box").evaluate((rect) => ["x", "y", "width", "height"].map((side) => Number(rect.getAttribute(side))));
  const lies = (words, ...wanted) => until(async () => (await box()).join() === wanted.join(), words);
  const [x, y, width, height] = await box();
  await hand.reach(last);
  await page.keyboard.press("Alt+ArrowLeft");
  await page.keyboard.press("Alt+Shift+ArrowUp");
  await lies("one narrower and ten lower", x, y, width - 1, height - 10);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  const there = [x + 1, y + 10, width - 1, height - 10];
  await lies("one to the right and ten down", ...there);
  await page.locator(".me-said", { hasText: `左${x + 1} 上${y + 10}` }).waitFor();
  await axe(page, "a free rectangle moved by keys");
  // The edge of the picture holds it.
  await page.keyboard.press("ArrowRight");
  await page.locator(".me-said.me-wrong", { hasText: "絵からはみ出します" }).waitFor();
  await lies("at the edge", ...there);
  await page.keyboard.press("Control+z");
  await lies("back again", x, y, width, height);
  await page.keyboard.press("Control+z");
  await borders(page).first().waitFor();
}

// The order of the sheets by their menus; the tabs go along.
async function ordered(page, hand, { axe, until }) {
  const rows = page.locator(".me-sheet");
  const tab = async (number, words) => (await areaOf(page, number).getAttribute("aria-label")).startsWith(`エリア${number} ${words}、`);
  const inOrder = async (...wanted) => {
    await until(async () => (await rows.locator("strong").allTextContents()).join() === wanted.join(), `the order ${wanted.join()}`);
    for (const [n, words] of wanted.entries()) await until(() => tab(n + 1, words), `the tab ${words} at place ${n + 1}`);
  };
  const [first, second, third] = SHEETS;
  const shift = async (row, words) => {
    const sheet = await row.locator("strong").textContent();
    await hand.open(row.locator("summary"));
    await hand.press(row.getByRole("button", { name: words, exact: true }));
    const there = () => page.evaluate(() => document.activeElement?.closest(".me-sheet > details:not([open]) > summary")?.closest(".me-sheet").querySelector("strong").textContent);
    await until(async () => (await there()) === sheet, `focus on the menu of ${sheet}`);
  };
  await hand.open(rows.first().locator("summary"));
  await axe(page, "what can be done with a sheet by keyboard");
  // Esc closes it, and the focus is where it was.
  await page.keyboard.press("Escape");
  await until(() => rows.first().locator("summary").evaluate((summary) => summary === document.activeElement && !summary.parentElement.open), "focus back on the sheet's menu");
  await shift(rows.first(), "下へ");
  await inOrder(second, first, third);
  await shift(rows.nth(2), "上へ");
  await inOrder(second, third, first);
  await page.keyboard.press("Control+z");
  await inOrder(second, first, third);
  await shift(rows.nth(1), "上へ");
  await inOrder(first, second, third);
}

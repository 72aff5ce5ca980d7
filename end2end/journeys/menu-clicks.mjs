// The same menu by clicks alone: nothing is dragged, no key moves anything (WCAG 2.5.7).
import { Hand, alive, areaCount, areaOf, beginMenu, borders, button, byTemplate, finished, saved } from "../lib/menu.mjs";
import { axeAtBothWidths, live, press, signIn } from "../lib/page.mjs";

export const name = "three tabs of six icons are made by clicks alone";

export async function run(tools) {
  const { signIn: account, newPage, axe, expect, until } = tools;
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  await beginMenu(page, "クリックのメニュー", "空のシート");
  await byTemplate(new Hand(page));
  await finished(page);
  // Cut, merged with what is tapped next, moved by buttons and by number.
  await press(areaOf(page, 9));
  await press(button(page, "縦に分ける"));
  await until(async () => (await areaCount(page)) === 10, "ten areas");
  await press(button(page, "結合"));
  await press(areaOf(page, 10));
  await until(async () => (await areaCount(page)) === 9, "nine again");
  await page.locator("#menu-border-which").selectOption({ index: 2 });
  const border = borders(page).nth(2);
  const value = async () => Number(await border.getAttribute("aria-valuenow"));
  const before = await value();
  await press(button(page, "右へ 1"));
  await until(async () => (await value()) === before + 1, "one to the right");
  await page.getByLabel("境界の位置").fill("900");
  await page.getByLabel("境界の位置").press("Enter");
  await until(async () => (await value()) === 900, "where the number says");
  await press(button(page, "3等分"));
  await until(async () => (await value()) === before, "a third");
  await press(areaOf(page, 4));
  await page.locator(".me-numbers").getByLabel("幅").fill("900");
  await page.locator(".me-numbers").getByLabel("幅").press("Enter");
  const wide = async () => (await areaOf(page, 4).getAttribute("aria-label")).includes("幅900");
  const narrow = async () => !(await wide());
  await until(wide, "an area by number");
  // Undone and done again, by the buttons and by the list of what was done.
  const undo = page.getByRole("button", { name: "元にもどす（Ctrl＋Z）" });
  const steps = page.locator("summary[aria-label='したことの一覧']");
  await press(undo);
  await until(narrow, "the area as it was");
  await press(page.getByRole("button", { name: "やり直す（Ctrl＋Y）" }));
  await until(wide, "the area done again");
  await steps.click();
  await press(page.locator(".me-steps-list button").first());
  await until(narrow, "the area as it was, by the list");
  await steps.click();
  await axe(page, "what was done and undone");
  await press(page.locator(".me-steps-list .me-undone"));
  await until(wide, "the area done again, by the list");
  await press(undo);
  await finished(page);
  await saved(page);
  expect(await page.locator(".me-sheet").count()).toBe(3);
  await low({ ...tools, page });
}

// Templates for which a low picture has no room say so, before and after they are pressed.
async function low({ page, axe, shot, expect }) {
  await beginMenu(page, "低い絵のメニュー", "空のシート");
  // The editor makes two heights, LINE takes any: as another program would save it.
  const save = /\/save_menu$/;
  await page.route(save, (route) => route.continue({ postData: route.request().postData().replace('"height":1686', '"height":260') }));
  const templates = page.locator("summary", { hasText: "型から選ぶ" });
  await templates.click();
  await Promise.all([page.waitForResponse(save), press(button(page, "1つ"))]);
  await saved(page);
  await page.unroute(save);
  await page.reload();
  await alive(page);
  await templates.click();
  const unfit = page.locator(".me-template", { hasText: "絵が低く、押すところが小さくなりすぎます" });
  expect(await unfit.count(), "templates without room").toBe(2);
  await axeAtBothWidths(page, "templates without room", axe);
  await shot(page, "menu-templates-low", { fullPage: false });
  // Playwright itself would not press what says that it is not available.
  await (await live(unfit.first())).click({ force: true });
  await page.locator(".me-wrong", { hasText: "別の型を選んでください" }).waitFor();
  expect(await areaCount(page), "the area that it was").toBe(1);
}

// How often a menu was tapped, by period and by variant: the same menu is first everybody's, then the one of a variant,
// and its taps are told apart; a month of another year is chosen by its days, and taken away.
import { button, newFriend, openMenu, publish, reflected } from "../lib/menu.mjs";
import { axeAtBothWidths, download, live, press, signIn, takenOver } from "../lib/page.mjs";

export const name = "the taps on a menu are told apart by variant and shown for any days";

const BASE = "市のメニュー（見本）";
const EMERGENCY = "緊急のメニュー（見本）";
const VARIANT = "子育て世帯";
// Taps while it is everybody's menu, and while it is the variant's.
const [FIRST, LATER] = [2, 3];

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  await openMenu(page, BASE);
  const told = { ...tools, page, path: `${new URL(page.url()).pathname}/figures` };
  await publish(page);
  const user = await newFriend(told, "高野 とおる");
  await tapped(told, user, FIRST);
  await page.goto(told.path);
  await sum(told, FIRST);
  await varied(told);
  await tapped(told, user, LATER);
  await byVariant(told);
  await byDays(told);
}

// Taps that switch from the first tab to the second one and back.
async function tapped({ sandbox, until }, user, times) {
  await until(async () => (await sandbox.get(`/residents/${user}/menu`)).seen?.source, "the menu on the phone", { timeout: 90_000 });
  for (let n = 0; n < times; n += 1) await sandbox.act(user, "menu/tap", { area: n % 2 === 0 ? 1 : 0 });
}

// The page says so many; taps are written once a second.
async function sum({ page, until }, taps) {
  await until(async () => {
    if (new RegExp(` ${taps}回押されました`).test(await page.locator(".sentence").innerText())) return true;
    await page.reload();
    return false;
  }, `${taps} taps`);
}

// Another menu for everybody, and the former one for a variant.
async function varied(tools) {
  const { page } = tools;
  await page.goto("/console/menus/program");
  await (await live(page.locator("#program-base"))).selectOption({ label: EMERGENCY });
  await press(button(page, "出し分けを足す").first());
  await page.locator("#variant-all-0-name").fill(VARIANT);
  await page.locator("#variant-all-0-menu").selectOption({ label: BASE });
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#program-publish");
  await press(dialog.getByRole("button", { name: "メニュー1つと出し分けを公開する", exact: true }));
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();
  // What LINE has still to do would switch the tab that is tapped.
  await reflected(tools);
}

async function byVariant(told) {
  const { page, path, axe, shot, expect } = told;
  await page.goto(path);
  await sum(told, FIRST + LATER);
  const chip = page.locator(".chip");
  for (const [variant, taps] of [[VARIANT, LATER], ["ふだん", FIRST]]) {
    await takenOver(page);
    await chip.locator("summary").click();
    await axe(page, "the variants to choose among");
    await chip.getByRole("link", { name: variant, exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get("variant") === variant);
    await page.getByRole("link", { name: `出し分け「${variant}」を外す` }).waitFor();
    await sum(told, taps);
    await axeAtBothWidths(page, `the taps on 「${variant}」`, axe);
  }
  await shot(page, "menu-figures-variant");
  // The variant stays when another period is chosen.
  const periods = page.getByRole("navigation", { name: "期間" });
  for (const days of ["7日間", "90日間"]) {
    await periods.getByRole("link", { name: days, exact: true }).click();
    await periods.locator("a[aria-current]", { hasText: days }).waitFor();
    await sum(told, FIRST);
  }
  expect(new URL(page.url()).searchParams.get("variant"), "the variant").toBe("ふだん");
}

async function byDays(told) {
  const { page, axe, shot, expect } = told;
  const show = async (from, until) => {
    await page.getByLabel("はじめの日").fill(from);
    await page.getByLabel("おわりの日").fill(until);
    await button(page, "表示する").click();
    await page.waitForURL((url) => url.searchParams.get("from") === from);
  };
  const today = await page.getByLabel("おわりの日").inputValue();
  const year = Number(today.slice(0, 4)) - 2;
  await show(`${year}-04-01`, `${year}-04-30`);
  await sum(told, 0);
  await page.getByText("この期間には、LINEの数字はありません").waitFor();
  expect(await button(page, "LINEの数字を読む").count(), "LINE is not asked for these days").toBe(0);
  await axeAtBothWidths(page, "the taps of a month of another year", axe);
  await shot(page, "menu-figures-days");
  const file = async () => (await download(page, () => page.getByRole("link", { name: "CSV" }).click())).bytes.toString();
  expect((await file()).includes(today), "taps of other days in the file").toBe(false);
  // With today, and still of one variant; the file has all of them.
  await show(`${year + 2}-01-01`, today);
  await sum(told, FIRST);
  const rows = (await file()).split("\n").filter((row) => row.startsWith(today));
  expect(rows.some((row) => row.includes(VARIANT)) && rows.some((row) => row.includes("ふだん")), "both variants in the file").toBe(true);
}

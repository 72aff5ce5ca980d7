// What stands in the way of rich menus, and that it is said: a sheet that cannot be painted, LINE that does not answer, a
// server without the font, another official who saved first. Nothing is lost by any of it, and all is done when it is over.
import { areaOf, button, finished, openMenu, publish, saved } from "../lib/menu.mjs";
import { axeAtBothWidths, live, press, signIn } from "../lib/page.mjs";

export const name = "troubles with rich menus are said, and all is done when they are over";

const BASE = "市のメニュー（見本）";
const EMERGENCY = "緊急のメニュー（見本）";
const HERE = "/console/menus/emergency";
// Refusals, a font that is not there, and what the browser says while Kairan is away.
const EXPECTED = [
  /status of 4(09|22)/,
  /media\/font\/menu/,
  /ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|Failed to fetch|ERR_SOCKET|status of 50\d/,
];
const UNKNOWN = "回数と時間は、いま分かりません";

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const page = await newPage({ height: 1000, ignore: EXPECTED });
  await signIn(page, account);
  const told = { ...tools, page };
  await unpainted(told);
  await away(told);
  await fontless(told);
  await together(told);
}

// The worker says so, on the page that always shows it.
async function doing(page, words) {
  await page.goto(HERE);
  await page.locator(`[data-doing='${words}']`).waitFor({ timeout: 120_000 });
}

// The menu cannot be published as it is, and the dialog says why.
async function refused({ page, axe }, why, label) {
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#menu-publish");
  await dialog.locator(".me-forecast").waitFor();
  await press(dialog.getByRole("button", { name: "公開する", exact: true }));
  await dialog.locator(".field-error", { hasText: why }).waitFor();
  await axeAtBothWidths(page, label, axe);
}

const leave = (page, dialog) => press(page.locator(dialog).getByRole("button", { name: "やめる", exact: true }));

// A character that the font does not have.
async function unpainted(told) {
  const { page, shot } = told;
  await openMenu(page, BASE);
  await press(areaOf(page, 4));
  const words = await live(page.locator("#menu-area-words"));
  const before = await words.inputValue();
  await words.fill("🐕");
  await finished(page);
  await refused(told, "絵にできない文字があります：「🐕」", "a sheet that cannot be painted");
  await shot(page, "menu-unpainted", { fullPage: false });
  await leave(page, "dialog#menu-publish");
  // Testers do not see it either.
  await press(button(page, "試験者で確かめる"));
  const toast = page.locator(".toast", { hasText: "絵にできない文字があります" });
  await toast.waitFor();
  await press(toast.getByRole("button", { name: "この知らせを閉じる" }));
  await words.fill(before);
  await publish(page);
}

// LINE answers nothing: what it costs is not known, and everything goes on without.
async function away({ page, sandbox, axe, shot }) {
  await sandbox.faults({ menu_rate_500: 1 });
  await page.goto("/console/menus/program");
  await (await live(page.locator("#emergency-earthquake"))).selectOption({ label: EMERGENCY });
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#program-publish");
  await dialog.locator(".me-forecast", { hasText: UNKNOWN }).waitFor();
  await axeAtBothWidths(page, "a program to be published while LINE is away", axe);
  await press(dialog.getByRole("button", { name: "メニュー1つと出し分けを公開する", exact: true }));
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();

  await doing(page, "待機中");
  await page.getByText("LINEが応答しないため").first().waitFor();
  await axeAtBothWidths(page, "the worker waits for LINE", axe);
  await shot(page, "menu-waiting");
  await press(button(page, "地震に切りかえる"));
  const asks = page.locator("dialog#emergency");
  await asks.getByText(UNKNOWN).waitFor();
  await axeAtBothWidths(page, "an emergency to be declared while LINE is away", axe);
  await shot(page, "menu-emergency-unknown", { fullPage: false });
  await leave(page, "dialog#emergency");
  await press(page.locator("header.bar a.btn-bar"));
  const now = page.locator("dialog#emergency-now");
  await now.getByText(UNKNOWN).waitFor();
  await axeAtBothWidths(page, "the dialog over every page while LINE is away", axe);
  await page.keyboard.press("Escape");
  await now.waitFor({ state: "hidden" });
}

// LINE is back, and the font is not there: what has to be painted waits for it.
async function fontless(told) {
  const { page, sandbox, env, axe, shot, killKairan, startKairan } = told;
  await killKairan();
  await sandbox.faults({});
  env.KAIRAN_MENU_FONT = "/nowhere/BIZUDPGothic-Bold.ttf";
  try {
    await startKairan();
    await doing(page, "反映できません");
    await page.locator("main").getByText("（フォント）がサーバーにありません").waitFor();
    await axeAtBothWidths(page, "what cannot be brought to LINE", axe);
    await shot(page, "menu-failed");
    await openMenu(page, BASE);
    await press(areaOf(page, 4));
    const words = await live(page.locator("#menu-area-words"));
    const before = await words.inputValue();
    await words.fill("べつのことば");
    await page.getByRole("heading", { name: /公開中のものとの差\s1か所/ }).waitFor();
    await refused(told, "（フォント）がサーバーにありません", "nothing can be painted");
    await leave(page, "dialog#menu-publish");
    await words.fill(before);
    await page.getByRole("heading", { name: "公開中のものと同じです" }).waitFor();
    await saved(page);
    await killKairan();
  } finally {
    // The next journey's programs read it too.
    delete env.KAIRAN_MENU_FONT;
  }
  await startKairan();
  await doing(page, "反映ずみ");
}

// Two officials change who sees what: the second one is told, and loses nothing.
async function together({ page, newPage, signIn: account, axe, shot, expect }) {
  const other = await newPage({ height: 1000, ignore: [/status of 409/] });
  await signIn(other, account);
  const menuFor = (where, disaster) => where.locator(`#emergency-${disaster}`);
  const chosen = (where, disaster) => menuFor(where, disaster).locator("option:checked").innerText();
  for (const where of [page, other]) {
    await where.goto("/console/menus/program");
    await live(menuFor(where, "tsunami"));
  }
  await menuFor(page, "tsunami").selectOption({ label: EMERGENCY });
  await press(button(page, "下書きを保存する"));
  await page.locator(".toast", { hasText: "出し分けを保存しました" }).waitFor();
  await menuFor(other, "snow").selectOption({ label: EMERGENCY });
  await press(button(other, "下書きを保存する"));
  await other.locator(".toast", { hasText: "この画面の内容は残っています" }).waitFor();
  await other.locator(".program-foot").getByText("まだ保存していません").waitFor();
  expect(await chosen(other, "snow"), "what was chosen here").toContain(EMERGENCY);
  await axeAtBothWidths(other, "another official saved the program first", axe);
  await shot(other, "menu-program-conflict", { fullPage: false });
  // Opened anew, it is the other's; the browser asks first.
  const asked = other.waitForEvent("dialog");
  const leaving = other.reload();
  await (await asked).accept();
  await leaving;
  await live(menuFor(other, "tsunami"));
  expect(await chosen(other, "tsunami"), "what the first one saved").toContain(EMERGENCY);
  expect(await chosen(other, "snow"), "what was not saved").toContain("用意しない");
}

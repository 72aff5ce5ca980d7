// 「緊急の操作」 over every page: two presses switch the whole city, and it comes back by keyboard alone. What the dialog
// says while nothing is prepared, while the draft alone has something and while an emergency holds. Without wasm, in
// another tab and for who may not switch it is the link to the page.
import { Keys, beginMenu, button, menuOnPhone, openMenu, publish, reflected } from "../lib/menu.mjs";
import { axeAtBothWidths, beginDelivery, focused, live, press, signIn, takenOver } from "../lib/page.mjs";

export const name = "two presses from any page switch the whole city to the emergency menu";

const BASE = "市のメニュー（見本）";
const EMERGENCY = "緊急のメニュー（見本）";
const BEGUN = "津波のメニュー";
const HERE = /\/console\/menus\/emergency$/;
const VIEWER = "221003";

const control = (page) => page.locator("header.bar a.btn-bar");
const dialogOf = (page) => page.locator("dialog#emergency-now");
const red = (page) => dialogOf(page).getByRole("button", { name: "「地震」のメニューに切りかえる" });

export async function run(tools) {
  const { newPage, signIn: account, sandbox } = tools;
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  const told = { ...tools, page };
  await nothing(told);
  await drafted(told);
  await prepared(told);
  const user = await sandbox.resident("高野 とおる");
  await sandbox.act(user, "follow");
  const shows = onPhone(told, await newPage(), user);
  await shows("ごみの日・分別");
  await switched(told);
  await shows("避難所をさがす");
  await back(told);
  await shows("ごみの日・分別");
  await links(told);
}

// The area of that name stands on the resident's phone.
function onPhone({ until }, phone, user) {
  return (label) =>
    until(
      async () => {
        const menu = await menuOnPhone(phone, user);
        return menu.getByRole("button", { name: label, exact: true }).isVisible();
      },
      `「${label}」 on the phone`,
      { timeout: 90_000 },
    );
}

// Escape closes the dialog, and what opened it has the focus again.
async function left({ page, until }) {
  await page.keyboard.press("Escape");
  await dialogOf(page).waitFor({ state: "hidden" });
  await until(() => focused(control(page)), "focus where the dialog was opened");
}

// Nothing is prepared: where that is done.
async function nothing(told) {
  const { page, axe, expect } = told;
  await page.goto("/console");
  await press(control(page));
  const dialog = dialogOf(page);
  await dialog.getByText("緊急メニューは、まだ用意されていません").waitFor();
  expect(await dialog.getByRole("link", { name: "「出し分け」をひらく" }).count(), "the way to prepare something").toBe(1);
  expect(new URL(page.url()).pathname, "the page below").toBe("/console");
  await axeAtBothWidths(page, "the dialog while nothing is prepared", axe);
  await left(told);
}

// What the draft alone has is named, with the reason, and cannot be pressed.
async function drafted(told) {
  const { page, axe, expect } = told;
  await openMenu(page, BASE);
  await publish(page);
  await page.goto("/console/menus/program");
  await (await live(page.locator("#emergency-earthquake"))).selectOption({ label: EMERGENCY });
  await press(button(page, "下書きを保存する"));
  await page.locator(".toast", { hasText: "出し分けを保存しました" }).waitFor();
  await page.goto("/console");
  await press(control(page));
  await dialogOf(page).getByText("地震：まだ切りかえられません").waitFor();
  expect(await red(page).count(), "a button for what is not published").toBe(0);
  await axeAtBothWidths(page, "the dialog while the draft alone has something", axe);
  // Its links lead away, and nothing lies over the page that they lead to.
  await dialogOf(page).getByRole("link", { name: "訓練・準備・履歴のページへ" }).click();
  await page.waitForURL(HERE);
  await dialogOf(page).waitFor({ state: "hidden" });
}

// What it names and nobody has published goes with it in one press; what is not finished is in the way.
async function prepared(tools) {
  const { page, axe, shot, expect } = tools;
  await beginMenu(page, BEGUN, "空のシート");
  await page.goto("/console/menus/program");
  await (await live(page.locator("#emergency-tsunami"))).selectOption({ label: BEGUN });
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#program-publish");
  const menu = (name) => dialog.getByRole("listitem").filter({ has: page.getByRole("link", { name: `「${name}」`, exact: true }) });
  await menu(BEGUN).getByText("公開する前に、直すところがあります").waitFor();
  await menu(EMERGENCY).waitFor();
  expect(await dialog.getByRole("button", { name: /公開する$/ }).count(), "a button that would fail").toBe(0);
  await axeAtBothWidths(page, "a menu keeps the program from being published", axe);
  await press(dialog.getByRole("button", { name: "やめる", exact: true }));
  await page.locator("#emergency-tsunami").selectOption({ label: "用意しない" });
  await press(button(page, "公開の準備へ"));
  await dialog.locator(".me-forecast").waitFor();
  await axeAtBothWidths(page, "a menu that is published with the program", axe);
  await shot(page, "menu-program-with-menus", { fullPage: false });
  await press(dialog.getByRole("button", { name: "メニュー1つと出し分けを公開する", exact: true }));
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();
  await reflected(tools);
}

// First by keyboard, and left; then two presses, the second one twice.
async function switched(told) {
  const { page, axe, shot, expect, until } = told;
  const declared = [];
  page.on("request", (request) => {
    if (/\/declare_emergency$/.test(new URL(request.url()).pathname)) declared.push(request.method());
  });
  await page.goto("/console");
  await new Keys(page).press(control(page));
  const dialog = dialogOf(page);
  await until(() => dialog.evaluate((element) => element.contains(document.activeElement)), "focus in the dialog");
  const words = await dialog.locator(".emergency-forecast").innerText();
  expect(words, "whom it affects, calls and time").toMatch(/[\d,]+人(全員)?の画面が変わります。.*LINEへの呼び出しは[\d,]+回です/s);
  await axeAtBothWidths(page, "the dialog before the whole city is switched", axe);
  await shot(page, "menu-emergency-now", { fullPage: false });
  await left(told);
  expect(declared.length, "switched by looking").toBe(0);

  await press(control(page));
  await (await live(red(page))).evaluate((element) => {
    element.click();
    element.click();
  });
  await page.locator(".toast", { hasText: "切りかえを始めました" }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  await until(() => focused(control(page)), "focus after the switch");
  await page.locator(".purpose-bar-emergency").getByText(/地震の緊急メニューに切りかえています/).waitFor();
  expect(new URL(page.url()).pathname, "the page below").toBe("/console");
  expect(declared.length, "switched once").toBe(1);
}

// On the page of emergencies, which is drawn anew with it; by keyboard alone.
async function back({ page, axe, shot, expect, until }) {
  await page.goto("/console/menus/emergency");
  const hand = new Keys(page);
  await hand.press(control(page));
  const dialog = dialogOf(page);
  await dialog.getByText("緊急メニュー（地震）を出しています").waitFor();
  await dialog.locator(".emergency-forecast").waitFor();
  expect(await red(page).count(), "a button for what holds").toBe(0);
  await axeAtBothWidths(page, "the dialog while an emergency holds", axe);
  await shot(page, "menu-emergency-now-holds", { fullPage: false });
  await hand.press(dialog.getByRole("button", { name: "もとにもどす", exact: true }));
  await page.locator(".toast", { hasText: "もとにもどし始めました" }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  await until(() => focused(control(page)), "focus after the way back");
  await page.locator(".purpose-bar").waitFor({ state: "detached" });
  await page.locator("main").getByText("緊急メニュー（地震）を出しています").waitFor({ state: "detached" });
}

// From an editor; in another tab, without wasm and for a viewer as a link.
async function links(told) {
  const { page, newPage, signIn: account, axe, expect } = told;
  await beginDelivery(page);
  await press(control(page));
  await dialogOf(page).locator(".emergency-forecast").waitFor();
  await axe(page, "the dialog over an editor");
  await left(told);

  const [tab] = await Promise.all([page.context().waitForEvent("page"), control(page).click({ modifiers: ["Control"] })]);
  await tab.waitForURL(HERE);
  await tab.close();
  expect(await dialogOf(page).isVisible(), "the dialog beside another tab").toBe(false);

  const still = await newPage({ wasm: false });
  await signIn(still, account);
  await control(still).click();
  await still.waitForURL(HERE);

  const viewer = await newPage();
  await signIn(viewer, { name: VIEWER, password: account.password });
  await takenOver(viewer);
  await control(viewer).click();
  await viewer.waitForURL(HERE);
  await viewer.getByText("切りかえられるのは、管理者と送信責任者です").waitFor();
  expect(await dialogOf(viewer).count(), "the dialog of a viewer").toBe(0);
}

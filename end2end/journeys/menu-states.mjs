// The states of rich menus that making one does not come by: names and contents that change places, finished artwork
// with its free rectangles, what is copied from menu to menu, what was published before, who may only look, a drill,
// and the menus of others at LINE. At a desk, on a tablet and on a telephone.
import { areaCount, areaOf, beginMenu, button, drag, openMenu, publish, sheetOf } from "../lib/menu.mjs";
import { notWide } from "../lib/form.mjs";
import { arrived, axeAtBothWidths, focusKept, live, press, signIn, takenOver } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";
import { RichMenus } from "../lib/richmenu.mjs";

export const name = "every state of rich menus, for who makes them and for who may only look";

const BASE = "市のメニュー（見本）";
const EMERGENCY = "緊急のメニュー（見本）";
const ARTWORK = "絵をのせたメニュー";
const FOREIGN = "前のシステムのメニュー";
const PROGRAM = "メニューの出し分け";
const VIEWER = "221003";

export async function run(tools) {
  const { sandbox, env, newPage, signIn: account } = tools;
  const line = await RichMenus.of(sandbox.url, env);
  await line.make({ name: FOREIGN, actions: [{ type: "message", label: "市へ", text: "市へ" }], colour: [222, 235, 250] });
  // A picture that is refused is answered with 422; the browser notes it.
  const page = await newPage({ height: 1000, ignore: [/status of 422/] });
  await signIn(page, account);
  const told = { ...tools, page };
  const copied = await sheets(told);
  await artwork(told, copied);
  await free(told);
  await pasted(told);
  await published(told);
  await drill(told);
  await readOnly(told);
}

// Beside axe at a desk and on a telephone: on a tablet nothing has to be scrolled sideways.
async function look({ page, axe }, label) {
  await axeAtBothWidths(page, label, axe);
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 834, height: 1112 });
  await axe(page, `${label}, on a tablet`);
  await notWide(page, 834, label);
  await page.setViewportSize(desk);
}

// Before the page is left: nothing of it is on its way.
const kept = ({ page, until }) => until(async () => /自動で保存/.test(await page.locator(".editor-state").innerText()), "everything is saved");
const undo = (page) => press(page.getByRole("button", { name: "元にもどす（Ctrl＋Z）" }));
const said = (page, words) => page.locator(".me-said", { hasText: words }).waitFor();
const called = async (page, number, words) => (await areaOf(page, number).getAttribute("aria-label")).startsWith(`エリア${number} ${words}、`);
const named = async (page, number, label) => (await areaOf(page, number).getAttribute("aria-label")).includes(label);

// A sheet's name, and two areas that change places; answers the words of the area that was copied.
async function sheets(told) {
  const { page, shot, expect, until } = told;
  await openMenu(page, BASE);
  await look(told, "a menu of three sheets");
  await press(page.getByRole("button", { name: "前に公開したもの" }));
  const before = page.locator("dialog#menu-before");
  await before.getByText("まだ一度も公開していません").waitFor();
  await look(told, "a menu that was never published");
  await press(before.getByRole("button", { name: "やめる", exact: true }));

  const names = () => page.locator(".me-sheet strong").allTextContents();
  const [former] = await names();
  const row = page.locator(".me-sheet").first();
  await row.locator("summary").click();
  await look(told, "what can be done with a sheet");
  await press(row.getByRole("button", { name: "名前を変える" }));
  const dialog = page.locator("dialog#menu-sheet-name");
  const field = await live(dialog.getByLabel("シートの名前"));
  expect(await field.inputValue(), "the name as it is").toBe(former);
  await field.fill("");
  await press(dialog.getByRole("button", { name: "この名前にする" }));
  await dialog.getByText("名前が空です。書いてください").waitFor();
  await look(told, "a sheet without a name");
  await shot(page, "menu-sheet-name", { fullPage: false });
  await field.fill("くらしと手続き");
  await press(dialog.getByRole("button", { name: "この名前にする" }));
  await sheetOf(page, "くらしと手続き").waitFor();
  // The tabs go along, on every sheet and in one step.
  await said(page, "タブ3つも同じ名前にしました");
  const tab = (words) => until(() => called(page, 1, words), `the tab ${words}`);
  await press(page.locator(".me-sheet-open").nth(1));
  await tab("くらしと手続き");
  await undo(page);
  await until(async () => (await names())[0] === former, "the former name");
  await tab(former);
  // Written on a tab; other words on one sheet alone are told of.
  await press(areaOf(page, 1));
  const words = await live(page.locator("#menu-area-label"));
  await words.fill("毎日");
  await said(page, "「毎日」に変えました。シートの名前と、ほかのタブ2つも同じ名前にしました");
  await until(async () => (await names())[0] === "毎日", "the sheet as its tab");
  await undo(page);
  await until(async () => (await names())[0] === former, "the former name again");
  await (await live(page.locator("#menu-area-words"))).fill("まいにち");
  const unlike = page.locator(".me-problem", { hasText: `シート「${former}」へのタブの文字が、シートによってちがいます` });
  await unlike.waitFor();
  await look(told, "tabs that are called otherwise elsewhere");
  await undo(page);
  await unlike.waitFor({ state: "detached" });
  await press(page.locator(".me-sheet-open").first());

  await press(areaOf(page, 4));
  const label = await (await live(page.locator("#menu-area-label"))).inputValue();
  await press(button(page, "入れかえる"));
  await page.locator(".me-pair", { hasText: "エリア4と中身を入れかえるエリアを選んでください" }).waitFor();
  await look(told, "choosing what to exchange with");
  await shot(page, "menu-exchange");
  await press(areaOf(page, 5));
  await said(page, "エリア4とエリア5の中身を入れかえました");
  await until(() => named(page, 5, label), "the contents in each other's place");
  await undo(page);
  await until(() => named(page, 4, label), "the contents where they were");

  await press(areaOf(page, 4));
  await press(button(page, "写す"));
  await said(page, "エリア4を写しました");
  await kept(told);
  return label;
}

// Finished artwork: none, one that fits, one of another shape, one that is too small.
async function artwork(told, copied) {
  const { page, shot, expect, until } = told;
  await beginMenu(page, ARTWORK, "できあがった絵を使う");
  await press(areaOf(page, 1));
  await press(button(page, `「${copied}」をここに貼りつける`));
  await until(() => named(page, 1, copied), "the area of another menu");
  await look(told, "an area from another menu");

  await press(button(page, "シート"));
  const input = page.locator("#menu-artwork");
  await until(() => input.evaluate((element) => element.listens === true), "the file's field listens");
  await look(told, "a sheet without its artwork");
  const pane = page.locator(".me-pane");
  const cut = pane.locator(".me-bad", { hasText: "形がちがいます。ゆがめずに、上下をあわせて" });
  const send = (width, height, colour) => input.setInputFiles({ name: "絵.png", mimeType: "image/png", buffer: png(width, height, { colour }) });
  const image = pane.locator("img.part-photo");
  await send(1250, 843, [222, 235, 250]);
  await image.waitFor();
  expect(await cut.count(), "what is cut off artwork of the sheet's shape").toBe(0);
  await look(told, "artwork of the sheet's shape");
  const first = await image.getAttribute("src");
  await send(1200, 1200, [250, 226, 214]);
  await cut.waitFor();
  expect((await image.getAttribute("src")) === first, "the same artwork").toBe(false);
  await look(told, "artwork of another shape");
  await shot(page, "menu-artwork-cut");
  await send(400, 200, [222, 235, 250]);
  await pane.getByText("この絵は小さすぎます").waitFor();
  expect(await cut.count(), "what is said of the artwork that stays").toBe(1);
  await look(told, "artwork that is too small");
  await shot(page, "menu-artwork-small");
  await send(1250, 843, [222, 235, 250]);
  await cut.waitFor({ state: "detached" });
  expect(await pane.getByText("この絵は小さすぎます").count(), "the refusal is gone").toBe(0);
}

// Rectangles on it: removed, added by a button, drawn, pushed and stretched by pointer, placed by number.
async function free(told) {
  const { page, axe, shot, until } = told;
  await press(areaOf(page, 6));
  await press(button(page, "エリアを消す"));
  await until(async () => (await areaCount(page)) === 5, "an area less");
  await press(button(page, "エリアを足す"));
  await until(async () => (await areaCount(page)) === 6, "an area by button");
  await page.locator(".me-corner").waitFor();
  await press(button(page, "エリアを消す"));
  await until(async () => (await areaCount(page)) === 5, "an area less again");

  const fields = page.locator(".me-numbers input");
  const lies = (rect, what) =>
    until(async () => {
      const now = await fields.evaluateAll((all) => all.map((field) => Number(field.value)));
      return now.length === 4 && now.every((value, i) => Math.abs(value - rect[i]) <= 40);
    }, what);
  await drag(page, [1800, 950], [2300, 1500], { hold: true });
  await page.locator(".me-new").waitFor({ state: "attached" });
  await axe(page, "a rectangle on its way");
  // Esc leaves everything as it was; drawn again, it stays.
  await page.keyboard.press("Escape");
  await said(page, "もとの所にもどしました");
  await page.locator(".me-new").waitFor({ state: "detached" });
  await page.mouse.up();
  await until(async () => (await areaCount(page)) === 5, "no area that was not wanted");
  await drag(page, [1800, 950], [2300, 1500]);
  await until(async () => (await areaCount(page)) === 6, "the rectangle that was drawn");
  await lies([1800, 950, 500, 550], "where it was drawn");
  await drag(page, [2050, 1225], [2000, 1190]);
  await lies([1750, 915, 500, 550], "where it was pushed");
  await drag(page, [2250, 1465], [2400, 1600]);
  await lies([1750, 915, 650, 685], "how it was stretched");
  await look(told, "a rectangle that was drawn");
  await shot(page, "menu-free-drawn");

  await fields.first().fill("1000");
  await fields.first().press("Enter");
  await page.locator(".me-wrong", { hasText: "エリア5と重なります。離してください" }).waitFor();
  await lies([1750, 915, 650, 685], "where it stays");
  await look(told, "a rectangle that has no room");
  await fields.first().fill("1700");
  await fields.first().press("Enter");
  await lies([1700, 915, 650, 685], "where the number says");
}

// A sheet of one menu in another.
async function pasted(told) {
  const { page, until } = told;
  const row = page.locator(".me-sheet").first();
  const sheet = await row.locator("strong").textContent();
  await row.locator("summary").click();
  await press(row.getByRole("button", { name: "ほかのメニューへ写す" }));
  await said(page, `シート「${sheet}」を写しました`);
  await kept(told);
  await openMenu(page, EMERGENCY);
  await press(button(page, `「${sheet}」を貼りつける`));
  await until(async () => (await page.locator(".me-sheet").count()) === 2, "the sheet of another menu");
  await look(told, "a sheet from another menu");
  await undo(page);
  await until(async () => (await page.locator(".me-sheet").count()) === 1, "the sheet taken back");
  await kept(told);
}

// What was published before comes back as a draft.
async function published(told) {
  const { page, shot, expect, until } = told;
  await openMenu(page, BASE);
  await publish(page);
  await press(areaOf(page, 4));
  const label = await live(page.locator("#menu-area-label"));
  const former = await label.inputValue();
  await label.fill("ごみの出しかた");
  await page.getByRole("heading", { name: /公開中のものとの差\s1か所/ }).waitFor();
  await publish(page);
  await press(page.getByRole("button", { name: "前に公開したもの" }));
  const dialog = page.locator("dialog#menu-before");
  const versions = dialog.getByRole("radio");
  await until(async () => (await versions.count()) === 2, "both times");
  const now = (await dialog.locator("label").allInnerTexts()).map((words) => words.includes("公開中"));
  expect(now, "which of them is published now").toEqual([true, false]);
  await look(told, "what was published before");
  await shot(page, "menu-history", { fullPage: false });
  await (await live(versions.last())).check();
  await press(dialog.getByRole("button", { name: "選んだ内容を下書きにする" }));
  await said(page, "前に公開したものを、下書きにもどしました");
  await until(() => named(page, 4, former), "the words of the first time");
  await page.getByRole("heading", { name: /公開中のものとの差\s1か所/ }).waitFor();
  await look(told, "a draft as it was published before");
  await undo(page);
  await page.getByRole("heading", { name: "公開中のものと同じです" }).waitFor();
  expect(await named(page, 4, "ごみの出しかた"), "the words of the second time").toBe(true);
  await kept(told);
}

// Testers have the draft of the program, until somebody ends it.
async function tried(told) {
  const { page, shot } = told;
  await press(button(page, "試験者で確かめる"));
  const dialog = page.locator("dialog#program-try");
  await dialog.locator(".me-forecast").waitFor();
  await (await live(dialog.locator("#program-try-hours"))).selectOption({ label: "1時間" });
  await look(told, "before testers have the program");
  await shot(page, "menu-program-try", { fullPage: false });
  await press(dialog.getByRole("button", { name: "試験者に出す" }));
  const banner = page.locator(".banner", { hasText: "試験者が、出し分けの下書きを確かめています" });
  await banner.waitFor();
  // It is there for everybody who comes.
  await page.reload();
  await live(banner.getByRole("button"));
  await look(told, "testers have the program");
  await shot(page, "menu-program-tried", { fullPage: false });
  await press(banner.getByRole("button", { name: "試験者の確認を終える" }));
  await banner.waitFor({ state: "detached" });
  await arrived(page, PROGRAM);
}

// A drill of what is prepared, and the menus of others, which stay as they are.
async function drill(told) {
  const { page, shot, expect } = told;
  await openMenu(page, EMERGENCY);
  await publish(page);
  await page.goto("/console/menus/program");
  await (await live(page.locator("#emergency-earthquake"))).selectOption({ label: EMERGENCY });
  await look(told, "a program with an emergency");
  await tried(told);
  await press(button(page, "公開の準備へ"));
  await press(page.locator("dialog#program-publish").getByRole("button", { name: "公開する", exact: true }));
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();
  await focusKept(page, "the publication of the 出し分け");

  await page.goto("/console/menus/emergency");
  const foreign = page.locator("details", { hasText: /このシステムのものではないメニューが、LINEに\d+枚あります/ });
  await foreign.waitFor({ timeout: 120_000 });
  await takenOver(page);
  await foreign.locator("summary").click();
  await foreign.getByText(FOREIGN).waitFor();
  await look(told, "the menus of others");
  await shot(page, "menu-foreign");
  expect(await foreign.evaluate((details) => details.open), "still open, whatever goes on beside it").toBe(true);

  const mode = page.getByRole("radio", { name: /^訓練/ });
  await (await live(mode)).check();
  await look(told, "a drill is chosen");
  await press(button(page, "地震に切りかえる"));
  const dialog = page.locator("dialog#emergency");
  await dialog.getByRole("heading", { name: "【訓練】緊急メニュー（地震）を試験者に出す" }).waitFor();
  await dialog.locator(".emergency-forecast").waitFor();
  await look(told, "before a drill");
  await shot(page, "menu-drill-ask", { fullPage: false });
  await press(dialog.getByRole("button", { name: "試験者だけ切りかえる" }));
  await page.locator(".toast", { hasText: "訓練を始めました" }).waitFor();
  const holds = page.getByText("【訓練】緊急メニュー（地震）を試験者に出しています");
  await holds.waitFor();
  await (await live(mode)).check();
  await page.getByText("地震：いま出しています").waitFor();
  await look(told, "a drill holds");
  await shot(page, "menu-drill-holds");
  await press(button(page, "訓練を終える"));
  await dialog.getByRole("heading", { name: "訓練を終えて、もとにもどす" }).waitFor();
  await dialog.locator(".emergency-forecast").waitFor();
  await look(told, "before a drill ends");
  await press(dialog.getByRole("button", { name: "もとにもどす", exact: true }));
  await page.locator(".toast", { hasText: "もとにもどし始めました" }).waitFor();
  await holds.waitFor({ state: "detached" });
  await arrived(page, "緊急メニュー");
  await page.getByRole("table").getByText("訓練", { exact: true }).waitFor();
  await look(told, "after a drill");
}

// Somebody who may only look: the menus, one of them, and what could be switched to.
async function readOnly(told) {
  const { newPage, signIn: account, shot, expect } = told;
  const page = await newPage();
  await signIn(page, { name: VIEWER, password: account.password });
  await page.goto("/console/menus");
  await takenOver(page);
  await page.getByRole("link", { name: BASE, exact: true }).waitFor();
  for (const name of ["メニューを作る", "作りはじめる"]) {
    expect(await page.getByRole("button", { name }).count(), `a viewer has 「${name}」`).toBe(0);
  }
  expect(await page.locator(".menu-card .row-menu").count(), "a viewer has something to do with a menu").toBe(0);
  await look({ ...told, page }, "the menus for a viewer");
  await page.getByRole("link", { name: new RegExp(`^「${BASE}」の\\s*押された回数$`) }).click();
  await page.waitForURL(/\/console\/menus\/\d+\/figures$/);
  await page.getByRole("heading", { name: "押された回数", level: 1 }).waitFor();
  await page.goto("/console/menus");
  await takenOver(page);
  await page.getByRole("link", { name: BASE, exact: true }).click();
  await page.getByText("直すことはできません").waitFor();
  await page.getByText("このメニューは、見ることだけできます").waitFor();
  expect(await page.locator(".menu-shown").count(), "its sheets").toBe(3);
  expect(await page.locator("main").locator("button, input, select, textarea").count(), "what could be changed").toBe(0);
  await look({ ...told, page }, "a menu that is only looked at");
  await shot(page, "menu-shown");
  await page.goto("/console/menus/emergency");
  await page.getByText("切りかえられるのは、管理者と送信責任者です").waitFor();
  await look({ ...told, page }, "the emergency menu for a viewer");
}

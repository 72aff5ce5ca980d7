// The rich menu's editor: three tabs of six icons by dragging, undone and redone, saved by itself,
// published, and tapped tab by tab on the phone.
import {
  CELLS, Hand, SHEETS, alive, areaCount, areaOf, beginMenu, borders, button, drag, drawnSheet, fillArea, fillTab,
  finished, menuOnPhone, nameSheet, newFriend, saved, sheetOf,
} from "../lib/menu.mjs";
import { axeAtBothWidths, focused, keysTo, live, press, signIn } from "../lib/page.mjs";
import { alike } from "../lib/picture.mjs";

export const name = "three tabs of six icons are made by dragging";

const MENU = "ふだんのメニュー";

export async function run({ sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  await page.goto("/console/menus");
  await page.getByRole("heading", { name: "リッチメニュー", level: 1 }).waitFor();
  await axeAtBothWidths(page, "the list of menus", axe);
  await shot(page, "menu-list-samples");
  await press(button(page, "メニューを作る"));
  await until(() => focused(page.locator("#new-menu-name")), "focus on the name of a new menu");
  const id = await beginMenu(page, MENU, "空のシート");
  const hand = new Hand(page);
  await axeAtBothWidths(page, "a new menu", axe);
  await shot(page, "menu-new");

  await cutting(page, hand, axe, shot, expect, until);
  await moving(page, axe, shot, expect, until);
  await filling(page, hand, axe, shot, expect, until);
  await finished(page);
  await saved(page);
  await looks(page, shot);
  await axeAtBothWidths(page, "a finished menu", axe);
  await states(page, hand, axe, shot, expect, until);
  await conflict(page, id, newPage, account, axe, expect, until);
  await publishing(page, axe, shot, until);
  await tapping({ page, sandbox, newPage, axe, shot, expect, until });
  await listed(page, axe, shot, expect);
  await program(page, axe, shot, expect);
  await figures({ page, id, sandbox, axe, shot, expect, until });
}

// One area becomes three tabs above six cells, by cuts that line up by themselves.
async function cutting(page, hand, axe, shot, expect, until) {
  await page.locator("summary", { hasText: "型から選ぶ" }).click();
  await axe(page, "the templates of a sheet");
  await shot(page, "menu-templates");
  await press(button(page, "1つ"));
  await until(async () => (await areaCount(page)) === 1, "one area");
  const cuts = [
    [[300, 300], [2100, 282]],
    [[300, 980], [2100, 985]],
    ...[140, 620, 1300].flatMap((y) => [
      [[830, y - 80], [836, y + 80]],
      [[1664, y - 80], [1670, y + 80]],
    ]),
  ];
  for (const [n, [from, to]] of cuts.entries()) {
    await drag(page, from, to, { hold: n === 2 });
    if (n === 2) {
      await page.locator(".me-bubble-words", { hasText: "3等分にぴったり" }).waitFor();
      await axe(page, "a cut on its way");
      await shot(page, "menu-cut");
      await page.mouse.up();
    }
    await until(async () => (await areaCount(page)) === n + 2, `${n + 2} areas`);
  }
  expect(await areaOf(page, 1).getAttribute("aria-label"), "a third").toContain("左上、幅833");
  // What was said is on the page, and in the live region.
  await page.locator(".me-said", { hasText: "縦に2つに分けました" }).waitFor();
  await until(async () => (await page.locator(".toasts [role=status]").textContent()).includes("縦に2つに分けました"), "the announcement");
  // Undone to the beginning and done again.
  const done = page.locator("summary[aria-label='したことの一覧']");
  await done.click();
  await until(async () => (await page.locator(".me-steps-list button").count()) === 9, "everything that was done");
  await axe(page, "everything that was done");
  await shot(page, "menu-steps");
  await done.click();
  await keysTo(areaOf(page, 1));
  for (let n = 0; n < 3; n += 1) await page.keyboard.press("Control+z");
  await until(async () => (await areaCount(page)) === 6, "three cuts less");
  for (let n = 0; n < 3; n += 1) await page.keyboard.press("Control+y");
  await until(async () => (await areaCount(page)) === 9, "the cuts again");
}

// A border is dragged and lines up; how long the script takes is told.
async function moving(page, axe, shot, expect, until) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  const spent = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    const of = (name) => metrics.find((m) => m.name === name).value * 1000;
    return { script: of("ScriptDuration"), layout: of("LayoutDuration") + of("RecalcStyleDuration") };
  };
  const upright = borders(page).and(page.locator("[data-axis=columns]"));
  const first = upright.first();
  const value = async () => Number(await first.getAttribute("aria-valuenow"));
  await live(first);
  expect(await value(), "a third").toBe(833);
  await drag(page, [833, 60], [900, 60], { hold: true });
  const before = await spent();
  const moves = 120;
  const box = await first.boundingBox();
  for (let n = 0; n < moves; n += 1) await page.mouse.move(box.x + 40 + (n % 40), box.y + 20);
  const after = await spent();
  const ms = (key) => ((after[key] - before[key]) / moves).toFixed(2);
  console.log(`        a pointer move while a border is dragged: script ${ms("script")} ms, layout and style ${ms("layout")} ms`);
  await axe(page, "a border on its way");
  await shot(page, "menu-drag");
  // Esc puts it back.
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await until(async () => (await value()) === 833, "the border is back");
  await drag(page, [833, 60], [700, 60]);
  await until(async () => Math.abs((await value()) - 700) < 12, "the border where it was dropped");
  await press(button(page, "3等分"));
  await until(async () => (await value()) === 833, "a third again");
}

async function filling(page, hand, axe, shot, expect, until) {
  await nameSheet(hand, SHEETS[0]);
  await axeAtBothWidths(page, "the panel of a sheet", axe);
  await shot(page, "menu-sheet");
  for (const [n, cell] of CELLS.entries()) {
    await fillArea(hand, n + 4, cell);
    if (n === 0) {
      await page.locator("#menu-area-pane").getByText(/自動では返事をしません/).waitFor();
      await axeAtBothWidths(page, "the panel of an area with icons", axe);
      await shot(page, "menu-area");
    }
  }
  // Two copies, named, with their rows of tabs.
  for (const name of SHEETS.slice(1)) {
    await page.locator(".me-sheet").last().locator("summary").click();
    await press(page.locator(".me-sheet").last().getByRole("button", { name: "この下に複製する" }));
    await nameSheet(hand, name);
  }
  for (const name of SHEETS) {
    await press(sheetOf(page, name));
    for (const [n, to] of SHEETS.entries()) await fillTab(hand, n + 1, to);
  }
  expect(await page.locator(".me-sheet").count()).toBe(3);
  // The order by dragging, and back by the button.
  await page.locator(".me-sheet").nth(2).locator(".grip").dragTo(page.locator(".me-sheet").nth(0));
  const names = () => page.locator(".me-sheet strong").allTextContents();
  await until(async () => (await names())[0] === SHEETS[2], "the last sheet is first");
  await keysTo(areaOf(page, 1));
  await page.keyboard.press("Control+z");
  await until(async () => (await names())[0] === SHEETS[0], "the order as before");
}

// At a desk, on a tablet, on a telephone.
async function looks(page, shot) {
  await press(sheetOf(page, SHEETS[0]));
  await press(page.locator(".me-rows button").nth(5));
  // What is drawn here is what LINE will show: the same font.
  await page.waitForFunction(() => document.fonts.check('700 20px "BIZ UDPGothic"'));
  await page.evaluate(() => window.scrollTo(0, 0));
  await shot(page, "menu-editor");
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 834, height: 1112 });
  await page.screenshot({ path: "end2end/shots/menu-editor-834.png", fullPage: true });
  await page.setViewportSize(desk);
}

async function states(page, hand, axe, shot, expect, until) {
  // Something to mend leads to its place.
  await hand.fill(page.locator("#menu-area-label"), "");
  await page.getByRole("heading", { name: /直すところ\s1か所/ }).waitFor();
  await press(button(page, "公開の準備へ"));
  await until(() => page.evaluate(() => document.activeElement.id === "menu-problems-first"), "the focus on what is to mend");
  await axeAtBothWidths(page, "a problem", axe);
  await shot(page, "menu-problem");
  await page.keyboard.press("Enter");
  await until(() => page.evaluate(() => document.activeElement.id === "menu-area-label"), "the focus in the field");
  await hand.fill(page.locator("#menu-area-label"), CELLS[2][0]);
  await finished(page);
  // Merged, and taken back.
  await press(button(page, "結合"));
  await page.locator(".me-pair").waitFor();
  await axe(page, "choosing what to merge with");
  await press(areaOf(page, 5));
  await until(async () => (await areaCount(page)) === 8, "one area less");
  await press(page.getByRole("button", { name: "元にもどす（Ctrl＋Z）" }));
  await until(async () => (await areaCount(page)) === 9, "nine areas again");
  // A form, by its title; what was chosen before comes back with its kind.
  await press(page.locator(".me-rows button").nth(8));
  await hand.choose(page.locator("#menu-area-act"), "フォームをひらく");
  await page.getByRole("heading", { name: /直すところ\s1か所/ }).waitFor();
  await hand.choose(page.locator("#menu-act-form"), "犬の登録");
  await finished(page);
  await until(async () => (await areaOf(page, 9).getAttribute("aria-label")).includes("フォーム「犬の登録」をひらく"), "the form in words");
  await axeAtBothWidths(page, "an area that leads to a form", axe);
  await shot(page, "menu-form");
  await hand.choose(page.locator("#menu-area-act"), "ホームページをひらく");
  await finished(page);
  // Free rectangles, zoom, the whole menu's panel.
  await press(button(page, "シート"));
  await press(button(page, "四角を自由に置く"));
  await press(areaOf(page, 9));
  await page.locator(".me-corner").waitFor();
  await axeAtBothWidths(page, "free rectangles", axe);
  await shot(page, "menu-free");
  await press(page.getByRole("button", { name: "元にもどす（Ctrl＋Z）" }));
  await press(page.getByRole("button", { name: "大きく見る" }));
  await axe(page, "a larger canvas");
  await press(page.getByRole("button", { name: "小さく見る" }));
  await page.getByLabel("見る大きさ").selectOption("");
  await press(button(page, "メニュー全体"));
  await axeAtBothWidths(page, "the panel of the menu", axe);
  await finished(page);
}

// Two officials at once: the second is told, and loses nothing.
async function conflict(page, id, newPage, account, axe, expect, until) {
  await saved(page);
  const other = await newPage({ ignore: [/status of 409/] });
  await signIn(other, account);
  await other.goto(`/console/menus/${id}`);
  await alive(other);
  await press(button(other, "メニュー全体"));
  await press(button(page, "メニュー全体"));
  await page.locator("#menu-bar").fill("くらしのメニュー");
  await saved(page);
  await other.locator("#menu-bar").fill("市のメニュー");
  await other.getByText("ほかの変更が先に保存されました").waitFor();
  expect(await other.locator("#menu-bar").inputValue(), "nothing is lost").toBe("市のメニュー");
  await axeAtBothWidths(other, "a conflict", axe);
  await other.locator("#menu-bar").fill("くらしのメニュー");
  await press(button(other, "この画面の内容で保存する"));
  await saved(other);
  await other.close();
  await page.reload();
  await alive(page);
  expect(await page.locator(".me-sheet").count(), "the saved sheets").toBe(3);
}

async function publishing(page, axe, shot, until) {
  await finished(page);
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#menu-publish");
  await dialog.getByText("はじめての公開です").waitFor();
  await dialog.locator(".me-forecast").waitFor();
  await axeAtBothWidths(page, "before publishing", axe);
  await shot(page, "menu-publish");
  await dialog.getByRole("button", { name: "公開する", exact: true }).click();
  await page.locator(".toast", { hasText: "公開しました" }).waitFor();
  await page.getByRole("heading", { name: "公開中のものと同じです" }).waitFor();
  await press(page.locator(".me-rows button").nth(3));
  await page.locator("#menu-area-label").fill("ごみの出しかた");
  await page.getByRole("heading", { name: /公開中のものとの差\s1か所/ }).waitFor();
  await axeAtBothWidths(page, "a difference to what is published", axe);
  await shot(page, "menu-difference");
  await page.locator("#menu-area-label").fill(CELLS[0][0]);
  await page.getByRole("heading", { name: "公開中のものと同じです" }).waitFor();
  // Testers first, and no longer.
  await press(button(page, "試験者で確かめる"));
  await page.locator(".toast", { hasText: "試験者の画面に、この下書きを出します" }).waitFor();
  await press(button(page, "メニュー全体"));
  await axeAtBothWidths(page, "testers are shown the draft", axe);
  await press(button(page, "試験者の確認を終える"));
  await page.locator(".toast", { hasText: "いつものメニューにもどします" }).waitFor();
}

// What was published stands on the phone, and its tabs switch.
async function tapping(tools) {
  const { page, newPage, axe, shot, expect, until } = tools;
  const user = await newFriend(tools, "松田 さくら");
  const phone = await newPage();
  const menu = await menuOnPhone(phone, user);
  const picture = menu.locator("img");
  await until(() => picture.evaluate((element) => element.complete && element.naturalWidth === 2500), "the picture");
  // What the browser draws and what the server made of it are one picture; menu-artwork.mjs compares other sheets.
  const made = await (await phone.request.get(await picture.getAttribute("src"))).body();
  await alike(phone, await drawnSheet(page, "くらし"), made, "the sheet in the editor and on the phone");
  for (const tab of ["手続き", "防災", "くらし"]) {
    const before = await picture.getAttribute("src");
    await press(menu.getByRole("button", { name: tab, exact: true }));
    await until(async () => (await picture.getAttribute("src")) !== before, `the sheet ${tab}`);
  }
  await press(menu.getByRole("button", { name: CELLS[0][0], exact: true }));
  await phone.locator(".talk-resident .talk-bubble", { hasText: CELLS[0][3] }).waitFor();
  await axeAtBothWidths(phone, "the published menu", axe);
  await shot(phone, "menu-phone");
  expect(await menu.getByRole("button").count(), "every area").toBe(9);
}

async function listed(page, axe, shot, expect) {
  await page.goto("/console/menus");
  const card = page.locator(".menu-card", { hasText: MENU });
  await card.getByText("公開中").waitFor();
  await axeAtBothWidths(page, "the list with a menu", axe);
  await shot(page, "menu-list");
  // A copy, put away and taken out.
  await card.locator("summary").click();
  await card.getByRole("button", { name: "複製する" }).click();
  await page.waitForURL(/\/console\/menus\/\d+$/);
  await alive(page);
  await page.goto("/console/menus");
  const copy = page.locator(".menu-card", { hasText: "コピー" });
  await copy.locator("summary").click();
  await press(copy.getByRole("button", { name: "しまう" }));
  const dialog = page.locator("dialog#put-away");
  await axe(page, "before a menu is put away");
  await dialog.getByRole("button", { name: "このメニューをしまう" }).click();
  await copy.waitFor({ state: "detached" });
  await page.goto("/console/menus?status=archived");
  await copy.locator("summary").click();
  await press(copy.getByRole("button", { name: "取り出す" }));
  await page.getByText("当てはまるメニューはありません").waitFor();
  await axeAtBothWidths(page, "no menu fits", axe);
  await page.goto("/console/menus?q=コピー");
  await page.locator(".menu-card").first().waitFor();
  expect(await page.locator(".menu-card").count(), "found by its name").toBe(1);
  // Deleted, what nobody sees; what is shown says where.
  await copy.locator("summary").click();
  await press(copy.getByRole("button", { name: "消す", exact: true }));
  const asks = page.locator("dialog#menu-delete");
  await asks.getByText("いまは、だれの画面にも出ていません").waitFor();
  await axe(page, "before a menu is deleted");
  await asks.getByRole("button", { name: "このメニューを消す" }).click();
  await copy.waitFor({ state: "detached" });
  await page.goto("/console/menus");
  await card.locator("summary").click();
  await press(card.getByRole("button", { name: "消す", exact: true }));
  const used = page.locator("dialog#menu-in-use");
  await used.getByRole("listitem").getByText("ふだんのメニュー").waitFor();
  await axeAtBothWidths(page, "a menu that is used", axe);
  await shot(page, "menu-in-use", { fullPage: false });
  await used.getByRole("button", { name: "出し分けをひらく" }).click();
  await page.waitForURL(/\/console\/menus\/program$/);
}

// Who sees which menu: a variant, a rule, what is prepared; saved, published, explained.
async function program(page, axe, shot, expect) {
  await page.goto("/console/menus");
  await page.getByRole("link", { name: "出し分け" }).click();
  await page.waitForURL(/\/console\/menus\/program$/);
  await live(button(page, "出し分けを足す").first());
  await axeAtBothWidths(page, "the program as it begins", axe);
  await press(button(page, "出し分けを足す").first());
  const variant = page.locator(".program-row").first();
  await page.locator("#variant-all-0-name").fill("子育て世帯");
  await page.locator("#variant-all-0-menu").selectOption({ label: MENU });
  await variant.getByText("友だち全員", { exact: false }).first().waitFor();
  await page.locator("#variant-all-0-from").fill("2030-04-01T09:00");
  await axeAtBothWidths(page, "a variant that is edited", axe);
  await shot(page, "menu-program");
  await press(button(page, "決まりを足す"));
  await page.locator("#rule-0-name").fill("避難のことば");
  await page.locator("#rule-0-word").fill("ひなん");
  await page.locator("#rule-0-menu").selectOption({ label: MENU });
  await page.locator("#rule-0-hours").fill("48");
  await page.locator("#emergency-earthquake").selectOption({ label: MENU });
  await page.locator("summary", { hasText: "地震のとき" }).waitFor();
  await axeAtBothWidths(page, "a program", axe);
  await press(button(page, "下書きを保存する"));
  await page.locator(".toast", { hasText: "出し分けを保存しました" }).waitFor();
  await page.reload();
  await live(button(page, "公開の準備へ"));
  expect(await page.locator("#rule-0-word").inputValue(), "the rule is kept").toBe("ひなん");
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#program-publish");
  await dialog.getByRole("button", { name: "公開する", exact: true }).waitFor();
  await axe(page, "before the program is published");
  await dialog.getByRole("button", { name: "公開する", exact: true }).click();
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();
  // The page is read anew, and what is written below is empty then.
  await page.locator(".program-foot", { hasText: "公開中のものと同じです" }).waitFor();
  await live(button(page, "さがす"));
  await page.getByLabel("住民の番号").fill("1");
  await button(page, "さがす").click();
  await press(page.getByRole("button", { name: "住民 1", exact: true }));
  await page.getByText(/「ふだんのメニュー」が出ます/).waitFor();
  await axeAtBothWidths(page, "what a resident sees", axe);
}

// How often areas were tapped.
async function figures({ page, id, sandbox, axe, shot, expect, until }) {
  await until(async () => {
    await page.goto(`/console/menus/${id}/figures`);
    return /[1-9][0-9]*回押されました/.test(await page.locator(".sentence").innerText());
  }, "the taps are counted");
  await axeAtBothWidths(page, "the taps on a menu", axe);
  await shot(page, "menu-figures");
  // All look at what they see first, and tap it: of that sheet LINE tells numbers, of the others none.
  await sandbox.post("/menus/use", { share: 1, tap_share: 1 });
  await press(button(page, "LINEの数字を読む"));
  const told = page.getByText(/このシートは[\d,]+回、およそ[\d,]+人に見られました/);
  await told.waitFor();
  const people = Number((await told.innerText()).match(/およそ([\d,]+)人/)[1].replaceAll(",", ""));
  expect(people >= 20, `${people} people`).toBe(true);
  expect(await page.getByText("押した人が20人より少ないと、LINEは数を出しません").count(), "sheets of which LINE tells nothing").toBe(2);
  expect(await page.getByRole("columnheader", { name: "LINEの数字" }).count(), "tables with LINE's numbers").toBe(1);
  const cells = await page.locator('td[data-label="LINEの数字"]').allInnerTexts();
  expect(cells.length === 9 && cells.every((words) => /^[\d,]+（[\d,]+人）$/.test(words)), cells.join(" ")).toBe(true);
  // Whom LINE lets press here opens nothing of ours.
  await page.getByText("このシステムに届いた分です").waitFor();
  await axeAtBothWidths(page, "what LINE counted of a menu", axe);
  await told.locator("xpath=preceding::h2[1]").evaluate((sheet) => sheet.scrollIntoView({ block: "start", behavior: "instant" }));
  await shot(page, "menu-figures-line");
  for (const [link, name] of [["CSV", /^menu-\d+\.csv$/], ["Excel", /^menu-\d+\.xlsx$/]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
    if (!name.test(file.suggestedFilename())) throw new Error(file.suggestedFilename());
  }
}

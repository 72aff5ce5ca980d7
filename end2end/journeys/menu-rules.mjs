// What residents do with what is published, from the console to their phones: who registers something or says a word
// gets another menu and nobody else does, others choose one themselves, 「メニュー」 brings the same tree as cards for
// LINE on a PC, and a drill changes the phones of testers alone. What is not saved is not left without a question.
import { Hand, areaCount, beginMenu, button, fillAct, menuOnPhone, openMenu, publish, reflected } from "../lib/menu.mjs";
import { axeAtBothWidths, live, press, signIn, takenOver, texts } from "../lib/page.mjs";
import { RichMenus } from "../lib/richmenu.mjs";

export const name = "residents switch and choose menus, read them as cards, and testers alone see a drill";

const BASE = "市のメニュー（見本）";
const EMERGENCY = "緊急のメニュー（見本）";
const GARBAGE = "ごみのメニュー";
// Areas by which menus are told apart: of the first sheet of BASE, of its last one, of GARBAGE, of EMERGENCY.
const USUAL = "ごみの日・分別";
const SAFETY = "AEDの場所";
const SORTING = "分別の早見表";
const SHELTERS = "避難所をさがす";
// What the area USUAL says; it is also the name of something that can be registered.
const WORD = "ごみの日";
const BACK = "もとのメニュー";
// Until the worker has brought it to LINE, and the phone has looked.
const SOON = { timeout: 90_000 };

const menuOf = (phone) => phone.getByRole("group", { name: "リッチメニュー" });
const area = (phone, label) => menuOf(phone).getByRole("button", { name: label, exact: true });
const offered = (phone) => phone.getByRole("list", { name: "返事の候補" });
const answer = (phone, label) => offered(phone).getByRole("button", { name: label, exact: true });
const saying = (phone, words) => phone.locator(".talk-resident .talk-bubble").filter({ hasText: new RegExp(`^\\s*${words}\\s*$`) });

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  const told = { ...tools, page };
  await menus(told);
  await unsaved(told);
  await decided(told);
  const one = await friend(told, "朝倉 しおり");
  const other = await friend(told, "笹本 みのり");
  await switched(told, one, other);
  await chosen(told, other);
  await asCards(told, one);
  await drilled(told, one.phone, other);
}

// Three published menus; the last one has the way back to what somebody had before.
async function menus({ page, until }) {
  for (const menu of [BASE, EMERGENCY]) {
    await openMenu(page, menu);
    await publish(page);
  }
  await beginMenu(page, GARBAGE, "空のシート");
  await page.locator("summary", { hasText: "型から選ぶ" }).click();
  await press(button(page, "左右に2つ"));
  await until(async () => (await areaCount(page)) === 2, "two areas");
  const hand = new Hand(page);
  await fillAct(hand, 1, SORTING, "say", SORTING);
  await fillAct(hand, 2, BACK, "say", BACK);
  await publish(page);
}

// What some get in a disaster comes back after it was taken away; and whoever leaves what is not saved is asked, after a
// link and after the browser's own arrows.
async function unsaved({ page, axe, shot, expect, until }) {
  await page.goto("/console/menus/program");
  const earthquake = page.locator("#emergency-earthquake");
  await (await live(earthquake)).selectOption({ label: EMERGENCY });
  const chosen = await earthquake.inputValue();
  const more = page.locator("details.program-more");
  const open = () => more.locator("summary", { hasText: "地震のとき" }).click();
  const some = more.locator("strong", { hasText: "沿岸の人" });
  const gone = page.locator(".toast", { hasText: /を消しました/ });
  const undo = () => press(gone.getByRole("button", { name: "元にもどす" }));
  const close = () => press(gone.getByRole("button", { name: "この知らせを閉じる" }));
  await open();
  await press(button(more, "出し分けを足す"));
  await page.locator("#variant-earthquake-0-name").fill("沿岸の人");
  await some.waitFor();
  await earthquake.selectOption({ label: "用意しない" });
  await page.locator(".toast", { hasText: "地震の用意と、その出し分け1" }).waitFor();
  await more.waitFor({ state: "detached" });
  await axe(page, "what was prepared is taken away");
  await undo();
  await some.waitFor({ state: "attached" });
  expect(await earthquake.inputValue(), "the menu brought back").toBe(chosen);
  await gone.waitFor({ state: "detached" });
  await earthquake.selectOption({ label: "用意しない" });
  await more.waitFor({ state: "detached" });
  await close();
  await earthquake.selectOption({ label: EMERGENCY });
  await open();
  await some.waitFor();
  await press(button(page, "出し分け1を消す"));
  await some.waitFor({ state: "detached" });
  await undo();
  await some.waitFor();

  await takenOver(page);
  const dialog = page.locator("dialog#unsaved");
  const stay = async () => {
    await press(dialog.getByRole("button", { name: "やめる", exact: true }));
    await dialog.waitFor({ state: "hidden" });
    expect(new URL(page.url()).pathname, "the page stays").toBe("/console/menus/program");
  };
  const leave = async () => {
    await press(dialog.getByRole("button", { name: "保存しないで移る" }));
    await page.waitForURL("**/console/menus/emergency");
    await page.locator("h1", { hasText: "緊急メニュー" }).waitFor();
    await dialog.waitFor({ state: "detached" });
  };
  const link = page.locator("main").getByRole("link", { name: "緊急メニュー", exact: true });
  await link.click();
  await dialog.waitFor();
  await axeAtBothWidths(page, "something is not saved", axe);
  await shot(page, "unsaved", { fullPage: false });
  await stay();
  await some.waitFor();
  await link.click();
  await leave();

  await page.evaluate(() => history.back());
  await page.waitForURL("**/console/menus/program");
  const tsunami = page.locator("#emergency-tsunami");
  await live(tsunami);
  expect(await earthquake.inputValue(), "what was not saved").toBe("");
  await tsunami.selectOption({ label: EMERGENCY });
  await page.locator(".program-foot", { hasText: "まだ保存していません" }).waitFor();
  await page.evaluate(() => history.forward());
  await dialog.waitFor();
  await stay();
  await until(async () => (await tsunami.inputValue()) === chosen, "what was chosen");
  // What the arrow led to lies one step back now.
  await page.evaluate(() => history.back());
  await dialog.waitFor();
  await leave();
}

// Rules by what is registered and by words, what residents may choose, and what is shown in a drill.
async function decided(tools) {
  const { page, axe, shot, expect } = tools;
  await page.goto("/console/menus/program");
  await press(button(page, "決まりを足す"));
  await page.locator("#rule-0-error", { hasText: "名前が空です" }).waitFor();
  await press(button(page, "公開の準備へ"));
  await page.locator(".toast", { hasText: "公開する前に、直すところが2か所あります" }).waitFor();
  expect(await page.locator("dialog#program-publish[open]").count(), "it cannot be published").toBe(0);
  await axeAtBothWidths(page, "a rule that has just begun", axe);
  // It stays, and lies over what is pressed later.
  await press(page.locator(".toast").getByRole("button", { name: "この知らせを閉じる" }));

  await page.locator("#rule-0-name").fill("ごみの日を登録した人");
  await page.locator("#rule-0-kind").selectOption({ label: "これを登録したとき" });
  await page.locator("#rule-0-attribute").selectOption({ label: "受け取りたい情報" });
  await page.locator("#rule-0-menu").selectOption({ label: GARBAGE });
  await page.locator("#rule-0-error", { hasText: "きっかけの選択肢がありません" }).waitFor();
  const choices = page.getByRole("group", { name: "どれを登録したとき" });
  await choices.getByLabel(WORD, { exact: true }).check();
  await page.locator("#rule-0-error").waitFor({ state: "detached" });
  await rule(page, 1, "ごみの日を聞いた人", WORD, GARBAGE);
  await page.locator("#rule-1-hours").fill("24");
  await rule(page, 2, "もどすことば", BACK, "切りかえを終えて、もとのメニューにもどす");

  const own = page.getByRole("group", { name: "住民が自分で選べるメニュー" });
  await own.getByLabel(GARBAGE, { exact: true }).check();
  await page.locator("#emergency-earthquake").selectOption({ label: EMERGENCY });
  await axeAtBothWidths(page, "rules and what residents may choose", axe);
  await page.locator("#rule-0-name").evaluate((field) => field.scrollIntoView({ block: "center", behavior: "instant" }));
  await shot(page, "menu-program-rules");

  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#program-publish");
  await dialog.locator(".me-forecast").waitFor();
  await press(dialog.getByRole("button", { name: "公開する", exact: true }));
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();
  await reflected(tools);
}

// A rule that hears a word.
async function rule(page, n, name, word, then) {
  await press(button(page, "決まりを足す"));
  await page.locator(`#rule-${n}-name`).fill(name);
  await page.locator(`#rule-${n}-word`).fill(word);
  await page.locator(`#rule-${n}-menu`).selectOption({ label: then });
}

// Somebody who has become a friend, with the menu of everybody.
async function friend({ sandbox, newPage }, name) {
  const user = await sandbox.resident(name);
  await sandbox.act(user, "follow");
  const phone = await newPage();
  await menuOnPhone(phone, user);
  await area(phone, USUAL).waitFor(SOON);
  return { name, user, phone };
}

// Writes into the talk, by the keyboard that is open.
async function write({ name, phone }, words) {
  const input = phone.getByLabel(`${name}が送る文章`);
  await (await live(input)).fill(words);
  await input.press("Enter");
  await saying(phone, words).last().waitFor();
}

// What one resident registers in the talk switches their menu, and a word ends it; another resident keeps theirs.
async function switched({ expect }, one, other) {
  await press(answer(one.phone, WORD));
  await area(one.phone, SORTING).waitFor(SOON);
  // As it stands at LINE now, not a second ago.
  await menuOnPhone(other.phone, other.user);
  await area(other.phone, USUAL).waitFor();
  expect(await area(other.phone, SORTING).count(), "the menu of who did nothing").toBe(0);
  await press(area(one.phone, BACK));
  await area(one.phone, USUAL).waitFor(SOON);
}

// Who asks for it chooses a menu.
async function chosen({ axe, expect }, other) {
  const { phone } = other;
  await press(phone.getByRole("button", { name: "文字を入力する" }));
  await write(other, "メニューを選ぶ");
  await answer(phone, GARBAGE).waitFor();
  expect(await texts(offered(phone).getByRole("button")), "what is offered").toEqual([GARBAGE, "ふだんのメニュー"]);
  await axe(phone, "menus to choose among");
  await press(answer(phone, GARBAGE));
  await phone.locator(".talk-city .talk-bubble", { hasText: `メニューを「${GARBAGE}」に変えました` }).waitFor();
  await press(phone.getByRole("button", { name: "メニューにもどる" }));
  await area(phone, SORTING).waitFor(SOON);
}

// On a PC: every sheet is a card with what is on it but for the tabs, and what is pressed there works as on the menu.
async function asCards({ sandbox, env, axe, shot, expect, until }, one) {
  const { phone } = one;
  const pc = phone.locator("label", { hasText: "パソコンのLINEで見る" });
  await pc.click();
  await write(one, "メニュー");
  const cards = phone.locator(".flex-bubble");
  await until(async () => (await cards.count()) === 3, "a card for each sheet");
  const drawn = {};
  for (const card of await cards.all()) {
    const title = (await card.locator(".flex-header").innerText()).trim();
    drawn[title] = await texts(card.getByRole("button"));
  }
  const line = await RichMenus.of(sandbox.url, env);
  const { richmenus } = await line.call("GET", "richmenu/list");
  const sheets = richmenus
    .filter(({ name }) => name.includes(BASE))
    .map(({ name, areas }) => {
      const actions = areas.map(({ action }) => action).filter(({ type }) => type !== "richmenuswitch");
      return [name.split(" ").pop(), actions.map(({ label }) => label)];
    });
  expect(drawn, "the cards, by their sheets").toEqual(Object.fromEntries(sheets));
  await axeAtBothWidths(phone, "a menu as cards", axe);
  await shot(phone, "phone-menu-cards");

  await press(cards.first().getByRole("button", { name: USUAL, exact: true }));
  await saying(phone, WORD).waitFor();
  await pc.click();
  // It was said, and a rule heard it.
  await area(phone, SORTING).waitFor(SOON);
}

// The drill's menu is on the phone of a tester, who has then the tab back that was open before.
async function drilled({ page, sandbox, axe, shot, expect }, phone, other) {
  const { residents } = await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`);
  await menuOnPhone(phone, residents[0].user_id);
  await press(area(phone, "防災"));
  await area(phone, SAFETY).waitFor();

  await page.goto("/console/menus/emergency");
  await (await live(page.getByRole("radio", { name: /^訓練/ }))).check();
  await press(button(page, "地震に切りかえる"));
  const dialog = page.locator("dialog#emergency");
  await dialog.locator(".emergency-forecast").waitFor();
  await press(dialog.getByRole("button", { name: "試験者だけ切りかえる" }));
  await page.locator(".toast", { hasText: "訓練を始めました" }).waitFor();
  await area(phone, `【訓練】${SHELTERS}`).waitFor(SOON);
  await phone.getByRole("button", { name: "【訓練】メニュー", exact: true }).waitFor();
  await axe(phone, "a drill on the phone of a tester");
  await shot(phone, "phone-menu-drill");
  await menuOnPhone(other.phone, other.user);
  await area(other.phone, SORTING).waitFor();
  expect(await menuOf(other.phone).getByRole("button", { name: "訓練" }).count(), "the drill for who is no tester").toBe(0);

  await press(button(page, "訓練を終える"));
  await dialog.getByRole("heading", { name: "訓練を終えて、もとにもどす" }).waitFor();
  await press(dialog.getByRole("button", { name: "もとにもどす", exact: true }));
  await page.locator(".toast", { hasText: "もとにもどし始めました" }).waitFor();
  await area(phone, SAFETY).waitFor(SOON);
  expect(await menuOf(phone).getByRole("button", { name: "訓練" }).count(), "the drill after its end").toBe(0);
}

// What somebody without training gets wrong in the menu's editor is said until it is right; icons are found
// by other words than their own; what was typed last is kept when the page is left at once.
import { Hand, alive, beginMenu, button, fillAct, saved } from "../lib/menu.mjs";
import { axeAtBothWidths, press, signIn, texts } from "../lib/page.mjs";

export const name = "mistakes in a menu are shown until they are mended";

export async function run(tools) {
  const { signIn: account, newPage } = tools;
  const page = await newPage({ height: 1000 });
  await signIn(page, account);
  const id = await beginMenu(page, "まちがいのメニュー", "空のシート");
  const told = { ...tools, page, id, hand: new Hand(page) };
  await addresses(told);
  await acts(told);
  await icons(told);
  await left(told);
}

// Whether the list says that an area is to be looked at.
const marked = (page, number) => page.locator(".me-rows button").nth(number - 1).getByText("要確認").isVisible();
const stays = ({ page, until }, number) => until(() => marked(page, number), `area ${number} is to be looked at`);
const mended = ({ page, until }, number) => until(async () => !(await marked(page, number)), `area ${number} is right`);

async function addresses(told) {
  const { page, hand, axe, expect, until } = told;
  await until(async () => (await page.locator(".me-rows .warn").count()) === 6, "six areas are empty");
  await fillAct(hand, 1, "ごみ", "open", "");
  await stays(told, 1);
  // A space stays where it was typed, and is named.
  const address = page.locator("#menu-act-open");
  const wrong = page.locator("#menu-act-open-error");
  await address.pressSequentially("city.mihon lg.jp");
  await wrong.filter({ hasText: "途中に空白が入っています" }).waitFor();
  expect(await address.inputValue(), "what was typed").toBe("city.mihon lg.jp");
  await stays(told, 1);
  await hand.fill(address, "city.mihon.lg.jp");
  await wrong.filter({ hasText: "例：https://city.mihon.lg.jp" }).waitFor();
  await axeAtBothWidths(page, "an address without its beginning", axe);
  await press(button(page, "先頭に「https://」をつける"));
  await mended(told, 1);
  expect(await address.inputValue(), "the whole address").toBe("https://city.mihon.lg.jp");
  await until(() => address.evaluate((field) => field === document.activeElement), "the focus in the field");
}

async function acts(told) {
  const { page, hand, shot } = told;
  await fillAct(hand, 2, "電話", "call", "市役所");
  await stays(told, 2);
  await hand.fill(page.locator("#menu-act-call"), "０００－０００ー０００１");
  await mended(told, 2);
  await fillAct(hand, 3, "相談", "say", "");
  await stays(told, 3);
  await hand.fill(page.locator("#menu-act-say"), "相談したい");
  await mended(told, 3);
  await press(page.locator(".me-rows button").nth(3));
  await page.locator("#menu-area-pane").getByRole("heading", { name: "エリア4", exact: true }).waitFor();
  await hand.fill(page.locator("#menu-area-label"), "犬の登録");
  await hand.choose(page.locator("#menu-area-act"), "フォームをひらく");
  await page.locator("#menu-act-form-error").waitFor();
  await stays(told, 4);
  await shot(page, "menu-mistakes");
  await hand.choose(page.locator("#menu-act-form"), "犬の登録");
  await mended(told, 4);
}

async function icons({ page, hand, axe, shot, expect, until }) {
  const mark = page.locator("details.me-mark");
  await hand.open(mark.locator("summary"));
  const search = mark.getByRole("searchbox", { name: "アイコンをさがす" });
  // The first of them is none at all.
  const found = async () => (await texts(mark.locator(".me-icon-word"))).slice(1);
  for (const [query, icon] of [
    ["ゴミ", "ごみ"],
    ["子供", "子育て"],
    ["本", "図書館"],
    ["健診", "健康"],
    ["手当", "お金"],
    ["書類", "申請"],
    ["ﾍﾟｯﾄ", "動物"],
  ]) {
    await hand.fill(search, query);
    await until(async () => (await found())[0] === icon, `${query} finds ${icon}`);
  }
  await hand.fill(search, "ありえない");
  await mark.getByText("そのことばのアイコンはありません").waitFor();
  expect((await found()).length, "all icons are there to choose from").toBe(40);
  await axeAtBothWidths(page, "no icon of that word", axe);
  await shot(page, "menu-icons-none");
  await press(mark.getByRole("button", { name: "動物", exact: true }));
  await until(async () => (await mark.getByRole("button", { name: "動物", exact: true }).getAttribute("aria-pressed")) === "true", "the icon is chosen");
}

// While the browser still asks whether to leave, what was typed is on its way: nothing else saves it then.
async function left({ page, id, hand, newPage, signIn: account, expect, until }) {
  const words = "市のくらしのメニュー";
  await saved(page);
  const other = await newPage();
  await signIn(other, account);
  const bar = async (where) => {
    await alive(where);
    await press(button(where, "メニュー全体"));
    return where.locator("#menu-bar");
  };
  const field = await bar(page);
  const asked = page.waitForEvent("dialog");
  await hand.fill(field, words);
  // It ends once the warning is answered.
  const leaving = page.reload({ timeout: 0 });
  const warning = await asked;
  await until(async () => {
    await other.goto(`/console/menus/${id}`);
    return (await (await bar(other)).inputValue()) === words;
  }, "what was typed last is kept", { timeout: 90_000 });
  await warning.accept();
  await leaving;
  expect(await (await bar(page)).inputValue(), "what was typed last").toBe(words);
}

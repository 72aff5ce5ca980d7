// An emergency in a city of 5,000 residents with variants: the menus of the sample city are published,
// Kairan is killed in the middle of it, the whole city is switched in two taps, killed once more, and
// comes back, killed a third time, to exactly what everybody had; then a form ends, and the area that
// led to it is flagged.
import { alive, button, card, newFriend, openMenu, publish, reflected, saved } from "../lib/menu.mjs";
import { axeAtBothWidths, live, number, press, signIn } from "../lib/page.mjs";

export const name = "the whole city has the emergency menu after two taps, and afterwards what it had before";

const BASE = "市のメニュー（見本）";
const EMERGENCY = "緊急のメニュー（見本）";
const YOUNG = "若い人のメニュー";
const PARENTS = "子育てのメニュー";
const ELDERLY = "緊急のメニュー（高齢の方）";
const FORM = "犬の登録";
// What the browser says while Kairan is away.
const AWAY = [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|Failed to fetch|ERR_SOCKET|status of 50\d/];

export async function run(tools) {
  const { signIn: account, newPage } = tools;
  const page = await newPage({ height: 1000, ignore: AWAY });
  await signIn(page, account);
  const told = { ...tools, page };
  await publishedThroughACrash(told);
  const tab = await onAnotherTab(told);
  const sums = await varied(told);
  const before = await everybody(told);
  await shown(told, before, { [YOUNG]: sums.young, [PARENTS]: sums.parents });
  await switched(told, sums);
  await back(told, before, tab);
  await broken(told);
}

// What every friend sees: their own menu, else the default; as id and name.
async function everybody({ sandbox }) {
  const [menus, csv] = await Promise.all([
    sandbox.get("/menus"),
    fetch(`${sandbox.url}/_sandbox/menus/links.csv`).then((answer) => answer.text()),
  ]);
  const usual = menus.find((menu) => menu.is_default)?.rich_menu_id ?? "";
  const names = new Map(menus.map((menu) => [menu.rich_menu_id, menu.name]));
  const seen = new Map();
  for (const line of csv.trim().split("\n").slice(1)) {
    const [user, own] = line.split(",");
    seen.set(user, own || usual);
  }
  const of = (part) => [...seen.values()].filter((id) => names.get(id)?.includes(part)).length;
  return { seen, of, menus, usual: names.get(usual) ?? "" };
}

// So many see each of these menus.
async function shown(tools, now, sums) {
  for (const [menu, sum] of Object.entries(sums)) {
    tools.expect(now.of(menu), `residents who see 「${menu}」`).toBe(sum);
  }
}

// A copy under another name; the editor is open.
async function copied(page, name, to) {
  await page.goto("/console/menus");
  await card(page, name).locator("summary").click();
  await card(page, name).getByRole("button", { name: "複製する" }).click();
  await page.waitForURL(/\/console\/menus\/\d+$/);
  await alive(page);
  await page.locator("input[name=title]").fill(to);
  await saved(page);
}

// The first menu of the city. LINE is slow, and Kairan is killed when some sheets are there and others
// are not; the next one finishes it, and nothing stands there twice.
async function publishedThroughACrash(tools) {
  const { page, sandbox, axe, shot, until, expect, killKairan, startKairan } = tools;
  await page.goto("/console/menus");
  await card(page, BASE).waitFor();
  await axeAtBothWidths(page, "the menus of the sample city", axe);
  await shot(page, "menu-sample-list");
  await page.goto("/console/menus/emergency");
  await page.getByText("緊急メニューは、まだ用意されていません").waitFor();
  await axeAtBothWidths(page, "nothing is prepared", axe);
  await openMenu(page, BASE);
  // Slow enough that this program, busy with another journey, kills it in time.
  await sandbox.faults({ latency_ms: 2_000 });
  await publish(page);
  const made = async () => (await sandbox.get("/menus")).length;
  await until(async () => (await made()) > 0, "the first sheet at LINE", { timeout: 60_000 });
  await killKairan();
  const partly = await made();
  expect(partly < 3, `killed in the middle: ${partly} of 3 sheets`).toBe(true);
  await sandbox.faults({});
  await startKairan();
  await reflected(tools);
  const { menus, usual } = await everybody(tools);
  expect(menus.length, "three sheets, none twice").toBe(3);
  expect(menus.every((menu) => menu.has_picture && menu.aliases.length === 1), "pictures and tabs").toBe(true);
  expect(usual, "the default").toContain(BASE);
}

// One resident goes to the second tab.
async function onAnotherTab(tools) {
  const { sandbox, until } = tools;
  const user = await newFriend(tools, "高野 とおる");
  const seen = async () => (await sandbox.get(`/residents/${user}/menu`)).seen;
  await until(async () => (await seen())?.source, "the menu on the phone");
  const first = (await seen()).rich_menu_id;
  await sandbox.act(user, "menu/tap", { area: 1 });
  const second = (await seen()).rich_menu_id;
  if (second === first) throw new Error("the tab did not switch");
  return { user, second };
}

// Two menus for some, and an emergency with a menu of its own for the elderly.
async function varied(tools) {
  const { page, axe, shot, until, expect } = tools;
  for (const [from, to] of [[BASE, YOUNG], [BASE, PARENTS], [EMERGENCY, ELDERLY]]) {
    await copied(page, from, to);
    await publish(page);
  }
  await openMenu(page, EMERGENCY);
  await publish(page);

  await page.goto("/console/menus/program");
  const young = await variant(page, "all", 0, ["10代と若い人", YOUNG, "19歳以下"], until);
  const parents = await variant(page, "all", 1, ["子育て世帯", PARENTS, "30代"], until);
  await page.locator("#emergency-earthquake").selectOption({ label: EMERGENCY });
  await page.locator("summary", { hasText: "地震のとき" }).click();
  const elderly = await variant(page, "earthquake", 0, ["高齢の方", ELDERLY, "70歳以上"], until);
  await axeAtBothWidths(page, "a program with variants and an emergency", axe);
  await shot(page, "menu-program-emergency");
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#program-publish");
  const words = await dialog.locator(".me-forecast").innerText();
  expect(words).toMatch(/LINEへの呼び出しは[\d,]+回です/);
  expect(words, "who is switched").toContain(`うち${(young + parents).toLocaleString("en-US")}人の画面が変わります`);
  await axeAtBothWidths(page, "what publishing the program costs", axe);
  await shot(page, "menu-program-publish", { fullPage: false });
  await dialog.getByRole("button", { name: "公開する", exact: true }).click();
  await page.locator(".toast", { hasText: "出し分けを公開しました" }).waitFor();
  await reflected(tools);
  return { young, parents, elderly };
}

// A variant for those of an age; answers how many they are.
async function variant(page, group, n, [name, menu, age], until) {
  const section = group === "all" ? page : page.locator("details.program-more[open]");
  await press(button(section, "出し分けを足す").first());
  await page.locator(`#variant-${group}-${n}-name`).fill(name);
  await page.locator(`#variant-${group}-${n}-menu`).selectOption({ label: menu });
  const box = page.locator(".audience-box");
  await box.locator("label", { hasText: "条件でえらぶ" }).click();
  await press(box.getByRole("button", { name: "条件を足す" }));
  await press(page.locator(".pick-list .pick-option", { hasText: "年代" }));
  const choices = page.getByRole("dialog", { name: "どれか" });
  await choices.getByLabel(age, { exact: true }).check();
  await press(choices.getByRole("button", { name: "決める" }));
  await until(async () => (await box.locator(".audience-sentence").innerText()).includes(age), "the condition");
  const counted = box.locator(".audience-foot:not(.counting) .figure");
  const sum = await until(async () => {
    const sum = number(await counted.innerText({ timeout: 1_000 }));
    return sum > 0 && sum < 4_000 && sum;
  }, "the head count");
  await press(section.getByRole("button", { name: new RegExp(`^出し分け${n + 1}を\\s*とじる$`) }));
  return sum;
}

// Two taps, and Kairan is killed while residents are on their way.
async function switched(tools, sums) {
  const { page, sandbox, axe, shot, until, expect, killKairan, startKairan } = tools;
  await page.goto("/console/menus");
  await page.getByRole("link", { name: "緊急メニュー", exact: true }).click();
  await page.waitForURL(/\/console\/menus\/emergency$/);
  await live(button(page, "地震に切りかえる"));
  await axeAtBothWidths(page, "an emergency is prepared", axe);
  await shot(page, "menu-emergency-ready");
  await press(button(page, "地震に切りかえる"));
  const dialog = page.locator("dialog#emergency");
  const words = await dialog.locator(".emergency-forecast").innerText();
  console.log(`        ${words}`);
  expect(words, "calls and time beforehand").toMatch(/LINEへの呼び出しは[\d,]+回です。反映まで約/);
  expect(number(words.match(/([\d,]+)人(全員)?の画面が変わります/)[1]) >= 5_000, "the whole city is affected").toBe(true);
  await axeAtBothWidths(page, "before the whole city is switched", axe);
  await shot(page, "menu-emergency-ask", { fullPage: false });
  await sandbox.faults({ latency_ms: 400 });
  const began = Date.now();
  await dialog.getByRole("button", { name: "全員の画面を切りかえる" }).click();
  await page.locator(".toast", { hasText: "切りかえを始めました" }).waitFor();
  // As soon as LINE has accepted anything of it.
  await until(async () => (await everybody(tools)).of("緊急のメニュー") > 0, "the first residents");
  await killKairan();
  const partly = await everybody(tools);
  console.log(`        killed when ${partly.of("緊急のメニュー")} of ${partly.seen.size} residents had the emergency menu`);
  await sandbox.faults({});
  await startKairan();
  const all = async () => {
    const now = await everybody(tools);
    return now.of(ELDERLY) === sums.elderly && now.of("緊急のメニュー") === now.seen.size && now;
  };
  await until(all, "everybody has the emergency menu", { timeout: 120_000 });
  console.log(`        everybody has it ${((Date.now() - began) / 1000).toFixed(1)} s after the second tap, with a crash and a start in between`);
  await reflected(tools);
  await page.goto("/console/menus/emergency");
  await page.getByText("緊急メニュー（地震）を出しています").waitFor();
  await axeAtBothWidths(page, "an emergency holds", axe);
  await shot(page, "menu-emergency-holds");
  // Every page says so, and leads back.
  await page.goto("/console/deliveries");
  const bar = page.locator(".purpose-bar-emergency");
  await bar.getByText(/地震の緊急メニューに切りかえています。LINEへの反映は終わりました/).waitFor();
  await axeAtBothWidths(page, "the bar over every page", axe);
  await bar.getByRole("link", { name: "緊急メニューをひらく" }).click();
  await page.waitForURL(/\/console\/menus\/emergency$/);
}

// Back, and Kairan is killed while residents are on their way: everybody has the menu that they had, the
// tab too, and nothing stands at LINE twice.
async function back(tools, before, { user, second }) {
  const { page, sandbox, axe, shot, until, expect, killKairan, startKairan } = tools;
  await press(button(page, "もとにもどす"));
  const dialog = page.locator("dialog#emergency");
  await dialog.locator(".emergency-forecast").waitFor();
  await axeAtBothWidths(page, "before the city goes back", axe);
  const others = async () => {
    const { seen } = await everybody(tools);
    return [...before.seen].filter(([resident, menu]) => seen.get(resident) !== menu);
  };
  const all = (await others()).length;
  await sandbox.faults({ latency_ms: 400 });
  await dialog.getByRole("button", { name: "もとにもどす", exact: true }).click();
  await page.locator(".toast", { hasText: "もとにもどし始めました" }).waitFor();
  await until(async () => (await others()).length < all, "the first residents are back");
  await killKairan();
  console.log(`        killed when ${(await others()).length} of ${all} residents had still to come back`);
  await sandbox.faults({});
  await startKairan();
  await until(async () => (await others()).length === 0, "everybody has what they had before", { timeout: 120_000 });
  await reflected(tools);
  await page.goto("/console/menus/emergency");
  expect((await others()).length, "still, when all is done").toBe(0);
  const ids = (menus) => menus.map((menu) => menu.rich_menu_id);
  expect(ids((await everybody(tools)).menus), "the menus at LINE").toEqual(ids(before.menus));
  await page.locator(".purpose-bar").waitFor({ state: "detached" });
  expect(before.seen.get(user), "the tab of one of them").toBe(second);
  await page.getByRole("table").getByText("本番").first().waitFor();
  await axeAtBothWidths(page, "after an emergency", axe);
  await shot(page, "menu-emergency-after");
}

// A form ends: every menu that leads to it says so, in the list and before it is published again.
async function broken({ page, axe, shot, expect }) {
  await page.goto("/console/forms");
  await page.getByRole("link", { name: FORM }).first().click();
  await page.waitForURL(/\/console\/forms\/\d+$/);
  await press(button(page, "受付を終える"));
  await page.locator("dialog#form-act").getByRole("button", { name: "受付を終える" }).click();
  await page.locator(".toast", { hasText: "受付を終えました" }).waitFor();
  await page.goto("/console/menus");
  await card(page, BASE).getByText("公開中のメニューに、つながらないエリアが1か所あります").waitFor();
  await axeAtBothWidths(page, "menus that lead nowhere", axe);
  await shot(page, "menu-broken-list");
  await openMenu(page, BASE);
  await page.getByRole("heading", { name: /直すところ\s1か所/ }).waitFor();
  await press(button(page, "公開の準備へ"));
  expect(await page.locator("dialog#menu-publish[open]").count(), "it cannot be published").toBe(0);
  await page.locator("#menu-problems-first").click();
  await page.locator("#menu-act-form").waitFor();
  expect(await page.locator("#menu-act-form option:checked").innerText(), "the form by its title").toContain(FORM);
  await axeAtBothWidths(page, "an area that leads to a form that has ended", axe);
  await shot(page, "menu-broken");
}

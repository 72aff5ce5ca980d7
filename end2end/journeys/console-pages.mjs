// Every page of the console in every state that can be reached, wide and narrow: axe finds nothing,
// nothing has to be scrolled sideways, no page reports an error. Who may come in, and who may not.
import { arrived, axeAtBothWidths, focusKept, keysTo, live, press, signIn, takenOver, texts } from "../lib/page.mjs";

export const name = "every page of the console, who may see it, and with the keyboard alone";
// About sixty pages, each at three widths, on a machine that may have other work.

const LISTS = [
  ["home", "/console"],
  ["search", `/console/search?q=${encodeURIComponent("給食")}`],
  ["deliveries", "/console/deliveries"],
  ["deliveries-new", "/console/deliveries/new"],
  ["calendar-first", "/console/deliveries/calendar"],
  ["periods", "/console/deliveries/periods"],
  ["templates-none", "/console/deliveries/templates"],
  ["steps-sample", "/console/deliveries/steps"],
  ["steps-sample-course", "/console/deliveries/steps/1"],
  ["steps-sample-preview", "/console/deliveries/steps/1/preview"],
  ["audiences", "/console/audiences"],
  ["audience-new", "/console/audiences/new"],
  ["lists-none", "/console/audiences/lists"],
  ["list-new", "/console/audiences/lists/new"],
  ["residents", "/console/residents"],
  ["figures", "/console/residents/figures"],
  ["attributes", "/console/attributes"],
  ["attribute-new", "/console/attributes/new"],
  ["settings", "/console/settings"],
  ["staff", "/console/settings/staff"],
  ["staff-new", "/console/settings/staff/new"],
  ["rules", "/console/settings/rules"],
  ["days-off", "/console/settings/holidays"],
  ["alerts", "/console/settings/alerts"],
  ["ledger", "/console/settings/ledger"],
  ["help", "/console/help"],
];
const CHAPTERS = ["start", "delivery", "steps", "approval", "figures", "audience", "attribute", "resident", "trouble", "account"];
const NO_MATCH = ["/console/deliveries?q=zzzz", "/console/audiences?q=zzzz", "/console/residents?number=999999", "/console/settings/staff?q=zzzz", "/console/settings/ledger?q=zzzz", "/console/help?q=zzzz", "/console/search?q=zzzz"];
const NOWHERE = ["/console/nowhere", "/console/deliveries/steps/999999", "/console/deliveries/steps/999999/preview", "/console/deliveries/999999", "/console/deliveries/999999/certificate", "/console/deliveries/999999/report", "/console/settings/alerts/999999", "/console/audiences/999", "/console/audiences/999999", "/console/audiences/lists/999999", "/console/residents/999999", "/console/attributes/999999", "/console/help/nowhere"];
const VIEWER = "221003";
const LOCKED = "212244";

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  // All that is wrong is told at once.
  const problems = [];
  const step = (what) => what.catch((error) => problems.push(error));
  await step(entrance(tools));
  // 403 and 404 are what some pages answer; the browser notes both.
  const page = await newPage({ ignore: [/40[34] \(/] });
  await signIn(page, account);
  await pages(page, tools, step);
  await step(arrivals(page));
  await step(dialogs(page, tools));
  await step(around(tools));
  await step(keyboard(page, tools));
  await step(firstPassword(page, tools));
  await step(viewer(tools));
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join("\n"));
}

// One page, wide and narrow.
async function look(page, target, label, { axe, shot, expect }) {
  await page.goto(target);
  await page.locator("h1").first().waitFor();
  // The editors and lists are looked at as they are used: with the browser part at work.
  await takenOver(page);
  expect((await page.title()).length > "｜Kairan 回覧".length, `${target} has a title: ${await page.title()}`).toBe(true);
  await axe(page, target);
  if (label) await shot(page, label);
  await page.setViewportSize({ width: 375, height: 812 });
  await axe(page, `${target}, narrow`);
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width <= 320, `${target} is ${width} px wide in a window of 320 px`).toBe(true);
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function entrance(tools) {
  const { newPage, signIn: account, axe, shot, expect } = tools;
  // What refuses a sign-in is answered with 422; the browser notes it.
  const page = await newPage({ ignore: [/422 \(/] });
  await page.goto("/console/deliveries?status=done");
  await page.waitForURL(/\/console\/signin\?next=/);
  await axe(page, "the sign-in");
  await shot(page, "signin");
  const attempt = async (number, password) => {
    await page.getByLabel("職員番号").fill(number);
    await page.locator('input[name="password"]').fill(password);
    await page.getByRole("button", { name: "サインイン" }).click();
    await page.getByRole("alert").getByText("サインインできませんでした").waitFor();
    return page.locator('.signin-form [role="alert"]').innerText();
  };
  await live(page.locator("#number"));
  const wrong = await attempt(account.name, "not-the-password");
  await axe(page, "the sign-in with a wrong password");
  expect(wrong, "a wrong password").toContain("職員番号かパスワードがちがいます");
  const refusals = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await page.goto("/console/signin");
    await live(page.locator("#number"));
    refusals.push(await attempt(LOCKED, `wrong-${tries}`));
  }
  expect(refusals[0], "the same words for a wrong number and a wrong password").toBe(wrong);
  expect(refusals.at(-1), "after too many tries").toMatch(/あと \d+分/);
  await axe(page, "the locked sign-in");
  // The right password does not open a locked account either; others are not touched by it.
  await page.goto("/console/signin");
  await live(page.locator("#number"));
  expect(await attempt(LOCKED, account.password), "the right password while locked").toMatch(/あと \d+分/);
  await page.goto("/console/deliveries?status=done");
  await signIn(page, account);
  await page.waitForURL((url) => url.pathname === "/console/deliveries" && url.search === "?status=done");
  // Without the browser part the form works as well, and signing out ends it.
  const plain = await newPage({ javaScript: false });
  await signIn(plain, account);
  expect(new URL(plain.url()).pathname, "signed in without a script").toBe("/console");
}

async function pages(page, tools, step) {
  const { expect } = tools;
  for (const [label, target] of LISTS) await step(look(page, target, label, tools));
  for (const chapter of CHAPTERS) await step(look(page, `/console/help/${chapter}`, chapter === "delivery" ? "help-chapter" : null, tools));
  const nothing = async (target) => {
    await look(page, target, null, tools);
    expect(await page.locator("main").innerText(), target).toMatch(/ありません|いません|見つかりません/);
  };
  for (const target of NO_MATCH) await step(nothing(target));
  const nowhere = async (target) => {
    expect((await page.goto(target)).status(), target).toBe(404);
    await look(page, target, null, tools);
    expect(await page.locator("h1").count(), `headings of ${target}`).toBe(1);
    expect(await page.locator("h1").innerText(), target).toContain("見つかりません");
  };
  for (const target of NOWHERE) await step(nowhere(target));
  // One of everything that the lists lead to.
  for (const [list, label] of [["/console/deliveries", "delivery"], ["/console/audiences", "audience"], ["/console/residents", "resident"], ["/console/attributes", "attribute"], ["/console/settings/staff", "staff-one"]]) {
    await page.goto(list);
    const href = await page.locator('table.list tbody a[href^="/console/"]').last().getAttribute("href");
    await step(look(page, href, label, tools));
  }
  await page.goto("/console");
  for (const [name, href] of [["フォームを作る", "/console/forms/new"], ["配信カレンダー", "/console/deliveries/calendar"]]) {
    expect(await page.getByRole("link", { name }).getAttribute("href"), `the way from home to ${name}`).toBe(href);
  }
  for (const status of ["draft", "done", "held"]) await step(look(page, `/console/deliveries?status=${status}`, null, tools));
}

// A link of our own changes the page without loading it: focus goes to the new heading.
async function arrivals(page) {
  await page.goto("/console");
  await takenOver(page);
  for (const [words, heading] of [["配信対象", "配信対象"], ["住民", "住民"], ["統計", "統計"], ["登録項目", "登録項目"], ["設定", "自分の設定"], ["配信", "配信"]]) {
    await page.locator("nav").getByRole("link", { name: words, exact: true }).first().click();
    await arrived(page, heading);
  }
  const one = page.locator("table.list tbody a.title-link").last();
  const title = (await one.textContent()).trim();
  await one.click();
  await arrived(page, title);
  await page.goBack();
  await arrived(page, "配信");
}

// What opens over a page: axe looks at it too, and Escape closes it.
async function dialogs(page, { axe }) {
  const open = async (target, button, dialog) => {
    await page.goto(target);
    await press(page.getByRole("button", { name: button, exact: true }).first());
    await page.locator(dialog).waitFor({ state: "visible" });
    await axe(page, `${target} with ${dialog}`);
    await page.keyboard.press("Escape");
    await page.locator(dialog).waitFor({ state: "hidden" });
    await focusKept(page, `${dialog} was closed`);
  };
  await open("/console/attributes/4", "項目を消す", "dialog#remove");
  await open("/console/settings/staff/2", "パスワードを作り直す", "dialog#reset-password");
  // The narrow navigation.
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto("/console/deliveries");
  await takenOver(page);
  await page.getByRole("button", { name: "メニュー" }).click();
  await page.getByRole("link", { name: "登録項目", exact: true }).last().waitFor();
  await axe(page, "the open navigation");
  await page.setViewportSize({ width: 1280, height: 800 });
  // The ledger's chain holds.
  await page.goto("/console/settings/ledger");
  await press(page.getByRole("button", { name: /確かめる/ }));
  await page.getByText(/つながっています|書きかえられていません|合っています/).first().waitFor();
  await axe(page, "the ledger, checked");
}

// The bell, and what is said before and after a session ends by itself: the answer is made up, since
// nobody waits for an hour.
async function around({ newPage, signIn: account, axe, shot, expect, until }) {
  const page = await newPage({ ignore: [/401 \(/] });
  await signIn(page, account);
  await page.goto("/console/deliveries");
  const bell = await live(page.locator(".bar details.notices"));
  await bell.locator("summary").click();
  await bell.getByRole("link", { name: "知らせの記録" }).waitFor();
  await axe(page, "the open bell");
  await shot(page, "notices", { fullPage: false });
  // On the narrow picture the bell is in the navigation: what had the focus was not there.
  await bell.getByRole("link", { name: "知らせの記録" }).focus();
  await page.keyboard.press("Escape");
  await until(() => bell.evaluate((details) => !details.open && details.contains(document.activeElement)), "the bell closed, with focus");

  const ASKS = /\/look_around$/;
  let left = { seconds: 100, prolongs: true };
  await page.route(ASKS, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), left } });
  });
  await page.goto("/console/settings");
  const card = page.locator(".staying");
  await card.getByText("あと2分で、サインアウトします").waitFor();
  await page.locator("[role=alert]", { hasText: "あと2分で、サインアウトします" }).waitFor({ state: "attached" });
  await axeAtBothWidths(page, "a session that ends soon", axe);
  await shot(page, "session-ends", { fullPage: false });
  left = { seconds: 3_600, prolongs: true };
  const told = [page.waitForRequest(/\/stay$/), page.waitForResponse(ASKS)];
  await Promise.all([...told, card.getByRole("button", { name: "つづける" }).click()]);
  await card.waitFor({ state: "detached" });

  await page.unroute(ASKS);
  await page.route(ASKS, (route) => route.fulfill({ status: 401, json: { code: "sign_in_needed" } }));
  await page.goto("/console/settings");
  await card.getByRole("link", { name: /^サインインする/ }).waitFor();
  await axeAtBothWidths(page, "a session that has ended", axe);
  expect(new URL(page.url()).pathname, "the page stays").toBe("/console/settings");
}

// An audience of two conditions and an exception, without a pointer.
async function keyboard(page, { axe, shot, expect, until }) {
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  expect(await page.locator("main .err").count(), "complaints before anything was chosen").toBe(0);
  // While focus is on its way the body has it, and the body contains every word.
  const focused = () => page.evaluate(() => (document.activeElement === document.body ? "" : document.activeElement?.textContent || document.activeElement?.getAttribute("aria-label") || "").trim());
  const tabTo = async (words) => {
    for (let tries = 0; tries < 120; tries += 1) {
      if (words.test(await focused())) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not reach ${words}: it stands at 「${await focused()}」`);
  };
  // Opens the word in focus, takes an attribute and its first choice.
  const choose = async (attribute) => {
    await page.keyboard.press("Enter");
    await page.locator(".pick-list").waitFor();
    await until(() => page.evaluate(() => Boolean(document.activeElement?.closest(".pick-list"))), "focus in the list");
    await tabTo(attribute);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "どれか" }).waitFor();
    await until(() => page.evaluate(() => Boolean(document.activeElement?.closest('[aria-label="どれか"]'))), "focus in the choices");
    for (let tries = 0; tries < 10; tries += 1) {
      if (await page.evaluate(() => document.activeElement?.matches('input[type="checkbox"]'))) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Space");
    await until(() => page.evaluate(() => document.activeElement?.checked === true), "the choice");
    await page.keyboard.press("Escape");
    await page.locator(".pick-list").waitFor({ state: "detached" });
    await until(() => page.evaluate(() => Boolean(document.activeElement?.closest(".condition"))), "focus back in the condition");
  };
  await page.locator("#name").focus();
  await page.keyboard.type("キーボードだけで作った対象");
  await tabTo(/何でしぼるか/);
  await choose(/^受け取りたい情報/);
  await tabTo(/^「かつ」の条件を足す|^「または」の条件を足す/);
  await page.keyboard.press("Enter");
  await until(async () => (await page.locator(".condition").count()) === 2, "a second condition");
  // The new condition opens its list by itself.
  await until(() => page.evaluate(() => Boolean(document.activeElement?.closest(".pick-list"))), "focus in the list of the new condition");
  await page.keyboard.press("Escape");
  await page.locator(".pick-list").waitFor({ state: "detached" });
  await until(async () => /何でしぼるか/.test(await focused()), "focus in the new condition");
  await choose(/^年代/);
  const sentence = async () => page.locator(".readback-text").innerText();
  const before = await sentence();
  expect(before, "the sentence").toMatch(/受け取りたい情報[\s\S]*年代/);
  await page.keyboard.press("Alt+ArrowUp");
  await until(async () => /年代[\s\S]*受け取りたい情報/.test(await sentence()), "the order of the conditions");
  await until(async () => /^[\d,]+/.test(await page.locator(".audience-side .figure-xl").innerText()), "the head count");
  await axe(page, "an audience by keyboard");
  await shot(page, "audience-keyboard");
  await page.keyboard.press("Alt+ArrowDown");
  await until(async () => (await sentence()) === before, "the former order");
  // Into brackets and out again.
  await tabTo(/^「かつ」の条件を足す|^「または」の条件を足す/);
  await page.keyboard.press("Enter");
  await until(async () => (await page.locator(".condition").count()) === 3, "a third condition");
  await until(() => page.evaluate(() => Boolean(document.activeElement?.closest(".pick-list"))), "focus in the list of the third condition");
  await page.keyboard.press("Escape");
  await until(async () => /何でしぼるか/.test(await focused()), "focus in the third condition");
  const brackets = () => page.locator(".tree-group .tree-group").count();
  await page.keyboard.press("Alt+ArrowRight");
  await until(async () => (await brackets()) === 1, "brackets");
  await until(async () => /何でしぼるか/.test(await focused()), "focus in the brackets");
  expect(await page.evaluate(() => Boolean(document.activeElement.closest(".tree-group .tree-group"))), "focus inside the brackets").toBe(true);
  await axeAtBothWidths(page, "brackets by keyboard", axe);
  await page.keyboard.press("Alt+ArrowLeft");
  await until(() => page.evaluate(() => /何でしぼるか/.test(document.activeElement?.textContent) && !document.activeElement.closest(".tree-group .tree-group")), "focus outside of the brackets");
  await page.keyboard.press("Delete");
  await until(async () => (await page.locator(".condition").count()) === 2, "two conditions again");
  await until(async () => (await sentence()) === before, "the sentence as before");
  await until(async () => /何でしぼるか/.test(await focused()), "focus in a condition");
  await page.keyboard.press("Delete");
  await until(async () => (await page.locator(".condition").count()) === 1, "a condition less");
  await keysTo(page.getByRole("button", { name: "もどす", exact: true }));
  await page.keyboard.press("Enter");
  await until(async () => (await sentence()) === before, "the condition brought back");
  await keysTo(page.getByRole("button", { name: "この条件で保存する" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/audiences\/\d+$/);
}

// A new account: the password is shown once, and has to be changed before anything else.
async function firstPassword(page, { newPage, axe, shot, expect }) {
  await page.goto("/console/settings/staff/new");
  const form = page.locator("form").filter({ has: page.getByLabel("氏名") });
  await live(form);
  await form.getByLabel("職員番号").fill("300001");
  await form.getByLabel("氏名").fill("試験 新人");
  await form.getByRole("radio", { name: /閲覧者/ }).check();
  await form.locator("#department").selectOption({ label: "市民課" });
  await form.locator('button[type="submit"]').click();
  const password = await page.locator("code.figure").innerText();
  await axe(page, "the first password, shown once");
  await shot(page, "staff-first-password");
  const own = await newPage({ ignore: [/422 \(/] });
  await signIn(own, { name: "300001", password });
  await own.getByRole("heading", { name: "パスワードを決める" }).waitFor();
  await axe(own, "the first password has to be changed");
  await shot(own, "first-password");
  await own.goto("/console/deliveries");
  await own.getByRole("heading", { name: "パスワードを決める" }).waitFor();
  await live(own.locator("form").filter({ has: own.locator('input[name="old"]') }));
  const change = async (next) => {
    await own.locator('input[name="old"]').fill(password);
    await own.locator('input[name="password"]').fill(next);
    await own.getByRole("button", { name: "このパスワードに変えて始める" }).click();
  };
  await change("short");
  await own.locator(".error-summary").waitFor();
  await axe(own, "a password that is too short");
  await change("みほんの港に 白い船が三つ");
  await own.getByRole("heading", { name: "配信", level: 1 }).waitFor();
  expect(new URL(own.url()).pathname, "where the change leads").toBe("/console/deliveries");
}

// A role that only looks: nothing else is offered, and nothing else is answered.
async function viewer(tools) {
  const { newPage, signIn: account, axe, expect } = tools;
  const page = await newPage({ ignore: [/403 \(|404 \(/] });
  await signIn(page, { name: VIEWER, password: account.password });
  const offered = await texts(page.locator("nav a"));
  expect(offered.includes("住民"), "residents in a viewer's navigation").toBe(false);
  expect(offered.some((words) => words.startsWith("配信")), "deliveries in a viewer's navigation").toBe(true);
  expect(await page.getByRole("link", { name: "フォームを作る" }).count(), "a viewer may begin a form").toBe(0);
  await page.goto("/console/deliveries");
  expect(await page.getByRole("button", { name: "新しい配信" }).count(), "a viewer may begin a delivery").toBe(0);
  for (const target of ["/console/residents", "/console/residents/1", "/console/settings/staff", "/console/settings/staff/1", "/console/settings/staff/new", "/console/settings/ledger", "/console/attributes/new", "/console/audiences/new", "/console/deliveries/new"]) {
    const answer = await page.goto(target);
    expect([403, 404].includes(answer.status()), `${target} for a viewer: ${answer.status()}`).toBe(true);
    await page.locator("h1").first().waitFor();
    expect(await page.locator("h1").count(), `headings of ${target} for a viewer`).toBe(1);
    const words = await page.locator("main").innerText();
    expect(words, `${target} for a viewer`).toMatch(/できません|見つかりません|許されて|役割では/);
    expect(/佐藤 美咲（|高橋 健一/.test(words), `${target} shows a viewer somebody`).toBe(false);
    await axe(page, `${target} for a viewer`);
  }
  for (const target of ["/console/residents.csv", "/console/settings/ledger.csv"]) {
    expect((await page.request.get(target)).status(), `${target} for a viewer`).toBe(403);
  }
  await looking(page, tools);
}

// A saved audience is read as a sentence and a tree, with its head count, and nothing can be changed.
async function looking(page, { axe, shot, expect, until }) {
  await page.goto("/console/audiences");
  expect(await page.getByRole("link", { name: "配信対象を作る" }).count(), "a viewer may make an audience").toBe(0);
  expect(await page.locator("table.list .row-menu").count(), "a viewer has something to do with an audience").toBe(0);
  await page.goto(await page.locator("table.list tbody a.title-link").last().getAttribute("href"));
  await takenOver(page);
  await page.getByText("見るだけの配信対象です").waitFor();
  expect((await page.locator(".readback-text").innerText()).length > 5, "the sentence").toBe(true);
  expect(await page.locator(".condition").count() > 0, "the conditions").toBe(true);
  const controls = page.locator("main").locator('.condition button, .condition input, .joint[type="button"], #name');
  expect(await controls.count(), "what could be changed").toBe(0);
  expect(await page.getByRole("button", { name: /保存する|もどす|条件を足す/ }).count(), "what could be done").toBe(0);
  await until(async () => /^[\d,]+/.test(await page.locator(".audience-side .figure-xl").innerText()), "the head count");
  await axeAtBothWidths(page, "an audience that is only looked at", axe);
  await shot(page, "audience-readonly");
}

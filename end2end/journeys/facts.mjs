// An official asks for a year of birth, a resident registers it with a date and a text on the
// telephone, and the official counts by age, by date, by text and by when somebody became a friend.
import { axeAtBothWidths, live, number, press, signIn, takenOver } from "../lib/page.mjs";

export const name = "years, dates and texts are asked, registered on the telephone and counted";

const YEAR = "お子さんの生まれた年";
const DATE = "お子さんの誕生日";
const TEXT = "自治会の名前";

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const desk = await newPage();
  await signIn(desk, account);
  await asked(desk, tools);
  await registered(tools);
  await counted(desk, tools);
  await looked(desk, tools);
}

// A new attribute: the kind without choices needs none, and begins as personal.
async function asked(page, { axe, shot, expect }) {
  await page.goto("/console/attributes/new");
  await live(page.locator("#label"));
  await page.locator("#label").fill(YEAR);
  await page.locator('label:has(input[name="kind"][value="year"])').click();
  await page.locator(".liff-preview select").waitFor();
  expect(await page.locator('input[name="personal"]').isChecked(), "personal at first").toBe(true);
  expect(await page.locator("#choices").count(), "choices to write").toBe(0);
  await axeAtBothWidths(page, "a new attribute of years", axe);
  await shot(page, "attribute-year");
  await page.locator('label:has(input[name="kind"][value="date"])').click();
  await page.locator(".liff-preview select").nth(2).waitFor();
  await axeAtBothWidths(page, "a new attribute of dates", axe);
  await page.locator('label:has(input[name="kind"][value="text"])').click();
  await page.locator('.liff-preview input[type="text"]').waitFor();
  await axeAtBothWidths(page, "a new attribute of texts", axe);
  await page.locator('label:has(input[name="kind"][value="year"])').click();
  await press(page.getByRole("button", { name: "この項目を作る" }).first());
  await page.waitForURL(/\/console\/attributes$/);
  await page.getByRole("link", { name: YEAR }).waitFor();
}

// On a telephone that cannot load the browser part: selects and a line of text, as a plain form.
async function registered({ sandbox, newPage, axe, shot, expect, until }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const resident = await sandbox.resident("三浦 はるか");
  await sandbox.act(resident, "follow");
  // What would have to be typed is never asked in the talk.
  const talk = JSON.stringify(await until(async () => (await sandbox.received(resident)).length > 0 && sandbox.received(resident), "the greeting"));
  for (const words of [YEAR, DATE, TEXT]) expect(talk.includes(words), `${words} in the talk`).toBe(false);
  const page = await newPage({ width: 375, height: 812, wasm: false, ignore: [/422/] });
  const open = async () => {
    await page.goto(sandbox.liffUrl(liffId, resident, "/register"));
    await identified(page, until);
  };
  await open();
  const of = async (label) => page.locator("fieldset", { has: page.locator("legend", { hasText: label }) });
  const year = (await of(YEAR)).locator("select");
  const date = (await of(DATE)).locator("select");
  expect(await year.locator("option", { hasText: "2015年（平成27年）" }).count(), "the year in both calendars").toBe(1);
  await year.selectOption("2015");
  await date.nth(0).selectOption("2015");
  await date.nth(1).selectOption("6");
  await (await of(TEXT)).locator("input").fill("港南　ＪＩＣＨＩＫＡＩ");
  await page.locator('#liff-form input[value="_none"]').first().check();
  await page.getByLabel(/^同意する/).check();
  const send = page.getByRole("button", { name: "この内容で登録する" });
  await send.click();
  const errors = page.locator("#liff-errors");
  await errors.waitFor();
  expect(await errors.textContent(), "the summary").toContain(`「${DATE}」の日を選んでください`);
  await axe(page, "a date without its day");
  await shot(page, "registration-date");
  expect(await date.nth(1).inputValue(), "the month that was chosen").toBe("6");
  expect(await year.inputValue(), "the year that was chosen").toBe("2015");
  await identified(page, until);
  await date.nth(2).selectOption("10");
  await send.click();
  await page.getByRole("heading", { name: "登録しました" }).waitFor();
  const words = ["2015年（平成27年）", "2015年6月10日（平成27年）", "港南　ＪＩＣＨＩＫＡＩ"];
  const done = await page.locator(".facts").innerText();
  for (const word of words) expect(done, "what is registered").toContain(word);
  await axe(page, "registered");
  // Opened again, the script shows and fills in the same.
  await open();
  await page.getByRole("heading", { name: "いまの登録内容" }).waitFor();
  const mine = await page.locator("#liff-mine").innerText();
  for (const word of ["2015年（平成27年）", "6月10日", "港南"]) expect(mine, "the registration").toContain(word);
  await axe(page, "the registration as it stands");
  await shot(page, "registration-facts");
  await page.getByRole("button", { name: "変える" }).click();
  expect(await Promise.all([0, 1, 2].map((i) => date.nth(i).inputValue())), "the date in its fields").toEqual(["2015", "6", "10"]);
}

// LINE has said who this is: the form carries the session.
const identified = (page, until) =>
  until(async () => (await page.locator('#liff-form input[name="session"]').inputValue()) !== "", "the identity");

async function counted(page, { axe, shot, expect, until }) {
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  await page.locator("#name").fill("18歳以下の子どもがいる人");
  const head = page.locator(".figure-xl");
  const people = async () => {
    const words = await head.innerText();
    return words.includes("—") ? null : number(words);
  };
  const comes = (check, what) => until(async () => { const n = await people(); return n !== null && check(n) && (await page.locator(".counting").count()) === 0; }, what);
  const list = page.locator(".pick-list");
  const choose = async (words) => {
    await list.getByRole("button", { name: words }).first().click();
    await page.getByRole("dialog", { name: "どれか" }).waitFor();
  };
  // As a hand does it: what is chosen from has focus, and not a field that goes away by it.
  const take = async (label, value) => {
    await list.getByLabel(label).focus();
    await list.getByLabel(label).selectOption(value);
  };
  const operator = (words) => list.locator("label", { hasText: words }).first().click();
  // 18歳以下: exactly the one who registered.
  await press(page.locator(".pick").first());
  await list.waitFor();
  await choose(YEAR);
  await list.getByLabel("何歳まで").fill("１８");
  await comes((n) => n === 1, "the one resident");
  await axeAtBothWidths(page, "the ages", axe);
  await shot(page, "audience-age", { fullPage: false });
  await operator("決めた日の時点で");
  await list.getByLabel("この日の時点で").fill("2040-04-01");
  await comes((n) => n === 0, "nobody any more in 2040");
  await operator("今年のうちに");
  await comes((n) => n === 1, "today again");
  await list.getByRole("button", { name: "決める" }).click();
  expect(await page.locator(".readback-text").innerText(), "the sentence").toBe(`${YEAR}が、今年のうちに18歳以下になる年の人。`);
  // By year, and by whether it was answered.
  await press(page.locator(".pick").nth(1));
  await operator("年で");
  await take("この年から", "2016");
  await comes((n) => n === 0, "nobody from 2016 on");
  await axeAtBothWidths(page, "the years", axe);
  await operator("登録の有無");
  await list.getByLabel(/^未登録の人/).check();
  await comes((n) => n > 1_000, "everybody else");
  await operator("年齢で");
  await list.getByLabel("何歳まで").fill("18");
  await comes((n) => n === 1, "the one resident again");
  await list.getByRole("button", { name: "決める" }).click();
  await press(page.getByRole("button", { name: "この条件で保存する" }).first());
  await page.getByText("保存しました").first().waitFor();

  // By date, by text, and since when somebody is a friend.
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  await press(page.locator(".pick").first());
  await list.waitFor();
  await choose(DATE);
  await take("この日から", "months-before");
  await list.getByLabel("何か月").fill("12");
  await take("この日まで", "today");
  await comes((n) => n > 0 && n < 1_000, "children of this year");
  await axeAtBothWidths(page, "the dates", axe);
  await shot(page, "audience-date", { fullPage: false });
  await take("この日から", "on");
  await list.getByLabel("日付", { exact: true }).fill("2015-06-10");
  await list.locator(".pick-date").getByText("平成27年6月10日").waitFor();
  await list.getByRole("button", { name: "決める" }).click();
  await press(page.locator(".pick").first());
  await choose(TEXT);
  await list.getByLabel("さがす文字").fill("ｺｳﾅﾝ");
  await comes((n) => n === 0, "nobody writes it so");
  await list.getByLabel("さがす文字").fill("港南 jichi");
  await comes((n) => n === 1, "whatever width and case");
  await axeAtBothWidths(page, "the text", axe);
  await shot(page, "audience-text", { fullPage: false });
  await list.getByRole("button", { name: "決める" }).click();
  expect(await page.locator(".readback-text").innerText(), "the sentence").toBe(`${TEXT}に「港南 jichi」を含む人。`);
  await press(page.locator(".pick").first());
  await choose("友だちになった日");
  await take("この日まで", "days-before");
  await comes((n) => n === 0, "nobody a month ago");
  await take("この日まで", "today");
  await comes((n) => n > 1_000, "everybody until today");
  await axeAtBothWidths(page, "since when", axe);
  // The narrow sheet, as on a telephone.
  await page.setViewportSize({ width: 375, height: 812 });
  await shot(page, "audience-since", { fullPage: false });
  await page.setViewportSize({ width: 1280, height: 800 });
}

// The list of audiences, the figures and the resident's page say the same.
async function looked(page, { axe, shot, expect }) {
  await page.goto("/console/audiences");
  const row = page.locator("table.list tbody tr", { hasText: "18歳以下の子どもがいる人" });
  expect(await row.innerText(), "the saved audience").toMatch(/18歳以下[\s\S]*1人/);
  await page.goto("/console/residents/figures");
  await takenOver(page);
  const panel = page.locator(".panel", { has: page.getByRole("heading", { name: YEAR }) });
  expect(await panel.innerText(), "the figures").toContain("1人が答え");
  await axe(page, "the figures with years and dates");
  await shot(page, "figures-facts");
  await page.goto("/console/residents?state=registered&sort=registered");
  await page.locator("table.list tbody a").first().click();
  await page.locator(".facts").first().waitFor();
  const facts = await page.locator(".facts").first().innerText();
  for (const words of ["2015年（平成27年）", "2015年6月10日（平成27年）", "港南"]) expect(facts, "the resident's page").toContain(words);
  await axe(page, "a resident with years and dates");
  await shot(page, "resident-facts");
}

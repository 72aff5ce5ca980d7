// An official gives a question a rule with words of its own, and lets a fee be worked out; a tester tries the draft, of
// which nothing is counted. Published, a resident meets the rule, sees the fee follow, and has an address filled in by
// its postcode.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { addPage, addQuestion, asked, beginForm, heading, identified, narrow, next, publishForm } from "../lib/form.mjs";
import { axeAtBothWidths, live, press, signIn } from "../lib/page.mjs";

export const name = "a rule, a calculation and a postcode: built, tried as a draft, and answered";

const TITLE = "学童保育の申しこみ";
const CHILDREN = "お子さんの人数";
const DAYS = "利用する日数";
const FEE = "費用のめやす";
const RULE = "1人から5人までで書いてください。6人からは、窓口で受け付けます";
const PHONE = { width: 375, height: 740, ignore: [/status of (404|422)/] };
// As Japan Post writes it: of two towns under one postcode only what they share is known.
const KEN_ALL = [
  '99201,"999  ","9990001","ミホンケン","ミホンシ","ヤマテ","見本県","みほん市","山手",0,0,0,0,0,0',
  '99201,"999  ","9990009","ミホンケン","ミホンシ","ウミベ","見本県","みほん市","海辺",0,0,0,0,0,0',
  '99201,"999  ","9990009","ミホンケン","ミホンシ","ミナト","見本県","みほん市","港（一部）",0,0,0,0,0,0',
];

export async function run(tools) {
  const { env, killKairan, startKairan } = tools;
  const folder = await mkdtemp(path.join(os.tmpdir(), "kairan-postcodes-"));
  // The operator brings the file; the city of the next journey begins without it.
  env.KAIRAN_POSTCODE_FILE = path.join(folder, "utf_ken_all.csv");
  try {
    await writeFile(env.KAIRAN_POSTCODE_FILE, `${KEN_ALL.join("\r\n")}\r\n`);
    await killKairan();
    await startKairan();
    await travelled(tools);
  } finally {
    delete env.KAIRAN_POSTCODE_FILE;
    await rm(folder, { recursive: true, force: true });
  }
}

async function travelled(tools) {
  const { newPage, sandbox, signIn: account, expect, until } = tools;
  const desk = await newPage();
  await signIn(desk, account);
  const id = await built(desk, tools);
  const { liff_id: liffId } = await sandbox.get("/config");
  const open = async (user, rest = "") => {
    const phone = await newPage(PHONE);
    await phone.goto(sandbox.liffUrl(liffId, user, `/f/${id}${rest}`));
    await phone.waitForURL(`**/liff/f/${id}${rest}`);
    return phone;
  };
  const { residents } = await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`);
  const tester = residents[0].user_id;
  const resident = await sandbox.resident("学童 みらい");
  await sandbox.act(resident, "follow");

  const told = await shown(desk, tester, id, tools);
  const trial = await open(tester, "/try");
  await tried(trial, tools);
  const stranger = await open(resident, "/try");
  await heading(stranger, "ページが見つかりません");
  await stranger.close();
  await uncounted(desk, id, tools);

  await desk.goto(`/console/forms/${id}/edit`);
  await publishForm(desk, 1);
  await trial.goto(`/liff/f/${id}/try`);
  await heading(trial, "ページが見つかりません");
  await trial.close();
  const phone = await open(resident);
  await worked(phone, tools);
  await addressed(phone, tools);
  await until(async () => JSON.stringify(await sandbox.received(resident)).includes(TITLE), "the receipt in the talk");
  expect((await sandbox.received(tester)).length, "what the tester's talk holds").toBe(told);
  await kept(desk, id, tools);
}

// The rule and the formula by the builder's own controls, each with what it says when it is not finished.
async function built(page, { axe, shot, expect, until }) {
  await beginForm(page, TITLE);
  await addQuestion(page, "number", CHILDREN);
  await (await live(page.locator("#b-required"))).check();
  await page.locator("#b-ask-unit").fill("人");
  await press(page.getByRole("button", { name: "確かめることを足す" }));
  const most = await live(page.locator("#b-checks-0-holds-0-most"));
  expect(await page.locator("#b-checks-0-holds-0-least").inputValue(), "what a rule begins with").toBe("1");
  await most.fill("5");
  await page.locator("#b-checks-0-message-error").waitFor();
  await axeAtBothWidths(page, "a rule without words", axe);
  await page.locator("#b-checks-0-message").fill(RULE);
  await page.locator("#b-checks-0-message-error").waitFor({ state: "detached" });
  await axeAtBothWidths(page, "a rule with its words", axe);
  await shot(page, "form-check");

  await addQuestion(page, "number", DAYS);
  await (await live(page.locator("#b-required"))).check();
  await addQuestion(page, "calculation", FEE);
  const formula = await live(page.locator("#b-ask-formula"));
  const insert = page.locator("#b-ask-formula-insert");
  await (await live(insert)).selectOption({ label: `「1 ${CHILDREN}」` });
  const first = await until(async () => {
    const value = await formula.inputValue();
    return value !== "0" && value;
  }, "the first question in the formula");
  await insert.selectOption({ label: `「2 ${DAYS}」` });
  const both = await until(async () => {
    const value = await formula.inputValue();
    return value.startsWith(`${first} + `) && value;
  }, "both questions in the formula");
  await formula.fill(`${first} *`);
  await page.locator("#b-ask-formula-error").getByText("数か質問のキーが必要です").waitFor();
  await axeAtBothWidths(page, "a formula that is not finished", axe);
  await formula.fill(`${both.replace("+", "*")} * 300`);
  await page.locator(".formula-words", { hasText: `「${CHILDREN}」 × 「${DAYS}」 × 300` }).waitFor();
  expect(await page.locator("#b-ask-formula-error").count(), "what is wrong with the formula").toBe(0);
  await axeAtBothWidths(page, "a formula", axe);
  await shot(page, "form-formula");

  await addPage(page, "連絡先");
  await addQuestion(page, "address", "住所");
  await addQuestion(page, "consent", "利用目的への同意");
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("学童保育の人数を決めるために使います。");
  await page.locator("#b-retention_days").fill("30");
  await until(async () => (await page.locator(".findings-ok").count()) === 1, "nothing stands against it");
  return new URL(page.url()).pathname.match(/forms\/(\d+)/)[1];
}

// The draft goes to the tester's talk; answers how many messages are in it then.
async function shown(page, tester, id, { sandbox, expect, until }) {
  const before = (await sandbox.received(tester)).length;
  await press(page.getByRole("button", { name: "試験者に見せる" }));
  await page.locator(".toast", { hasText: "試験者1人のトークに、この下書きを送りました" }).waitFor();
  const message = await until(async () => (await sandbox.received(tester))[before]?.text, "the draft in the talk");
  expect(message, "what it is").toContain(`【試験】フォーム「${TITLE}」の下書きです`);
  expect(message, "where it is").toContain(`/f/${id}/try`);
  return before + 1;
}

// What residents will meet, and at the end nothing is received.
async function tried(page, { axe, shot, expect, until }) {
  await heading(page, TITLE);
  await identified(page);
  const bar = page.locator(".purpose-bar-test");
  expect(await bar.innerText(), "the bar of a trial").toContain("これは試験です。送っても受け付けられません");
  await narrow(page, axe, "a draft that is tried");
  await shot(page, "form-trial");
  await page.getByLabel(DAYS).fill("10");
  await page.getByLabel(CHILDREN).fill("6");
  await next(page);
  await page.locator("#liff-errors").waitFor();
  await page.waitForLoadState();
  expect(await page.locator("#liff-errors").innerText(), "the rule in a trial").toContain(RULE);
  await page.getByLabel(CHILDREN).fill("1");
  await fee(page, "3,000円", { until });
  await next(page);
  await heading(page, "連絡先");
  await page.getByLabel(/^同意する/).check();
  await next(page);
  await heading(page, "内容を確かめる");
  await page.getByRole("button", { name: "この内容で送る" }).click();
  await heading(page, "試験はここまでです");
  await bar.waitFor();
  await narrow(page, axe, "the end of a trial");
  await shot(page, "form-trial-done");
}

const fee = (page, words, { until }) => until(async () => (await page.locator("[data-worked-out]").textContent()).trim() === words, `${FEE} is ${words}`);

async function uncounted(page, id, { axe, expect }) {
  await page.goto(`/console/forms/${id}`);
  await page.getByText("まだ公開していません。住民には見えません。").waitFor();
  expect(await page.locator(".strip dd").first().innerText(), "what a trial counts").toMatch(/^0\s*件$/);
  await axeAtBothWidths(page, "a form that was tried", axe);
  await page.goto("/console/answers");
  await page.getByText("まだ回答は届いていません").waitFor();
}

// The rule speaks at its question; what is worked out follows what is written.
async function worked(page, { axe, shot, expect, until }) {
  await heading(page, TITLE);
  await identified(page);
  expect(await page.locator(".purpose-bar-test").count(), "bars of a trial").toBe(0);
  await page.getByLabel(DAYS).fill("10");
  await page.getByLabel(CHILDREN).fill("6");
  await next(page);
  await page.locator("#liff-errors").waitFor();
  expect(await page.locator("#liff-errors").innerText(), "what is to mend").toContain("直すところが 1つあります");
  const question = asked(page, CHILDREN);
  expect(await question.locator(".field-error").innerText(), "the rule at its question").toContain(RULE);
  expect(await page.getByLabel(CHILDREN).getAttribute("aria-invalid"), "the field").toBe("true");
  expect(await page.getByLabel(CHILDREN).inputValue(), "what was written").toBe("6");
  await narrow(page, axe, "a rule that does not hold");
  await shot(page, "form-check-refused");
  await page.getByLabel(CHILDREN).fill("２");
  await fee(page, "6,000円", { until });
  await page.getByLabel(DAYS).fill("12");
  await fee(page, "7,200円", { until });
  await narrow(page, axe, "what is worked out");
  await next(page);
  await heading(page, "連絡先");
}

// A postcode that is none, one that nobody knows, one of two towns, and one of one; then all of it is sent.
async function addressed(page, { axe, shot, expect }) {
  const look = async (code) => {
    await page.getByLabel("郵便番号（例 123-4567）").fill(code);
    // The page that follows has the same words as the one before.
    await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "郵便番号から住所を入れる" }).click()]);
    await page.getByLabel("郵便番号（例 123-4567）").waitFor();
  };
  const field = (label) => page.getByLabel(label, { exact: true }).inputValue();
  const errors = page.locator("#liff-errors");
  await look("12");
  expect(await errors.innerText(), "too short a postcode").toContain("郵便番号は、7けたの数で書いてください");
  await look("999-0002");
  expect(await errors.innerText(), "an unknown postcode").toContain("この郵便番号は見つかりませんでした。住所を書いてください");
  expect(await field("郵便番号（例 123-4567）"), "what was written").toBe("999-0002");
  await narrow(page, axe, "a postcode that nobody knows");
  await look("9990009");
  expect(await errors.count(), "what is to mend").toBe(0);
  expect([await field("都道府県"), await field("市区町村"), await field("町名・番地")], "what two towns share").toEqual(["見本県", "みほん市", ""]);
  await look("９９９０００１");
  expect([await field("都道府県"), await field("市区町村"), await field("町名・番地")], "the address").toEqual(["見本県", "みほん市", "山手"]);
  await narrow(page, axe, "an address that was filled in");
  await shot(page, "form-postcode");
  await page.getByLabel("町名・番地", { exact: true }).fill("山手三丁目8-14");
  await page.getByLabel(/^同意する/).check();
  await next(page);
  await heading(page, "内容を確かめる");
  const said = await page.locator("main").innerText();
  for (const words of ["7,200円", "999-0001", "山手三丁目8-14"]) expect(said, "what is read back").toContain(words);
  await page.getByRole("button", { name: "この内容で送る" }).click();
  await heading(page, "受け付けました");
}

// The office reads the same.
async function kept(page, id, { axe, shot, expect }) {
  await page.goto(`/console/answers?form=${id}`);
  await page.locator("table.inbox .title-link").first().click();
  await page.getByRole("heading", { level: 1, name: /受付番号/ }).waitFor();
  const said = await page.locator("main").innerText();
  for (const words of [FEE, "7,200円", "みほん市", "山手三丁目8-14"]) expect(said, "the answer").toContain(words);
  await axeAtBothWidths(page, "an answer with what was worked out", axe);
  await shot(page, "answer-worked-out");
}

// The office's side of a form: its questions come out of an Excel file that was mended first; it is closed while
// somebody is about to send, and opened again; then it is copied, put away, found there and taken back. Who may not
// publish a form asks who may.
import { readFile } from "node:fs/promises";
import { addQuestion, asked, beginForm, heading, narrow, next, openQuestion, publishForm } from "../lib/form.mjs";
import { axeAtBothWidths, live, press, signIn, takenOver, texts } from "../lib/page.mjs";
import { MIME, cellTexts, rewritten } from "../lib/workbook.mjs";

export const name = "questions come out of Excel, and a form is closed, reopened, copied, put away and taken back";

const TITLE = "夏まつりの出店の申しこみ";
const COPY = `${TITLE}のコピー`;
const LABELS = ["出店の場所", "市のサービスの満足度", "売るもの"];
// Two of one department: who writes forms, and who may publish them.
const WRITER = "201166";
const APPROVER = "210455";
const VISIT = "防災倉庫の見学";
const WORDS = "日程は、倉庫の管理人に確かめました";
const WHY = "見学できる曜日を書いてください";
const PHONE = { width: 375, height: 740, ignore: [/status of 422/] };

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  // A file that is no table is answered with 422.
  const desk = await newPage({ ignore: [/status of 422 .*\/read_questions/] });
  await signIn(desk, account);
  await beginForm(desk, TITLE);
  const template = await refused(desk, tools);
  await taken(desk, template, tools);
  const id = await published(desk);
  const phone = await begun(await newPage(PHONE), id, tools);
  await closed(desk, phone, id, tools);
  await reopened(desk, phone, id, tools);
  await copied(desk, id, tools);
  await requested(tools);
}

const outline = (page) => page.locator(".outline-question .outline-label");

async function download(page, link) {
  const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return readFile(await file.path());
}

async function choose(sheet, buffer) {
  await (await live(sheet.locator("#sheet-file"))).setInputFiles({ name: "質問.xlsx", mimeType: MIME, buffer });
}

// The template, with mistakes in five cells: each is told, and nothing is taken. Answers the template.
async function refused(page, { axe, shot, expect }) {
  await press(page.getByRole("button", { name: "Excel", exact: true }));
  const sheet = page.locator("dialog#sheet");
  await axeAtBothWidths(page, "the dialog of a table of questions", axe);
  const template = await download(page, sheet.getByRole("link", { name: "ひな形（Excel）" }));
  await choose(sheet, Buffer.from("PK\x03\x04 and nothing more", "latin1"));
  await sheet.getByText("表として読めませんでした").waitFor();
  await axe(page, "a file that is no workbook");
  const wrong = { 1: "はじめ", はい: "たぶん", "東地区／西地区／その他": "東地区", 段階: "なぞなぞ", ご意見: "　" };
  await choose(sheet, rewritten(template, wrong));
  await sheet.getByText("直すところが 5つあります").waitFor();
  const rows = await sheet.locator("table.data tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  expect(rows.map(([cell]) => cell), "the cells with mistakes").toEqual(["A2", "D2", "F2", "C3", "B4"]);
  for (const [i, words] of ["「はじめ」はページの番号ではありません", "「たぶん」は読み取れません", "選択肢を2つ以上", "「なぞなぞ」という答え方はありません", "質問の文がありません"].entries()) {
    expect(rows[i][1], `what is wrong in ${rows[i][0]}`).toContain(words);
  }
  expect(await sheet.getByRole("button", { name: /質問を足す$/ }).count(), "ways to take it").toBe(0);
  await axeAtBothWidths(page, "a workbook with mistakes", axe);
  await shot(page, "form-sheet-wrong", { fullPage: false });
  return template;
}

// The mended file: its questions come, go and come again; they leave as a workbook, too.
async function taken(page, template, { axe, shot, expect, until }) {
  const sheet = page.locator("dialog#sheet");
  await choose(sheet, rewritten(template, { お住まいの地区: LABELS[0], ご意見: LABELS[2] }));
  const take = sheet.getByRole("button", { name: "3つの質問を足す" });
  await take.waitFor();
  const read = await texts(sheet.locator("ol.changes li"));
  for (const [i, kind] of ["ひとつ選ぶ", "段階", "長い文"].entries()) {
    expect(read[i], "a question that was read").toContain(LABELS[i]);
    expect(read[i], "how it is answered").toContain(kind);
  }
  await axeAtBothWidths(page, "a workbook that was read", axe);
  await shot(page, "form-sheet-read", { fullPage: false });
  await press(take);
  await until(async () => (await outline(page).count()) === 3, "the questions of the workbook");
  expect(await texts(outline(page)), "the outline").toEqual(LABELS);
  expect(await page.locator(".outline-page").count(), "its pages").toBe(2);
  await press(page.getByRole("button", { name: "1つ前にもどす" }));
  await until(async () => (await outline(page).count()) === 0, "they are gone again");
  await press(page.getByRole("button", { name: "やり直す" }));
  await until(async () => (await outline(page).count()) === 3, "they are back");
  await openQuestion(page, 1);
  expect(await page.locator("#b-required").isChecked(), "「はい」 in the column of what must be answered").toBe(true);
  expect(await page.locator(".option-line").count(), "the options of the cell").toBe(3);
  await until(async () => (await page.locator(".editor-state").innerText()).includes("自動で保存しました"), "it is saved by itself");
  await press(page.getByRole("button", { name: "Excel", exact: true }));
  const own = cellTexts(await download(page, sheet.getByRole("link", { name: "いまの質問（Excel）" })));
  for (const words of [...LABELS, "東地区／西地区／その他", "はい"]) expect(own, "the form's own workbook").toContain(words);
  await press(sheet.getByRole("button", { name: "やめる", exact: true }));
  await sheet.waitFor({ state: "hidden" });
}

async function promised(page, purpose) {
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill(purpose);
  await page.locator("#b-retention_days").fill("30");
}

async function published(page) {
  await promised(page, "出店の場所を決めるために使います。");
  await page.locator('input[name="b-outside"]').check();
  return publishForm(page, 1);
}

// Somebody has written everything, and has not sent it yet.
async function begun(phone, id, { expect }) {
  await phone.goto(`/liff/f/${id}`);
  await heading(phone, TITLE);
  expect(await asked(phone, LABELS[0]).getByRole("radio").count(), "the options of the workbook").toBe(3);
  await asked(phone, LABELS[0]).getByLabel("東地区", { exact: true }).check();
  await asked(phone, LABELS[1]).getByRole("radio").nth(3).check();
  await next(phone);
  await phone.getByLabel(LABELS[2]).fill("やきそば");
  await next(phone);
  await heading(phone, "内容を確かめる");
  return phone;
}

// Whoever comes now is told that it is over; whoever was about to send hears so, and loses nothing.
async function closed(desk, phone, id, { newPage, axe, shot, expect, until }) {
  await press(desk.getByRole("button", { name: "受付を終える", exact: true }));
  const dialog = desk.getByRole("dialog", { name: "受付を終えます" });
  await dialog.waitFor();
  await axe(desk, "the question before a form is closed");
  await press(dialog.getByRole("button", { name: "受付を終える", exact: true }));
  await desk.getByText("受付を終えています。").waitFor();
  await until(async () => (await desk.locator(".status", { hasText: "受付終了" }).count()) > 0, "its state");
  await axeAtBothWidths(desk, "a form that was closed", axe);
  await shot(desk, "form-closed");

  await phone.getByRole("button", { name: "この内容で送る" }).click();
  await phone.locator("#liff-errors").waitFor();
  expect(await phone.locator("#liff-errors").innerText(), "why it is not taken").toContain("いまは受け付けていません。書いた内容は、この画面に残っています");
  expect(await phone.locator("main").innerText(), "what was written").toContain("やきそば");
  await narrow(phone, axe, "what cannot be sent any more");
  await shot(phone, "form-closed-midway");
  const other = await newPage(PHONE);
  await other.goto(`/liff/f/${id}`);
  await heading(other, "受付は終わりました");
  expect(await other.locator("#liff-form").count(), "questions of a form that was closed").toBe(0);
  await narrow(other, axe, "a form that was closed");
  await other.close();
}

// The same page sends what it holds; others are asked again.
async function reopened(desk, phone, id, { newPage, axe, expect }) {
  await press(desk.getByRole("button", { name: "もう一度受け付ける" }));
  const dialog = desk.getByRole("dialog", { name: "もう一度受け付けます" });
  await dialog.waitFor();
  await axe(desk, "the question before a form is opened again");
  await press(dialog.getByRole("button", { name: "受け付ける", exact: true }));
  await desk.getByText("いま受け付けています。").waitFor();
  await desk.getByText("公開中 第1版").first().waitFor();
  await axe(desk, "a form that was opened again");

  await phone.getByRole("button", { name: "この内容で送る" }).click();
  await heading(phone, "受け付けました");
  const other = await newPage(PHONE);
  await other.goto(`/liff/f/${id}`);
  await heading(other, TITLE);
  expect(await asked(other, LABELS[0]).getByRole("radio").count(), "what is asked again").toBe(3);
  await other.close();
  await desk.reload();
  expect(await desk.locator(".strip dd").first().innerText(), "what arrived").toMatch(/^1\s*件$/);
}

// The copy has the questions and none of the answers; put away it stands in no list but its own.
async function copied(page, id, { axe, shot, expect, until }) {
  await press(page.getByRole("button", { name: "複製", exact: true }));
  await page.waitForURL((url) => /\/console\/forms\/\d+\/edit$/.test(url.pathname) && !url.pathname.includes(`/${id}/`));
  const edit = new URL(page.url()).pathname;
  const copy = edit.replace(/\/edit$/, "");
  await until(async () => (await outline(page).count()) === 3, "the copied questions");
  expect(await texts(outline(page)), "the copy's outline").toEqual(LABELS);
  await page.goto(copy);
  await page.getByText("まだ公開していません。住民には見えません。").waitFor();
  expect(await page.locator(".strip dd").first().innerText(), "answers of a copy").toMatch(/^0\s*件$/);
  await axeAtBothWidths(page, "a copy", axe);

  await press(page.getByRole("button", { name: "保管する" }));
  await page.getByText("保管しています。答えと集計は見られます。").waitFor();
  expect(await page.getByRole("link", { name: "作る・直す" }).count(), "ways to edit what is put away").toBe(0);
  await axeAtBothWidths(page, "a form that is put away", axe);
  await shot(page, "form-archived");
  await page.goto(edit);
  await page.waitForURL(`**${copy}`);
  await page.getByText("保管しています。").waitFor();

  const listed = page.locator("table.list tbody tr");
  await page.goto("/console/forms");
  await listed.filter({ hasText: TITLE }).first().waitFor();
  expect(await listed.filter({ hasText: COPY }).count(), "what is put away, in the list").toBe(0);
  await takenOver(page);
  await page.locator(".filters details.menu > summary").click();
  await page.locator(".filters").getByRole("link", { name: "保管", exact: true }).click();
  await page.waitForURL(/state=archived/);
  await listed.filter({ hasText: COPY }).waitFor();
  expect(await listed.filter({ hasText: TITLE }).count(), "what is put away").toBe(1);
  await axeAtBothWidths(page, "the forms that are put away", axe);
  await shot(page, "forms-archived");
  await page.getByRole("link", { name: COPY }).click();
  await press(page.getByRole("button", { name: "一覧へもどす" }));
  await page.getByText("まだ公開していません。住民には見えません。").waitFor();
  await page.goto("/console/forms");
  await listed.filter({ hasText: COPY }).waitFor();
  expect(await listed.filter({ hasText: COPY }).innerText(), "its state").toContain("準備中");
}

// It is sent back with words, changed, asked for again, changed once more and published as it is then.
async function requested({ newPage, signIn: account, axe, shot, expect, until }) {
  const [writer, approver] = [await newPage(), await newPage()];
  await signIn(writer, { ...account, name: WRITER });
  await signIn(approver, { ...account, name: APPROVER });
  await beginForm(writer, VISIT);
  await addQuestion(writer, "long_text", "見学したい日");
  await promised(writer, "見学の日を決めるために使います。");
  const ask = async (words) => {
    await press(writer.getByRole("button", { name: "公開前の点検へ" }));
    const check = writer.locator("dialog#publish");
    await (await live(check.getByLabel("公開する人へのひとこと"))).fill(words);
    expect(await check.getByRole("button", { name: /版を公開する/ }).count(), "ways to publish").toBe(0);
    await axeAtBothWidths(writer, "the question before a form's publication is asked for", axe);
    await press(check.getByRole("button", { name: "公開を求める" }));
    await writer.waitForURL(/\/console\/forms\/\d+$/);
    await writer.getByRole("heading", { name: "公開を待っています" }).waitFor();
    return new URL(writer.url()).pathname;
  };
  const path = await ask(WORDS);
  await axeAtBothWidths(writer, "a form whose publication was asked for", axe);

  await approver.goto("/console");
  await approver.getByRole("heading", { name: "承認を待つもの" }).waitFor();
  const waits = approver.getByRole("link", { name: `フォーム「${VISIT}」の公開`, exact: true });
  await waits.waitFor();
  const counted = approver.locator('a[href="/console/forms"]', { hasText: "件があなたを待っています" });
  await counted.first().waitFor();
  await axe(approver, "home with a form that is to be published");
  await shot(approver, "home-form");
  await waits.click();
  await approver.waitForURL(`**${path}`);
  await approver.getByText(WORDS).waitFor();
  await axeAtBothWidths(approver, "a form that is to be published", axe);
  await shot(approver, "form-asked");
  await press(approver.getByRole("button", { name: "差しもどす", exact: true }));
  const back = approver.locator("dialog#send-back");
  await back.waitFor({ state: "visible" });
  await press(back.getByRole("button", { name: "差しもどす", exact: true }));
  await back.getByText("理由が空です").waitFor();
  await axe(approver, "sending a form back without a reason");
  await back.getByLabel("どこを直してほしいか").fill(WHY);
  await press(back.getByRole("button", { name: "差しもどす", exact: true }));
  await approver.getByRole("heading", { name: "公開の求めが、差しもどされました" }).waitFor();

  await writer.goto("/console");
  const bell = await live(writer.locator(".bar details.notices"));
  await bell.locator("summary").click();
  await bell.getByRole("link", { name: `フォーム「${VISIT}」の公開が、差しもどされました` }).click();
  await writer.waitForURL(`**${path}`);
  await writer.getByText(WHY).waitFor();
  await axe(writer, "a form that was sent back");
  const change = async (words) => {
    await writer.goto(`${path}/edit`);
    await (await live(writer.locator("#b-label"))).fill(words);
  };
  await change("見学したい日（火曜か木曜）");
  await writer.getByText(WHY).waitFor();
  await axe(writer, "the builder of a form that was sent back");
  await ask("");
  await change("見学したい日と時間（火曜か木曜）");
  await until(async () => {
    await approver.goto(path);
    return (await approver.getByText("求めたあとに直されています").count()) > 0;
  }, "the change is said to whoever publishes");
  await press(approver.getByRole("button", { name: "第1版を公開する" }));
  const sure = approver.locator("dialog#publish-asked");
  await sure.waitFor({ state: "visible" });
  await axe(approver, "the question before a form is published");
  await press(sure.getByRole("button", { name: "第1版を公開する" }));
  await approver.getByText("公開中 第1版").first().waitFor();
  expect(await approver.getByRole("heading", { name: "公開を求められています" }).count(), "what waits after it").toBe(0);
}

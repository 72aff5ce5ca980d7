// Two people answer a form outside LINE, one without any script. The department finds them unread, reads one, gives
// it a state and a note, fills in its own field, looks at the table and the figures, narrows the table by a question,
// keeps a view, and takes everything away, photos in a ZIP. A resident
// answers in LINE, is asked for by the answer, and a delivery begins for whoever answered.
import { readFile } from "node:fs/promises";
import { addQuestion, beginForm, paste, publishForm } from "../lib/form.mjs";
import { axeAtBothWidths, download, live, number, press, signIn, texts } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";
import { parts } from "../lib/workbook.mjs";

export const name = "answers to a form are read, worked on, counted and exported";

const TITLE = "公園のご意見";

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const page = await newPage();
  await signIn(page, account);
  const id = await made(page, tools);
  await answered(await newPage({ javaScript: false, width: 375, height: 812 }), id, "よく使う", "=SUM(1) 木かげがほしい", tools);
  await answered(await newPage(), id, "使わない", "", tools);
  await read(page, tools);
  await looked(page, id, tools);
  await narrowed(page, id, tools);
  await kept(page, id, tools);
  await taken(page, id, tools);
  await together(page, tools);
  await resident(tools, id);
  await asked(page, id, tools);
}

async function made(page, { expect }) {
  await beginForm(page, TITLE);
  await addQuestion(page, "one", "公園を使いますか");
  await paste(page, ["よく使う", "ときどき使う", "使わない"]);
  await (await live(page.locator("#b-required"))).check();
  await addQuestion(page, "long_text", "ご意見");
  await addQuestion(page, "number", "いっしょに行く人数");
  await press(page.locator("#line-statuses"));
  await press(page.getByRole("button", { name: "「受付済み・対応中・完了」を使う" }));
  await page.locator(".statuses > li").nth(2).waitFor();
  await press(page.getByRole("button", { name: "職員の欄を足す" }));
  const dialog = page.locator("dialog.add-dialog");
  await dialog.waitFor({ state: "visible" });
  for (const kind of ["photo", "file", "group"]) {
    expect(await dialog.locator(`.kind[data-kind="${kind}"]`).isVisible(), `staff are offered ${kind}`).toBe(false);
  }
  await press(dialog.locator('.kind[data-kind="text"]'));
  await dialog.waitFor({ state: "hidden" });
  await (await live(page.locator("#b-label"))).fill("担当");
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("公園の計画に使います。");
  await page.locator("#b-retention_days").fill("30");
  await page.locator('input[name="b-outside"]').check();
  return publishForm(page, 1);
}

async function answered(page, id, choice, words, { expect }) {
  await page.goto(`/liff/f/${id}?page=0`);
  await page.getByLabel(choice, { exact: true }).check();
  if (words) await page.getByLabel("ご意見").fill(words);
  await page.locator('button[name="act"][value="next"]').last().click();
  await page.locator('button[name="act"][value="send"]').last().click();
  await page.getByText(/受付番号/).first().waitFor();
  expect(await page.locator("body").innerText(), "the receipt").toMatch(/R\d+-000[12]/);
}

// The inbox and one answer.
async function read(page, { axe, shot, expect, until }) {
  await page.goto("/console/answers");
  await page.locator("tr.is-unread").nth(1).waitFor();
  await until(async () => (await page.getByRole("navigation").first().innerText()).includes("2"), "the counter");
  await axeAtBothWidths(page, "the inbox", axe);
  await shot(page, "answers");
  await page.locator("tr.is-unread .title-link").last().click();
  await page.getByText("木かげがほしい").waitFor();
  await page.getByText("閲覧は記録されます").waitFor();
  await axeAtBothWidths(page, "an answer", axe);
  await shot(page, "answer");
  const card = page.locator(".states label", { hasText: "対応中" });
  await live(card.locator("input"));
  await worked(page, card, { until });
  await page.locator("#note").fill("電話で話しました");
  await press(page.getByRole("button", { name: "メモを残す" }));
  await until(async () => (await page.locator(".events").innerText()).includes("電話で話しました"), "the note in the history");
  await axe(page, "an answer that is worked on");
  await press(page.getByRole("button", { name: "未読にもどす" }));
  await page.waitForURL("**/console/answers");
  await until(async () => (await page.locator("tr.is-unread").count()) === 2, "it is unread again");
  await page.locator("tr.is-unread .title-link").first().click();
  await page.getByRole("heading", { level: 1, name: /受付番号/ }).waitFor();
  await page.goto("/console/answers?unread=1");
  await until(async () => (await page.locator("tr.is-unread").count()) === 1, "one is left");
  await page.locator(".chips details.menu", { hasText: "期間" }).locator("summary").click();
  await page.getByRole("link", { name: "きょう", exact: true }).click();
  await page.waitForURL(/from=\d{4}-\d\d-\d\d&until=/);
  await page.getByRole("link", { name: "期間「きょう」を外す" }).waitFor();
  expect(await page.locator("tr.is-unread").count(), "what came today").toBe(1);
  await axeAtBothWidths(page, "the inbox of some days", axe);
}

// The staff's own field is saved when it is left, with a way back; what is typed outlasts a change of the state.
async function worked(page, card, { until }) {
  const own = page.locator("#staff-fields input");
  const told = async (words) => (await page.locator(".events").innerText()).split(words).length - 1;
  const holds = (value) => until(async () => (await own.inputValue()) === value, `the field holds ${value}`);
  await own.fill("森下");
  await card.click();
  await until(async () => (await told("受付済み → 対応中")) === 1, "the state in the history");
  await until(async () => (await told("職員の欄を書きました")) === 1, "the field in the history");
  await holds("森下");
  await own.fill("小川");
  await page.locator("#note").focus();
  await until(async () => (await told("職員の欄を書きました")) === 2, "the other words are saved");
  await press(page.locator(".toast", { hasText: "職員の欄を保存しました" }).last().getByRole("button", { name: "元にもどす" }));
  await holds("森下");
  await until(async () => (await told("職員の欄を書きました")) === 3, "it is saved again");
  await page.reload();
  await live(card.locator("input"));
  await holds("森下");
}

// Table, figures, files.
async function looked(page, id, { axe, shot, expect, until }) {
  await page.goto(`/console/forms/${id}/answers`);
  await page.locator(".answers-table tbody tr").nth(1).waitFor();
  await axeAtBothWidths(page, "the table of answers", axe);
  await shot(page, "answer-table");
  await page.getByRole("link", { name: "公園を使いますか" }).click();
  await page.waitForURL(/sort=/);
  await page.getByRole("searchbox", { name: /答えの中/ }).fill("木かげ");
  await page.keyboard.press("Enter");
  await until(async () => (await page.locator(".answers-table tbody tr").count()) === 1, "the one that was found");
  await page.locator("details.columns > summary").click();
  await live(page.getByRole("button", { name: "この列を出す" }));
  await page.locator(".columns-list").getByLabel("公園を使いますか").uncheck();
  await press(page.getByRole("button", { name: "この列を出す" }));
  await page.waitForURL(/columns=/);
  await until(async () => !(await texts(page.locator(".answers-table thead th"))).includes("公園を使いますか"), "a column less");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV", exact: true }).click()]);
  const csv = await readFile(await download.path(), "utf8");
  expect(csv.trim().split("\r\n").length, "lines of the file").toBe(3);
  expect(csv, "no formula").toContain("'=SUM(1) 木かげがほしい");
  const [book] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Excel", exact: true }).click()]);
  expect((await readFile(await book.path())).subarray(0, 2).toString(), "a workbook").toBe("PK");
  await page.goto(`/console/forms/${id}/figures`);
  await page.locator(".chart-sentence").first().waitFor();
  expect(await page.locator(".chart-sentence").first().innerText(), "the sentence").toContain("2件のうち 2件が答えました");
  await axeAtBothWidths(page, "the figures", axe);
  await shot(page, "form-figures");
}

// The table by what was answered to a question: narrowed, widened, kept as a view and brought back by it.
async function narrowed(page, id, { axe, expect, until }) {
  const rows = (n) => until(async () => (await page.locator(".answers-table tbody tr").count()) === n, `${n} rows`);
  await page.goto(`/console/forms/${id}/answers`);
  await page.locator("details.narrow > summary").click();
  await live(page.getByRole("button", { name: "この質問でしぼる" }));
  await page.locator("#narrow-field").selectOption({ label: "公園を使いますか" });
  await page.locator(".narrow-list").getByLabel("使わない", { exact: true }).check();
  await axe(page, "a filter by a question");
  await press(page.getByRole("button", { name: "この質問でしぼる" }));
  await page.waitForURL(/where=/);
  await rows(1);
  expect(await page.locator(".narrowed").innerText(), "what holds").toContain("公園を使いますか：使わない");
  await axeAtBothWidths(page, "the table that is narrowed", axe);
  await page.locator(".narrowed .chip-clear").click();
  await rows(2);
  await page.goBack();
  await rows(1);
  await press(page.getByRole("button", { name: "この表示を残す" }));
  const dialog = page.locator("dialog#view-dialog");
  await dialog.getByLabel("表示の名前").fill("使わない人");
  await press(dialog.getByRole("button", { name: "残す", exact: true }));
  await page.getByRole("button", { name: "表示を消す" }).first().waitFor();
  await page.goto(`/console/forms/${id}/answers`);
  await page.locator(".views summary").click();
  await page.locator(".views").getByRole("link", { name: /使わない人/ }).click();
  await page.waitForURL(/where=/);
  await rows(1);
  expect(await page.locator(".narrowed").count(), "the filter of the view").toBe(1);
  await press(page.getByRole("button", { name: "表示を消す" }).first());
  await press(dialog.getByRole("button", { name: "表示を消す" }));
  await page.waitForURL((url) => !url.searchParams.has("where"));
  await until(async () => (await page.locator(".views summary").count()) === 0, "the view is gone");
}

// A view under a name: kept, left, chosen again, renamed and deleted.
async function kept(page, id, { axe, shot, expect, until }) {
  await page.goto(`/console/forms/${id}/answers?q=${encodeURIComponent("木かげ")}`);
  await press(page.getByRole("button", { name: "この表示を残す" }));
  const dialog = page.locator("dialog#view-dialog");
  await dialog.waitFor({ state: "visible" });
  await press(dialog.getByRole("button", { name: "残す", exact: true }));
  await dialog.getByText("表示の名前を書いてください").waitFor();
  await axe(page, "a view without a name");
  await dialog.getByLabel("表示の名前").fill("木かげの話");
  await dialog.getByLabel("回答を見られる人みんなで使う").check();
  await press(dialog.getByRole("button", { name: "残す", exact: true }));
  await page.getByRole("button", { name: "表示の名前を変える" }).waitFor();
  await axeAtBothWidths(page, "the table in a view that is kept", axe);
  await shot(page, "answer-view");
  await page.goto(`/console/forms/${id}/answers`);
  await page.locator(".views summary").click();
  await page.locator(".views").getByRole("link", { name: "木かげの話" }).click();
  await page.waitForURL(/q=/);
  await until(async () => (await page.locator(".answers-table tbody tr").count()) === 1, "what the view shows");
  await press(page.getByRole("button", { name: "表示の名前を変える" }));
  await dialog.getByLabel("表示の名前").fill("木の話");
  await press(dialog.getByRole("button", { name: "この名前にする" }));
  await until(async () => (await page.locator(".views").innerText()).includes("木の話"), "the other name");
  await press(page.getByRole("button", { name: "表示を消す" }));
  await press(dialog.getByRole("button", { name: "表示を消す" }));
  await page.waitForURL((url) => !url.searchParams.has("q"));
  await until(async () => (await page.locator(".views summary").count()) === 0, "no view is left");
  await until(async () => (await page.locator(".answers-table tbody tr").count()) === 2, "no answer is lost");
}

// Files that are made in the background.
async function taken(page, id, { axe, shot, expect }) {
  await page.getByRole("link", { name: "書き出す" }).click();
  await page.waitForURL("**/export");
  await page.getByText("まだありません").waitFor();
  await axeAtBothWidths(page, "no file yet", axe);
  const card = page.locator("label", { hasText: "CSV（Shift_JIS）" });
  await live(card.locator("input"));
  await card.click();
  await press(page.getByRole("button", { name: "ファイルを作る" }));
  const file = page.locator(".exports > li");
  await file.getByRole("link", { name: "ダウンロード" }).waitFor();
  expect(await file.innerText(), "what is in it").toContain("2件");
  await axeAtBothWidths(page, "a file that is ready", axe);
  await shot(page, "answer-export");
  const [download] = await Promise.all([page.waitForEvent("download"), file.getByRole("link", { name: "ダウンロード" }).click()]);
  expect(download.suggestedFilename(), "its name").toMatch(/^answers-\d+-\d{4}-\d\d-\d\d\.csv$/);
  const words = new TextDecoder("shift_jis").decode(await readFile(await download.path()));
  expect(words, "the old letters").toContain("'=SUM(1) 木かげがほしい");
  await press(file.getByRole("button", { name: /を消す$/ }));
  await page.getByText("まだありません").waitFor();
}

// Photos go along in a ZIP, each in the folder of its receipt number, beside the table.
async function together(page, { newPage, axe, shot, expect }) {
  await beginForm(page, "道の穴");
  await addQuestion(page, "photo", "写真");
  await addQuestion(page, "consent", "利用目的への同意");
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("道を直すために使います。");
  await page.locator("#b-retention_days").fill("30");
  await page.locator('input[name="b-outside"]').check();
  const id = await publishForm(page, 1);
  const phone = await newPage({ width: 375, height: 812, wasm: false });
  await phone.goto(`/liff/f/${id}?page=0`);
  await phone.locator("[data-upload] input[type=file]").setInputFiles({ name: "穴.png", mimeType: "image/png", buffer: png(40, 30) });
  await phone.locator(".form-file img").waitFor();
  await phone.getByLabel(/^同意する/).check();
  await phone.locator('button[name="act"][value="next"]').last().click();
  await phone.locator('button[name="act"][value="send"]').last().click();
  await phone.getByText(/受付番号/).first().waitFor();
  await page.goto(`/console/forms/${id}/export`);
  await page.getByText("写真・ファイル：1個").waitFor();
  const card = page.locator("label", { hasText: "ファイルもまとめて（ZIP）" });
  await live(card.locator("input"));
  await card.click();
  await press(page.getByRole("button", { name: "ファイルを作る" }));
  const link = page.locator(".exports > li").getByRole("link", { name: "ダウンロード" });
  await link.waitFor();
  await axeAtBothWidths(page, "a ZIP that is ready", axe);
  await shot(page, "answer-zip");
  const zip = await download(page, () => link.click());
  expect(zip.name, "its name").toMatch(/^answers-\d+-\d{4}-\d\d-\d\d\.zip$/);
  const [[photo, bytes], [table, csv], ...rest] = parts(zip.bytes);
  expect(photo, "the photo in the folder of its receipt number").toMatch(/^R\d+-0001\/1_穴\.jpg$/);
  expect(bytes.subarray(0, 2).toString("hex"), "a JPEG").toBe("ffd8");
  expect([table, rest.length].join(), "nothing but the table beside it").toBe("回答.csv,0");
  expect(csv.toString("utf8"), "where the photo lies").toContain(photo);
}

// In LINE, so that it is known who answered.
async function resident({ sandbox, newPage, until }, id) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const who = await sandbox.resident("公園 すき");
  await sandbox.act(who, "follow");
  await until(async () => (await sandbox.received(who)).length > 0, "the greeting");
  const page = await newPage({ width: 375, height: 812, wasm: false });
  await page.goto(sandbox.liffUrl(liffId, who, `/f/${id}`));
  await page.waitForURL(`**/liff/f/${id}`);
  await until(async () => (await page.locator('#liff-form input[name="session"]').inputValue()) !== "", "the identity");
  await page.getByLabel("ときどき使う", { exact: true }).check();
  await page.getByLabel("いっしょに行く人数").fill("3");
  await page.locator('button[name="act"][value="next"]').last().click();
  await page.locator('button[name="act"][value="send"]').last().click();
  await page.getByText(/受付番号/).first().waitFor();
}

const people = (page, n, until) =>
  until(async () => {
    const words = await page.locator(".audience-side .figure-xl").innerText();
    return !words.includes("—") && number(words) === n;
  }, `the head count of ${n}`);

// Who answered so, who has not answered, and a delivery for whoever did.
async function asked(page, id, { axe, shot, expect, until }) {
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  await press(page.locator(".pick").first());
  await press(page.locator(".pick-list .pick-option", { hasText: "フォームで選んだこと" }));
  const list = page.getByRole("dialog", { name: "どれか" });
  await list.getByRole("searchbox").fill("公園を使い");
  await until(async () => (await list.locator(".pick-option").count()) === 3, "the options of the question");
  await axeAtBothWidths(page, "the options to pick from", axe);
  await shot(page, "audience-options", { fullPage: false });
  await press(list.locator(".pick-option", { hasText: "ときどき使う" }));
  await people(page, 1, until);
  const said = () => page.locator(".readback-text").textContent();
  expect(await said(), "the sentence").toContain(`フォーム『${TITLE}』の質問『公園を使いますか』に「ときどき使う」と答えた人`);
  await axe(page, "who answered so");
  await shot(page, "audience-answers");
  // By a number that was written: first which question, then how many.
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  await press(page.locator(".pick").first());
  await press(page.locator(".pick-list .pick-option", { hasText: "フォームの数・日付・表" }));
  const questions = page.getByRole("dialog", { name: "どの質問か" });
  await questions.getByRole("searchbox").fill(TITLE);
  await until(async () => (await questions.locator(".pick-option").count()) === 1, "the question that asks for a number");
  await axeAtBothWidths(page, "the questions to pick from", axe);
  await press(questions.locator(".pick-option"));
  await (await live(list.getByLabel("いくつから"))).fill("4");
  await people(page, 0, until);
  await list.getByLabel("いくつから").fill("3");
  await people(page, 1, until);
  expect(await said(), "the sentence with a number").toContain(`フォーム『${TITLE}』の質問『いっしょに行く人数』が3以上の人`);
  await axe(page, "who wrote such a number");
  await shot(page, "audience-number", { fullPage: false });
  await page.goto(`/console/answers?form=${id}`);
  await page.locator("tbody tr").first().waitFor();
  await axeAtBothWidths(page, "the answers of one form", axe);
  await page.getByRole("button", { name: "答えた人に配信" }).click();
  await page.waitForURL(/\/console\/deliveries\/\d+\/edit$/);
  await until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === "1人", "whoever answered in LINE");
  expect(await page.locator("body").innerText(), "the form that they answered").toContain(TITLE);
}

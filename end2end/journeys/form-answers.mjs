// Two people answer a form outside LINE, one without any script. The department finds them unread, reads one, gives
// it a state and a note, looks at the table and the figures, and takes everything away.
import { readFile } from "node:fs/promises";
import { axeAtBothWidths, live, press, signIn, texts } from "../lib/page.mjs";

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
}

async function add(page, kind, label) {
  await press(page.getByRole("button", { name: "質問を足す" }).first());
  await press(page.locator(`dialog.add-dialog .kind[data-kind="${kind}"]`));
  await (await live(page.locator("#b-label"))).fill(label);
}

async function made(page, { until }) {
  await page.goto("/console/forms/new");
  await (await live(page.locator("#new-title"))).fill(TITLE);
  await press(page.getByRole("button", { name: "作りはじめる" }));
  await page.waitForURL(/\/edit$/);
  await add(page, "one", "公園を使いますか");
  await press(page.getByRole("button", { name: "まとめて書く・貼り付ける" }));
  await page.locator("#pasted").fill("よく使う\nときどき使う\n使わない");
  await press(page.getByRole("button", { name: "この選択肢にする" }));
  await (await live(page.locator("#b-required"))).check();
  await add(page, "long_text", "ご意見");
  await press(page.locator("#line-statuses"));
  await press(page.getByRole("button", { name: "「受付済み・対応中・完了」を使う" }));
  await page.locator(".statuses > li").nth(2).waitFor();
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("公園の計画に使います。");
  await page.locator("#b-retention_days").fill("30");
  await page.locator('input[name="b-outside"]').check();
  await until(async () => (await page.locator(".findings-ok").count()) === 1, "nothing stands against it");
  await press(page.getByRole("button", { name: "公開前の点検へ" }));
  await press(page.getByRole("button", { name: "第1版を公開する" }));
  await page.waitForURL(/\/console\/forms\/\d+$/);
  return new URL(page.url()).pathname.split("/").pop();
}

async function answered(page, id, choice, words, { expect }) {
  await page.goto(`/liff/f/${id}`);
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
  expect(await page.getByRole("navigation").first().innerText(), "the counter").toContain("2");
  await axeAtBothWidths(page, "the inbox", axe);
  await shot(page, "answers");
  await page.locator("tr.is-unread .title-link").last().click();
  await page.getByText("木かげがほしい").waitFor();
  await page.getByText("閲覧は記録されます").waitFor();
  await axeAtBothWidths(page, "an answer", axe);
  await shot(page, "answer");
  const card = page.locator(".states label", { hasText: "対応中" });
  await live(card.locator("input"));
  await card.click();
  await page.locator("#note").fill("電話で話しました");
  await press(page.getByRole("button", { name: "状態とメモを保存する" }));
  await until(async () => (await page.locator(".events").innerText()).includes("電話で話しました"), "the note in the history");
  await axe(page, "an answer that is worked on");
  await press(page.getByRole("button", { name: "未読にもどす" }));
  await page.waitForURL("**/console/answers");
  await until(async () => (await page.locator("tr.is-unread").count()) === 2, "it is unread again");
  await page.locator("tr.is-unread .title-link").first().click();
  await page.getByRole("heading", { level: 1, name: /受付番号/ }).waitFor();
  await page.goto("/console/answers?unread=1");
  await until(async () => (await page.locator("tr.is-unread").count()) === 1, "one is left");
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

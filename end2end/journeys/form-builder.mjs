// An official makes a survey with logic from nothing: questions by the kind, an order, a branch, a stop; tries it
// on the phone beside it, mends what stands against publishing, publishes, and finds it in the list.
import { readFile } from "node:fs/promises";
import { addQuestion, branch, openQuestion, paste } from "../lib/form.mjs";
import { axeAtBothWidths, keysTo, live, press, signIn, texts } from "../lib/page.mjs";

export const name = "an official builds a form with logic, tries it, publishes it, edits it again and shares it";

const TITLE = "公園についてのアンケート";

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const page = await newPage();
  await signIn(page, account);
  await begun(page, tools);
  await built(page, tools);
  await tried(page, tools);
  await published(page, tools);
  await changed(page, tools);
  await shared(page, tools);
  await fromPack(page, tools);
}

// The lists, empty, and a form from nothing.
async function begun(page, { axe, shot, expect }) {
  await page.goto("/console/answers");
  await page.getByRole("heading", { name: "回答", level: 1 }).waitFor();
  await axeAtBothWidths(page, "the inbox, empty", axe);
  await page.goto("/console/forms/new");
  await page.getByRole("heading", { name: "ひな形から始める" }).waitFor();
  expect(await page.locator(".packs > li").count(), "packs").toBe(5);
  await axeAtBothWidths(page, "the ways to begin a form", axe);
  await shot(page, "form-new");
  await press(page.getByRole("button", { name: "作りはじめる" }));
  await page.getByText("題名を書いてください").waitFor();
  await page.locator("#new-title").fill(TITLE);
  await press(page.getByRole("button", { name: "作りはじめる" }));
  await page.waitForURL(/\/console\/forms\/\d+\/edit$/);
  await page.locator("#b-title, #edited").first().waitFor();
  await axeAtBothWidths(page, "the builder, empty", axe);
}

// Questions, order, a branch and a stop.
async function built(page, { axe, shot, expect, until }) {
  await press(page.getByRole("button", { name: "質問を足す" }).first());
  await axeAtBothWidths(page, "the kinds of questions", axe);
  await shot(page, "form-kinds", { fullPage: false });
  await page.keyboard.press("Escape");
  await addQuestion(page, "one", "この1年に公園を使いましたか");
  await paste(page, ["よく使う", "ときどき使う", "使わない"]);
  await addQuestion(page, "many", "使う公園");
  await addQuestion(page, "long_text", "使わない理由");
  await addQuestion(page, "scale", "公園への満足度");
  const outline = page.locator(".outline-question .outline-label");
  expect(await texts(outline), "the outline").toEqual(["この1年に公園を使いましたか", "使う公園", "使わない理由", "公園への満足度"]);
  // The order, by key.
  await keysTo(page.locator(".outline-question .outline-item").nth(3));
  await page.keyboard.press("Alt+ArrowUp");
  await until(async () => (await texts(outline))[2] === "公園への満足度", "the scale has moved up");
  await press(page.getByRole("button", { name: "1つ前にもどす" }));
  await until(async () => (await texts(outline))[3] === "公園への満足度", "it is back");
  // A branch of the first question: who does not use a park is asked why.
  await openQuestion(page, 1);
  await branch(page, "3 使わない理由 をきく", ["使わない"]);
  await until(async () => (await texts(page.locator(".outline-inset .outline-meta")))[0]?.includes("使わない"), "the branch in the outline");
  await axeAtBothWidths(page, "the builder with a branch", axe);
  await shot(page, "form-builder");
}

// The phone decides as it will for residents.
async function tried(page, { axe, expect, until }) {
  const phone = page.locator("#form-preview");
  const labels = async () => texts(phone.locator(".preview-q legend, .preview-q .field-label"));
  await press(page.getByRole("button", { name: "はじめから" }));
  await until(async () => !(await labels()).some((l) => l.startsWith("使わない理由")), "not asked yet");
  await phone.getByText("使わない", { exact: true }).click();
  await until(async () => (await labels()).some((l) => l.startsWith("使わない理由")), "asked who does not use one");
  await axe(page, "the builder that is tried");
  await page.locator(".outline-question .outline-item").first().click();
  await (await live(page.locator("#b-required"))).check();
  await press(page.getByRole("button", { name: "はじめから" }));
  await press(phone.getByRole("button", { name: "内容を確かめる" }));
  await until(async () => (await phone.locator(".field-error").count()) > 0, "what is missing is told");
  expect((await texts(page.locator(".editor-state")))[0], "nothing of it is an answer").toMatch(/保存|書いて/);
}

// What stands against it, one by one; then it is published.
async function published(page, { axe, shot, expect, until }) {
  await press(page.getByRole("button", { name: "公開前の点検へ" }));
  const dialog = page.locator("dialog#publish");
  await dialog.getByText("公開できない理由").waitFor();
  await axeAtBothWidths(page, "why it cannot be published", axe);
  await shot(page, "form-publish-blocked", { fullPage: false });
  await press(dialog.getByRole("button", { name: /利用目的/ }));
  await dialog.waitFor({ state: "hidden" });
  await page.locator("#b-purpose").waitFor();
  await until(() => page.evaluate(() => document.activeElement?.id === "b-purpose"), "focus in the field");
  await (await live(page.locator("#b-purpose"))).fill("公園の整備の計画に使います。");
  await page.locator("#b-retention_days").fill("365");
  await axeAtBothWidths(page, "the terms", axe);
  await shot(page, "form-terms");
  await until(async () => (await page.locator(".findings-ok").count()) === 1, "nothing stands against it");
  await press(page.getByRole("button", { name: "公開前の点検へ" }));
  await dialog.getByText("はじめての公開です").waitFor();
  await axe(page, "the first publication");
  await press(dialog.getByRole("button", { name: "第1版を公開する" }));
  await page.waitForURL(/\/console\/forms\/\d+$/);
  await page.getByText("公開中 第1版").first().waitFor();
  await axeAtBothWidths(page, "a published form", axe);
  await shot(page, "form-page");
  await page.getByRole("link", { name: "QRコードのポスター" }).click();
  await page.locator(".poster-code path").waitFor();
  expect((await page.locator(".poster-code path").getAttribute("d")).length, "the code's squares").toBeTruthy();
  await axeAtBothWidths(page, "the poster", axe);
  await shot(page, "form-poster");
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g).length, "one page to print").toBe(1);
  const sides = pdf.match(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)/).slice(1);
  expect(sides.map((points) => Math.round(Number(points))).join("×"), "of A4").toBe("595×842");
  const [poster] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "PDFをダウンロード" }).click()]);
  expect(poster.suggestedFilename(), "the poster's name").toBe(`ポスター_${TITLE}.pdf`);
  expect((await readFile(await poster.path())).toString("latin1", 0, 5), "the poster as a file").toBe("%PDF-");
  await page.goto("/console/forms");
  await page.getByRole("link", { name: TITLE }).waitFor();
  await axeAtBothWidths(page, "the list of forms", axe);
  await shot(page, "forms");
}

// A second version: what changed is told before and after.
async function changed(page, { axe, shot, expect, until }) {
  await page.getByRole("link", { name: TITLE }).click();
  await page.getByRole("link", { name: "作る・直す" }).click();
  await page.waitForURL(/\/edit$/);
  await addQuestion(page, "text", "お住まいの町名");
  await until(async () => (await page.locator(".editor-state").innerText()).includes("自動で保存しました"), "it is saved by itself");
  await page.reload();
  await until(async () => (await texts(page.locator(".outline-question .outline-label"))).includes("お住まいの町名"), "it is there after a reload");
  // A table of questions with a wrong cell is told by the cell.
  await press(page.getByRole("button", { name: "Excel", exact: true }));
  const sheet = page.locator("dialog#sheet");
  await live(sheet.locator("#sheet-file"));
  const csv = (text) => ({ name: "質問.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await sheet.locator("#sheet-file").setInputFiles(csv("ページ,質問,答え方,必須,説明,選択肢,個人情報\n1,年代,えらぶ,,,,\n"));
  await sheet.getByText("C2").waitFor();
  await axe(page, "a table with a wrong cell");
  await sheet.locator("#sheet-file").setInputFiles(csv("ページ,質問,答え方,必須,説明,選択肢,個人情報\n1,年代,ひとつ選ぶ,はい,,10代／20代／30代以上,\n"));
  await press(sheet.getByRole("button", { name: "1つの質問を足す" }));
  await until(async () => (await texts(page.locator(".outline-question .outline-label"))).includes("年代"), "the question of the table");
  await press(page.getByRole("button", { name: "公開前の点検へ" }));
  const dialog = page.locator("dialog#publish");
  await dialog.getByText("「お住まいの町名」（1行の文）を足しました").waitFor();
  await axeAtBothWidths(page, "the difference before publishing", axe);
  await shot(page, "form-difference", { fullPage: false });
  await press(dialog.getByRole("button", { name: "第2版を公開する" }));
  await page.getByText("公開中 第2版").first().waitFor();
  await page.getByRole("link", { name: "版の履歴" }).click();
  await page.waitForURL("**/history");
  await page.getByText("第1版からの変更").click();
  await page.getByText("「年代」（ひとつ選ぶ）を足しました").waitFor();
  expect(await page.locator(".versions > li").count(), "versions").toBe(2);
  await axeAtBothWidths(page, "the versions", axe);
  await shot(page, "form-history");
}

// The form as a file for other cities, and from that file again.
async function shared(page, { axe, expect }) {
  await page.getByRole("navigation", { name: "このフォーム" }).getByRole("link", { name: "ようす" }).click();
  await press(page.getByRole("button", { name: "ひな形として書き出す" }));
  const dialog = page.locator("dialog#export-pack");
  await dialog.waitFor({ state: "visible" });
  await axe(page, "the dialog of a pack");
  const [download] = await Promise.all([page.waitForEvent("download"), press(dialog.getByRole("button", { name: "ファイルに書き出す" }))]);
  const text = await readFile(await download.path(), "utf8");
  const pack = JSON.parse(text);
  expect(pack.format, "the format").toBe("kairan-form-pack");
  expect(text, "the department is a place to fill in").toContain("〔担当課〕");
  await page.goto("/console/forms/new");
  const file = page.locator('input[type="file"]');
  await live(file);
  await file.setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await page.getByText("始められません").waitFor();
  await axe(page, "a file that is no pack");
  await file.setInputFiles({ name: "公園.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await page.locator("#pack-title").waitFor();
  await axeAtBothWidths(page, "a pack of another city", axe);
  await press(page.getByRole("button", { name: "このひな形で作る" }));
  await page.waitForURL(/\/edit$/);
  await page.locator(".outline-question").first().waitFor();
}

// A pack that comes with the product, with a group, a calculation and stops: every part of it can be opened.
async function fromPack(page, { axe, shot, expect }) {
  await page.goto("/console/forms/new");
  await press(page.locator(".pack", { hasText: "犬の登録" }));
  await page.locator("#pack-title").waitFor();
  await shot(page, "form-pack");
  await press(page.getByRole("button", { name: "このひな形で作る" }));
  await page.waitForURL(/\/edit$/);
  const items = page.locator(".outline-item");
  await items.first().waitFor();
  const count = await items.count();
  expect(count > 8, "parts of the pack").toBeTruthy();
  for (let i = 0; i < count; i += 1) {
    await (await live(items.nth(i))).click();
    await page.locator("#edited").waitFor();
    await axe(page, `part ${i} of a pack`);
  }
  await shot(page, "form-builder-pack");
}

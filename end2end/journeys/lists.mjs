// A city has a list of names: a file with bad lines is looked at, taken, asked for in an audience and
// sent to. It reaches exactly those; one whom LINE refuses gets it again, alone, by the button. An Excel file takes
// the list's place.
import { axeAtBothWidths, beginDelivery, download, live, number, press, signIn, texts, tick } from "../lib/page.mjs";
import { MIME, workbook } from "../lib/workbook.mjs";

export const name = "an imported list reaches exactly its people, and who was not reached gets it again";

const LIST = "給付金の対象";
const TITLE = "給付金のお知らせ";
const TEXT = "給付金の申込書をお送りしました。";
const PEOPLE = ["有馬 さくら", "井上 けん", "宇野 まり", "江口 のぞみ"];

export async function run(tools) {
  const { newPage, signIn: account, sandbox, until } = tools;
  // A file that is no table is answered with 422; the browser notes it.
  const desk = await newPage({ ignore: [/status of 422 .*\/lists\/file/] });
  await signIn(desk, account);
  const ids = await Promise.all(PEOPLE.map((who) => sandbox.resident(who)));
  for (const resident of ids) {
    await sandbox.act(resident, "follow");
    await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  }
  const stranger = await sandbox.resident("小野 とおる");
  await imported(desk, ids, stranger, tools);
  await saved(desk, tools);
  const sent = await delivered(desk, ids, tools);
  await again(desk, sent, ids, tools);
  await received(desk, tools);
  await kept(desk, ids, tools);
  await addedUp(desk, tools);
}

// Three of the four, and lines that bring nobody.
async function imported(page, [first, second, third], stranger, { axe, shot, expect }) {
  await page.goto("/console/audiences");
  await page.getByRole("navigation", { name: "配信対象" }).getByRole("link", { name: "対象者リスト" }).click();
  await page.waitForURL("**/console/audiences/lists");
  await page.getByRole("heading", { name: "対象者リスト", exact: true }).waitFor();
  await axeAtBothWidths(page, "the lists, empty", axe);
  await page.getByRole("link", { name: "リストを取りこむ" }).first().click();
  await page.waitForURL("**/lists/new");
  await live(page.locator("#roster-file"));
  await axe(page, "an import before its file");
  // What is no table is refused in words.
  await page.locator("#roster-file").setInputFiles({ name: "写真.csv", mimeType: "text/csv", buffer: Buffer.from([0xff, 0xfd, 0, 0xff]) });
  await page.getByText("表として読めませんでした").waitFor();
  await axe(page, "a file that is no table");
  const lines = ["番号,LINE,氏名", `1,${first},有馬`, `2,${second},井上`, `3,${third},宇野`, `4,${stranger},小野`, "5,U123,加藤", `6,${first},有馬`, "7,,木村"];
  const buffer = Buffer.from(`﻿${lines.join("\r\n")}\r\n`);
  await page.locator("#roster-file").setInputFiles({ name: `${LIST}.csv`, mimeType: "text/csv", buffer });
  await page.getByRole("heading", { name: "3. 結果を確かめて、取りこむ" }).waitFor();
  expect(number(await page.locator(".figure").first().innerText()), "who was found").toBe(3);
  expect(await page.locator("#roster-column").inputValue(), "the column that was found").toBe("1");
  const said = await page.locator("main").innerText();
  for (const words of ["LINEのユーザーIDの形", "2行目と同じ人です", "空です", "当てはまる友だちがいません"]) {
    expect(said, "the lines that bring nobody").toContain(words);
  }
  for (const id of [first, second, third, stranger]) expect((await page.content()).includes(id), "a user id on the page").toBe(false);
  await axeAtBothWidths(page, "the preview of a file", axe);
  await shot(page, "list-preview");
  const left = await download(page, () => press(page.getByRole("button", { name: "当てはまらない行をCSVで保存" })));
  const table = left.bytes.toString("utf8");
  expect(table.trim().split("\r\n").map((line) => line.split(",")[0].replace("﻿", "")), "the lines in the file").toEqual(["行", "5", "6", "7", "8"]);
  expect(table.includes(stranger), "a user id in the file").toBe(false);
  // Read by the wrong column nobody is found, and nothing can be taken.
  await page.locator("#roster-column").selectOption("0");
  await page.getByText("当てはまる友だちが1人もいないため").waitFor();
  await axe(page, "a file that brings nobody");
  await page.locator("#roster-column").selectOption("1");
  await page.getByRole("button", { name: "3人のリストとして取りこむ" }).waitFor();
  expect(await page.locator("#roster-name").inputValue(), "the file's name").toBe(LIST);
  await page.locator("#roster-name").fill("");
  await press(page.getByRole("button", { name: "3人のリストとして取りこむ" }));
  await page.getByText("名前を1〜100文字で入れてください").first().waitFor();
  await page.locator("#roster-name").fill(LIST);
  await press(page.getByRole("button", { name: "3人のリストとして取りこむ" }));
  await page.waitForURL(/\/lists\/\d+$/);
  await page.getByRole("heading", { name: LIST, level: 1 }).waitFor();
  expect(await page.locator(".facts").innerText(), "what the list holds").toContain("3人（ファイルは 7行）");
  await axeAtBothWidths(page, "a list", axe);
  await shot(page, "list-page");
  await page.goto("/console/audiences/lists");
  await page.getByRole("link", { name: LIST }).waitFor();
  await axeAtBothWidths(page, "the lists", axe);
  await shot(page, "lists");
}

// One word of a condition, and what is behind it.
async function pick(page, what, which, until) {
  await press(page.locator(".pick").first());
  await press(page.locator(".pick-list .pick-option", { hasText: what }));
  const list = page.getByRole("dialog", { name: "どれか" });
  await list.waitFor();
  await list.locator(".pick-option", { hasText: which }).first().waitFor();
  // What was read did not take the list away, nor the focus from its search.
  await until(() => list.evaluate((element) => element.contains(document.activeElement)), "focus in the list");
  return list.locator(".pick-option", { hasText: which }).first();
}

const people = (page, n, until) =>
  until(async () => {
    const words = await page.locator(".audience-side .figure-xl").innerText();
    return !words.includes("—") && number(words) === n;
  }, `the head count of ${n}`);

async function saved(page, { axe, shot, expect, until }) {
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  await page.locator("#name").fill(LIST);
  const option = await pick(page, "対象者リスト", LIST, until);
  await axeAtBothWidths(page, "the lists to pick from", axe);
  await shot(page, "audience-lists", { fullPage: false });
  await press(option);
  await people(page, 3, until);
  expect(await page.locator(".readback-text").textContent(), "the sentence").toContain(`リスト『${LIST}』にのっている人`);
  await axe(page, "an audience of a list");
  await press(page.getByRole("button", { name: "この条件で保存する" }));
  await page.waitForURL(/\/console\/audiences\/\d+$/);
  await page.reload();
  await people(page, 3, until);
}

// Sends what is open in the composer; answers when it is over, as `end`.
async function send(page, path, count, end, until) {
  await press(page.getByRole("button", { name: `${count}人に配信する` }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await tick(dialog);
  await press(dialog.getByRole("button", { name: `${count}人に届ける` }));
  await page.waitForURL((url) => url.pathname === path);
  await until(async () => (await page.locator("main .panel").first().textContent()).includes(end), `the delivery ends: ${end}`);
}

async function delivered(page, ids, { sandbox, axe, shot, expect, until }) {
  const path = await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(TITLE);
  await page.getByLabel("文章", { exact: true }).first().fill(TEXT);
  await press(page.getByRole("button", { name: "保存した配信対象から選ぶ" }));
  await press(page.locator("#saved-audiences .pick-option", { hasText: LIST }));
  await until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === "3人", "the live head count of 3");
  await axe(page, "a draft to a list");
  const before = await Promise.all(ids.map(async (id) => (await sandbox.received(id)).length));
  // LINE does not know the third any more.
  await sandbox.faults({ refuse_ids: [ids[2]] });
  try {
    await send(page, path, 3, "一部届かず", until);
  } finally {
    await sandbox.faults({});
  }
  const got = await Promise.all(ids.map(async (id, i) => (await sandbox.received(id)).length - before[i]));
  expect(got, "who got it").toEqual([1, 1, 0, 0]);
  await page.getByRole("button", { name: "届かなかった人にもう一度送る" }).waitFor();
  await axeAtBothWidths(page, "a delivery that failed for one", axe);
  await shot(page, "delivery-failed");
  return { path, before };
}

async function again(page, { path, before }, ids, { sandbox, axe, shot, expect, until }) {
  await press(page.getByRole("button", { name: "届かなかった人にもう一度送る" }));
  const dialog = page.locator("dialog#resend");
  await dialog.waitFor({ state: "visible" });
  expect(await dialog.innerText(), "why it failed").toContain("LINEが受け取らない番号です");
  await axe(page, "the dialog of a resend");
  await shot(page, "resend", { fullPage: false });
  await press(dialog.getByRole("button", { name: "1人への下書きを作る" }));
  await page.waitForURL(/\/edit$/);
  const draft = new URL(page.url()).pathname.replace(/\/edit$/, "");
  expect(await (await live(page.locator("#title"))).inputValue(), "its title").toBe(`『${TITLE}』の再送`);
  await until(async () => (await texts(page.locator(".audience-foot .figure")))[0] === "1人", "the one");
  await axe(page, "the draft of a resend");
  await shot(page, "resend-draft");
  await send(page, draft, 1, "完了", until);
  const got = await Promise.all(ids.map(async (id, i) => (await sandbox.received(id)).length - before[i]));
  expect(got, "everybody of the list once").toEqual([1, 1, 1, 0]);
  await page.getByText(`『${TITLE}』の再送です`).waitFor();
  await axe(page, "a resend that is done");
  await page.getByRole("link", { name: "もとの配信を見る" }).click();
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText("届かなかった人に、もう一度送りました").waitFor();
  await axeAtBothWidths(page, "a delivery that was sent again", axe);
  // Nobody is left to whom it could be sent once more.
  await press(page.getByRole("button", { name: "届かなかった人にもう一度送る" }));
  await page.locator(".toast", { hasText: "みな、再送が届いています" }).waitFor();
}

// Who has received it: two by the first, and on the list but not by it: one.
async function received(page, { axe, shot, expect, until }) {
  await page.goto("/console/audiences/new");
  await live(page.locator("#name"));
  await page.locator("#name").fill("受け取った人");
  await press(await pick(page, "受け取った配信", new RegExp(`^\\s*${TITLE}`), until));
  await people(page, 2, until);
  const said = await page.locator(".readback-text").textContent();
  expect(said, "the sentence").toContain("を受け取った人");
  await axeAtBothWidths(page, "who received a delivery", axe);
  await shot(page, "audience-received");
}

// What is used cannot be deleted; its content can be replaced, by the sheet of a workbook.
async function kept(page, [first, , , fourth], { axe, expect, until }) {
  await page.goto("/console/audiences/lists");
  await page.getByRole("link", { name: LIST }).click();
  await page.getByRole("heading", { name: LIST, level: 1 }).waitFor();
  await press(page.getByRole("button", { name: "消す", exact: true }));
  const dialog = page.locator("dialog#delete-roster");
  await dialog.waitFor({ state: "visible" });
  expect(await dialog.innerText(), "why it stays").toContain("使っているところがあるため、消せません");
  await axe(page, "the deletion of a list that is used");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.locator("#name").fill(`${LIST}（4月）`);
  await press(page.getByRole("button", { name: "この名前にする" }));
  await page.getByRole("heading", { name: `${LIST}（4月）`, level: 1 }).waitFor();
  await press(page.getByRole("button", { name: "新しいファイルを選ぶ" }));
  await live(page.locator("#roster-file"));
  await axeAtBothWidths(page, "a list whose content is replaced", axe);
  await until(async () => (await page.locator(".facts").innerText()).includes("3人"), "nothing changed yet");
  const rows = [["番号", "LINE", "氏名"], [12, first, "有馬"], [], [13, fourth, "江口"], [14, "U123", "加藤"]];
  await page.locator("#roster-file").setInputFiles({ name: "名簿.xlsx", mimeType: MIME, buffer: workbook("名簿", rows) });
  await page.getByText("Excel（シート「名簿」）").waitFor();
  expect(await page.locator("main").innerText(), "the line that brings nobody").toContain("LINEのユーザーIDの形");
  await axeAtBothWidths(page, "the preview of a workbook", axe);
  await press(page.getByRole("button", { name: "3人を 2人に入れかえる" }));
  await until(async () => (await page.locator(".facts").innerText()).includes("2人（ファイルは 3行）"), "the workbook's people");
  await axe(page, "a list that was replaced");
}

// The deliveries of the month added up, as a line and as a table.
async function addedUp(page, { axe, shot, expect }) {
  await page.goto("/console/deliveries");
  await page.getByRole("link", { name: "まとめ" }).click();
  await page.waitForURL("**/deliveries/periods");
  await page.locator(".chart-sentence").getByText(/^今月は/).waitFor();
  await axeAtBothWidths(page, "the deliveries by months", axe);
  await shot(page, "delivery-periods");
  await page.locator(".chart-panel label", { hasText: "表" }).click();
  await page.locator(".table-view table").waitFor();
  expect(await page.locator(".table-view tbody tr").count(), "months").toBe(12);
  await axeAtBothWidths(page, "the deliveries by months as a table", axe);
  await page.getByRole("link", { name: "週ごと" }).click();
  await page.waitForURL("**/deliveries/periods?every=week");
  await page.locator(".chart-sentence").getByText(/^今週は/).waitFor();
  await axe(page, "the deliveries by weeks");
  await page.locator("summary", { hasText: "登録項目" }).click();
  await page.locator(".chip a", { hasText: "年代" }).click();
  const heading = page.getByRole("heading", { name: "対象者の内訳：年代" });
  await heading.waitFor();
  await axeAtBothWidths(page, "the recipients by weeks and ages", axe);
  const panel = page.locator(".chart-panel", { has: heading });
  await panel.locator("label", { hasText: "表" }).click();
  await panel.locator("table").waitFor();
  expect(await panel.locator("thead th").count(), "ages, their sum, and the weeks").toBe(15);
  await axeAtBothWidths(page, "the recipients by weeks and ages as a table", axe);
  const file = await panel.getByRole("link", { name: "CSV" }).getAttribute("href");
  const csv = await (await page.request.get(file)).text();
  expect(csv.split("\r\n")[0], "the head of the file").toContain("期間,登録項目,登録した内容,対象（のべ人数）");
}

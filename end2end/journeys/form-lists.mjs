// A list of who may answer: a file with bad lines is looked at and taken, a form asks for it, whoever is not on it is
// turned away, and whoever is finds their name filled in. Then its rows are exchanged. In LINE a mother breaks off for
// one of those on it, goes on, and then answers for the other; what is kept arrives in the order in which it was written.
import { heading, identified, next } from "../lib/form.mjs";
import { axeAtBothWidths, live, number, press, signIn } from "../lib/page.mjs";

export const name = "only those on a list answer a form, and their name is filled in";

const LIST = "健診の対象者";

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const desk = await newPage({ ignore: [/status of 422 .*\/lists\/file|status of 409 .*\/delete_eligibility/] });
  await signIn(desk, account);
  await imported(desk, tools);
  const id = await published(desk, tools);
  await answered(await newPage({ javaScript: false, width: 375, height: 812, ignore: [/422/] }), id, tools);
  await exchanged(desk, tools);
  await onTelephone(id, tools);
}

const file = (name, lines) => ({ name, mimeType: "text/csv", buffer: Buffer.from(`\ufeff${lines.join("\r\n")}\r\n`) });

async function imported(page, { axe, shot, expect, until }) {
  await page.goto("/console/forms");
  await page.getByRole("navigation", { name: "フォームと名簿" }).getByRole("link", { name: "対象者の名簿" }).click();
  await page.waitForURL("**/console/forms/lists");
  await page.getByText("まだ名簿はありません").waitFor();
  await axeAtBothWidths(page, "no list yet", axe);
  await press(page.getByRole("button", { name: "名簿を取りこむ" }));
  await live(page.locator("#list-file"));
  await page.locator("#list-file").setInputFiles({ name: "写真.csv", mimeType: "text/csv", buffer: Buffer.from([0xff, 0xfd, 0, 0xff]) });
  await page.getByText("表として読めませんでした").waitFor();
  await axe(page, "a file that is no table");
  await page.locator("#list-file").setInputFiles(
    file(`${LIST}.csv`, ["受診番号,生年月日,氏", "K-1,1980/4/1,山田", "K-2,,鈴木", "K-3,1990/1/1,高橋", "K-3,平成2年1月1日,佐藤", "K-4,1975/12/31,伊藤,余り", "K-5,50.12.31,中村"]),
  );
  await page.getByText("日付として読めない行が 1行あります").waitFor();
  await page.getByText("7行目です").waitFor();
  await axe(page, "birthdays that are no dates");
  await page.locator("#list-file").setInputFiles(
    file(`${LIST}.csv`, ["受診番号,生年月日,氏", "K-1,S55.4.1,山田", "K-2,,鈴木", "K-3,1990/1/1,高橋", "K-3,平成2年1月1日,佐藤", "K-4,1975/12/31,伊藤,余り"]),
  );
  await page.getByRole("button", { name: "1人の名簿として取りこむ" }).waitFor();
  const said = await page.locator("main").innerText();
  for (const words of ["確かめに使う列が、空です", "どちらの人か決められません", "1行目に名前のない列"]) {
    expect(said, "the lines that bring nobody").toContain(words);
  }
  await axeAtBothWidths(page, "the preview of a list", axe);
  await shot(page, "eligible-preview");
  // With the name as well the two are apart.
  await page.locator("#list-keys").getByLabel("氏", { exact: true }).check();
  await until(async () => number(await page.locator(".figure").first().innerText()) === 3, "three are told apart");
  await page.locator("#list-keys").getByLabel("氏", { exact: true }).uncheck();
  await until(async () => number(await page.locator(".figure").first().innerText()) === 1, "one is left");
  await press(page.getByRole("button", { name: "1人の名簿として取りこむ" }));
  await page.getByRole("heading", { name: LIST }).waitFor();
  expect(await page.locator("main").innerText(), "what is asked").toContain("受診番号・生年月日");
  await axeAtBothWidths(page, "the lists", axe);
  await shot(page, "eligible-lists");
}

async function published(page, { axe, shot, until }) {
  await page.goto("/console/forms/new");
  await (await live(page.locator("#new-title"))).fill("健診の申しこみ");
  await press(page.getByRole("button", { name: "作りはじめる" }));
  await page.waitForURL(/\/edit$/);
  await press(page.getByRole("button", { name: "質問を足す" }).first());
  await press(page.locator('dialog.add-dialog .kind[data-kind="text"]'));
  await (await live(page.locator("#b-label"))).fill("お名前");
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("健診の予約に使います。");
  await page.locator("#b-retention_days").fill("30");
  await page.locator('input[name="b-outside"]').check();
  await page.locator("#b-gate").selectOption({ label: `名簿「${LIST}」にのっている人だけ` });
  await page.locator('[id="b-prefill-氏"]').selectOption({ label: "お名前" });
  await axeAtBothWidths(page, "a form for those on a list", axe);
  await shot(page, "form-gate");
  await until(async () => (await page.locator(".findings-ok").count()) === 1, "nothing stands against it");
  await press(page.getByRole("button", { name: "公開前の点検へ" }));
  await press(page.getByRole("button", { name: "第1版を公開する" }));
  await page.waitForURL(/\/console\/forms\/\d+$/);
  return new URL(page.url()).pathname.split("/").pop();
}

async function answered(page, id, { expect }) {
  await page.goto(`/liff/f/${id}`);
  const said = async (n, birth) => {
    await page.getByLabel("受診番号").fill(n);
    await page.getByLabel("生年月日").fill(birth);
    await page.locator('button[name="act"][value="check"]').last().click();
  };
  await said("K-1", "1980-04-02");
  await page.getByText("名簿に見つかりませんでした").first().waitFor();
  await said("ｋ１", "昭和55年4月1日");
  await page.getByLabel("お名前").waitFor();
  expect(await page.getByLabel("お名前").inputValue(), "what the list fills in").toBe("山田");
  await page.locator('button[name="act"][value="next"]').last().click();
  await page.locator('button[name="act"][value="send"]').last().click();
  await page.getByText(/受付番号/).first().waitFor();
}

async function exchanged(page, { axe, expect, until }) {
  await page.goto("/console/forms/lists");
  await page.getByRole("heading", { name: LIST }).waitFor();
  const panel = page.locator(`section.panel[aria-label="${LIST}"]`);
  expect(await panel.innerText(), "how many were refused").toContain("この30日で 1回");
  expect(await panel.innerText(), "which form asks it").toContain("健診の申しこみ");
  await press(page.getByRole("button", { name: "中身を入れかえる" }));
  await live(page.locator("#list-file"));
  await page.locator("#list-file").setInputFiles(file("新.csv", ["受診番号,生年月日,氏", "K-1,1980/4/1,山田", "K-9,1999/9/9,加藤"]));
  await axe(page, "other rows for a list");
  await press(page.getByRole("button", { name: "1人を 2人に入れかえる" }));
  await until(async () => (await panel.innerText()).includes("2人"), "the other rows");
  // A list that a published form asks cannot be deleted.
  await press(page.getByRole("button", { name: `「${LIST}」を消す` }));
  await press(page.locator("dialog#delete-eligibility").getByRole("button", { name: "名簿を消す" }));
  await page.getByText("公開中のフォームで使っています").first().waitFor();
}

async function onTelephone(id, { sandbox, newPage, axe, expect, until }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const resident = await sandbox.resident("健診 はは");
  await sandbox.act(resident, "follow");
  const phone = await newPage({ width: 375, height: 812, ignore: [/status of 503/] });
  await phone.clock.install();
  let drafts = 0;
  phone.on("request", (request) => (drafts += request.url().endsWith("/draft") ? 1 : 0));
  const saved = phone.locator("#form-saved");
  const state = (words) => until(async () => (await saved.textContent()).includes(words), words);
  const device = () => phone.evaluate((key) => localStorage.getItem(key), `kairan-form-${id}`);
  const label = phone.getByLabel("お名前");
  const holds = (words) => until(async () => (await label.inputValue()) === words, words);
  const enter = async (number, birth, look = async () => {}) => {
    await phone.goto(sandbox.liffUrl(liffId, resident, `/f/${id}`));
    await phone.waitForURL(`**/liff/f/${id}`);
    await identified(phone);
    await heading(phone, "対象の方かを確かめます");
    const before = drafts;
    await phone.getByLabel("受診番号").fill(number);
    // Whoever looks for the letter meanwhile is told nothing: no words are kept here.
    await phone.clock.fastForward(10_000);
    await look();
    await phone.getByLabel("生年月日").fill(birth);
    await phone.getByRole("button", { name: "確かめて、はじめる" }).click();
    await label.waitFor();
    return before;
  };
  const before = await enter("K-1", "1980-04-01", async () => {
    await axe(phone, "a list that waits for the second answer");
    expect((await saved.textContent()).trim(), "what is said before anything was pressed").toBe("");
  });
  expect(drafts - before, "drafts of what a list asks").toBe(0);
  // Only within LINE the telephone keeps anything.
  await until(() => phone.evaluate(() => window.liff.ready.then(() => true)), "the page knows that it stands within LINE");

  // The system is busy: the telephone keeps the words, and gives them back behind the list.
  await phone.route(/\/draft$/, (route) => route.fulfill({ status: 503, contentType: "application/json", body: "{}" }));
  await label.fill("山田いち");
  await state("いまは保存できません。書いた内容は、この電話に残しています");
  await enter("K-1", "1980-04-01", async () => expect(await device(), "what the telephone keeps").toContain("answers"));
  await holds("山田いち");
  // What is the one's goes to no other.
  await enter("K-9", "1999-09-09", async () => expect(await device(), "what the telephone keeps").toContain("answers"));
  await until(async () => (await device()) === null, "the telephone keeps nothing of somebody else");
  await holds("加藤");
  await phone.unroute(/\/draft$/);

  // On a slow line the last words wait for those before them.
  const held = [];
  await phone.route(/\/draft$/, (route) => void held.push(route));
  await label.fill("加藤ゆ");
  await until(() => held.length === 1, "the first words are on their way");
  await label.fill("加藤ゆう");
  await phone.clock.fastForward(1_000);
  await axe(phone, "a form whose words are on their way");
  expect(held.length, "drafts on their way").toBe(1);
  await held[0].continue();
  await until(() => held.length === 2, "the last words follow");
  expect(held[1].request().postData(), "the last words").toContain(encodeURIComponent("加藤ゆう"));
  await held[1].continue();
  await state("保存しました");

  // A line that swallows words: they do not count as saved, and then the telephone keeps them and asks again.
  await until(() => phone.evaluate(() => window.liff.ready.then(() => true)), "the page knows that it stands within LINE");
  await label.fill("加藤ゆうこ");
  await until(() => held.length === 3, "words that do not arrive");
  await label.fill("加藤ゆうき");
  await phone.clock.fastForward(1_000);
  expect((await saved.textContent()).trim(), "what is said of words that are on their way").toBe("");
  await phone.clock.fastForward(15_000);
  await state("電波がとどきません。書いた内容は、この電話に残しています");
  expect(await device(), "what the telephone keeps").toContain(encodeURIComponent("加藤ゆうき"));
  await until(() => held.length === 4, "the words are sent again");
  await held[3].continue();
  await phone.unroute(/\/draft$/);
  await state("保存しました");
  expect(await device(), "what the telephone keeps of words that are saved").toBe(null);

  // LINE is closed before such a line is given up: the telephone has the words.
  await phone.evaluate(() => {
    window.fetch = () => new Promise(() => {});
  });
  await label.fill("加藤ゆうな");
  await phone.clock.fastForward(1_000);
  expect((await saved.textContent()).trim(), "what is said of words on a line that hangs").toBe("");
  await enter("K-9", "1999-09-09", async () => expect(await device(), "what the telephone keeps").toContain(encodeURIComponent("加藤ゆうな")));
  await holds("加藤ゆうな");
  await state("保存しました");
  expect(await device(), "what the telephone keeps of words that are saved").toBe(null);

  // The former release did not say for whom of the list it kept words: they go to nobody.
  const former = JSON.stringify({ version: "1", fields: "ticket=00&page=0&answers[name][]=x" });
  await phone.evaluate(([key, words]) => localStorage.setItem(key, words), [`kairan-form-${id}`, former]);
  await enter("K-9", "1999-09-09");
  await state("どなたの分か分からないため、消しました");
  expect(await device(), "what the telephone keeps for nobody").toBe(null);
  await holds("加藤ゆうな");
  // A page of the former release does not say whose it is: what is somebody else's does not go onto it.
  await phone.addInitScript(() => {
    const page = () => document.getElementById("liff-form")?.removeAttribute("data-person");
    new MutationObserver(page).observe(document, { subtree: true, childList: true });
  });
  const other = JSON.stringify({ version: "1", person: "00", fields: "ticket=00&page=0&answers[name][]=x" });
  await phone.evaluate(([key, words]) => localStorage.setItem(key, words), [`kairan-form-${id}`, other]);
  await enter("K-9", "1999-09-09");
  await until(async () => (await device()) === null, "the telephone keeps nothing of somebody else on a former page");
  await holds("加藤ゆうな");
  await next(phone);
  await heading(phone, "内容を確かめる");
  await phone.getByRole("button", { name: "この内容で送る" }).click();
  await heading(phone, "受け付けました");
}

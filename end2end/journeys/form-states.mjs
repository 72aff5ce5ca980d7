// What residents meet at a form besides its questions: doors that are closed, a list that asks who they are and locks
// after wrong tries, a file that is refused, no reception, and an answer that is corrected; at 375 and at 320 px. Then
// the console's pages of forms and answers at 320 px.
import { addQuestion, beginForm, heading, identified, narrow, next, notWide, publishForm } from "../lib/form.mjs";
import { clock, live, press, signIn, takenOver } from "../lib/page.mjs";

export const name = "closed doors, a list, a refused file, no reception and a correction, on narrow telephones";

const TITLE = "花いっぱい運動の助成";
const LIST = "助成の対象者";
const PHONE = { width: 375, height: 740, ignore: [/status of (422|503)|ERR_INTERNET_DISCONNECTED/] };
// A program, whatever its name says.
const DISGUISED = { name: "見積書.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "latin1") };

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  const page = await newPage();
  await signIn(page, account);
  await listed(page, tools);
  const id = await made(page);
  await door(tools, id, "まだ受け付けていません", /受付は、.*からです/, "a form that is not open yet");

  await changed(page, id, 2, async () => {
    await page.locator("#b-opens").fill("");
    await (await live(page.locator('input[name="b-daily"]'))).check();
    const [from, to] = [page.locator("#b-daily-from"), page.locator("#b-daily-to")];
    await live(from);
    // A time that would leave no room between the two is not taken: the first one once more.
    await from.fill(clock(2));
    await to.fill(clock(3));
    await from.fill(clock(2));
  });
  await door(tools, id, "いまは受付の時間ではありません", /受付の時間は、/, "a form out of its hours");

  await changed(page, id, 3, () => page.locator('input[name="b-daily"]').uncheck());
  await answered(tools, id);

  await changed(page, id, 4, () => page.locator("#b-limit").fill("1"));
  await door(tools, id, "受付がいっぱいになりました", /予定していた数に達した/, "a form that is full");

  await changed(page, id, 5, async () => {
    await page.locator("#b-limit").fill("");
    await page.locator("#b-closes").fill("2020-04-01T09:00");
  });
  await door(tools, id, "受付は終わりました", /受付は終わりました/, "a form that is over");

  await changed(page, id, 6, async () => {
    await page.locator("#b-closes").fill("");
    await page.locator("#b-gate").selectOption({ label: `名簿「${LIST}」にのっている人だけ` });
  });
  await gate(tools, id);
  await office(page, id, tools);
}

// A list of who may answer, taken at 320 px.
async function listed(page, { axe, shot }) {
  await page.setViewportSize({ width: 320, height: 740 });
  await page.goto("/console/forms/lists");
  await press(page.getByRole("button", { name: "名簿を取りこむ" }));
  await live(page.locator("#list-file"));
  const lines = ["通知番号,生年月日,氏", "T-1,1980/4/1,山田", "T-2,1990/1/1,鈴木"];
  await page.locator("#list-file").setInputFiles({ name: `${LIST}.csv`, mimeType: "text/csv", buffer: Buffer.from(`\ufeff${lines.join("\r\n")}\r\n`) });
  const take = page.getByRole("button", { name: "2人の名簿として取りこむ" });
  await take.waitFor();
  await small(page, axe, "the preview of a list");
  await press(take);
  await page.getByRole("heading", { name: LIST }).waitFor();
  await small(page, axe, "the lists");
  await shot(page, "eligible-lists-narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function small(page, axe, label) {
  await axe(page, `${label} at 320 px`);
  await notWide(page, 320, label);
}

// A text and a file, both to be corrected later; once for each resident, and not before 2090.
async function made(page) {
  await beginForm(page, TITLE);
  const correctable = async () => (await live(page.locator('input[name="b-correctable"]'))).check();
  await addQuestion(page, "long_text", "使いみち");
  await (await live(page.locator("#b-required"))).check();
  await correctable();
  await addQuestion(page, "file", "見積書");
  await correctable();
  await addQuestion(page, "consent", "利用目的への同意");
  await (await live(page.locator("#b-required"))).check();
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("助成を決めるために使います。");
  await page.locator("#b-retention_days").fill("365");
  await page.locator("#b-opens").fill("2090-04-01T09:00");
  await page.locator("#b-limit_each").fill("1");
  await page.locator("#b-correct_days").fill("7");
  await page.locator('input[name="b-outside"]').check();
  return publishForm(page, 1);
}

// Other terms, as another version.
async function changed(page, id, version, change) {
  await page.goto(`/console/forms/${id}/edit`);
  await press(page.locator("#line-terms"));
  await live(page.locator("#b-purpose"));
  await change();
  await publishForm(page, version);
}

// Somebody comes from outside LINE and is told why they cannot answer.
async function door({ newPage, axe, expect }, id, title, words, label) {
  const phone = await newPage(PHONE);
  await phone.goto(`/liff/f/${id}`);
  await heading(phone, title);
  expect(await phone.locator("main").innerText(), label).toMatch(words);
  expect(await phone.locator("#liff-form").count(), `questions of ${label}`).toBe(0);
  await narrow(phone, axe, label);
  await phone.close();
}

// In LINE: a file that is refused, no reception, the answer, and its correction; once more it is not taken.
async function answered({ sandbox, newPage, axe, shot, expect, until }, id) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const resident = await sandbox.resident("花岡 さく");
  await sandbox.act(resident, "follow");
  const phone = await newPage(PHONE);
  const open = async () => {
    await phone.goto(sandbox.liffUrl(liffId, resident, `/f/${id}`));
    await phone.waitForURL(`**/liff/f/${id}`);
  };
  await open();
  await identified(phone);
  await heading(phone, TITLE);
  const upload = phone.locator("[data-upload]");
  const told = upload.getByRole("alert");
  const choose = (file, words) => upload.locator("input[type=file]").setInputFiles(file).then(() => until(async () => (await told.textContent()).includes(words), words));
  await choose(DISGUISED, "名前の終わりだけを変えたものも受け取れません");
  expect(await phone.locator(".form-file").count(), "files that were taken").toBe(0);
  const described = await upload.locator("input[type=file]").getAttribute("aria-describedby");
  expect(described, "what describes the field").toBe(await told.getAttribute("id"));
  expect(await told.locator("svg").isVisible(), "the sign of an error").toBe(true);
  await narrow(phone, axe, "a file that is refused");
  await shot(phone, "form-file-refused");

  // What stands before Kairan answers with a page of its own.
  const unsent = "いまは送れませんでした。少したってから、もう一度選んでください";
  await phone.route(/\/files$/, (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Service Unavailable</h1>" }));
  await choose({ ...DISGUISED, buffer: Buffer.from("%PDF-1.4\n") }, unsent);
  await phone.unroute(/\/files$/);

  const use = phone.getByLabel("使いみち");
  const state = (words) => until(async () => (await phone.locator("#form-saved").textContent()).includes(words), words);
  await use.fill("花の苗を買います。");
  await state("保存しました");
  await phone.context().setOffline(true);
  await use.fill("花の苗と土を買います。");
  await state("電波がとどきません。書いた内容は、この電話に残しています");
  await choose({ ...DISGUISED, buffer: Buffer.from("%PDF-1.4\n") }, unsent);
  await narrow(phone, axe, "a form without reception");
  await shot(phone, "form-offline");
  await phone.context().setOffline(false);
  await use.fill("花の苗と、土。");
  await state("保存しました");
  const device = () => phone.evaluate((key) => localStorage.getItem(key), `kairan-form-${id}`);
  expect(await device(), "what the telephone keeps of what was saved").toBe(null);
  // The system is busy from now on: the telephone keeps the last words until they are sent.
  const busy = { status: 503, contentType: "application/json", body: JSON.stringify({ error: "混みあっています", seen: [], worked: [] }) };
  await phone.route(/\/draft$/, (route) => route.fulfill(busy));
  await use.fill("花の苗と、土を買います。");
  await state("いまは保存できません。書いた内容は、この電話に残しています");
  expect(await device(), "what the telephone keeps").toContain("answers");
  await phone.getByLabel(/^同意する/).check();
  await next(phone);
  await heading(phone, "内容を確かめる");
  await phone.getByText("この電話に残っている内容を、まだもどせません").waitFor();
  await phone.getByRole("button", { name: "この内容で送る" }).click();
  await heading(phone, "受け付けました");
  await until(async () => (await device()) === null, "nothing of what was sent stays on the telephone");
  await phone.unroute(/\/draft$/);

  await phone.getByRole("link", { name: "送った内容を見る" }).click();
  await heading(phone, TITLE);
  await narrow(phone, axe, "an answer that can be corrected");
  await phone.getByRole("link", { name: /^内容を直す/ }).click();
  expect(await use.inputValue(), "what was answered").toBe("花の苗と、土を買います。");
  await narrow(phone, axe, "the correction of an answer");
  await shot(phone, "form-correct");
  await use.fill("");
  await phone.getByRole("button", { name: "直した内容を送る" }).click();
  await phone.getByText("まだ送っていません").waitFor();
  await narrow(phone, axe, "a correction with what is to mend");
  await use.fill("花の苗を、200株買います。");
  await phone.getByRole("button", { name: "直した内容を送る" }).click();
  await phone.getByText("直した内容を送りました。").waitFor();
  expect(await phone.locator("main").innerText(), "what was corrected").toContain("花の苗を、200株買います。");
  await narrow(phone, axe, "an answer that was corrected");

  await open();
  await heading(phone, "もう受け付けています");
  await narrow(phone, axe, "a form that somebody has answered");
}

// Whoever is not on the list is told so, and after five tries waits, even with what would be right.
async function gate({ newPage, axe, shot, expect }, id) {
  const phone = await newPage(PHONE);
  await phone.goto(`/liff/f/${id}`);
  await heading(phone, "対象の方かを確かめます");
  await narrow(phone, axe, "the question who somebody is");
  const errors = phone.locator("#liff-errors");
  const say = async (number, birth) => {
    await phone.getByLabel("通知番号").fill(number);
    await phone.getByLabel("生年月日").fill(birth);
    // The page that follows has the same words as the one before.
    await Promise.all([phone.waitForEvent("load"), phone.getByRole("button", { name: "確かめて、はじめる" }).click()]);
    await errors.waitFor();
    return errors.innerText();
  };
  expect(await say("T-1", "1980-04-02"), "a wrong birthday").toContain("名簿に見つかりませんでした");
  expect(await phone.getByLabel("通知番号").inputValue(), "what was typed stays").toBe("T-1");
  await narrow(phone, axe, "somebody who is not on the list");
  for (let tries = 2; tries <= 5; tries += 1) {
    expect(await say("T-1", `1980-04-1${tries}`), `try ${tries}`).toContain("名簿に見つかりませんでした");
  }
  expect(await say("T-1", "1980-04-01"), "after too many tries").toMatch(/確かめを止めています。\d+分ほど/);
  await narrow(phone, axe, "a list that is locked");
  await shot(phone, "form-gate-locked");
}

// The pages of the office at 320 px.
async function office(page, id, { axe, shot, expect }) {
  await page.setViewportSize({ width: 320, height: 740 });
  for (const [target, there, label] of [
    [`/console/answers?form=${id}`, "table.inbox tbody tr", "the inbox"],
    [`/console/forms/${id}/answers`, ".answers-table tbody tr", "the table of answers"],
    ["/console/forms/lists", `section.panel[aria-label="${LIST}"]`, "the lists"],
  ]) {
    await page.goto(target);
    await page.locator(there).first().waitFor();
    await takenOver(page);
    await small(page, axe, label);
  }
  await page.goto(`/console/answers?form=${id}`);
  await page.locator("table.inbox .title-link").first().click();
  await page.getByRole("heading", { level: 1, name: /受付番号/ }).waitFor();
  expect(await page.locator("main").innerText(), "the answer as it was corrected").toContain("花の苗を、200株買います。");
  await small(page, axe, "one answer");
  await shot(page, "answer-corrected");
  await page.goto(`/console/forms/${id}/edit`);
  await press(page.locator("#line-terms"));
  await live(page.locator("#b-gate"));
  await small(page, axe, "the terms");
}

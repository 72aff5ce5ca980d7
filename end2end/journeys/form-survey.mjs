// An official builds a survey of twenty questions with logic from nothing and publishes it. Five people answer: on a
// telephone, broken off and resumed while the form is edited, without the browser part, on a computer outside LINE
// that others use, and by keyboard alone; a sixth does not live in the city. The official counts, crosses and exports;
// another department sees nothing of it. A seventh breaks off and goes on the next day.
import { readFile } from "node:fs/promises";
import { addPage, addQuestion, asked, beginForm, branch, heading, identified, narrow, next, notWide, openQuestion, paste, publishForm, tabTo } from "../lib/form.mjs";
import { axeAtBothWidths, live, press, signIn, texts } from "../lib/page.mjs";

export const name = "a survey of twenty questions is built, answered by five people, counted and kept from others";

const TITLE = "これからの公園についてのアンケート";
// 環境課 and 市民課 of the sample city.
const OWN = "215032";
const OTHER = "207701";
const OPINION = "木かげのベンチを増やしてください";
const PHONE = { width: 375, height: 812, ignore: [/422|ERR_INTERNET_DISCONNECTED/] };

const WARDS = ["東地区", "西地区", "南地区", "市外"];
const USES = ["よく使う", "ときどき使う", "使わない"];
const PAGES = [
  [
    "あなたについて",
    ["one", "お住まいの地区", WARDS],
    ["one", "年代", ["10代・20代", "30代・40代", "50代・60代", "70代以上"]],
    ["number", "いっしょに住んでいる人数"],
    ["one", "この1年に公園を使いましたか", USES],
    ["long_text", "使わない理由"],
  ],
  [
    "公園の使い方",
    ["many", "使う公園", ["中央公園", "みどり公園", "海辺の公園"]],
    ["time", "行くことが多い時刻"],
    ["scale", "公園への満足度"],
    ["matrix", "公園のようす"],
    ["number", "1か月に行く回数"],
  ],
  [
    "お子さんと公園",
    ["one", "いっしょに住むお子さんはいますか", ["いる", "いない"]],
    ["number", "お子さんの人数"],
    ["many", "あるとよい遊具", ["すべり台", "ぶらんこ", "砂場", "鉄棒"]],
    ["date", "最後に公園へ行った日"],
    ["text", "好きな公園の呼び名"],
  ],
  [
    "これから",
    ["scale", "歩いて行けることの大切さ"],
    ["one", "清掃の活動に加わってみたいですか", ["加わりたい", "加わらない"]],
    ["mail", "お知らせを送るメールアドレス"],
    ["long_text", "ご意見"],
    ["consent", "利用目的への同意"],
  ],
];
const number = (words) => PAGES.flatMap(([, ...questions]) => questions).findIndex(([, label]) => label === words) + 1;
const to = (words) => `${number(words)} ${words} をきく`;

export async function run(tools) {
  const { newPage, signIn: account, sandbox } = tools;
  const page = await newPage({ ignore: [/status of 40[34] .*\/forms\/\d+\/edit/] });
  await signIn(page, { name: OWN, password: account.password });
  const id = await built(page, tools);
  const { liff_id: liffId } = await sandbox.get("/config");
  const inLine = async (called, options = {}) => {
    const resident = await sandbox.resident(called);
    await sandbox.act(resident, "follow");
    const open = async (former) => {
      const telephone = former ?? (await newPage({ ...PHONE, ...options }));
      await telephone.goto(sandbox.liffUrl(liffId, resident, `/f/${id}`));
      await telephone.waitForURL(`**/liff/f/${id}`);
      await identified(telephone);
      return telephone;
    };
    return open;
  };
  await fromElsewhere(await newPage(PHONE), id, tools);
  await onTelephone(await (await inLine("公園 使子"))(), tools);
  await withoutWasm(await (await inLine("西野 歩", { wasm: false }))(), tools);
  const open = await inLine("休 続");
  const telephone = await open();
  await brokenOff(telephone, tools);
  await edited(page, id, tools);
  await telephone.context().setOffline(false);
  await resumed(await open(telephone), tools);
  const computer = await newPage({ ignore: [/422|ERR_FAILED/] });
  await onComputer(computer, id, tools);
  await left(computer, id, tools);
  await byKeyboard(await newPage({ width: 375, height: 812, ignore: [/422/] }), id, tools);
  await looked(page, id, tools);
  await kept(page, id, tools);
  // No page asks while LINE and Kairan are away.
  await page.close();
  await nextDay(await inLine("明日 続"), tools);
}

// Everything by the builder's own controls.
async function built(page, { axe, shot, expect, until }) {
  await beginForm(page, TITLE);
  for (const [i, [title, ...questions]] of PAGES.entries()) {
    if (i === 0) {
      await page.locator(".outline-page .outline-item").first().click();
      await (await live(page.locator("#b-page-title"))).fill(title);
    } else {
      await addPage(page, title);
    }
    for (const [kind, label, options] of questions) {
      await addQuestion(page, kind, label);
      if (options) await paste(page, options);
    }
  }
  const outline = page.locator(".outline-question .outline-label");
  await until(async () => (await outline.count()) === 20, "twenty questions");
  const labels = PAGES.flatMap(([, ...questions]) => questions.map(([, label]) => label));
  expect(await texts(outline), "the outline").toEqual(labels);
  // The rows of the table say what is asked.
  await openQuestion(page, number("公園のようす"));
  const rows = page.locator("#b-ask-rows .option-line input");
  await (await live(rows.nth(0))).fill("手入れ");
  await rows.nth(1).fill("明るさ");
  for (const words of ["お住まいの地区", "この1年に公園を使いましたか"]) {
    await openQuestion(page, number(words));
    await (await live(page.locator("#b-required"))).check();
  }
  // Who lives elsewhere is not asked further; who uses no park is asked why, the others how.
  await openQuestion(page, number("お住まいの地区"));
  const stop = await branch(page, "ここで終わりにする", ["市外"]);
  await stop.locator("textarea").fill("このアンケートは、市内にお住まいの方におたずねしています。");
  await openQuestion(page, number("この1年に公園を使いましたか"));
  await branch(page, to("使わない理由"), ["使わない"]);
  for (const words of ["使う公園", "行くことが多い時刻", "公園への満足度", "公園のようす", "1か月に行く回数"]) {
    await branch(page, to(words), ["よく使う", "ときどき使う"]);
  }
  await axeAtBothWidths(page, "a question with six branches", axe);
  await shot(page, "survey-branches");
  await openQuestion(page, number("いっしょに住むお子さんはいますか"));
  await branch(page, to("お子さんの人数"), ["いる"]);
  await openQuestion(page, number("清掃の活動に加わってみたいですか"));
  await branch(page, to("お知らせを送るメールアドレス"), ["加わりたい"]);
  // What is opened shows its own words, and takes none of what was open before.
  for (const words of ["ご意見", "お住まいの地区"]) {
    await openQuestion(page, number(words));
    await until(async () => (await page.locator("#b-label").inputValue()) === words, `the words of 「${words}」`);
  }
  expect(await texts(outline), "the outline after all that was opened").toEqual(labels);
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("公園の計画を見直すために使います。");
  await page.locator("#b-retention_days").fill("365");
  await page.locator('input[name="b-outside"]').check();
  await until(async () => (await page.locator(".editor-state").innerText()).includes("自動で保存しました"), "it is saved by itself");
  // Nothing lies below the builder: it fills its window, and no more.
  const below = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
  expect(below <= 0, `${below} px below the builder`).toBe(true);
  await page.setViewportSize({ width: 320, height: 740 });
  await axe(page, "the builder at 320 px");
  await notWide(page, 320, "the builder");
  await page.setViewportSize({ width: 1280, height: 800 });
  return publishForm(page, 1);
}

// What everybody is asked first.
async function about(page, ward, use) {
  await heading(page, "あなたについて");
  await asked(page, "お住まいの地区").getByLabel(ward, { exact: true }).check();
  await asked(page, "この1年に公園を使いましたか").getByLabel(use, { exact: true }).check();
}

// The last page, and sending.
async function ending(page, { join = false, opinion = "" } = {}) {
  await heading(page, "これから");
  await asked(page, "歩いて行けることの大切さ").getByRole("radio").nth(4).check();
  await asked(page, "清掃の活動").getByLabel(join ? "加わりたい" : "加わらない", { exact: true }).check();
  if (opinion) await page.getByLabel("ご意見").fill(opinion);
  await page.getByLabel(/^同意する/).check();
}

async function sent(page) {
  await heading(page, "内容を確かめる");
  await page.getByRole("button", { name: "この内容で送る" }).click();
  await heading(page, "受け付けました");
}

async function fromElsewhere(page, id, { axe, expect }) {
  await page.goto(`/liff/f/${id}`);
  await about(page, "市外", "よく使う");
  await next(page);
  await heading(page, "ここで終わりです");
  expect(await page.locator("main").innerText(), "why it ends").toContain("市内にお住まいの方");
  await narrow(page, axe, "where the survey ends");
}

// All of it, with what can go wrong; what follows from an answer is there at once.
async function onTelephone(page, { axe, shot, expect, until }) {
  await narrow(page, axe, "the first page of the survey");
  await shot(page, "survey-first");
  await next(page);
  await page.locator("#liff-errors").waitFor();
  await narrow(page, axe, "the first page with what is missing");
  await about(page, "東地区", "使わない");
  await page.getByLabel("使わない理由").waitFor();
  await about(page, "東地区", "よく使う");
  await page.getByLabel("使わない理由").waitFor({ state: "hidden" });
  await page.getByLabel("いっしょに住んでいる人数").fill("たくさん");
  await next(page);
  await page.locator("#liff-errors").waitFor();
  expect(await page.getByLabel("いっしょに住んでいる人数").inputValue(), "what was typed stays").toBe("たくさん");
  await page.getByLabel("いっしょに住んでいる人数").fill("４");
  await next(page);
  await heading(page, "公園の使い方");
  await asked(page, "使う公園").getByLabel("中央公園").check();
  await asked(page, "使う公園").getByLabel("海辺の公園").check();
  await page.getByLabel("行くことが多い時刻（時）").selectOption("9");
  await page.getByLabel("行くことが多い時刻（分）").selectOption("30");
  await asked(page, "公園への満足度").getByRole("radio").nth(3).check();
  for (const row of ["手入れ", "明るさ"]) {
    await page.getByRole("group", { name: row, exact: true }).getByLabel("ふつう").check();
  }
  await page.getByLabel("1か月に行く回数").fill("8");
  await narrow(page, axe, "times, scales and tables");
  await shot(page, "survey-kinds");
  await next(page);
  await heading(page, "お子さんと公園");
  await asked(page, "お子さんはいますか").getByLabel("いる", { exact: true }).check();
  await page.getByLabel("お子さんの人数").fill("2");
  await asked(page, "あるとよい遊具").getByLabel("砂場").check();
  await narrow(page, axe, "the third page of the survey");
  // Back and on again: nothing is lost.
  await page.getByRole("button", { name: "戻る" }).click();
  await heading(page, "公園の使い方");
  expect(await page.getByLabel("1か月に行く回数").inputValue(), "what was written before").toBe("8");
  await next(page);
  await heading(page, "お子さんと公園");
  expect(await page.getByLabel("お子さんの人数").inputValue(), "what was written here").toBe("2");
  await next(page);
  await ending(page, { join: true, opinion: OPINION });
  const mail = page.getByLabel("お知らせを送るメールアドレス");
  await mail.waitFor();
  await mail.fill("だめ");
  await next(page);
  await page.locator("#liff-errors").waitFor();
  await narrow(page, axe, "a mail address that is none");
  await page.getByLabel("お知らせを送るメールアドレス").fill("tsukaiko@example.jp");
  await next(page);
  await heading(page, "内容を確かめる");
  expect(await page.locator("main").innerText(), "what is read back").toContain(OPINION);
  await narrow(page, axe, "the survey, read back");
  await shot(page, "survey-read-back");
  await sent(page);
  await narrow(page, axe, "the survey, received");
}

async function withoutWasm(page) {
  await about(page, "西地区", "使わない");
  const why = page.getByLabel("使わない理由");
  await why.waitFor();
  await why.fill("遠いので");
  await next(page);
  // No question of the second page is asked of whoever uses none.
  await heading(page, "お子さんと公園");
  await next(page);
  await ending(page);
  await next(page);
  await sent(page);
}

// Closed on the second page.
async function brokenOff(page, { until }) {
  await about(page, "南地区", "ときどき使う");
  await next(page);
  await heading(page, "公園の使い方");
  await page.getByLabel("1か月に行く回数").fill("3");
  await until(async () => (await page.locator("#form-saved").textContent()).includes("保存しました"), "the draft");
  // Out of reach the telephone itself keeps what is written.
  await page.context().setOffline(true);
  await page.getByLabel("1か月に行く回数").fill("4");
  await until(async () => (await page.locator("#form-saved").textContent()).includes("電波がとどきません"), "out of reach");
}

// Closed on the second page, and opened from the talk again the next evening: no session lasts so long.
async function nextDay(open, { axe, expect, until, startLater }) {
  const telephone = await open();
  await about(telephone, "西地区", "ときどき使う");
  await next(telephone);
  await heading(telephone, "公園の使い方");
  await telephone.getByLabel("1か月に行く回数").fill("12");
  await until(async () => (await telephone.locator("#form-saved").textContent()).includes("保存しました"), "the draft");
  await telephone.goto("about:blank");
  const seconds = untilTomorrowEvening();
  await startLater(seconds);
  await telephone.context().clock.setFixedTime(Date.now() + seconds * 1_000);
  // Its life has ended; the browser keeps cookies by the machine's clock.
  await telephone.context().clearCookies({ name: "kairan_resident" });
  await open(telephone);
  await heading(telephone, "公園の使い方");
  const since = await telephone.locator(".liff-notice").innerText();
  expect(since, "from when the draft is").toMatch(/きのう \d+:\d\dに書いたところから、続けられます/);
  expect(await telephone.getByLabel("1か月に行く回数").inputValue(), "what was written the day before").toBe("12");
  await narrow(telephone, axe, "a draft of the day before");
  await next(telephone);
  await heading(telephone, "お子さんと公園");
  await next(telephone);
  await ending(telephone);
  await next(telephone);
  await sent(telephone);
}

// Seconds until eight o'clock in the evening of the next day in Tokyo.
function untilTomorrowEvening() {
  const [hour, day] = [3_600_000, 86_400_000];
  const today = Math.floor((Date.now() + 9 * hour) / day);
  return Math.round(((today + 1) * day + (20 - 9) * hour - Date.now()) / 1_000);
}

// Meanwhile the form gets another version.
async function edited(page, id, { until }) {
  await page.goto(`/console/forms/${id}/edit`);
  await page.locator(".outline-question").nth(19).waitFor();
  await openQuestion(page, number("好きな公園の呼び名"));
  await addQuestion(page, "text", "雨の日に行くところ");
  await until(async () => (await page.locator(".editor-state").innerText()).includes("自動で保存しました"), "it is saved by itself");
  await publishForm(page, 2);
}

// Within reach again, with another session. What the telephone kept was written under the former version.
async function resumed(page, { axe, shot, expect, until }) {
  await heading(page, "公園の使い方");
  // What the telephone kept goes to the server, and the page comes anew with it; the former one stays inert.
  const brought = () =>
    page.evaluate(
      () => document.getElementById("liff-form")?.inert === false && !Object.keys(localStorage).some((key) => key.startsWith("kairan-form-")),
    );
  await until(() => brought().catch(() => false), "the server has what the telephone kept");
  await page.waitForLoadState();
  expect(await page.locator(".liff-notice").innerText(), "that it goes on").toContain("続けられます");
  await until(async () => (await page.getByLabel("1か月に行く回数").inputValue()) === "4", "what the telephone kept");
  expect(await page.getByLabel("中央公園").isChecked(), "what nobody wrote").toBe(false);
  await narrow(page, axe, "a draft that goes on under another version");
  await shot(page, "survey-resumed");
  await next(page);
  await heading(page, "お子さんと公園");
  await page.getByLabel("雨の日に行くところ").fill("図書館");
  await next(page);
  await ending(page);
  await next(page);
  await sent(page);
}

async function onComputer(page, id, { axe }) {
  // The script of LINE does not come: nothing else depends on it.
  await page.route("**/line.js", (route) => route.abort());
  await page.goto(`/liff/f/${id}`);
  await axe(page, "the survey on a computer");
  await about(page, "東地区", "ときどき使う");
  await next(page);
  await heading(page, "公園の使い方");
  await next(page);
  await heading(page, "お子さんと公園");
  await next(page);
  await ending(page);
  await next(page);
  await sent(page);
  await axe(page, "the survey received on a computer");
}

// Others use the computer, too: what was sent there and one more that was begun are taken from its browser.
async function left(page, id, { axe, shot, expect, until }) {
  await page.goto(`/liff/f/${id}`);
  await about(page, "南地区", "ときどき使う");
  await next(page);
  await heading(page, "公園の使い方");
  await page.getByLabel("1か月に行く回数").fill("5");
  await until(async () => (await page.locator("#form-saved").textContent()).includes("保存しました"), "the draft");
  await page.getByRole("link", { name: "ほかの人も使うパソコンでは、終わったらここから消してください" }).click();
  await heading(page, "わたしの申請");
  const list = page.locator(".liff-list li");
  expect(await list.count(), "what was begun and what was sent").toBe(2);
  expect(await list.first().innerText(), "what was begun").toContain("書きかけ");
  const one = await list.last().locator("a").getAttribute("href");
  const read = async () => (await page.request.get(one)).text();
  expect(await read(), "what was sent").toContain("東地区");
  await axe(page, "what a browser holds that others use, too");
  await narrow(page, axe, "what a browser holds that others use, too");
  await shot(page, "form-leave");
  await page.getByRole("button", { name: "このブラウザーから消す" }).click();
  await page.locator("#liff-left").waitFor();
  expect(await page.locator("#liff-left").innerText(), "what is said").toContain("このブラウザーから消しました");
  expect(await list.count(), "what is left in the list").toBe(0);
  expect(await page.getByRole("button", { name: "このブラウザーから消す" }).count(), "once is enough").toBe(0);
  await axe(page, "a browser that was left");
  await narrow(page, axe, "a browser that was left");
  // Whoever comes next finds nothing of it.
  expect((await read()).includes("東地区"), "what was sent, by its address").toBe(false);
  await page.goto(`/liff/f/${id}`);
  await heading(page, "あなたについて");
  for (const ward of ["東地区", "南地区"]) {
    expect(await page.getByLabel(ward, { exact: true }).isChecked(), `whether ${ward} is chosen for the next person`).toBe(false);
  }
  expect(await page.locator(".liff-notice").count(), "that something goes on").toBe(0);
  const device = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("kairan-form-")));
  expect(device, "what the computer itself keeps").toEqual([]);
  await page.goto("/liff/answers");
  await heading(page, "わたしの申請");
  expect(await list.count(), "what the next person finds in the list").toBe(0);
}

// Tab, arrows, space and Enter, and what is typed: no pointer at all.
async function byKeyboard(page, id, { expect, until }) {
  await page.goto(`/liff/f/${id}`);
  await heading(page, "あなたについて");
  const radio = async (question, count) => {
    await tabTo(page, asked(page, question).getByRole("radio"));
    await page.keyboard.press("Space");
    for (let i = 0; i < count; i += 1) await page.keyboard.press("ArrowDown");
  };
  const onward = async () => {
    await tabTo(page, page.locator('.form-buttons button[value="next"], .form-buttons button[value="send"]'));
    await page.keyboard.press("Enter");
  };
  await radio("お住まいの地区", 1);
  await radio("この1年に公園を使いましたか", 2);
  await page.getByLabel("使わない理由").waitFor();
  await tabTo(page, page.getByLabel("使わない理由"));
  await page.keyboard.type("いそがしいので");
  await onward();
  await heading(page, "お子さんと公園");
  await tabTo(page, page.getByLabel("好きな公園の呼び名"));
  await page.keyboard.type("くじら公園");
  // Enter in a field goes on, as everywhere.
  await page.keyboard.press("Enter");
  await heading(page, "これから");
  await tabTo(page, page.getByLabel(/^同意する/));
  await page.keyboard.press("Space");
  await onward();
  await heading(page, "内容を確かめる");
  const said = await page.locator("main").innerText();
  for (const words of ["西地区", "使わない", "いそがしいので", "くじら公園"]) expect(said, "what is read back").toContain(words);
  await onward();
  await heading(page, "受け付けました");
  await until(() => page.evaluate(() => document.activeElement?.id === "liff-done"), "focus on what was received");
}

// Charts with their tables, two questions crossed, and all of it as a file.
async function looked(page, id, { axe, shot, expect, until }) {
  await page.goto(`/console/forms/${id}/figures`);
  await page.locator(".chart-sentence").first().waitFor();
  expect(await page.locator(".chart-sentence").first().innerText(), "the sentence").toContain("5件のうち 5件が答えました");
  const first = page.locator(".chart-panel").first();
  await first.locator("label", { hasText: "表" }).click();
  await first.locator("table").waitFor({ state: "visible" });
  expect((await first.locator("table").innerText()).replace(/\s+/g, " "), "the table beside the chart").toMatch(/東地区 2/);
  await axeAtBothWidths(page, "the figures of the survey", axe);
  await shot(page, "survey-figures");
  await page.locator("#cross-row").selectOption({ label: "お住まいの地区" });
  await page.locator("#cross-column").selectOption({ label: "この1年に公園を使いましたか" });
  await page.getByRole("button", { name: "掛け合わせる" }).click();
  const cross = page.locator(".crossing table");
  await cross.waitFor();
  expect((await cross.innerText()).replace(/\s+/g, " "), "two questions crossed").toMatch(/西地区 0 0 2/);
  await axeAtBothWidths(page, "two questions crossed", axe);
  await page.setViewportSize({ width: 320, height: 740 });
  await notWide(page, 320, "the figures");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`/console/forms/${id}/answers`);
  await page.locator(".answers-table tbody tr").nth(4).waitFor();
  await axeAtBothWidths(page, "the table of the survey", axe);
  const download = async (link) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link, exact: true }).click()]);
    return readFile(await file.path());
  };
  const csv = (await download("CSV")).toString("utf8");
  const lines = csv.trim().split("\r\n");
  expect(lines.length, "lines of the file").toBe(6);
  // Who is in the file under which version, and what nobody was asked, is empty.
  expect(lines.filter((line) => line.includes(",使わない,")).length, "who uses none").toBe(2);
  expect(csv, "an opinion").toContain(OPINION);
  expect(csv, "the question of the second version").toContain("雨の日に行くところ");
  // In the old letters it is made in the background.
  await page.goto(`/console/forms/${id}/export`);
  const letters = page.locator("label", { hasText: "CSV（Shift_JIS）" });
  await live(letters.locator("input"));
  await letters.click();
  await press(page.getByRole("button", { name: "ファイルを作る" }));
  const old = new TextDecoder("shift_jis").decode(await download("ダウンロード"));
  expect(old.trim().split("\r\n").length, "lines in the old letters").toBe(6);
  expect(old, "the same words").toContain(OPINION);
}

// For another department there is neither form nor answer, wherever it looks.
async function kept(own, id, { newPage, signIn: account, axe, expect, until }) {
  const page = await newPage({ ignore: [/404|403/] });
  await signIn(page, { name: OTHER, password: account.password });
  for (const [target, words] of [
    ["/console/forms", "フォーム"],
    ["/console/answers", "回答"],
  ]) {
    await page.goto(target);
    await page.getByRole("heading", { name: words, level: 1 }).waitFor();
    expect((await page.locator("body").innerText()).includes(TITLE), `${target} of another department`).toBe(false);
  }
  const answers = await page.goto(`/console/forms/${id}/answers.csv`).catch(() => null);
  expect(answers?.status(), "the file").toBe(404);
  for (const rest of ["", "/edit", "/history", "/poster", "/answers", "/figures"]) {
    await page.goto(`/console/forms/${id}${rest}`);
    await page.getByText("見つかりません").first().waitFor();
    expect((await page.content()).includes(TITLE), `/console/forms/${id}${rest} of another department`).toBe(false);
  }
  await axe(page, "a form of another department");
  // Nor the other way round.
  await beginForm(page, "窓口についてのアンケート");
  const other = new URL(page.url()).pathname.match(/forms\/(\d+)/)[1];
  await own.goto("/console/forms");
  await own.getByRole("heading", { name: "フォーム", level: 1 }).waitFor();
  expect((await own.locator("body").innerText()).includes("窓口についての"), "the other's form").toBe(false);
  await own.goto(`/console/forms/${other}/edit`);
  await own.getByText("見つかりません").first().waitFor();
  await page.close();
}

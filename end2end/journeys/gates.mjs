// What stands before the phones: quiet hours let a notice wait, the budget withholds, the panel compares
// with last time and asks for a tick; a delivery that is held is told in the console and by mail; what LINE
// lets the city send this month is compared before a delivery leaves, and told of a correction.
import { taken } from "../lib/delivery.mjs";
import { axeAtBothWidths, beginDelivery, clock, live, monthOf, number, press, sentOut, signIn, tick, toEveryone } from "../lib/page.mjs";

export const name = "quiet hours, the budget, the comparison, and who is told when something is held";

const RULES = "/console/settings/rules";
const TITLE = "公民館の工事のお知らせ";

export async function run(tools) {
  // What is refused says so in the console of the browser, too.
  const page = await tools.newPage({ ignore: [/status of 422/] });
  await signIn(page, tools.signIn);
  try {
    await quietHours(page, tools);
    await comparison(page, tools);
    await budget(page, tools);
    await alert(page, tools);
    await tooFew(page, tools);
  } finally {
    // Other journeys send at any hour, and as often as they like.
    await page.goto(RULES);
    await set(page, "quiet", "決めない", "静かな時間を保存する", "いまは、どの時刻でも届けます");
    await set(page, "budget", "決めない", "上限を保存する", "いまは、上限がありません");
  }
}

async function set(page, group, choice, button, then) {
  const radio = page.locator(`#${group}`).getByRole("radio", { name: choice, exact: true });
  await live(radio);
  await radio.check();
  await press(page.getByRole("button", { name: button }));
  await page.getByText(then).waitFor();
}

async function quietHours(page, { axe, shot, expect, until }) {
  await page.goto(RULES);
  await live(page.locator("#quiet").getByRole("radio", { name: "決める", exact: true }));
  await page.locator("#quiet").getByRole("radio", { name: "決める", exact: true }).check();
  await page.getByLabel("始まり").fill("21:00");
  await page.getByLabel("終わり").fill("21:00");
  await press(page.getByRole("button", { name: "静かな時間を保存する" }));
  await page.getByText("始まりと終わりが同じです").waitFor();
  await axe(page, "quiet hours that are none");
  await page.getByLabel("始まり").fill(clock(-2));
  await page.getByLabel("終わり").fill(clock(6));
  // In the evening of a month's last day it is the next one.
  const month = monthOf(6);
  await press(page.getByRole("button", { name: "静かな時間を保存する" }));
  await page.getByText(/お知らせと訓練を待たせます/).waitFor();
  await axeAtBothWidths(page, "the rules", axe);
  await shot(page, "settings-gates");

  // A notice waits until they are over.
  const path = await write(page, { title: TITLE, until });
  await page.locator(".checks").getByText(/静かな時間（/).waitFor();
  await press(page.getByRole("button", { name: /への配信を予約する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await dialog.getByText("静かな時間にかかります").waitFor();
  expect(await dialog.getByRole("radio", { name: /いま届ける/ }).isChecked(), "it waits unless somebody says why").toBe(false);
  await axe(page, "a notice in the quiet hours");
  await shot(page, "send-quiet", { fullPage: false });
  // Now, with a reason: without one it stays.
  await dialog.getByRole("radio", { name: /いま届ける/ }).check();
  await typeCount(page, dialog);
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await dialog.getByText("理由が空です").waitFor();
  await axe(page, "a notice in the quiet hours without a reason");
  await dialog.getByRole("radio", { name: /に届ける$/ }).first().check();
  await press(dialog.getByRole("button", { name: /への配信を予約する$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText(/に届けます/).first().waitFor();
  await axe(page, "a notice that waits");
  await shot(page, "delivery-quiet");
  await page.goto(`/console/deliveries/calendar?month=${month}`);
  await page.getByText(TITLE).first().waitFor();
  await page.goto(path);
  await press(page.getByRole("button", { name: "取り消す" }));
  await press(page.getByRole("dialog").getByRole("button", { name: "配信を取り消す" }));
  await page.getByText("配信を止めました").first().waitFor();

  // With a reason it leaves at once, and the reason stays.
  const now = await write(page, { title: TITLE, until });
  await press(page.getByRole("button", { name: /への配信を予約する$/ }));
  await dialog.waitFor({ state: "visible" });
  await dialog.getByRole("radio", { name: /いま届ける/ }).check();
  await dialog.getByLabel("静かな時間に届ける理由").fill("朝7時からの工事のため");
  await typeCount(page, dialog);
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === now);
  await sentOut(page);
  await page.getByText("朝7時からの工事のため").first().waitFor();
  await page.goto(RULES);
  await set(page, "quiet", "決めない", "静かな時間を保存する", "いまは、どの時刻でも届けます");
}

async function comparison(page, { axe, shot, expect, until }) {
  // The same matter to one quarter only: the panel shows last time and wants a tick.
  const path = await write(page, { title: TITLE, few: true, until });
  await page.locator(".checks").getByText("前回のにた配信").waitFor();
  // Sent to everybody a moment ago.
  await page.locator(".checks-near").getByText(/人が重なります/).waitFor();
  await page.locator(".checks").getByText(/相手が合っているか確かめてください/).waitFor();
  await page.locator(".checks-tables summary").click();
  await page.locator(".checks-tables table").first().waitFor();
  await axeAtBothWidths(page, "the panel beside last time", axe);
  await shot(page, "composer-compared");
  await press(page.getByRole("button", { name: /人に配信する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await dialog.getByText("前回と人数が大きく違います").waitFor();
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await dialog.getByText("印をつけてください").waitFor();
  await axe(page, "a striking difference without its tick");
  await shot(page, "send-differs", { fullPage: false });
  await dialog.getByRole("checkbox", { name: /確かめました/ }).check();
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await sentOut(page);
  expect(path, "a delivery of its own").toMatch(/deliveries\/\d+$/);
}

async function budget(page, { axe, shot, expect, until }) {
  await page.goto(RULES);
  await live(page.locator("#budget").getByRole("radio", { name: "決める", exact: true }));
  await page.locator("#budget").getByRole("radio", { name: "決める", exact: true }).check();
  await page.getByLabel("何日に").fill("七");
  await press(page.getByRole("button", { name: "上限を保存する" }));
  await page.getByText("数字で入れてください").waitFor();
  await page.getByLabel("何日に").fill("1");
  await page.getByLabel("何通まで").fill("1");
  await press(page.getByRole("button", { name: "上限を保存する" }));
  await page.getByText("1人あたり1日に1通までです").waitFor();
  const path = await write(page, { title: "図書館の本の整理", until });
  const withheld = page.locator(".checks").getByText(/受け取る数の上限（1日に1通まで）に達しているため/);
  await withheld.waitFor();
  await axe(page, "the panel with who is withheld");
  await withheld.scrollIntoViewIfNeeded();
  await shot(page, "composer-budget");
  await sent(page, path);
  await page.getByText("受け取る数の上限").first().waitFor();
  await axe(page, "a delivery of which many are withheld");
  await shot(page, "delivery-withheld");
  await page.goto(`${path}/certificate`);
  await page.getByText(/受け取る数の上限/).first().waitFor();
  expect(await page.getByText("合いません").count(), "the sum holds").toBe(0);
  await page.goto(RULES);
  await set(page, "budget", "決めない", "上限を保存する", "いまは、上限がありません");
}

async function alert(page, { axe, shot, expect, until, mails, sandbox }) {
  // Where one is told.
  await page.goto("/console/settings");
  const mail = page.getByLabel("メールアドレス");
  await live(mail);
  await mail.fill("佐藤");
  await press(page.getByRole("button", { name: "宛先を保存する" }));
  await page.getByText("メールアドレスの形になっていません").waitFor();
  await axe(page, "an address that is none");
  await mail.fill("sato@city.mihon.example");
  await page.getByRole("radio", { name: "市のすべて" }).check();
  await press(page.getByRole("button", { name: "宛先を保存する" }));
  await page.locator(".toast", { hasText: "知らせの宛先を保存しました" }).waitFor();
  await axe(page, "the own settings");
  await shot(page, "settings-contact");
  await press(page.getByRole("button", { name: "試しに1通送る" }));
  await until(() => mails.find((m) => m.subject.includes("試し送り")), "the trial");

  // LINE takes no more messages this month: the delivery is held, and says so everywhere.
  const before = mails.length;
  await sandbox.faults({ monthly_limit: await taken(sandbox) });
  try {
    const path = await write(page, { title: TITLE, until });
    await sent(page, path);
    await page.getByText("送らずに止めています").first().waitFor();
  } finally {
    await sandbox.faults({});
  }
  const told = await until(() => mails.slice(before).find((m) => m.subject.includes("止めています")), "the mail", { timeout: 60_000 });
  expect(told.to, "to whom").toBe("sato@city.mihon.example");
  expect(told.body, "where to look").toMatch(/\/console\/deliveries\/\d+/);
  expect(told.id, "a name of its own").toMatch(/^<.+@.+>$/);
  await page.goto("/console");
  await page.getByText(/を、送らずに止めています/).first().waitFor();
  await axeAtBothWidths(page, "home with an alert", axe);
  await shot(page, "home-alert");
  const bell = await live(page.locator(".bar details.notices"));
  await bell.locator("summary").click();
  await bell.getByRole("link", { name: /を、送らずに止めています/ }).first().waitFor();
  await axe(page, "the bell with an alert");
  await page.keyboard.press("Escape");
  await press(page.getByRole("button", { name: "見ました" }));
  await page.locator(".toast", { hasText: "見たことを、記録に残しました" }).waitFor();
  await page.getByText(/つづいている知らせが/).waitFor();
  await page.goto("/console/settings/alerts");
  await page.getByText(/に見ました/).first().waitFor();
  await axeAtBothWidths(page, "the record of alerts", axe);
  await shot(page, "settings-alerts");
  // What happened and who did what, on paper.
  await page.getByRole("link", { name: "経過報告書" }).first().click();
  await page.getByRole("heading", { name: "経過報告書", level: 1 }).waitFor();
  await page.locator(".report-table").getByText("知らせを見ました").first().waitFor();
  await page.locator(".report-table").getByText("配信を始めた").first().waitFor();
  await axeAtBothWidths(page, "the report of an alert", axe);
  await shot(page, "report");
  await page.goto("/console/settings/alerts");
  await page.getByRole("link", { name: "中身を確かめる" }).first().click();
  await press(page.getByRole("button", { name: "残りを止める", exact: true }));
  await press(page.getByRole("dialog", { name: "残りを止めます" }).getByRole("button", { name: /人分を止める$/ }));
  await page.locator(".toast", { hasText: "残りを止めました" }).waitFor();
  await until(async () => {
    await page.goto("/console/settings/alerts");
    return (await page.getByText("つづきました").count()) > 0;
  }, "the alert ends", { timeout: 120_000 });
  await axe(page, "the record with what has ended");
  await shot(page, "settings-alerts-ended");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
  expect(file.suggestedFilename(), "the record as a file").toBe("alerts.csv");
}

async function tooFew(page, { axe, shot, sandbox, until, killKairan, startKairan }) {
  // What LINE allows is read when Kairan starts; no page asks meanwhile.
  await page.goto("about:blank");
  await sandbox.faults({ monthly_limit: (await taken(sandbox)) + 100 });
  await killKairan();
  await startKairan();
  const path = await write(page, { title: "交通規制のお知らせ", until });
  await page.locator(".checks").getByText(/人分足りません/).first().waitFor();
  await axe(page, "the panel where too little is left of the month");
  await press(page.getByRole("button", { name: /人に配信する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await dialog.getByText("今月LINEで送れる数が足りません").first().waitFor();
  await dialog.getByText(/あと[\d,]+人分です/).first().waitFor();
  await typeCount(page, dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await dialog.getByText("印をつけてください").first().waitFor();
  await axe(page, "too little is left of the month, without its tick");
  await shot(page, "send-short", { fullPage: false });
  await dialog.getByRole("checkbox", { name: "足りないことを確かめました" }).check();
  await axe(page, "too little is left of the month, ticked");
  // LINE takes it after all: the city has changed its contract.
  await sandbox.faults({});
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === path);
  await sentOut(page);
  await press(page.getByRole("button", { name: "訂正を送る", exact: true }).first());
  const correction = page.locator("dialog#retract");
  await correction.getByText(/この訂正の[\d,]+人には/).first().waitFor();
  await axe(page, "a correction for which too little is left");
  await shot(page, "retract-short", { fullPage: false });
  await page.keyboard.press("Escape");
}

// Confirms what the composer has, and waits for the delivery's page.
async function sent(page, path) {
  await press(page.getByRole("button", { name: /人に配信する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await typeCount(page, dialog);
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL((url) => url.pathname === path);
}

async function typeCount(page, dialog) {
  const field = dialog.getByLabel(/人数を入れてください/);
  if ((await field.count()) === 0) return;
  await field.fill(String(number(await page.locator(".checks .figure-xl").innerText())));
}

// A draft to everyone, or to one age only; its address without /edit.
async function write(page, { title, few, until }) {
  const path = await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(title);
  await page.locator("#parts textarea").first().fill(`${title}です。`);
  if (few) {
    await press(page.getByRole("button", { name: "条件を足す" }));
    await press(page.locator(".pick-list .pick-option", { hasText: "年代" }));
    const choices = page.getByRole("dialog", { name: "どれか" });
    await choices.getByLabel("40代", { exact: true }).check();
    await press(choices.getByRole("button", { name: "決める" }));
  } else {
    await toEveryone(page);
  }
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()), "the head count");
  return path;
}

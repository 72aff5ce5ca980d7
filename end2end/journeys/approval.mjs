// Above the city's number a second person decides: asked, sent back, asked again, approved, sent; an
// emergency does not wait and is looked at afterwards.
import { axeAtBothWidths, beginDelivery, live, press, sentOut, signIn, tick, toEveryone } from "../lib/page.mjs";

export const name = "a second person approves, and an emergency is looked at afterwards";

const TITLE = "市民プールの休み";
const EMERGENCY = "川の水位について";
const WRITER = "sato@city.mihon.example";
const APPROVER = "takahashi@city.mihon.example";
const WORDS = "日付は所長に確かめました";

export async function run(tools) {
  const admin = await tools.newPage();
  await signIn(admin, tools.signIn);
  try {
    await setRule(admin, tools);
    await decide(admin, tools);
  } finally {
    // Other journeys send without approval.
    await admin.goto("/console/settings/rules");
    await live(admin.getByRole("radio", { name: "承認を使わない" }));
    await admin.getByRole("radio", { name: "承認を使わない" }).check();
    await press(admin.getByRole("button", { name: "この決まりで保存する" }));
    await admin.getByText("承認なしで送れます").waitFor();
  }
}

async function setRule(admin, { axe, shot }) {
  await admin.goto("/console/settings/rules");
  await live(admin.getByRole("radio", { name: "承認を使わない" }));
  await admin.getByRole("radio", { name: /承認が要る/ }).check();
  const above = admin.getByLabel("この人数をこえたら");
  await above.fill("千人");
  await press(admin.getByRole("button", { name: "この決まりで保存する" }));
  await admin.getByText("人数を、数字で入れてください").waitFor();
  await axe(admin, "the rules with what is to mend");
  await above.fill("100");
  await press(admin.getByRole("button", { name: "この決まりで保存する" }));
  await admin.getByText("いまは、100人をこえる配信に").waitFor();
  await axe(admin, "the rules");
  await shot(admin, "settings-rules");
}

async function decide(admin, { signIn: account, newPage, axe, shot, expect, until, mails }) {
  const approver = await newPage();
  await signIn(approver, { ...account, name: "198230" });
  await reachable(admin, WRITER);
  await reachable(approver, APPROVER);
  const told = (to, words) => until(() => mails.find((m) => m.to === to && m.subject.includes(words)), `the mail to ${to}: ${words}`, { timeout: 60_000 });

  const path = await write(admin, { title: TITLE, until });
  await press(admin.getByRole("button", { name: /承認を求める$/ }));
  const dialog = admin.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await dialog.getByLabel(/ひとこと/).fill(WORDS);
  await axe(admin, "the question before approval is asked for");
  await press(dialog.getByRole("button", { name: /承認を求める$/ }));
  await admin.waitForURL((url) => url.pathname === path);
  await admin.getByText("承認待ちです").waitFor();
  expect(await admin.getByRole("button", { name: /承認する/ }).count(), "who asked approves").toBe(0);
  await axe(admin, "what waits, for who asked");

  const asked = await told(APPROVER, `「${TITLE}」の承認をお願いします`);
  expect(asked.body, "where to look").toContain(path);
  expect(asked.body.includes(WORDS), "what staff write to each other is in a mail").toBe(false);
  expect(mails.some((m) => m.to === WRITER && m.subject.includes("承認をお願いします")), "who asked is told").toBe(false);
  await approver.goto("/console");
  await approver.getByRole("heading", { name: "承認を待つもの" }).waitFor();
  await axe(approver, "home with what waits");
  await shot(approver, "home-approval");
  await approver.goto("/console/deliveries");
  const offer = approver.locator("tr", { hasText: TITLE }).getByRole("link", { name: "内容を見て承認する" });
  await offer.waitFor();
  await axeAtBothWidths(approver, "the list with what waits", axe);
  await offer.click();
  await approver.waitForURL((url) => url.pathname === path);
  // The same panel as the writer's.
  await approver.getByRole("heading", { name: "確かめたこと" }).waitFor();
  await until(async () => /\d/.test(await approver.locator(".checks .figure-xl").innerText()), "the head count");
  await approver.locator("details.checks-tables").waitFor();
  await axe(approver, "what waits, for who decides");
  await shot(approver, "delivery-awaiting");
  await press(approver.getByRole("button", { name: "差しもどす" }));
  const back = approver.locator("dialog#send-back");
  await back.waitFor({ state: "visible" });
  await press(back.getByRole("button", { name: "差しもどす" }));
  await back.getByText("理由が空です").waitFor();
  await axe(approver, "sending back without a reason");
  await back.getByLabel("どこを直してほしいか").fill("休みの曜日を書いてください");
  await press(back.getByRole("button", { name: "差しもどす" }));
  await back.waitFor({ state: "hidden" });

  expect((await told(WRITER, "差しもどされました")).body, "where to mend").toContain(`${path}/edit`);
  await admin.goto("/console");
  const bell = await live(admin.locator(".bar details.notices"));
  await bell.locator("summary").click();
  await bell.getByRole("link", { name: `「${TITLE}」が、差しもどされました` }).waitFor();
  await axe(admin, "the bell with what was sent back");
  await admin.goto(`${path}/edit`);
  await admin.getByText("休みの曜日を書いてください").waitFor();
  await axe(admin, "a draft that was sent back");
  await press(admin.getByRole("button", { name: /承認を求める$/ }));
  await dialog.waitFor({ state: "visible" });
  await press(dialog.getByRole("button", { name: /承認を求める$/ }));
  await admin.waitForURL((url) => url.pathname === path);
  await approver.goto(path);
  await press(approver.getByRole("button", { name: /への配信を承認する$/ }));
  const question = approver.locator("dialog#approve");
  await question.waitFor({ state: "visible" });
  await axe(approver, "the question before it is approved");
  await press(question.getByRole("button", { name: /への配信を承認する$/ }));
  await sentOut(approver);
  expect(await approver.locator(".approval .stamp").count() >= 2, "two stamps on the paper").toBe(true);
  await told(WRITER, `「${TITLE}」が、承認されました`);
  await axe(approver, "an approved delivery");
  await shot(approver, "delivery-approved");

  // An emergency: two steps, nothing to type.
  const urgent = await write(admin, { title: EMERGENCY, emergency: true, until });
  await press(admin.getByRole("button", { name: /承認を求める$/ }));
  await dialog.waitFor({ state: "visible" });
  await dialog.getByRole("radio", { name: /待たずに送る/ }).check();
  await dialog.getByRole("radio", { name: /命に関わる/ }).waitFor();
  await axe(admin, "an emergency that does not wait");
  await shot(admin, "send-unapproved", { fullPage: false });
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await admin.waitForURL((url) => url.pathname === urgent);
  await admin.getByText("承認を待たずに送った配信です").waitFor();
  expect(await admin.getByRole("button", { name: "内容を確かめました" }).count(), "who sent looks afterwards").toBe(0);
  await told(APPROVER, "承認を待たずに送られました");
  await approver.goto(urgent);
  await press(approver.getByRole("button", { name: "内容を確かめました" }));
  await until(async () => (await approver.getByText("承認を待たずに送った配信です").count()) === 0, "the review");
  await axe(approver, "an emergency that was looked at");
}

// Where somebody is told.
async function reachable(page, address) {
  await page.goto("/console/settings");
  const mail = page.getByLabel("メールアドレス");
  await live(mail);
  await mail.fill(address);
  await press(page.getByRole("button", { name: "宛先を保存する" }));
  await page.locator(".toast", { hasText: "知らせの宛先を保存しました" }).waitFor();
}

// A draft to everyone; its address without /edit.
async function write(page, { title, emergency, until }) {
  const path = await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(title);
  await page.locator("#parts textarea").first().fill(`${title}のお知らせです。`);
  if (emergency) await page.getByRole("radio", { name: /緊急/ }).check();
  await toEveryone(page);
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()), "the head count");
  return path;
}

// A delivery to everyone is stopped while LINE has taken a part of it: what the dialog says is what
// happens, and every recipient is accounted for.
import { figures, midway, oneCall, sendNow } from "../lib/delivery.mjs";
import { axeAtBothWidths, beginDelivery, keysTo, live, number, press, signIn } from "../lib/page.mjs";

export const name = "a delivery is stopped in the middle, and everyone is accounted for";

const TITLE = "止める配信";

export async function run({ sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const page = await newPage();
  await signIn(page, account);
  const tools = { page, sandbox, axe, shot, expect, until };
  try {
    const path = await send(tools);
    const before = await midway(page, sandbox, (label) => axeAtBothWidths(page, label, axe));
    await stop(tools, before);
    await certificate(tools, path, before);
  } finally {
    await sandbox.faults({});
  }
}

// Writes it, changes who is meant by keyboard, and sends it; LINE takes one call and no more.
async function send({ page, sandbox, axe, expect, until }) {
  const path = await beginDelivery(page);
  const text = await live(page.getByLabel("文章", { exact: true }).first());
  // Whoever has only just begun has done nothing wrong.
  await page.locator(".check-verdict").getByText(/送るまでに、あと \d+つ/).waitFor();
  expect(await page.locator("main .err").count(), "complaints about a draft that was only begun").toBe(0);
  await page.locator("#title").fill(TITLE);
  await text.fill("止めるまでの、ためしの文章です。");

  // 友だち全員 and back, with the arrow keys; the former condition is still there.
  await press(page.getByRole("button", { name: "条件を足す" }));
  await until(() => page.evaluate(() => Boolean(document.activeElement?.closest(".pick-list"))), "focus in the list of the new condition");
  expect(await page.locator(".audience-box .err").count(), "complaints before anything was chosen").toBe(0);
  await press(page.locator(".pick-list .pick-option", { hasText: "年代" }));
  const choices = page.getByRole("dialog", { name: "どれか" });
  await choices.getByLabel("40代", { exact: true }).check();
  await press(choices.getByRole("button", { name: "決める" }));
  await choices.waitFor({ state: "hidden" });
  const sentence = () => page.locator(".audience-sentence").innerText();
  await until(async () => (await sentence()).includes("40代"), "the condition");
  await keysTo(page.getByRole("radio", { name: "条件でえらぶ" }));
  await page.keyboard.press("ArrowRight");
  await until(async () => (await sentence()).includes("友だち全員"), "友だち全員");
  await page.keyboard.press("ArrowLeft");
  await until(async () => (await sentence()).includes("40代"), "the condition again");
  await page.keyboard.press("ArrowRight");
  await until(async () => (await sentence()).includes("友だち全員"), "友だち全員 again");
  await axeAtBothWidths(page, "a draft to everyone", axe);

  await oneCall(sandbox);
  expect(await sendNow(page), "the address of what was sent").toBe(path);
  return path;
}

async function stop({ page, axe, shot, expect, until }, before) {
  const dialog = page.getByRole("dialog", { name: "残りを止めます" });
  // While every call is just being tried there is nothing to stop, and the page says so.
  await until(async () => {
    // A moment ago it may have been on its way, and lies over the button.
    if (await dialog.isVisible()) return true;
    await page.getByRole("button", { name: "残りを止める", exact: true }).click({ timeout: 2_000 }).catch(() => {});
    return dialog.isVisible();
  }, "the question before it is stopped");
  const words = await dialog.innerText();
  expect(number(words.match(/([\d,]+)人分をLINEが受け付けました/)[1]), "what LINE has").toBe(before.受付);
  const rest = number(words.match(/まだ送っていない ([\d,]+)人には、送らずに/)[1]);
  expect(rest > 0 && rest <= before.これから, `the rest: ${rest} of ${before.これから}`).toBe(true);
  await until(() => page.evaluate(() => document.activeElement?.textContent?.trim() === "やめる"), "focus on やめる");
  await axeAtBothWidths(page, "the question before it is stopped", axe);
  await shot(page, "delivery-stop-confirm", { fullPage: false });
  await press(dialog.getByRole("button", { name: /人分を止める$/ }));
  await dialog.waitFor({ state: "hidden" });
  await page.locator(".toast", { hasText: "残りを止めました" }).waitFor();
  await until(async () => (await figures(page)).これから === undefined, "its end");
  const after = await figures(page);
  expect(after, "the sum when it was stopped").toEqual({ 配信対象: before.配信対象, 受付: before.受付, 届かず: 0, 差し控え: before.差し控え + before.これから });
  expect(after.配信対象, "accepted and withheld").toBe(after.受付 + after.差し控え);
  await page.getByText("合っています", { exact: true }).waitFor();
  await axeAtBothWidths(page, "a delivery that was stopped", axe);
  await page.locator(".banner", { hasText: "残りを止めました" }).getByRole("button", { name: "訂正を送る" }).waitFor();
  await shot(page, "delivery-stopped");
}

async function certificate({ page, axe, shot, expect }, path, before) {
  await page.getByRole("link", { name: "証明書をひらいて印刷する" }).click();
  await page.waitForURL(`**${path}/certificate`);
  await page.getByRole("heading", { name: "配信証明書", level: 1 }).waitFor();
  const paper = await page.locator("main").innerText();
  const figure = (label) => number(paper.match(new RegExp(`${label}\\s+([\\d,]+ 人)`))?.[1] ?? "");
  expect(["対象", "受付（LINEが受理）", "届かず", "差し控え"].map(figure), "the certificate").toEqual([
    before.配信対象,
    before.受付,
    0,
    before.差し控え + before.これから,
  ]);
  await axeAtBothWidths(page, "the certificate of a stopped delivery", axe);
  await shot(page, "certificate-stopped");
}

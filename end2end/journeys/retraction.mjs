// What went wrong is taken back: one dialog, the words written beforehand; whom it reached is told, the
// public page says so.
import { beginDelivery, press, sentOut, signIn, texts, tick, toEveryone } from "../lib/page.mjs";

export const name = "a delivery is taken back, and whom it reached is told";

const TITLE = "避難所をひらきました";
const TEXT = "港小学校に避難所をひらきました。";

export async function run({ sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const resident = await sandbox.resident("江口 うみ");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const before = (await sandbox.received(resident)).length;

  // A correction without words is answered with 422; the browser notes it.
  const page = await newPage({ ignore: [/422 \(/] });
  await signIn(page, account);
  await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(TITLE);
  await page.locator("#parts textarea").first().fill(TEXT);
  await page.getByRole("radio", { name: /緊急/ }).check();
  await toEveryone(page);
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()), "the head count");
  await press(page.getByRole("button", { name: /人に配信する$/ }));
  await tick(page.locator("dialog#send"));
  await press(page.locator("dialog#send").getByRole("button", { name: /人に届ける$/ }));
  await page.waitForURL(/\/deliveries\/\d+$/);
  const wrong = new URL(page.url()).pathname;
  await until(async () => (await sandbox.received(resident)).slice(before).some(({ text }) => text === TEXT), "the message");

  await press(page.getByRole("button", { name: "訂正を送る" }));
  const dialog = page.locator("dialog#retract");
  await dialog.waitFor({ state: "visible" });
  await axe(page, "the question before it is taken back");
  await shot(page, "retract", { fullPage: false });
  const words = dialog.getByLabel("訂正の文章");
  const written = await words.inputValue();
  await words.fill("");
  await press(dialog.locator(".dialog-acts button").last());
  await dialog.locator(".field-error, [id$='-error']").filter({ hasText: /文章|内容/ }).first().waitFor();
  await axe(page, "a correction without words");
  await words.fill(written);
  await press(dialog.locator(".dialog-acts button").last());
  await page.waitForURL((url) => /\/deliveries\/\d+$/.test(url.pathname) && url.pathname !== wrong);
  await page.getByText("これは訂正です").waitFor();
  await sentOut(page);
  await axe(page, "a correction that was sent");
  await shot(page, "delivery-correction");
  const received = await until(async () => {
    const all = (await sandbox.received(resident)).slice(before).map(({ text }) => text);
    // The sample city sends at its own times as well.
    const own = all.filter((text) => text === TEXT || text.includes("訂正"));
    return own.length >= 2 && own;
  }, "the correction");
  expect(received, "what the resident received").toEqual([TEXT, written]);
  await page.goto(wrong);
  await page.getByText("訂正を送りました").first().waitFor();

  // Another one is asked for on purpose only.
  await press(page.getByRole("button", { name: "訂正を送る" }));
  await dialog.getByText("この配信には、もう訂正を送っています").waitFor();
  await press(dialog.locator(".dialog-acts button").last());
  await dialog.getByText("印をつけてください").first().waitFor();
  await axe(page, "a second correction without its tick");
  await press(dialog.getByRole("button", { name: "やめる", exact: true }));

  // Everybody may read it, without a script too.
  const anybody = await newPage({ javaScript: false });
  await anybody.goto("/liff/corrections");
  expect((await texts(anybody.locator(".correction-text")))[0], "the public page").toBe(written.trim());
  const read = await newPage();
  await read.goto("/liff/corrections");
  await axe(read, "the public page of corrections");
  await shot(read, "corrections");
}

// A message goes out from a telephone by single taps: an emoji from its list, parts put in order by their buttons, a
// part that comes back, a copy of what was sent, and its correction. Nothing is dragged (WCAG 2.5.7).
import { sendNow } from "../lib/delivery.mjs";
import { notWide } from "../lib/form.mjs";
import { beginDelivery, live, press, sentOut, signIn, toEveryone } from "../lib/page.mjs";

export const name = "a message is written, put in order, sent, copied and taken back by single taps on a telephone";

const WIDTH = 375;
const TITLE = "プールのお知らせ";
const FIRST = "市民プールをひらきます。";
const SECOND = "雨の日は、お休みです。";
const CORRECTION = "【訂正】雨の日も、ひらきます。";

export async function run(tools) {
  const { sandbox, signIn: account, newPage, axe, expect, until } = tools;
  const resident = await sandbox.resident("波多 みお");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const before = (await sandbox.received(resident)).length;
  const page = await newPage({ width: WIDTH, height: 812 });
  const look = async (label) => {
    await axe(page, label);
    await notWide(page, WIDTH, label);
  };
  await signIn(page, account);
  await written(page, look, tools);
  const wrong = await sendNow(page);
  await sentOut(page);
  await look("a delivery that was sent by taps");
  await copied(page, wrong, look, tools);
  await takenBack(page, wrong, look);

  // The sample city sends at its own times as well.
  const ours = [`${FIRST}🌀`, SECOND, CORRECTION];
  const received = await until(async () => {
    const all = (await sandbox.received(resident)).slice(before).map(({ text }) => text).filter((text) => ours.includes(text));
    return all.length >= 3 && all;
  }, "the message and its correction");
  expect(received, "what the resident received").toEqual([SECOND, `${FIRST}🌀`, CORRECTION]);
}

const texts = (page) => page.locator("#parts textarea").evaluateAll((all) => all.map((area) => area.value));

async function written(page, look, { shot, expect, until }) {
  await beginDelivery(page);
  const areas = page.locator("#parts textarea");
  await live(areas.first());
  await page.locator("#title").fill(TITLE);
  await areas.first().fill(FIRST);
  await page.getByLabel("文章1に絵文字を入れる").click();
  await look("the emoji on a telephone");
  await shot(page, "composer-emoji", { fullPage: false });
  await press(page.locator("details.emoji[open]").getByRole("button", { name: "台風", exact: true }));
  await until(async () => (await texts(page))[0] === `${FIRST}🌀`, "the emoji at the end of the text");
  await press(page.getByRole("button", { name: "文章を足す" }));
  await (await live(areas.nth(1))).fill(SECOND);

  const inOrder = (...wanted) => until(async () => (await texts(page)).join() === wanted.join(), `the order ${wanted.join()}`);
  await press(page.getByRole("button", { name: "文章2を上へ" }));
  await inOrder(SECOND, `${FIRST}🌀`);
  await press(page.getByRole("button", { name: "文章1を下へ" }));
  await inOrder(`${FIRST}🌀`, SECOND);
  await press(page.getByRole("button", { name: "文章2を上へ" }));
  await inOrder(SECOND, `${FIRST}🌀`);
  // What was deleted comes back to where it stood.
  await press(page.getByRole("button", { name: "文章1を消す" }));
  await inOrder(`${FIRST}🌀`);
  await press(page.locator(".toast", { hasText: "文章1を消しました" }).getByRole("button", { name: "元にもどす" }));
  await inOrder(SECOND, `${FIRST}🌀`);

  await toEveryone(page);
  await until(async () => (await page.locator(".audience-sentence").innerText()).includes("友だち全員"), "everyone");
  await page.getByRole("link", { name: "見え方" }).click();
  const preview = page.getByRole("complementary", { name: "届いたときの見え方" });
  await until(async () => (await preview.locator(".talk-bubble").allTextContents()).join() === `${SECOND},${FIRST}🌀`, "the preview");
  await until(() => preview.evaluate((aside) => aside.getBoundingClientRect().top < window.innerHeight), "the preview in the window");
  expect(new URL(page.url()).hash, "where the link leads").toBe("#preview");
  await look("a written draft on a telephone");
}

// 複製する: a draft of its own with everything that was sent.
async function copied(page, wrong, look, { expect, until }) {
  await press(page.getByRole("button", { name: "複製する" }));
  await page.waitForURL(/\/console\/deliveries\/\d+\/edit$/);
  expect(new URL(page.url()).pathname === `${wrong}/edit`, "the copy is the delivery itself").toBe(false);
  await live(page.locator("#title"));
  await until(async () => (await texts(page)).join() === `${SECOND},${FIRST}🌀`, "the texts of the copy");
  expect(await page.locator("#title").inputValue(), "the title of the copy").toBe(TITLE);
  expect(await page.locator(".audience-sentence").innerText(), "the audience of the copy").toContain("友だち全員");
  expect(await page.locator('input[name="purpose"][value="notice"]').isChecked(), "the purpose of the copy").toBe(true);
  expect(await page.locator(".editor-state").innerText(), "the state of the copy").toContain("下書き");
  await look("a copy of what was sent");
}

async function takenBack(page, wrong, look) {
  await page.goto(wrong);
  await press(page.getByRole("button", { name: "訂正を送る" }));
  const dialog = page.locator("dialog#retract");
  await dialog.waitFor({ state: "visible" });
  await dialog.getByLabel("訂正の文章").fill(CORRECTION);
  await look("a correction on a telephone");
  await press(dialog.getByRole("button", { name: /人に訂正を送る$/ }));
  await page.waitForURL((url) => /\/deliveries\/\d+$/.test(url.pathname) && url.pathname !== wrong);
  await page.getByText("これは訂正です").waitFor();
  await sentOut(page);
  await look("what was taken back on a telephone");
}

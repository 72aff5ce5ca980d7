// Every kind of part, by an official who has a keyboard alone: words that differ from resident to resident, a picture
// with areas, cards, a photo, a video, suggested answers, a link that is not counted, another language; what is deleted
// leaves the focus beside it. It goes out, its copy has all of it, and who replied is asked for. No pointer touches their
// screen.
import { begin, linkTick, sendNow, uncounted } from "../lib/delivery.mjs";
import { Keys } from "../lib/menu.mjs";
import { arrived, focused, focusKept, noPointer, sentOut, signInByKeys, takenOver } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";
import { mp4 } from "../lib/video.mjs";

export const name = "a picture of areas, cards, a photo, a video and answers are composed by keyboard alone";

const TITLE = "ひなん所の案内";
const TEXT = "ひなん所の案内です。";
const TEMPLATE = "ひなん所を案内するとき";
const AREAS = ["北小学校の地図", "南中学校の地図", "給水所の地図"];
const MAP = "https://www.example.jp/chizu";
const CARDS = ["南中学校", "北小学校"];
const REPLY = "見ました";

const picture = (colour) => ({ name: "地図.png", mimeType: "image/png", buffer: png(1200, 800, { colour }) });
const group = (within, name) => within.getByRole("group", { name, exact: true });

export async function run(tools) {
  const { sandbox, newPage, axe, expect, until } = tools;
  const resident = await sandbox.resident("森下 あゆみ");
  await sandbox.act(resident, "follow");
  await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  const before = (await sandbox.received(resident)).length;

  // This Chromium need not be able to play the video.
  const page = await newPage({ ignore: [/net::ERR_/] });
  const hand = new Keys(page);
  await noPointer(page);
  await signInByKeys(hand, tools.signIn);
  await begin(hand, TITLE);
  await personal(hand, tools);
  await rich(hand, tools);
  await cards(hand, tools);
  await deleted(hand, tools);
  await answer(hand, tools);
  await uncounted(hand, MAP);
  expect(await focused(linkTick(page, MAP)), "focus still on the link's tick").toBe(true);
  await axe(page, "a link that is not counted, by keyboard");
  await language(hand, tools);
  await template(hand, tools);

  await hand.pick(page.getByRole("radio", { name: "友だち全員", exact: true }));
  const sent = await sendNow(page, hand);
  await sentOut(page);
  const received = await until(async () => {
    const all = (await sandbox.received(resident)).slice(before);
    const at = all.findIndex(({ text }) => text?.startsWith(TEXT));
    return at >= 0 && all.length >= at + 3 && all.slice(at, at + 3);
  }, "what arrived");
  // Of somebody who has registered nothing.
  expect(received[0].text, "the words for this resident").toBe(`${TEXT}みなさま`);
  expect(received.map(({ type }) => type).join(), "the kinds").toBe("text,imagemap,flex");
  expect(received[1].actions.find(({ type }) => type === "uri").linkUri, "the address as it was written").toBe(MAP);
  await axe(page, "every kind of part that was sent by keyboard");

  await copied(hand, sent, tools);
  await replied(hand, sent, resident, tools);
}

// 差しこみ: its list, and what stands for whoever registered nothing.
async function personal(hand, { axe, until }) {
  const { page } = hand;
  const area = page.locator("#parts textarea").first();
  await hand.fill(area, TEXT);
  await hand.open(page.getByLabel("文章1に差しこみを入れる"));
  await axe(page, "what can be filled in, by keyboard");
  await hand.press(group(page.locator("details.variable[open]"), "差しこみ").getByRole("button", { name: "受け取りたい情報" }));
  await until(async () => (await area.inputValue()) === `${TEXT}{{topics|みなさま}}`, "the words that differ");
  await until(() => focused(area), "focus back in the text");
}

// Four areas, a border by the arrow keys, two areas joined.
async function rich(hand, { axe, expect, until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "タップ画像を足す" }));
  const part = group(page, "タップ画像2");
  const input = part.locator('input[type="file"]');
  await until(() => focused(input), "focus on the field of the picture");
  await hand.give(input, picture([230, 238, 250]));
  await part.locator(".cut-canvas img").waitFor();
  await until(() => focused(input), "focus still on the field");
  await hand.fill(part.getByLabel("読み上げと通知に出る説明"), "開いているひなん所の地図です");
  await hand.press(part.getByRole("button", { name: "4つ", exact: true }));
  const areas = part.getByRole("group", { name: /^エリア\d$/ });
  await until(async () => (await areas.count()) === 4, "four areas");

  const border = part.locator(".cut-canvas").getByRole("slider", { name: "境目1", exact: true });
  await hand.reach(border);
  const stood = Number(await border.getAttribute("aria-valuenow"));
  await page.keyboard.press("Shift+ArrowUp");
  await until(async () => Number(await border.getAttribute("aria-valuenow")) === stood - 10, "the border by arrow key");
  await page.keyboard.press("Enter");

  const label = (at) => group(part, `エリア${at}`).getByLabel("読み上げる名前");
  const first = group(part, "エリア1");
  await hand.fill(label(1), AREAS[0]);
  await hand.choose(first.getByLabel("押すと"), "ページをひらく・電話する");
  await hand.fill(first.getByLabel("ひらくアドレス"), MAP);
  await hand.fill(label(2), AREAS[1]);
  await hand.press(part.getByRole("button", { name: "エリア3を次のエリアと結合する" }));
  await until(async () => (await areas.count()) === 3, "three areas");
  await until(() => focused(label(3)), "focus on what was joined");
  await hand.fill(label(3), AREAS[2]);
  expect(await group(part, "エリア2").getByLabel("住民が送る文章").inputValue(), "what is said follows the name").toBe(AREAS[1]);
  await axe(page, "a picture with areas by keyboard");
}

async function cards(hand, { axe, until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "カードを足す" }));
  const part = group(page, "カード3");
  await until(() => part.evaluate((element) => element.contains(document.activeElement)), "focus in the cards");
  await hand.fill(part.getByLabel("読み上げと通知に出る説明"), "ひなん所を2つ案内します");
  const [first, second] = [group(part, "カード1"), group(part, "カード2")];
  await hand.fill(first.getByLabel("見出し"), CARDS[1]);
  await hand.press(part.getByRole("button", { name: "カードを1枚足す" }));
  await until(() => focused(second.getByLabel("見出し")), "focus in the second card");
  await page.keyboard.insertText(CARDS[0]);
  await hand.fill(second.getByLabel("文章", { exact: true }), "校庭は使えません。");
  await hand.press(second.getByRole("button", { name: "カード2にボタンを足す" }));
  const button = group(second, "カード2のボタン1");
  await until(() => focused(button.getByLabel("ボタンの名前")), "focus in the new button");
  await hand.press(button.getByRole("button", { name: "カード2のボタン1を消す" }));
  await button.waitFor({ state: "detached" });
  await until(() => focused(second.getByLabel("見出し")), "focus in the card whose button was deleted");
  await hand.press(second.getByRole("button", { name: "カード2を前へ" }));
  await until(() => focused(first.getByRole("button", { name: "カード1を前へ" })), "focus on the card that moved");
  const preview = page.getByRole("complementary", { name: "届いたときの見え方" });
  await until(async () => (await preview.locator(".flex-body strong").allTextContents()).join() === CARDS.join(), "the cards in the preview");
  await axe(page, "cards by keyboard");
}

// A photo and a video: chosen, and deleted again.
async function deleted(hand, { axe, until }) {
  const { page } = hand;
  const gone = async (word) => {
    await hand.press(page.getByRole("button", { name: `${word}4を消す` }));
    await group(page, `${word}4`).waitFor({ state: "detached" });
    await until(() => focused(page.locator("#parts")), `focus beside the ${word} that was deleted`);
    // The way back is closed by keyboard, too.
    const toast = page.locator(".toast", { hasText: `${word}4を消しました` });
    await hand.press(toast.getByRole("button", { name: "この知らせを閉じる" }));
    await toast.waitFor({ state: "detached" });
    await focusKept(page, "a toast was closed");
  };
  await hand.press(page.getByRole("button", { name: "写真を足す" }));
  const photo = group(page, "写真4");
  await hand.give(photo.locator('input[type="file"]'), picture([200, 90, 60]));
  await photo.locator("img.part-photo").waitFor();
  await axe(page, "a photo by keyboard");
  await gone("写真");
  await hand.press(page.getByRole("button", { name: "動画を足す" }));
  const video = group(page, "動画4");
  await hand.give(video.locator('input[type="file"]').first(), { name: "道順.mp4", mimeType: "video/mp4", buffer: mp4() });
  await video.getByText("長さは 0:02 です。").waitFor();
  await focusKept(page, "the video was sent");
  await axe(page, "a video by keyboard");
  await gone("動画");
}

async function answer(hand, { until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "返事のボタンを足す" }));
  const row = group(page, "返事のボタン1");
  await until(() => focused(row.getByLabel("ボタンの名前")), "focus in the new answer");
  await page.keyboard.insertText(REPLY);
  await hand.choose(row.getByLabel("押すと"), "返事をする（人を記録する）");
  await until(async () => (await row.getByLabel("返事のことば").inputValue()) === REPLY, "the reply follows the name");
}

// Another language: its tab by an arrow key, and taken away again.
async function language(hand, { axe, until }) {
  const { page } = hand;
  const tab = (words) => page.getByRole("tab", { name: new RegExp(`^${words}`) });
  const selected = (words) => until(async () => (await tab(words).getAttribute("aria-selected")) === "true" && focused(tab(words)), `the tab ${words}`);
  await hand.open(page.locator(".language-bar summary"));
  await hand.press(page.locator(".language-bar .menu-list").getByRole("button", { name: "英語", exact: true }));
  await selected("英語");
  await page.keyboard.press("ArrowLeft");
  await selected("日本語");
  await page.keyboard.press("ArrowRight");
  await selected("英語");
  await axe(page, "a second language by keyboard");
  await hand.press(page.getByRole("button", { name: "英語を消す" }));
  await tab("英語").waitFor({ state: "detached" });
  await until(() => focused(page.locator("#parts")), "focus on the parts that are left");
}

async function template(hand, { axe, until }) {
  const { page } = hand;
  const keep = page.getByRole("button", { name: "ひな形にする" });
  await hand.press(keep);
  const dialog = page.getByRole("dialog", { name: "ひな形にする" });
  await dialog.waitFor();
  await hand.fill(dialog.getByLabel("ひな形の名前"), TEMPLATE);
  await axe(page, "the template's name by keyboard");
  await hand.press(dialog.getByRole("button", { name: "この名前で保存する" }));
  await page.locator(".toast", { hasText: "ひな形にしました" }).waitFor();
  await until(() => focused(keep), "focus back on the button");
}

async function copied(hand, sent, { expect, until }) {
  const { page } = hand;
  await hand.press(page.getByRole("button", { name: "複製する" }));
  await page.waitForURL(/\/console\/deliveries\/\d+\/edit$/);
  expect(new URL(page.url()).pathname === `${sent}/edit`, "the copy is the delivery itself").toBe(false);
  await until(async () => (await page.getByRole("group", { name: /^エリア\d$/ }).count()) === AREAS.length, "the areas of the copy");
  expect(await linkTick(page, MAP).isChecked(), "the copy counts the link").toBe(false);
  await until(async () => (await page.locator("#title").inputValue()) === TITLE, "the title of the copy");
  await arrived(page, TITLE);
}

// The resident replies on their telephone; the official asks for who did.
async function replied(hand, sent, resident, { newPage, axe, expect, until }) {
  const phone = await newPage();
  await phone.goto(`/phone?as=${resident}`);
  await phone.getByRole("button", { name: REPLY, exact: true }).click();
  await phone.locator(".talk-resident .talk-bubble", { hasText: REPLY }).waitFor();
  await phone.close();

  const { page } = hand;
  await until(async () => {
    await page.goto(sent);
    return (await page.getByText("返事をしたのは 1人で").count()) === 1;
  }, "the reply is counted");
  await page.goto("/console/audiences/new");
  await takenOver(page);
  await hand.press(page.locator(".pick").first());
  await hand.press(page.locator(".pick-list .pick-option", { hasText: "配信への返事" }));
  const list = page.getByRole("dialog", { name: "どれか" });
  await hand.press(list.locator(".pick-option", { hasText: `${TITLE}：${REPLY}` }));
  await until(() => page.evaluate(() => document.activeElement?.matches(".pick")), "focus back on the word");
  await until(async () => /^1人/.test((await page.locator(".audience-side .figure-xl").innerText()).replace(/\s/g, "")), "one person");
  expect(await page.locator(".readback-text").textContent(), "the sentence").toContain(`配信『${TITLE}』に「${REPLY}」と返事をした人`);
  await axe(page, "who replied, asked by keyboard");
}

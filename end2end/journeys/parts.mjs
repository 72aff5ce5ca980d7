// A delivery of every kind of part: a picture of four areas, cards, suggested answers. Composed by
// buttons and keyboard alone, kept as a template, sent to everyone, tapped on a phone.
import { axeAtBothWidths, beginDelivery, live, press, sentOut, signIn, tick, toEveryone } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";

export const name = "a picture of four areas, cards and suggested answers reach a phone and are tapped there";

const file = (width, height, colour) => ({ name: "避難所.png", mimeType: "image/png", buffer: png(width, height, { colour }) });
const AREAS = ["北小学校の地図", "南中学校の地図", "給水所の地図", "無事を知らせる"];
const TEMPLATE = "避難所が開いたとき";

export async function run({ base, sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const desk = await newPage();
  await signIn(desk, account);
  await beginDelivery(desk);
  const text = await live(desk.getByLabel("文章", { exact: true }).first());
  await desk.locator("#title").fill("避難所の開設");
  await text.fill("避難所をひらきました。");
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" });

  await rich({ desk, preview, axe, shot, expect, until });
  await cards({ desk, preview, axe, expect, until });
  await quick({ desk, preview, axe, shot, expect, until });

  // By buttons, as by the handle: the cards before the picture, and back.
  await desk.getByRole("button", { name: "カード3を上へ" }).click();
  await desk.getByRole("group", { name: "カード2", exact: true }).first().waitFor();
  await desk.getByRole("button", { name: "カード2を下へ" }).first().click();
  await desk.getByRole("group", { name: "タップ画像2", exact: true }).waitFor();

  await keepTemplate({ desk, axe });
  const users = await send({ desk, sandbox, base, until, expect });
  await onPhone({ user: users[0], base, sandbox, newPage, axe, shot, expect, until });
  await replied({ desk, axe, shot, expect, until });
  await again({ desk, axe, shot, expect, until });
}

// Four areas by the template, a border by keyboard and by number, one split and joined again.
async function rich({ desk, preview, axe, shot, expect, until }) {
  await press(desk.getByRole("button", { name: "タップ画像を足す" }));
  const part = desk.getByRole("group", { name: "タップ画像2", exact: true });
  const input = part.locator('input[type="file"]');
  await until(() => input.evaluate((element) => element.listens === true), "the file's field listens");
  await axe(desk, "a picture with areas, still without its picture");
  await input.setInputFiles(file(1200, 800, [230, 238, 250]));
  await part.locator(".cut-canvas img").waitFor();
  await part.getByLabel("読み上げと通知に出る説明").fill("開いている避難所と給水所の地図です");
  await press(part.getByRole("button", { name: "4つ", exact: true }));
  await until(async () => (await part.getByRole("group", { name: /^エリア\d$/ }).count()) === 4, "four areas");

  await dragged({ desk, part, axe, shot, expect, until });
  await part.getByText(/境目を動かす/).click();
  const figure = part.getByRole("spinbutton", { name: /境目1/ });
  await figure.fill("400");
  await figure.press("Tab");
  await until(async () => (await figure.inputValue()) === "400", "the border by number");
  const slider = part.getByRole("slider", { name: /境目1（/ });
  await slider.press("ArrowLeft");
  await until(async () => (await figure.inputValue()) === "399", "the border by arrow key");
  await figure.fill("5000");
  await figure.press("Tab");
  await until(async () => Number(await figure.inputValue()) < 693, "a border stops before the edge");
  await part.getByRole("button", { name: "等しい間にする" }).click();
  await until(async () => (await figure.inputValue()) === "346", "even distances");

  await part.getByRole("button", { name: "エリア1を左右に分ける" }).click();
  await part.getByRole("group", { name: "エリア5" }).waitFor();
  await part.getByRole("button", { name: "エリア1を次のエリアと結合する" }).click();
  await until(async () => (await part.getByRole("group", { name: /^エリア\d$/ }).count()) === 4, "four areas again");

  for (const [i, label] of AREAS.entries()) {
    const area = part.getByRole("group", { name: `エリア${i + 1}`, exact: true });
    await area.getByLabel("読み上げる名前").fill(label);
    if (i === 3) continue;
    await area.getByLabel("押すと").selectOption("open");
    await area.getByLabel("ひらくアドレス").fill(`https://www.example.jp/地図/${i + 1}`);
  }
  const say = part.getByRole("group", { name: "エリア4", exact: true }).getByLabel("住民が送る文章");
  await until(async () => (await say.inputValue()) === AREAS[3], "what is said follows the name");
  await say.fill("無事です");
  for (const label of AREAS) await preview.getByRole("button", { name: label, exact: true }).waitFor();
  await axeAtBothWidths(desk, "a picture with areas", axe);
  await shot(desk, "composer-rich");
}

// The borders on the picture itself: by pointer, with resting places, and by keys.
async function dragged({ desk, part, axe, shot, expect, until }) {
  const border = (n) => part.locator(".cut-canvas").getByRole("slider", { name: `境目${n}`, exact: true });
  await live(border(1));
  const at = async (n) => Number(await border(n).getAttribute("aria-valuenow"));
  const frame = await part.locator(".cut-canvas svg").boundingBox();
  const scale = 1040 / frame.width;
  const knob = async (n) => {
    const box = await border(n).locator(".cut-knob").boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  // Picture 1200 × 800 is 1040 × 693: one level border, two upright ones.
  expect([await at(1), await at(2), await at(3)], "the template's borders").toEqual([346, 520, 520]);
  await part.locator(".cut-canvas").scrollIntoViewIfNeeded();
  const [x, y] = await knob(2);
  await desk.mouse.move(x, y);
  await desk.mouse.down();
  await desk.mouse.move(x + 30, y, { steps: 4 });
  const there = Math.round(520 + 30 * scale);
  await until(async () => Math.abs((await at(2)) - there) <= 2, "the border follows the pointer");
  expect(await border(2).locator(".cut-measure").count(), "both measures").toBe(2);
  await axe(desk, "a border on its way");
  await shot(desk, "composer-rich-drag");
  // Esc gives it back, and the pointer leads it no longer.
  await desk.keyboard.press("Escape");
  await until(async () => (await at(2)) === 520, "Esc gives it back");
  await desk.mouse.move(x + 90, y);
  await desk.mouse.up();
  expect(await at(2), "let go after Esc").toBe(520);
  // Near two thirds it rests there.
  await desk.mouse.move(...(await knob(2)));
  await desk.mouse.down();
  const third = frame.x + 693 / scale;
  await desk.mouse.move(third + 4, y, { steps: 4 });
  await until(async () => (await at(2)) === 693, "it rests at two thirds");
  await border(2).locator(".cut-rest").waitFor({ state: "attached" });
  await desk.mouse.up();
  await until(async () => (await border(2).locator(".cut-measure").count()) === 0, "it was let go");
  expect(await at(2), "let go").toBe(693);
  // The other one rests where this one stands. By keys: 1, with Shift 10; Esc, Enter.
  await border(3).focus();
  await desk.keyboard.press("Shift+ArrowRight");
  await desk.keyboard.press("ArrowLeft");
  await until(async () => (await at(3)) === 529, "by keys");
  await desk.keyboard.press("Escape");
  await until(async () => (await at(3)) === 520, "Esc gives it back");
  await desk.keyboard.press("ArrowRight");
  await desk.keyboard.press("Enter");
  await desk.getByText("境目3を動かしました。左 521・右 519ドットです").waitFor({ state: "attached" });
  await border(1).focus();
  await desk.keyboard.press("ArrowUp");
  await desk.keyboard.press("Tab");
  await until(async () => (await at(1)) === 345, "left by Tab, it stands");
  await press(part.getByRole("button", { name: "4つ", exact: true }));
  await until(async () => (await at(2)) === 520, "the template again");
}

async function cards({ desk, preview, axe, expect, until }) {
  await press(desk.getByRole("button", { name: "カードを足す" }));
  const part = desk.getByRole("group", { name: "カード3", exact: true }).first();
  await part.getByLabel("読み上げと通知に出る説明").fill("避難所を2つ案内します");
  const first = part.getByRole("group", { name: "カード1", exact: true });
  await first.getByLabel("見出し").fill("南中学校");
  await first.getByLabel("文章", { exact: true }).fill("校庭は使えません。");
  await press(part.getByRole("button", { name: "カードを1枚足す" }));
  const second = part.getByRole("group", { name: "カード2", exact: true });
  await live(second.getByLabel("見出し"));
  await second.locator('input[type="file"]').setInputFiles(file(640, 480, [200, 90, 60]));
  await second.locator("img").waitFor();
  await second.getByLabel("見出し").fill("北小学校");
  await press(second.getByRole("button", { name: "カード2にボタンを足す" }));
  const button = second.getByRole("group", { name: "カード2のボタン1" });
  await button.getByLabel("ボタンの名前").fill("登録を変える");
  await button.getByLabel("押すと").selectOption("register");
  // Ordered by buttons.
  await second.getByRole("button", { name: "カード2を前へ" }).click();
  await until(async () => (await first.getByLabel("見出し").inputValue()) === "北小学校", "the order of the cards");
  const titles = preview.locator(".flex-body strong");
  await until(async () => (await titles.allTextContents()).join() === "北小学校,南中学校", "the cards in the preview");
  expect(await preview.locator(".flex-bubble").count(), "cards").toBe(2);
  await axeAtBothWidths(desk, "cards", axe);
}

async function quick({ desk, preview, axe, shot, expect, until }) {
  await press(desk.getByRole("button", { name: "返事のボタンを足す" }));
  const row = desk.getByRole("group", { name: "返事のボタン1", exact: true });
  await row.getByLabel("ボタンの名前").fill("無事です");
  await row.getByLabel("押すと").selectOption("reply");
  const words = row.getByLabel("返事のことば");
  await until(async () => (await words.inputValue()) === "無事です", "the reply follows the name");
  await desk.getByRole("button", { name: "返事のボタンを足す" }).click();
  const other = desk.getByRole("group", { name: "返事のボタン2", exact: true });
  await other.getByLabel("ボタンの名前").fill("訂正を見る");
  await other.getByLabel("押すと").selectOption("corrections");
  await until(async () => (await preview.locator(".quick-chip").allTextContents()).join() === "無事です,訂正を見る", "the chips");
  // A drill says so on them, and before the picture.
  await desk.locator("label.choice-card", { hasText: "訓練" }).click();
  await until(async () => (await preview.locator(".quick-chip").first().textContent()) === "【訓練】無事です", "the mark");
  await preview.getByText("【訓練】次の画像は、訓練のものです").waitFor();
  expect(await preview.locator(".flex-header").count(), "marked cards").toBe(2);
  await desk.locator("label.choice-card", { hasText: "お知らせ" }).click();
  await until(async () => (await preview.locator(".flex-header").count()) === 0, "no mark");
  await axeAtBothWidths(desk, "suggested answers", axe);
  await shot(desk, "composer-parts");
}

async function keepTemplate({ desk, axe }) {
  await press(desk.getByRole("button", { name: "ひな形にする" }));
  const dialog = desk.getByRole("dialog", { name: "ひな形にする" });
  await dialog.getByLabel("ひな形の名前").fill(TEMPLATE);
  await axe(desk, "the template's name");
  await dialog.getByRole("button", { name: "この名前で保存する" }).click();
  await desk.locator(".toast", { hasText: "ひな形にしました" }).waitFor();
}

async function send({ desk, sandbox, until, expect }) {
  const user = await sandbox.resident("下条 つむぎ");
  await sandbox.act(user, "follow");
  await until(async () => (await sandbox.received(user)).length > 0, "the greeting");
  await toEveryone(desk);
  const act = desk.getByRole("button", { name: /^[\d,]+人に配信する$/ });
  await until(async () => (await act.count()) === 1 && !(await desk.locator(".checks.counting").count()), "the head count");
  await act.click();
  const dialog = desk.getByRole("dialog", { name: /いま届けます/ });
  await dialog.waitFor();
  const people = (await dialog.innerText()).match(/([\d,]+)人に/)[1];
  await dialog.getByLabel("確かめるため、人数を入れてください").fill(people);
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await desk.waitForURL(/\/console\/deliveries\/\d+$/);
  const fresh = await until(async () => {
    const all = await sandbox.received(user);
    const last = all.findLastIndex(({ type }) => type === "flex");
    return last >= 2 && all.slice(last - 2, last + 1);
  }, "what arrived");
  expect(fresh.map((m) => m.type).join(), "the kinds").toBe("text,imagemap,flex");
  await sentOut(desk);
  return [user];
}

async function onPhone({ user, base, sandbox, newPage, axe, shot, expect, until }) {
  const messages = await sandbox.received(user);
  const map = messages.find((m) => m.type === "imagemap");
  for (const width of [240, 300, 460, 700, 1040]) {
    const answer = await fetch(`${map.baseUrl}/${width}`);
    expect(answer.status, `${width}`).toBe(200);
    expect(answer.headers.get("content-type"), `${width}`).toBe("image/jpeg");
  }
  expect((await fetch(`${map.baseUrl}/1041`)).status, "no other width").toBe(404);
  expect(map.baseUrl.startsWith(`${base}/media/`), "ours").toBe(true);

  const phone = await newPage();
  // The page behind an area is the city's; here stands one in its place.
  await phone.context().route("https://www.example.jp/**", (route) => route.fulfill({ body: "地図" }));
  await phone.goto(`/phone?as=${user}`);
  const picture = phone.locator(".talk-map-picture").last();
  await picture.scrollIntoViewIfNeeded();
  await until(() => picture.evaluate((element) => element.complete && element.naturalWidth === 1040), "the picture on the phone");
  await axe(phone, "the phone with every kind of part");
  await shot(phone, "parts-phone");
  // The whole area is the button: near its corner, with a pointer.
  const area = phone.getByRole("button", { name: AREAS[0], exact: true });
  const box = await area.boundingBox();
  const frame = await picture.boundingBox();
  expect(Math.abs(box.width - frame.width / 2) < 2 && Math.abs(box.x - frame.x) < 2, "an area lies where it is drawn").toBe(true);
  const opened = phone.waitForEvent("popup");
  await area.click({ position: { x: 4, y: 4 } });
  const page = await opened;
  await page.waitForURL("https://www.example.jp/**");
  expect(decodeURI(page.url()), "the page behind the area").toBe("https://www.example.jp/地図/1");
  await page.close();
  // A suggested answer, and an area by keyboard: what is said comes back as the resident's words.
  const said = phone.locator(".talk-resident .talk-bubble", { hasText: "無事です" });
  await phone.getByRole("button", { name: "訂正を見る" }).waitFor();
  await phone.getByRole("button", { name: "無事です", exact: true }).click();
  await until(async () => (await said.count()) === 1, "the suggested answer");
  await phone.getByRole("button", { name: "訂正を見る" }).waitFor({ state: "detached" });
  await phone.getByRole("button", { name: AREAS[3], exact: true }).press("Enter");
  await until(async () => (await said.count()) === 2, "what the area says");
}

// The reply is counted, and who gave it can be asked for.
async function replied({ desk, axe, shot, expect, until }) {
  await until(async () => {
    await desk.reload();
    return (await desk.getByText("返事をしたのは 1人で").count()) === 1;
  }, "the reply is counted");
  await axeAtBothWidths(desk, "a delivery with replies", axe);
  await desk.getByRole("heading", { name: "返事", exact: true }).scrollIntoViewIfNeeded();
  await shot(desk, "delivery-replies");
  await desk.goto("/console/audiences/new");
  await live(desk.locator("#name"));
  await press(desk.locator(".pick").first());
  await press(desk.locator(".pick-list .pick-option", { hasText: "配信への返事" }));
  const list = desk.getByRole("dialog", { name: "どれか" });
  await press(list.locator(".pick-option", { hasText: "避難所の開設：無事です" }));
  await until(async () => /^1人/.test((await desk.locator(".audience-side .figure-xl").innerText()).replace(/\s/g, "")), "one person");
  const said = await desk.locator(".readback-text").textContent();
  expect(said, "the sentence").toContain("配信『避難所の開設』に「無事です」と返事をした人");
  await axe(desk, "who replied");
  await shot(desk, "audience-replied");
}

// The template begins another draft with all of it.
async function again({ desk, axe, shot, expect, until }) {
  await desk.goto("/console/deliveries/templates");
  await desk.getByText("文章 1・タップ画像 1・カード 1").waitFor();
  await axeAtBothWidths(desk, "the templates", axe);
  await shot(desk, "templates");
  await desk.getByLabel(`「${TEMPLATE}」の操作`).first().click();
  await press(desk.getByRole("button", { name: "名前を変える" }));
  const dialog = desk.locator("dialog[open]");
  await dialog.getByLabel("ひな形の名前").fill("避難所の開設");
  await dialog.getByRole("button", { name: "この名前にする" }).click();
  await desk.getByText("避難所の開設").first().waitFor();
  await desk.goto("/console/deliveries/new");
  await axeAtBothWidths(desk, "a new delivery with templates", axe);
  await press(desk.getByRole("button", { name: "これで書く：避難所の開設" }));
  await desk.waitForURL(/\/console\/deliveries\/\d+\/edit$/);
  await live(desk.getByLabel("文章", { exact: true }).first());
  await until(async () => (await desk.getByRole("group", { name: /^エリア\d$/ }).count()) === 4, "the areas of the template");
  expect(await desk.getByRole("group", { name: /^返事のボタン\d$/ }).count(), "the answers of the template").toBe(2);
  await desk.goto("/console/deliveries/templates");
  await desk.getByLabel("「避難所の開設」の操作").first().click();
  await press(desk.getByRole("button", { name: "ひな形を消す" }));
  await desk.locator("dialog[open]").getByRole("button", { name: "このひな形を消す" }).click();
  await desk.getByText("まだひな形はありません").waitFor();
  await axe(desk, "no templates");
}

// Pictures of one's own on a rich menu: finished artwork with areas drawn on it, a backdrop and an icon; what is
// refused; and on the phone what was uploaded, as the editor drew it. Two more sheets are pasted, so that browser and
// server are compared in every way in which words and icons are laid out.
import {
  Hand, alive, areaCount, areaOf, beginMenu, button, drag, drawnSheet, fillAct, fillArea, fillTab, finished,
  menuOnPhone, nameSheet, newFriend, publish, sheetOf,
} from "../lib/menu.mjs";
import { axeAtBothWidths, press, signIn } from "../lib/page.mjs";
import { NO_PICTURES, alike, colours, png } from "../lib/picture.mjs";

export const name = "an official's own artwork, backdrop and icon come to the phone as they were uploaded";

const SHEETS = ["絵のシート", "写真のシート", "大きなシート", "小さなシート"];

// Larger than a sheet, in its shape: four fields of one colour.
const FIELDS = [[200, 60, 60], [60, 150, 80], [60, 90, 190], [230, 190, 70]];
const ART = png(2600, 1753, { paint: (x, y) => FIELDS[(x < 1300 ? 0 : 1) + (y < 877 ? 0 : 2)] });
const scenery = (x, y) => [Math.round((x * 180) / 1500), 120, Math.round((y * 180) / 1000)];
const BACKDROP = png(1500, 1000, { paint: scenery });
// A disc; beside it the card is seen.
const DISC = [180, 0, 90];
const ICON = png(400, 400, { clear: true, paint: (x, y) => [...DISC, Math.hypot(x - 200, y - 200) < 180 ? 255 : 0] });
const NO_PICTURE = Buffer.from("名前だけが絵のファイルです。");

export async function run(tools) {
  const { newPage, signIn: account } = tools;
  // What is refused is answered with 422, which Chromium writes to its console.
  const page = await newPage({ height: 1000, ignore: [/status of 422/] });
  await signIn(page, account);
  await beginMenu(page, "自分の絵のメニュー", "できあがった絵を使う");
  const told = { ...tools, page, hand: new Hand(page) };
  await artwork(told);
  await areas(told);
  const backdrop = await photograph(told);
  const icon = await ownIcon(told);
  await paste(told, large(icon));
  await paste(told, small(icon, backdrop));
  // From each sheet to the next, and from the last to the first.
  for (const [n, area] of [[0, 4], [1, 3]]) {
    await press(sheetOf(page, SHEETS[n]));
    await fillTab(told.hand, area, SHEETS[n + 1]);
  }
  await finished(page);
  await axeAtBothWidths(page, "a menu with pictures of one's own", told.axe);
  const drawn = [];
  for (const sheet of SHEETS) drawn.push(await drawnSheet(page, sheet));
  await publish(page);
  await seen(told, drawn);
}

const photo = (page) => page.locator(".me-pane img.part-photo");
const idOf = async (page) => /\/media\/([^/]+)/.exec(await photo(page).getAttribute("src"))[1];

// Chooses a file in one of the fields for pictures.
async function send({ page, until }, field, buffer) {
  const input = page.locator(field);
  await until(() => input.evaluate((element) => element.listens === true), `${field} listens`);
  await input.setInputFiles({ name: "絵.png", mimeType: "image/png", buffer });
}

// Finished artwork that is too large is made smaller; what is none leaves it as it is.
async function artwork(told) {
  const { page, hand, axe, shot, expect } = told;
  await nameSheet(hand, SHEETS[0]);
  await send(told, "#menu-artwork", ART);
  await photo(page).waitFor();
  expect(await page.locator(".me-pane .me-bad").count(), "what is cut off artwork of the sheet's shape").toBe(0);
  const kept = await idOf(page);
  for (const [what, buffer, words] of [
    ["a text", NO_PICTURE, "JPEGかPNGを選んでください"],
    ["too many pixels", NO_PICTURES["a picture of 60,000 × 60,000"], "5,000万画素までに縮めたものを選んでください"],
    ["too many bytes", Buffer.alloc(10 * 1024 * 1024 + 1), "10MBを超えています。小さくしたものを選んでください"],
  ]) {
    await send(told, "#menu-artwork", buffer);
    await page.locator("#menu-artwork-error", { hasText: words }).waitFor();
    expect(await idOf(page), `the artwork after ${what}`).toBe(kept);
  }
  await axeAtBothWidths(page, "artwork, and a file that was refused", axe);
  await shot(page, "menu-artwork-refused");
}

// Places to press: two of those that are there, one drawn and put right by numbers, one drawn.
async function areas(told) {
  const { page, hand, axe, shot, until } = told;
  for (let left = 5; left >= 2; left -= 1) {
    await press(areaOf(page, left + 1));
    await press(button(page, "エリアを消す"));
    await until(async () => (await areaCount(page)) === left, `${left} areas`);
  }
  await drag(page, [150, 1000], [1150, 1600]);
  await until(async () => (await areaCount(page)) === 3, "the area that was drawn");
  const fields = page.locator(".me-numbers input");
  for (const [n, value] of [100, 900, 1000, 700].entries()) {
    await fields.nth(n).fill(String(value));
    await fields.nth(n).press("Enter");
  }
  const box = areaOf(page, 3).locator(".me-area-box");
  const lies = () => box.evaluate((rect) => ["x", "y", "width", "height"].map((side) => rect.getAttribute(side)).join());
  await until(async () => (await lies()) === "100,900,1000,700", "the area where the numbers say");
  await drag(page, [1400, 950], [2300, 1550]);
  await until(async () => (await areaCount(page)) === 4, "the second area that was drawn");
  await fillAct(hand, 1, "市のページ", "open", "https://www.example.jp/");
  await fillAct(hand, 2, "ごみの日", "say", "ごみの日を知りたい");
  await fillAct(hand, 3, "休日の病院", "call", "000-000-0000");
  await axeAtBothWidths(page, "areas on artwork", axe);
  await shot(page, "menu-artwork-areas");
}

// A backdrop, and colours that cannot be told apart. Answers the backdrop's id.
async function photograph(told) {
  const { page, hand, axe, shot, expect, until } = told;
  await press(button(page, "シートを足す"));
  await nameSheet(hand, SHEETS[1]);
  await hand.open(page.locator("summary", { hasText: "型から選ぶ" }));
  await press(button(page, "左に大きく1つ、右に2つ"));
  await until(async () => (await areaCount(page)) === 3, "three areas");
  await send(told, "#menu-backdrop", BACKDROP);
  await photo(page).waitFor();
  const id = await idOf(page);
  const ink = page.locator("#menu-ink");
  await ink.fill("#aaaaaa");
  await ink.press("Enter");
  const wrong = page.locator(".me-pane .me-bad", { hasText: "文字と背景の差 2.3：1。4.5：1以上にしてください" });
  await wrong.waitFor();
  await page.locator(".me-problem", { hasText: "文字と背景の差が2.3：1です" }).waitFor();
  await axeAtBothWidths(page, "words that can hardly be read", axe);
  await shot(page, "menu-contrast");
  await press(button(page, "緑"));
  await wrong.waitFor({ state: "detached" });
  await page.locator(".me-pane .me-ok", { hasText: "文字と背景の差" }).waitFor();
  expect(await idOf(page), "the backdrop below other colours").toBe(id);
  return id;
}

// An icon that can be seen through; what is none leaves it as it is. Answers its id.
async function ownIcon(told) {
  const { page, hand, axe, shot, expect } = told;
  const pane = await fillAct(hand, 1, "道路や公園のこわれを知らせる", "say", "こわれている所があります");
  await hand.open(pane.locator("details.me-mark summary"));
  await send(told, "#menu-mark-picture", ICON);
  await pane.locator(".me-mark-now", { hasText: "自分の絵" }).waitFor();
  await photo(page).waitFor();
  const id = await idOf(page);
  await send(told, "#menu-mark-picture", NO_PICTURE);
  await page.locator("#menu-mark-picture-error", { hasText: "JPEGかPNGを選んでください" }).waitFor();
  expect(await idOf(page), "the icon after a text").toBe(id);
  await axeAtBothWidths(page, "an icon of one's own", axe);
  await shot(page, "menu-own-icon");
  await fillArea(hand, 2, ["休日・夜間の病院", "病院", "call", "000-000-0000"]);
  return id;
}

// A sheet as it was copied in its own menu, and removed since; its tabs to itself (OWN) lead to the copy.
const OWN = 900;
function sheet(name, height, look, cells) {
  return {
    key: OWN,
    name,
    size: { width: 2500, height },
    layout: { free: cells.map(([[x, y, width, height]]) => ({ x, y, width, height })) },
    picture: { composed: look },
    areas: cells.map(([, label, more = {}], n) => {
      const { act = { say: label }, mark = "none", words = "" } = more;
      return { key: n + 1, label, act, cell: { mark, words } };
    }),
    next: cells.length + 1,
  };
}

// On a dark ground: tabs with and without an icon; icons above the words in all three sizes, and beside them; words
// alone; in one line, broken by us, and broken by hand.
const large = (icon) =>
  sheet(SHEETS[2], 1686, { ground: "#1a1a1a", card: "#0b1f3a", ink: "#ffffff", accent: "#ffd43d" }, [
    [[0, 0, 1250, 278], SHEETS[2], { act: { tab: OWN } }],
    [[1250, 0, 1250, 278], SHEETS[3], { act: { tab: 4 }, mark: { icon: "map" } }],
    [[0, 278, 833, 704], "ごみ", { mark: { icon: "garbage" } }],
    [[833, 278, 833, 704], "道路などのこわれを通報する", { mark: { icon: "report" } }],
    [[1666, 278, 834, 704], "休日や夜間にひらいている病院"],
    [[0, 982, 1666, 352], "小学校と中学校の給食の献立表", { mark: { icon: "school" } }],
    [[1666, 982, 834, 484], "相談", { mark: { picture: icon }, words: "くらしの\n相談" }],
    [[0, 1334, 560, 352], "税の相談", { mark: { icon: "tax" }, words: "税の\n相談" }],
    [[560, 1334, 560, 352], "English"],
  ]);

// Half as high, with a backdrop that is seen where no area lies.
const small = (icon, backdrop) =>
  sheet(SHEETS[3], 843, { ground: "#e6f5ec", backdrop, card: "#ffffff", ink: "#1a1a1a", accent: "#115a36" }, [
    [[0, 0, 1250, 243], SHEETS[3], { act: { tab: OWN }, mark: { icon: "living" } }],
    [[1250, 0, 1250, 243], SHEETS[0], { act: { tab: 1 } }],
    [[0, 243, 625, 600], "図書館の本をさがす", { mark: { icon: "library" } }],
    [[625, 243, 625, 600], "相談", { mark: { picture: icon } }],
    [[1250, 243, 1250, 300], "市からのお知らせ", { mark: { icon: "news" } }],
    [[1250, 543, 1100, 300], "休日・夜間にひらいている病院や薬局"],
  ]);

// Pastes a sheet that was copied before. What was made before is there after the page was opened again.
async function paste({ page, expect, until }, copied) {
  await until(async () => /自動で保存しました/.test(await page.locator(".editor-state").innerText()), "everything is saved");
  const before = await page.locator(".me-sheet strong").allTextContents();
  const clip = { of: Number(/\/menus\/(\d+)/.exec(page.url())[1]), copied: { sheet: copied } };
  await page.evaluate((json) => localStorage.setItem("kairan-menu-copied", json), JSON.stringify(clip));
  await page.reload();
  await alive(page);
  expect(await page.locator(".me-sheet strong").allTextContents(), "the sheets that were saved").toEqual(before);
  await press(button(page, `「${copied.name}」を貼りつける`));
  await sheetOf(page, copied.name).waitFor();
}

// What shines through at a place of a sheet: the backdrop covers it, from the middle.
function behind(height, [x, y]) {
  const scale = Math.max(2500 / 1500, height / 1000);
  return scenery(750 + (x - 1250) / scale, 500 + (y - height / 2) / scale);
}

// What LINE was given of each sheet: its size, places with their colours.
const GIVEN = [
  { height: 1686, places: [[625, 400], [1875, 400], [625, 1300], [1875, 1300]], wanted: FIELDS },
  // The icon, beside its disc, between two areas.
  { height: 1686, places: [[833, 630], [620, 420], [1667, 400]], wanted: [DISC, [255, 255, 255], behind(1686, [1667, 400])] },
  // An area, a tab, the ground.
  { height: 1686, places: [[1720, 1300], [2440, 140], [2000, 1580]], wanted: [[11, 31, 58], [255, 212, 61], [26, 26, 26]] },
  // The icon, and where no area lies.
  { height: 843, places: [[937, 476], [2425, 700]], wanted: [DISC, behind(843, [2425, 700])] },
];

async function seen(tools, drawn) {
  const { newPage, axe, shot, expect, until } = tools;
  const user = await newFriend(tools, "西村 ひなた");
  const phone = await newPage();
  const menu = await menuOnPhone(phone, user);
  const picture = menu.locator("img");
  const tab = (sheet) => menu.getByRole("button", { name: sheet, exact: true });
  for (const [n, sheet] of SHEETS.entries()) {
    if (n > 0) {
      const before = await picture.getAttribute("src");
      await press(tab(sheet));
      await until(async () => (await picture.getAttribute("src")) !== before, `${sheet} on the phone`);
    }
    await until(() => picture.evaluate((element) => element.complete && element.naturalWidth === 2500), `the picture of ${sheet}`);
    const answer = await phone.request.get(await picture.getAttribute("src"));
    expect(answer.headers()["content-type"], `the picture of ${sheet}`).toMatch(/^image\/(png|jpeg)$/);
    const made = await answer.body();
    expect(made.length <= 1_000_000, `${sheet}: ${made.length} bytes, of LINE's megabyte`).toBe(true);
    const { height, places, wanted } = GIVEN[n];
    const found = await colours(phone, made, places);
    expect([found.width, found.height], `the size of ${sheet}`).toEqual([2500, height]);
    for (const [i, colour] of wanted.entries()) {
      const near = colour.every((part, k) => Math.abs(part - found.seen[i][k]) <= 24);
      expect(near, `${sheet} is ${found.seen[i]} at ${places[i]}, where ${colour} was uploaded or chosen`).toBe(true);
    }
    await alike(phone, drawn[n], made, `${sheet} in the editor and on the phone`);
    if (n === 0) await alike(phone, ART, made, "the artwork as it was uploaded and on the phone");
    if (n < 2) {
      await axeAtBothWidths(phone, `${sheet} on the phone`, axe);
      await shot(phone, ["menu-phone-artwork", "menu-phone-backdrop"][n]);
    }
  }
  await press(tab(SHEETS[0]));
  await press(tab("ごみの日"));
  await phone.locator(".talk-resident .talk-bubble", { hasText: "ごみの日を知りたい" }).waitFor();
}

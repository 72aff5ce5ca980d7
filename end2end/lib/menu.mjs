// What the journeys of the rich menu's editor share: an official who drags, one who only clicks, one
// who only has a keyboard.
import { drawn } from "./browser.mjs";
import { live, press, takenOver } from "./page.mjs";
import { expect, until } from "./expect.mjs";

// What every sheet of the tabbed menu holds below its tabs.
export const CELLS = [
  ["ごみの日", "ごみ", "say", "ごみの日を知りたい"],
  ["子育て", "子育て", "open", "https://www.example.jp/kosodate"],
  ["施設の予約", "予約", "page", "登録のページ"],
  ["通報", "通報", "say", "道路のこわれを知らせたい"],
  ["休日の病院", "病院", "call", "000-000-0000"],
  ["お知らせ", "お知らせ", "open", "https://www.example.jp/news"],
];
export const SHEETS = ["くらし", "手続き", "防災"];

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const areaOf = (page, number) => page.locator(`.me-area[aria-label^="エリア${number} "]`);
export const borders = (page) => page.locator(".me-border");

// Begins a menu from the list; the editor is open and alive.
export async function beginMenu(page, name, beginning) {
  await page.goto("/console/menus");
  await live(button(page, "作りはじめる"));
  await page.locator("#new-menu-name").fill(name);
  await page.locator("label", { hasText: beginning }).first().click();
  await button(page, "作りはじめる").click();
  await page.waitForURL(/\/console\/menus\/\d+$/);
  await alive(page);
  return Number(new URL(page.url()).pathname.split("/").pop());
}

export async function alive(page) {
  await takenOver(page);
  await live(areaOf(page, 1));
}

// Kairan has told LINE everything that it had to say of menus, and LINE has done it.
export async function reflected({ page, sandbox }) {
  const done = async () =>
    (await (await page.request.get("/console/menus/emergency")).text()).includes('data-doing="反映ずみ"') &&
    (await sandbox.get("/menus/links")).waiting === 0;
  await until(done, "everything is reflected at LINE", { timeout: 120_000 });
}

// Somebody who has become a friend. Who comes back may still have a menu from before, so that Kairan asks
// LINE for the usual one; a tab that is switched before that would be switched back.
export async function newFriend(tools, name) {
  const { sandbox } = tools;
  const user = await sandbox.resident(name);
  await sandbox.act(user, "follow");
  await until(async () => (await sandbox.received(user)).length > 0, "the greeting");
  // Of so few residents the worker says nothing: that it asked is seen on the wire alone.
  const path = `/v2/bot/user/${user}/richmenu`;
  const asked = async () => {
    const { events } = await sandbox.get("/events?limit=2000");
    return events.some((event) => event.method === "DELETE" && event.path === path);
  };
  await until(asked, "LINE is asked for the usual menu", { timeout: 120_000 });
  await reflected(tools);
  return user;
}

export const saved = (page) => page.getByText(/自動で保存しました/).first().waitFor();

export const areaCount = (page) => page.locator(".me-area").count();

// Where a place of the sheet (in its own pixels) is in the window.
export async function at(page, x, y) {
  return page.locator(".me-canvas").evaluate(
    (svg, [x, y]) => {
      const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
      return { x: point.x, y: point.y };
    },
    [x, y],
  );
}

// Drags from one place of the sheet to another.
export async function drag(page, from, to, { steps = 6, hold = false } = {}) {
  await page.locator(".me-canvas").scrollIntoViewIfNeeded();
  const [a, b] = [await at(page, ...from), await at(page, ...to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move(b.x, b.y, { steps });
  if (!hold) await page.mouse.up();
}

// How somebody does things: with a pointer, with one finger, or with the keyboard alone.
export class Hand {
  constructor(page) {
    this.page = page;
  }

  async press(locator) {
    await press(locator);
  }

  async choose(locator, option) {
    await live(locator);
    await locator.selectOption({ label: option });
  }

  async fill(locator, words) {
    await live(locator);
    await locator.fill(words);
  }

  // `on`: false to take the tick away.
  async check(box, on = true) {
    await live(box);
    await box.setChecked(on);
  }

  async open(summary) {
    await summary.click();
  }
}

// Single taps on a page that was made with `hasTouch`.
export class Taps extends Hand {
  async press(locator) {
    await (await live(locator)).tap();
  }

  async pick(radio) {
    await this.press(radio);
    await until(() => radio.isChecked(), `${radio} is chosen`);
  }

  async check(box, on = true) {
    await this.press(box);
    await until(async () => (await box.isChecked()) === on, `${box} is ${on ? "" : "un"}checked`);
  }

  async open(summary) {
    await summary.tap();
  }

  // A file, by the words around its field.
  async give(input, file) {
    await live(input);
    const words = input.locator("xpath=ancestor::label");
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), words.tap()]);
    await chooser.setFiles(file);
  }
}

export class Keys extends Hand {
  // Tab, and no pointer: until the element has the focus.
  async reach(locator) {
    await locator.waitFor();
    const here = () => locator.evaluate((element) => element === document.activeElement);
    for (const key of ["Tab", "Shift+Tab"]) {
      for (let n = 0; n < 160; n += 1) {
        if (await here()) {
          // What was done before may still take it with the next frame.
          await drawn(this.page);
          if (await here()) return;
        }
        await this.page.keyboard.press(key);
      }
    }
    throw new Error(`${locator} cannot be reached by keyboard`);
  }

  async press(locator) {
    await live(locator);
    await this.reach(locator);
    // A question's button is busy until it is known what it stops: a click waits for that by itself.
    await until(async () => (await locator.getAttribute("aria-disabled")) === null, `${locator} is not busy`);
    await this.page.keyboard.press("Enter");
  }

  async choose(locator, option) {
    await live(locator);
    await this.reach(locator);
    const wanted = () => locator.evaluate((select, option) => select.selectedOptions[0]?.textContent === option, option);
    await this.page.keyboard.press("Home");
    for (let n = 0; n < 12 && !(await wanted()); n += 1) await this.page.keyboard.press("ArrowDown");
    expect(await wanted(), `${option} is chosen`).toBe(true);
  }

  async fill(locator, words) {
    await live(locator);
    await this.reach(locator);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(words);
  }

  async open(summary) {
    await this.reach(summary);
    await this.page.keyboard.press("Enter");
  }

  // Tab leads to the radio of a group that is chosen, arrows choose another.
  async pick(radio) {
    await live(radio);
    const name = await radio.getAttribute("name");
    await this.reach(this.page.locator(`input[type="radio"][name="${name}"]:checked`));
    for (let n = 0; n < 12 && !(await radio.isChecked()); n += 1) await this.page.keyboard.press("ArrowDown");
    expect(await radio.isChecked(), `${radio} is chosen`).toBe(true);
  }

  async check(box, on = true) {
    await live(box);
    await this.reach(box);
    await this.page.keyboard.press("Space");
    expect(await box.isChecked(), `${box} is checked`).toBe(on);
  }

  // A file: Enter on its field opens the window in which one is chosen.
  async give(input, file) {
    await live(input);
    await this.reach(input);
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.page.keyboard.press("Enter")]);
    await chooser.setFiles(file);
  }
}

// What a tap on an area does, and what is read aloud. Answers its panel.
export async function fillAct(hand, number, label, kind, value) {
  const { page } = hand;
  await hand.press(page.locator(`.me-rows button`).nth(number - 1));
  const pane = page.locator("#menu-area-pane");
  await pane.getByRole("heading", { name: `エリア${number}`, exact: true }).waitFor();
  const kinds = { say: "文章を送る", open: "ホームページをひらく", page: "登録の画面などをひらく", call: "電話をかける" };
  await hand.choose(page.locator("#menu-area-act"), kinds[kind]);
  if (kind !== "page") await hand.fill(page.locator(`#menu-act-${kind}`), value);
  await hand.fill(page.locator("#menu-area-label"), label);
  return pane;
}

// The same with an icon.
export async function fillArea(hand, number, [label, icon, kind, value]) {
  const pane = await fillAct(hand, number, label, kind, value);
  const mark = pane.locator("details.me-mark");
  if (!(await mark.evaluate((element) => element.open))) await hand.open(mark.locator("summary"));
  await hand.press(pane.locator(".me-icons").getByRole("button", { name: icon, exact: true }));
}

// A tab: the area leads to that sheet.
export async function fillTab(hand, number, sheet) {
  const { page } = hand;
  await hand.press(page.locator(`.me-rows button`).nth(number - 1));
  await page.locator("#menu-area-pane").getByRole("heading", { name: `エリア${number}`, exact: true }).waitFor();
  await hand.choose(page.locator("#menu-area-act"), "シートを切りかえる");
  await hand.choose(page.locator("#menu-act-tab"), sheet);
  await hand.fill(page.locator("#menu-area-label"), sheet);
}

export const sheetOf = (page, name) => page.locator(".me-sheet-open").filter({ has: page.locator("strong", { hasText: name }) });

// The name of the sheet that is open.
export async function nameSheet(hand, name) {
  const { page } = hand;
  await hand.press(button(page, "シート"));
  await hand.fill(page.locator("#menu-sheet-own-name"), name);
  await sheetOf(page, name).waitFor();
}

// Three sheets by the template with tabs, six filled cells each.
export async function byTemplate(hand) {
  const { page } = hand;
  await nameSheet(hand, SHEETS[0]);
  for (const name of SHEETS.slice(1)) {
    await hand.press(button(page, "シートを足す"));
    await nameSheet(hand, name);
  }
  for (const name of SHEETS) {
    await hand.press(sheetOf(page, name));
    await hand.open(page.locator("summary", { hasText: "型から選ぶ" }));
    await hand.press(button(page, "タブ3つと6つ"));
    await until(async () => (await areaCount(page)) === 9, "nine areas");
    for (const [n, cell] of CELLS.entries()) await fillArea(hand, n + 4, cell);
  }
}

// No problem is left.
export async function finished(page) {
  await page.getByRole("heading", { name: "直すところはありません" }).waitFor();
}

// A menu in the list.
export const card = (page, name) => page.locator(".menu-card").filter({ has: page.getByRole("link", { name, exact: true }) });

// Opens a menu from the list.
export async function openMenu(page, name) {
  await page.goto("/console/menus");
  await card(page, name).getByRole("link", { name, exact: true }).click();
  await page.waitForURL(/\/console\/menus\/\d+$/);
  await alive(page);
}

// Publishes what is open in the editor, by what it costs.
export async function publish(page) {
  await finished(page);
  await press(button(page, "公開の準備へ"));
  const dialog = page.locator("dialog#menu-publish");
  await dialog.locator(".me-forecast").waitFor();
  await dialog.getByRole("button", { name: "公開する", exact: true }).click();
  await page.locator(".toast", { hasText: "公開しました" }).first().waitFor();
  await page.locator(".editor-state .status", { hasText: "公開中" }).waitFor();
  await page.getByRole("heading", { name: "公開中のものと同じです" }).waitFor();
}

// A sheet as the browser draws it, 1,000 pixels wide.
export async function drawnSheet(page, name) {
  await press(sheetOf(page, name));
  await sheetOf(page, name).and(page.locator("[aria-current]")).waitFor();
  const drawn = page.locator(".me-preview .talk-map-picture");
  // The preview is of this sheet when it is what stands small in the list.
  await until(
    () =>
      page.evaluate(() => {
        const [listed, preview] = [".me-current .menu-small", ".me-preview .talk-map-picture"].map(
          (place) => document.querySelector(place)?.innerHTML.replaceAll("<!---->", ""),
        );
        return listed !== undefined && listed === preview;
      }),
    `the preview of ${name}`,
  );
  await page.waitForFunction(() => document.fonts.check('700 20px "BIZ UDPGothic"'));
  // Large, and in front of everything.
  await drawn.evaluate(async (element) => {
    await Promise.all([...element.querySelectorAll("image")].map((image) => image.decode()));
    element.style.cssText = "position: fixed; z-index: 99; inset: 0 auto auto 0; width: 1000px; height: auto";
  });
  // Of a last row that is covered in part, what lies behind would be seen.
  const { width, height } = await drawn.boundingBox();
  const picture = await page.screenshot({ clip: { x: 0, y: 0, width, height: Math.floor(height) } });
  await drawn.evaluate((element) => element.removeAttribute("style"));
  return picture;
}

// The rich menu on a resident's phone, as soon as the worker has brought it to LINE.
export async function menuOnPhone(phone, user) {
  const menu = phone.getByRole("group", { name: "リッチメニュー" });
  await until(
    async () => {
      await phone.goto(`/phone?as=${user}`);
      return menu.waitFor({ timeout: 20_000 }).then(() => true, () => false);
    },
    "the menu on the phone",
    { timeout: 90_000 },
  );
  return menu;
}

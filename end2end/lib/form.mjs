// What journeys do with forms: an official builds them, residents answer them.
import { until } from "./expect.mjs";
import { live, press } from "./page.mjs";

/* ---- the builder ---- */

// Begins a form from nothing; the builder is open.
export async function beginForm(page, title) {
  await page.goto("/console/forms/new");
  await (await live(page.locator("#new-title"))).fill(title);
  await press(page.getByRole("button", { name: "作りはじめる" }));
  await page.waitForURL(/\/console\/forms\/\d+\/edit$/);
  await page.locator("#b-title, #edited").first().waitFor();
}

// Adds a question of a kind, with its words.
export async function addQuestion(page, kind, label) {
  await press(page.getByRole("button", { name: "質問を足す" }).first());
  const dialog = page.locator("dialog.add-dialog");
  await dialog.waitFor({ state: "visible" });
  await press(dialog.locator(`.kind[data-kind="${kind}"]`));
  await dialog.waitFor({ state: "hidden" });
  await (await live(page.locator("#b-label"))).fill(label);
}

// Gives the question that is open its options.
export async function paste(page, options) {
  await press(page.getByRole("button", { name: "まとめて書く・貼り付ける" }));
  await page.locator("#pasted").fill(options.join("\n"));
  await press(page.getByRole("button", { name: "この選択肢にする" }));
  await until(async () => (await page.locator(".option-line").count()) === options.length, `${options.length} options`);
}

// Opens a question in the outline, by its number from 1.
export async function openQuestion(page, number) {
  const item = page.locator(".outline-question .outline-item").nth(number - 1);
  const words = await item.locator(".outline-label").innerText();
  await press(item);
  await until(async () => (await page.locator("#b-label").inputValue()) === words, `the question ${words}`);
}

// A branch of the question that is open: with these options (of all of them) it leads to `to`.
export async function branch(page, to, options) {
  const branches = page.locator(".branches > li");
  const before = await branches.count();
  await (await live(page.locator("#b-branch"))).selectOption({ label: to });
  await until(async () => (await branches.count()) === before + 1, `the branch to ${to}`);
  const branch = branches.filter({ hasText: to.replace(/ をきく$/, "").replace(/^\d+ /, "").replace(/^ここで.*/, "終わりにする") }).last();
  await branch.locator("details.pick-menu > summary").click();
  for (const box of await branch.locator(".pick-checks label").all()) {
    const wanted = options.includes((await box.innerText()).trim());
    if ((await box.locator("input").isChecked()) !== wanted) await box.click();
  }
  await branch.locator("details.pick-menu > summary").click();
  return branch;
}

// Adds a page behind the last one, with its title.
export async function addPage(page, title) {
  await press(page.getByRole("button", { name: "ページを足す" }));
  await (await live(page.locator("#b-page-title"))).fill(title);
}

// Publishes what is edited, as this version; answers the form's id.
export async function publishForm(page, version) {
  await press(page.getByRole("button", { name: "公開前の点検へ" }));
  await press(page.locator("dialog#publish").getByRole("button", { name: `第${version}版を公開する` }));
  await page.waitForURL(/\/console\/forms\/\d+$/);
  await page.getByText(`公開中 第${version}版`).first().waitFor();
  return new URL(page.url()).pathname.split("/").pop();
}

/* ---- residents ---- */

export const next = (page) => page.locator("#liff-form button[value=next]").last().click();
// Its script listens once all of a page is there.
export const heading = async (page, words) => {
  await page.getByRole("heading", { name: words, level: 1 }).waitFor();
  await page.waitForLoadState();
};

// The group of a question of a page, by its words.
export const asked = (page, words) => page.locator("#liff-form .form-item").filter({ has: page.locator("legend", { hasText: words }) }).first();

// Until LINE has said who holds the telephone.
export const identified = async (page) => {
  await until(async () => (await page.locator('#liff-form input[name="session"]').inputValue()) !== "", "the identity");
  await page.waitForLoadState();
};

// At 375 and at 320 px axe finds nothing, and nothing has to be scrolled sideways.
export async function narrow(page, axe, label) {
  const before = page.viewportSize();
  for (const width of [375, 320]) {
    await page.setViewportSize({ width, height: 740 });
    await axe(page, `${label} at ${width} px`);
    await notWide(page, width, label);
  }
  await page.setViewportSize(before);
}

export async function notWide(page, width, label) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) throw new Error(`${label} is ${wide} px wide at ${width} px`);
}

// Goes on by the Tab key until this is where the focus stands, as somebody does without a mouse.
export async function tabTo(page, locator, { back = false } = {}) {
  await locator.first().waitFor();
  const here = () => locator.first().evaluate((element) => element === document.activeElement || (element.type === "radio" && document.activeElement?.type === "radio" && element.name === document.activeElement.name));
  for (let i = 0; i < 120; i += 1) {
    if (await here()) return;
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  throw new Error(`the Tab key does not lead to ${locator}`);
}

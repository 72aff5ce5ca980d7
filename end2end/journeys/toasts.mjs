// What a toast offers is there as long as it can be done, and no longer.
import { arrived, live, press, signIn } from "../lib/page.mjs";

export const name = "元にもどす is offered as long as it can be done";

export async function run({ signIn: account, newPage, axe, until }) {
  const page = await newPage();
  await signIn(page, account);
  const toast = (words) => page.locator(".toast", { hasText: words });
  const undo = page.locator(".toast").getByRole("button", { name: "元にもどす" });

  // A choice is deleted and brought back, although its row is gone.
  await page.goto("/console/attributes/new");
  await live(page.locator("#label"));
  const fields = page.locator("#choices input");
  await fields.nth(0).fill("月曜日");
  await fields.nth(1).fill("火曜日");
  const remove = (words) => press(page.getByRole("button", { name: `「${words}」を消す` }));
  await remove("月曜日");
  await toast("「月曜日」を消しました").waitFor();
  await axe(page, "a toast with an act");
  await press(undo);
  await until(async () => (await fields.nth(0).inputValue()) === "月曜日", "the choice brought back");
  await toast("「月曜日」を消しました").waitFor({ state: "detached" });
  // On another page there is nothing to bring back.
  await remove("火曜日");
  await toast("「火曜日」を消しました").waitFor();
  await page.getByRole("link", { name: "配信対象", exact: true }).first().click();
  await press(page.locator("dialog#unsaved").getByRole("button", { name: "保存しないで移る" }));
  await page.waitForURL("**/console/audiences");
  await arrived(page, "配信対象");
  await until(async () => (await page.locator(".toast").count()) === 0, "no toast of the page before");

  await offered({ page, toast, undo, until });
  await saved({ page, undo, until });
  await passing({ newPage, account, until });
}

// An audience: of several offers the last one stands, and 「もどす」 of the editor does the same.
async function offered({ page, toast, undo, until }) {
  await page.goto("/console/audiences");
  await page.goto(await page.locator("table.list tbody a.title-link").first().getAttribute("href"));
  const conditions = page.locator(".condition");
  const before = await conditions.count();
  for (const more of [1, 2]) {
    await press(page.getByRole("button", { name: /「(かつ|または)」の条件を足す/ }).first());
    await closeList(page, until);
    await until(async () => (await conditions.count()) === before + more, "a condition more");
  }
  await removeLast(page, until);
  await toast("条件を消しました").waitFor();
  await removeLast(page, until);
  await until(async () => (await undo.count()) === 1, "one offer");
  await press(undo);
  await until(async () => (await conditions.count()) === before + 1, "the last condition brought back");
  await until(async () => (await undo.count()) === 0, "no offer that was taken");
  await press(page.getByRole("button", { name: "もどす", exact: true }));
  await until(async () => (await conditions.count()) === before + 2, "the other one, by the editor's button");
}

// Saving ends the offer: what is saved is not what it would bring back.
async function saved({ page, undo, until }) {
  await removeLast(page, until);
  await removeLast(page, until);
  await until(async () => (await undo.count()) === 1, "an offer");
  await press(page.getByRole("button", { name: "この条件で保存する" }));
  await page.locator(".toast", { hasText: "配信対象を保存しました" }).waitFor();
  await until(async () => (await undo.count()) === 0, "no offer after saving");
}

// The editor has a button of its own, so the offer goes by itself; not while somebody points at it.
async function passing({ newPage, account, until }) {
  const page = await newPage();
  await signIn(page, account);
  // What is due after half a minute is kept, to see whether it is due at all, and done when asked.
  await page.addInitScript(() => {
    const { setTimeout: set, clearTimeout: clear } = window;
    window.due = new Map();
    window.setTimeout = (run, after, ...more) => {
      if (after !== 30_000) return set(run, after, ...more);
      const id = 1_000_000 + window.due.size;
      window.due.set(id, run);
      return id;
    };
    window.clearTimeout = (id) => window.due.delete(id) || clear(id);
  });
  await page.goto("/console/audiences/new");
  await press(page.getByRole("button", { name: "のぞく条件を足す" }));
  await closeList(page, until);
  await removeLast(page, until);
  const toast = page.locator(".toast", { hasText: "条件を消しました" });
  const due = (count, what) => until(() => page.evaluate((count) => window.due.size === count, count), what);
  await due(1, "an end of the offer");
  await toast.hover();
  await due(0, "no end while it is pointed at");
  await page.mouse.move(10, 10);
  await due(1, "an end again");
  await toast.getByRole("button", { name: "元にもどす" }).focus();
  await due(0, "no end while it has focus");
  await page.keyboard.press("Shift+Tab");
  await due(1, "an end after all");
  await page.evaluate(() => [...window.due.values()].forEach((run) => run()));
  await toast.waitFor({ state: "detached" });
}

// A new condition opens its list by itself, and focus goes there; Escape brings it back.
async function closeList(page, until) {
  await until(() => page.evaluate(() => Boolean(document.activeElement?.closest(".pick-list"))), "focus in the list of the new condition");
  await page.keyboard.press("Escape");
  await page.locator(".pick-list").waitFor({ state: "detached" });
  await onWord(page, until);
}

// Deletes the last condition by key.
async function removeLast(page, until) {
  const conditions = page.locator(".condition");
  const before = await conditions.count();
  await conditions.last().locator("button.pick").first().focus();
  await page.keyboard.press("Delete");
  await until(async () => (await conditions.count()) === before - 1, "a condition less");
  // What comes next may only begin when focus has come to rest.
  await onWord(page, until);
}

const onWord = (page, until) => until(() => page.evaluate(() => document.activeElement?.matches("button.pick")), "focus on a word");

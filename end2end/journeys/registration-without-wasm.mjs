// A resident registers on a device that cannot load the browser part: in LINE, and in a browser of
// its own by LINE's login. What is missing is said, nothing that was chosen is lost.
import { register, texts } from "../lib/page.mjs";

export const name = "a resident registers and changes the registration with wasm blocked";

const TOPICS = ["ごみの日", "防災・避難"];
const PHONE = { width: 375, height: 812, wasm: false };

export async function run({ sandbox, newPage, axe, shot, expect, until }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const inLine = await sandbox.resident("早川 なお");
  const inBrowser = await sandbox.resident("相原 みつき");
  for (const resident of [inLine, inBrowser]) await sandbox.act(resident, "follow");

  // 422 is what the page answers to a form with something to mend; the browser notes it.
  const page = await newPage({ ...PHONE, ignore: [/422/] });
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(sandbox.liffUrl(liffId, inLine, "/register"));
  await page.waitForURL("**/liff/register");
  await page.getByRole("heading", { name: "受け取る情報をえらぶ" }).waitFor();
  await identified(page, until);
  await axe(page, "the registration");
  await shot(page, "registration");

  // Something is chosen, something is missing.
  for (const topic of TOPICS) await page.getByLabel(topic, { exact: true }).check();
  await page.getByLabel("40代", { exact: true }).check();
  await page.getByRole("button", { name: "この内容で登録する" }).click();
  const errors = page.locator("#liff-errors");
  await errors.waitFor();
  expect(await errors.textContent(), "the summary").toContain("直すところが 2つあります");
  await until(() => errors.evaluate((element) => element === document.activeElement), "focus on what is to mend");
  await axe(page, "the registration with what is to mend");
  await shot(page, "registration-errors");
  expect(await checked(page), "what was chosen is still there").toEqual([...TOPICS, "40代", "LINEの設定と同じ"]);
  for (const link of await errors.locator("a").all()) {
    const target = await link.getAttribute("href");
    expect(await page.locator(target).count(), `the place of ${target}`).toBe(1);
  }
  await errors.locator("a").first().click();
  await until(() => page.evaluate(() => document.activeElement?.closest("fieldset, section")?.id), "the place to mend");

  // The town is found by searching; the consent is given; it is registered.
  await identified(page, until);
  await page.locator("[data-tree] input[type=search]").fill("汐見");
  await page.getByLabel("汐見台", { exact: true }).check();
  await page.getByLabel(/^同意する/).check();
  await page.getByRole("button", { name: "この内容で登録する" }).click();
  await page.getByRole("heading", { name: "登録しました" }).waitFor();
  await axe(page, "registered");
  await shot(page, "registered");
  const done = await page.locator(".facts").innerText();
  for (const words of [...TOPICS, "40代", "港地区 汐見台"]) expect(done, "what is registered").toContain(words);

  // Opened again: what is registered is shown, and changed.
  await page.goto(sandbox.liffUrl(liffId, inLine, "/register"));
  await page.getByRole("heading", { name: "いまの登録内容" }).waitFor();
  expect(await page.locator("#liff-mine").innerText(), "the registration").toContain("港地区 汐見台");
  await axe(page, "the registration as it stands");
  await shot(page, "registration-mine");
  await page.getByRole("button", { name: "変える" }).click();
  expect((await checked(page)).includes("ごみの日"), "the form knows what is registered").toBe(true);
  await page.getByLabel("ごみの日", { exact: true }).uncheck();
  await page.getByLabel("催し・観光", { exact: true }).check();
  await axe(page, "the form as registered");
  if (!(await page.getByLabel(/^同意する/).isChecked())) await page.getByLabel(/^同意する/).check();
  await page.getByRole("button", { name: "この内容で登録する" }).click();
  await page.getByRole("heading", { name: "登録しました" }).waitFor();
  const changed = await page.locator(".facts").innerText();
  expect(changed, "what is registered now").toContain("催し・観光");
  expect(changed.includes("ごみの日"), "what was taken back").toBe(false);

  // Something is chosen before LINE has said who it is: what is registered comes beside it, and nothing is lost.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/liff/session", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(sandbox.liffUrl(liffId, inLine, "/register"));
  await page.waitForURL("**/liff/register");
  await page.getByLabel("健康・けんしん", { exact: true }).check();
  await page.getByLabel("50代", { exact: true }).check();
  release();
  await identified(page, until);
  await page.unroute("**/liff/session");
  const both = (await checked(page)).filter((words) => !/^同意する/.test(words));
  expect(both, "what is registered and what was chosen").toEqual(["防災・避難", "健康・けんしん", "催し・観光", "汐見台", "50代", "LINEの設定と同じ"]);

  // Leaving without a change.
  const leaving = await newPage({ ...PHONE });
  await leaving.goto("/liff/closed");
  await leaving.getByRole("heading", { name: "この画面を閉じてください" }).waitFor();
  await axe(leaving, "left");

  // In a browser of its own: LINE's login page first.
  const browser = await newPage(PHONE);
  await browser.goto("/liff/register");
  await browser.waitForURL(/\/oauth2\/v2\.1\/authorize/);
  await browser.locator("#q").fill("相原");
  await browser.getByRole("button", { name: "探す" }).click();
  await browser.locator(`button[name="user_id"][value="${inBrowser}"]`).click();
  await browser.waitForURL((url) => url.pathname === "/liff/register");
  await identified(browser, until);
  await register(browser, ["水道・断水"]);
  await browser.getByRole("heading", { name: "登録しました" }).waitFor();
  expect(await browser.locator(".facts").innerText(), "what is registered").toContain("水道・断水");
  await axe(browser, "registered outside LINE");
  await browser.goto("/liff/register");
  await browser.getByRole("heading", { name: "いまの登録内容" }).waitFor();
  expect((await texts(browser.locator("#liff-mine dd"))).some((answer) => answer.includes("水道・断水")), "the registration").toBe(true);

  expect(asked.some((url) => url.includes(".wasm")), "the browser part was asked for, and blocked").toBe(true);
}

// LINE has said who this is: the form carries the session.
const identified = (page, until) =>
  until(async () => (await page.locator('#liff-form input[name="session"]').inputValue()) !== "", "the identity");

// The words of all that is chosen.
const checked = (page) =>
  page
    .locator("#liff-form input.tick:checked")
    .evaluateAll((all) => all.map((input) => input.closest("label").innerText.trim().split("\n")[0]))
    .then((words) => words.filter((word) => !/すべて/.test(word)));

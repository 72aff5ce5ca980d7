// One drill in Japanese, English and やさしい日本語: each phone shows its own, with the mark of a drill.
// One resident has English as LINE's language, one chooses on our page, one has a language that
// nobody wrote.
import { axeAtBothWidths, beginDelivery, live, press, register, sentOut, signIn, tick, toEveryone } from "../lib/page.mjs";

export const name = "each resident reads a drill in their own language";

const JAPANESE = "訓練です。港小学校に避難してください。";
const ENGLISH = "Please evacuate to Minato School.";
const EASY = "港小学校（みなとしょうがっこう）に にげて ください。";

export async function run({ base, sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const person = async (name, language) => {
    const { user_ids } = await sandbox.post("/residents", { residents: [{ name, language }] });
    await sandbox.act(user_ids[0], "follow");
    await until(async () => (await sandbox.received(user_ids[0])).length > 0, `the greeting of ${name}`);
    return user_ids[0];
  };
  const [emma, rin, somchai] = [await person("Emma", "en-US"), await person("大野 りん", "ja"), await person("Somchai", "th")];
  await chooses({ resident: rin, sandbox, newPage, axe, shot });

  const desk = await newPage({ ignore: [/status of 422/] });
  await signIn(desk, account);
  // What LINE's profile says is read by itself.
  await until(async () => {
    await desk.goto("/console/residents");
    await desk.locator("tbody a").first().click();
    await desk.getByText("最初に記録した").waitFor();
    return (await desk.getByText("LINEの設定：th").count()) > 0;
  }, "the profile was read", { timeout: 120_000 });
  await axe(desk, "a resident with a language");

  const path = await beginDelivery(desk);
  const text = await live(desk.getByLabel("文章", { exact: true }).first());
  await desk.locator("#title").fill("避難の訓練");
  await text.fill(JAPANESE);
  await desk.getByRole("radio", { name: /訓練/ }).check();
  await toEveryone(desk);
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" });
  await preview.getByText(`【訓練】${JAPANESE}`).first().waitFor();

  await add(desk, "英語");
  const tab = (name) => desk.getByRole("tab", { name: new RegExp(`^${name}`) });
  await until(async () => (await tab("英語").getAttribute("aria-selected")) === "true", "English is shown");
  expect(await text.inputValue(), "a copy of the Japanese").toBe(JAPANESE);
  await desk.getByText("英語の内容が、日本語と同じです").waitFor();
  await text.fill(ENGLISH);
  await preview.getByText(`【DRILL】${ENGLISH}`).first().waitFor();
  await axeAtBothWidths(desk, "a second language", axe);
  await shot(desk, "composer-language");

  await add(desk, "やさしい日本語");
  await text.fill(JAPANESE);
  await desk.getByText("もっとやさしく").waitFor();
  await desk.getByText(/「避難」はむずかしい言葉です/).waitFor();
  await axeAtBothWidths(desk, "hints of easy Japanese", axe);
  await shot(desk, "composer-easy");
  await text.fill(EASY);
  await until(async () => (await desk.getByText("もっとやさしく").count()) === 0, "no hint is left");

  // By keyboard: the tabs, and what the base says.
  await tab("やさしい日本語").press("ArrowLeft");
  await until(async () => (await tab("日本語").getAttribute("aria-selected")) === "true", "Japanese by arrow key");
  await text.fill(`${JAPANESE}。`);
  await tab("英語").click();
  await desk.getByText("日本語が変わりました。見直してください", { exact: true }).first().waitFor();
  await axeAtBothWidths(desk, "a language that has to be looked through", axe);
  await shot(desk, "composer-language-outdated");
  await press(desk.getByRole("button", { name: "見直しました" }));
  await until(async () => (await desk.getByRole("button", { name: "見直しました" }).count()) === 0, "it was looked through");
  expect(await text.inputValue(), "English stays").toBe(ENGLISH);

  // A language that is taken away comes back; an empty one bars, by name.
  await press(desk.getByRole("button", { name: "英語を消す" }));
  await until(async () => (await tab("英語").count()) === 0, "English is gone");
  await press(desk.getByRole("button", { name: "元にもどす" }).last());
  await until(async () => (await text.inputValue()) === ENGLISH, "English is back");
  await text.fill("");
  await tab("日本語").click();
  await until(async () => /\d/.test(await desk.locator(".checks .figure-xl").innerText()), "the head count");
  await press(desk.getByRole("button", { name: /人に配信する$/ }));
  const summary = desk.locator(".error-summary").getByRole("link", { name: /^英語：文章が空です/ });
  await summary.waitFor();
  await axe(desk, "a problem in another language");
  await shot(desk, "composer-language-problem");
  await summary.click();
  await desk.keyboard.press("Enter");
  await until(async () => (await tab("英語").getAttribute("aria-selected")) === "true", "its tab is shown");
  await text.fill(ENGLISH);
  await desk.getByText(/自動で保存しました/).waitFor();

  // A tester reads all of them beforehand.
  const [{ user_id: tester }] = (await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`)).residents;
  const before = (await sandbox.received(tester)).length;
  await press(desk.getByRole("button", { name: "試験者に送る" }));
  const tried = await until(async () => {
    const fresh = (await sandbox.received(tester)).slice(before);
    return fresh.length === 3 && fresh;
  }, "the test in three languages");
  expect(tried.map((m) => m.text.replace(/^(【.*?】)+/, "")).sort().join("|"), "each language").toBe([`${JAPANESE}。`, ENGLISH, EASY].sort().join("|"));
  await desk.locator(".toast", { hasText: "3つのことばで送りました" }).waitFor();

  // How many get which: two foreign profiles here, one chose for herself.
  await until(async () => /[1-9]/.test(await tab("英語").innerText()), "people who read English");
  await until(async () => /[1-9]/.test(await tab("やさしい日本語").innerText()), "people for whom it is made easy");

  await press(desk.getByRole("button", { name: /人に配信する$/ }));
  const dialog = desk.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  const people = (await dialog.innerText()).match(/([\d,]+)人に/)[1];
  await dialog.getByLabel("確かめるため、人数を入れてください").fill(people);
  await tick(dialog);
  await press(dialog.getByRole("button", { name: /人に届ける$/ }));
  await desk.waitForURL((url) => url.pathname === path);

  const expected = [
    [emma, `【DRILL】${ENGLISH}`],
    [rin, `【訓練（くんれん）】${EASY}`],
    [somchai, `【訓練（くんれん）】${EASY}`],
  ];
  for (const [resident, words] of expected) {
    const told = await until(async () => (await sandbox.received(resident)).find((m) => m.text?.includes("【")), "the drill");
    expect(told.text, "what LINE received").toBe(words);
  }
  for (const [resident, words] of expected.slice(0, 2)) {
    const phone = await newPage();
    await phone.goto(`/phone?as=${resident}`);
    await phone.locator(".talk-city .talk-bubble").filter({ hasText: words }).first().waitFor();
    await axe(phone, "a phone in its own language");
    await phone.close();
  }
  await sentOut(desk);
  await desk.locator(".sent-language").filter({ hasText: ENGLISH }).first().waitFor();
  await axeAtBothWidths(desk, "a delivery in three languages", axe);
  await shot(desk, "delivery-languages");

  // The correction stands ready in each of them.
  await press(desk.getByRole("button", { name: "訂正を送る" }));
  const retract = desk.locator("dialog#retract");
  await retract.getByLabel("訂正の文章（英語）").waitFor();
  await axe(desk, "a correction in three languages");
  await shot(desk, "retract-languages", { fullPage: false });
  await press(retract.locator(".dialog-acts button").last());
  await desk.getByText("これは訂正です").waitFor();
  await until(async () => (await sandbox.received(emma)).some((m) => m.text?.startsWith("【DRILL】【Correction】")), "the correction in English");
}

async function add(desk, language) {
  const menu = desk.locator(".language-bar details");
  await menu.locator("summary").click();
  await press(menu.getByRole("button", { name: language, exact: true }));
}

// やさしい日本語 is chosen on our page.
async function chooses({ resident, sandbox, newPage, axe, shot }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const page = await newPage({ width: 375, height: 812 });
  await page.goto(sandbox.liffUrl(liffId, resident, "/register"));
  await page.waitForURL("**/liff/register");
  await page.getByRole("group", { name: /^ことば（Language）/ }).scrollIntoViewIfNeeded();
  await axe(page, "the question of the language");
  await shot(page, "liff-language");
  await register(page, ["やさしい日本語"]);
  await page.getByRole("heading", { name: "登録しました" }).waitFor();
  await page.getByText("やさしい日本語").first().waitFor();
  await page.close();
}

// The whole way of a message: an official asks residents something new, saves who is meant, writes,
// looks at the preview, tests, sends. Two of three residents get exactly what the preview showed,
// the third nothing, and the certificate adds up.
import { live, number, press, register, signIn, texts, tick } from "../lib/page.mjs";

export const name = "a message goes from an official's screen to exactly the right residents' phones";

const QUESTION = "よく行く図書館";
const CHOICES = ["中央図書館", "港分館", "移動図書館"];
const AUDIENCE = "港分館によく行く人";
const TITLE = "港分館のおはなし会";
const TEXT = "📚 おはなし会のお知らせ 👨‍👩‍👧\n12月5日（土）10時から、港分館でひらきます。<b>申込み</b>は要りません。\n\nくわしくは https://www.example.jp/tosyokan/ohanashi?day=2026-12-05#basho をご覧ください。";
// What arrives: a short address of the city in place of the link; before sending it ends in xxxxxxx.
const arriving = (base, short = "xxxxxxx") => TEXT.replace(LINK, `${base}/r/${short}`);
const short = (text) => text?.match(/\/r\/([0-9A-Za-z]{7})/)?.[1];
const LINK = "https://www.example.jp/tosyokan/ohanashi?day=2026-12-05#basho";
const SECOND = "❄️ 雪の日はお休みします。";

export async function run({ base, sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const desk = await newPage();
  await signIn(desk, account);
  await axe(desk, "home");

  await defineAttribute({ desk, axe, shot });
  await saveAudience({ desk, axe, until });

  const [first, second, third] = await Promise.all(["朝倉 みなと", "石田 はる", "上野 そら"].map((who) => sandbox.resident(who)));
  for (const resident of [first, second, third]) {
    const { webhook } = await sandbox.act(resident, "follow");
    expect(webhook.status, "the webhook's answer to a follow").toBe(200);
    await until(async () => (await sandbox.received(resident)).length > 0, "the greeting");
  }
  await registerOnPhone({ resident: first, newPage, axe, shot, expect, until });
  await registerOnLiff({ resident: second, choice: CHOICES[1], sandbox, newPage, axe });
  await registerOnLiff({ resident: third, choice: CHOICES[2], sandbox, newPage, axe });
  const before = Object.fromEntries(
    await Promise.all([first, second, third].map(async (resident) => [resident, (await sandbox.received(resident)).length])),
  );

  const shown = await compose({ desk, base, sandbox, axe, shot, expect, until });
  const sent = new URL(await send({ desk, axe, shot, expect, until }));

  // What arrived, by LINE's account …
  for (const resident of [first, second]) {
    const fresh = await until(async () => {
      const all = (await sandbox.received(resident)).slice(before[resident]);
      return all.length >= 2 && all;
    }, "the message");
    expect(fresh.map(({ type, text }) => ({ type, text })), "what LINE received").toEqual([
      { type: "text", text: arriving(base, short(fresh[0].text)) },
      { type: "text", text: SECOND },
    ]);
  }
  // … and on the phones, with the eyes of residents.
  for (const resident of [first, second]) {
    const phone = await newPage();
    await phone.goto(`/phone?as=${resident}`);
    const talk = await until(async () => {
      const all = await bubbles(phone.locator(".talk-city .talk-bubble"));
      return all.length >= 4 && all;
    }, "the talk");
    const drawn = (bubble) => JSON.parse(JSON.stringify(bubble).replaceAll(`/r/${short(bubble.text)}`, "/r/xxxxxxx"));
    expect(talk.slice(-2).map(drawn), "what the phone shows beside the preview").toEqual(shown);
    await axe(phone, "the phone");
    if (resident === first) await shot(phone, "delivery-phone");
    await phone.close();
  }
  const other = await newPage();
  await other.goto(`/phone?as=${third}`);
  await until(async () => (await texts(other.locator(".device h2"))).includes("上野 そら"), "the third resident's phone");
  await until(async () => (await other.locator(".talk-city .talk-bubble").count()) === before[third], "the third resident's talk");
  expect((await sandbox.received(third)).length, "what the third resident received").toBe(before[third]);
  expect((await texts(other.locator(".talk-bubble"))).some((text) => text.includes("おはなし会")), "the third was told").toBe(false);
  await other.close();

  await certificate({ desk, base, path: sent.pathname, axe, shot, expect });
  expect(sent.origin, "where the delivery's page lies").toBe(new URL(base).origin);
  await deleteAudience({ desk, axe, shot });
}

// 登録項目: one answer out of three.
async function defineAttribute({ desk, axe, shot }) {
  await desk.goto("/console/attributes");
  await axe(desk, "the attributes");
  await desk.getByRole("link", { name: "項目を足す" }).click();
  await desk.waitForURL("**/console/attributes/new");
  await live(desk.locator("#label"));
  await axe(desk, "a new attribute");
  // Nothing is accepted half-done, and it is said where.
  await press(desk.getByRole("button", { name: "この項目を作る" }).first());
  await desk.locator(".error-summary").waitFor();
  await axe(desk, "a new attribute with what is to mend");
  await desk.locator("#label").fill(QUESTION);
  await desk.getByRole("radio", { name: /ひとつ選ぶ|1つ/ }).first().check();
  await press(desk.getByRole("button", { name: "選択肢を足す" }));
  const fields = desk.locator("#choices input");
  await fields.nth(2).waitFor();
  for (const [index, label] of CHOICES.entries()) await fields.nth(index).fill(label);
  const preview = desk.getByRole("complementary", { name: "住民の画面" });
  for (const label of [QUESTION, ...CHOICES]) await preview.getByText(label).first().waitFor();
  await axe(desk, "a written attribute");
  await shot(desk, "attribute-new");
  await press(desk.getByRole("button", { name: "この項目を作る" }).first());
  await desk.locator(".toast", { hasText: QUESTION }).first().waitFor();
  await desk.waitForURL("**/console/attributes");
  await desk.getByRole("link", { name: QUESTION }).waitFor();
  await axe(desk, "the attributes with the new one");
}

// 配信対象: who chose one of them.
async function saveAudience({ desk, axe, until }) {
  await desk.goto("/console/audiences");
  await axe(desk, "the audiences");
  await desk.getByRole("link", { name: "配信対象を作る" }).first().click();
  await desk.waitForURL("**/console/audiences/new");
  await live(desk.locator("#name"));
  await desk.locator("#name").fill(AUDIENCE);
  await press(desk.getByRole("button", { name: /何でしぼるか/ }));
  await axe(desk, "the list of attributes");
  await press(desk.locator(".pick-list .pick-option", { hasText: QUESTION }));
  const list = desk.getByRole("dialog", { name: "どれか" });
  await list.getByLabel(CHOICES[1], { exact: true }).check();
  await axe(desk, "the list of choices");
  await press(list.getByRole("button", { name: "決める" }));
  await until(async () => (await desk.locator(".readback-text").textContent()).includes(CHOICES[1]), "the sentence");
  await until(async () => number(await desk.locator(".audience-side .figure-xl").textContent()) === 0, "the head count");
  await axe(desk, "an audience");
  await press(desk.getByRole("button", { name: "この条件で保存する" }));
  await desk.waitForURL(/\/console\/audiences\/\d+$/);
  await until(async () => (await desk.locator(".readback-text").textContent()).includes(QUESTION), "the saved sentence");
}

// 配信対象を消す: what keeps its condition is said before.
async function deleteAudience({ desk, axe, shot }) {
  await desk.goto("/console/audiences");
  const row = desk.locator("tbody tr", { hasText: AUDIENCE });
  const ask = async () => {
    await row.getByLabel(`「${AUDIENCE}」の操作`).click();
    await press(row.getByRole("button", { name: "消す", exact: true }));
  };
  const dialog = desk.getByRole("dialog", { name: `配信対象「${AUDIENCE}」を消します` });
  await ask();
  await dialog.getByRole("link", { name: TITLE }).waitFor();
  await axe(desk, "what uses an audience");
  await shot(desk, "audience-delete", { fullPage: false });
  await press(dialog.getByRole("button", { name: "やめる" }));
  await dialog.waitFor({ state: "hidden" });
  await ask();
  await press(dialog.getByRole("button", { name: "配信対象を消す" }));
  await desk.locator(".toast", { hasText: `「${AUDIENCE}」を消しました` }).waitFor();
  await row.waitFor({ state: "detached" });
}

// The greeting's link on the phone, and the registration in its frame.
async function registerOnPhone({ resident, newPage, axe, shot, expect, until }) {
  const phone = await newPage();
  await phone.goto(`/phone?as=${resident}`);
  // The talk is drawn by the browser part alone: once it is there, it listens.
  await phone.locator(".talk-city a.talk-link").first().click();
  const frame = phone.frameLocator("iframe.sheet-frame");
  // The entrance /liff shows the form, too, before LINE's script leads on from it.
  await until(() => phone.frames().some((each) => /\/liff\/register(\?|#|$)/.test(each.url())), "the way to the registration");
  await frame.locator("#liff-form").waitFor();
  await axe(phone, "the registration on the phone");
  await register(frame, [CHOICES[1]]);
  await frame.getByRole("heading", { name: "登録しました" }).waitFor();
  await axe(phone, "registered on the phone");
  await shot(phone, "registration-on-phone", { fullPage: false });
  expect(await frame.locator(".facts").textContent(), "what is registered").toContain(CHOICES[1]);
  await frame.getByRole("link", { name: "閉じる" }).click();
  await phone.locator("iframe.sheet-frame").waitFor({ state: "detached" });
  await phone.close();
}

async function registerOnLiff({ resident, choice, sandbox, newPage, axe }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const page = await newPage({ width: 375, height: 812 });
  await page.goto(sandbox.liffUrl(liffId, resident, "/register"));
  await page.waitForURL("**/liff/register");
  await axe(page, "the registration");
  await register(page, [choice]);
  await page.getByRole("heading", { name: "登録しました" }).waitFor();
  await axe(page, "registered");
  await page.close();
}

// The order by dragging, and back by the button.
async function ordered({ desk, until }) {
  const part = (name) => desk.getByRole("group", { name, exact: true });
  const order = async (...expected) =>
    until(async () => (await desk.locator("#parts textarea").evaluateAll((all) => all.map((area) => area.value))).join() === expected.join(), "the order of the parts");
  await part("文章2").locator(".part-grip").dragTo(part("文章1").locator(".part-head"));
  await order(SECOND, TEXT);
  await press(desk.getByRole("button", { name: "文章1を下へ" }));
  await order(TEXT, SECOND);
}

// 配信を書く; answers what the preview shows.
async function compose({ desk, base, sandbox, axe, shot, expect, until }) {
  await desk.goto("/console/deliveries");
  await axe(desk, "the deliveries");
  await press(desk.getByRole("button", { name: "新しい配信" }).first());
  await desk.waitForURL(/\/console\/deliveries\/\d+\/edit$/);
  const text = await live(desk.getByLabel("文章", { exact: true }).first());
  await axe(desk, "an empty draft");
  await desk.locator("#title").fill(TITLE);
  await text.fill(TEXT);
  await press(desk.getByRole("button", { name: "文章を足す" }));
  await desk.getByLabel("文章", { exact: true }).nth(1).fill(SECOND);
  await ordered({ desk, until });
  await press(desk.getByRole("button", { name: "保存した配信対象から選ぶ" }));
  await press(desk.locator("#saved-audiences .pick-option", { hasText: AUDIENCE }));
  await until(async () => (await texts(desk.locator(".audience-foot .figure")))[0] === "2人", "the live head count of 2");
  const sendButton = desk.getByRole("button", { name: "2人に配信する" });
  await sendButton.waitFor();
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" });
  const shown = await until(async () => {
    const all = await bubbles(preview.locator(".talk-bubble"));
    return all.length === 2 && all[1].text === SECOND && all;
  }, "the preview");
  expect(shown[0].text, "the preview's text").toBe(arriving(base));
  expect(shown[0].links, "the preview's links").toEqual([`${base}/r/xxxxxxx`]);
  // Names that are kept for examples are asked by nobody.
  await desk.getByText(`リンク先（${LINK}）がひらけるかは、確かめられませんでした`).waitFor();
  await axe(desk, "a written draft");
  await shot(desk, "composer");

  // To the testers first, marked as a test.
  const { residents } = await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`);
  const tester = residents[0].user_id;
  const before = (await sandbox.received(tester)).length;
  await press(desk.getByRole("button", { name: "試験者に送る" }));
  await desk.locator(".toast", { hasText: "試験者に送りました" }).waitFor();
  const test = await until(async () => {
    const all = (await sandbox.received(tester)).slice(before);
    return all.length >= 2 && all;
  }, "the test");
  expect(test.every(({ text }) => text.startsWith("【試験】")), "a test says so in every part").toBe(true);
  expect(test[0].text.endsWith(arriving(base, short(test[0].text))), "the test's text").toBe(true);
  await axe(desk, "a draft that was tested");
  return shown;
}

// Confirms with the head count and follows the delivery to its end; answers its page.
async function send({ desk, axe, shot, expect, until }) {
  await press(desk.getByRole("button", { name: "2人に配信する" }));
  const dialog = desk.getByRole("dialog", { name: "2人に、いま届けます" });
  await dialog.waitFor();
  expect(await dialog.textContent(), "the confirmation").toContain(`「${TITLE}」を、2人に送ります`);
  await axe(desk, "the confirmation");
  await shot(desk, "delivery-confirm", { fullPage: false });
  await tick(dialog);
  await press(dialog.getByRole("button", { name: "2人に届ける" }));
  await desk.waitForURL(/\/console\/deliveries\/\d+$/);
  await until(async () => (await desk.locator("main .panel").first().textContent()).includes("完了"), "the delivery ends as 完了");
  await desk.getByText("合っています", { exact: true }).waitFor();
  await axe(desk, "a delivery that is done");
  await shot(desk, "delivery-done");
  return desk.url();
}

async function certificate({ desk, base, path, axe, shot, expect }) {
  await desk.goto(path);
  await desk.getByRole("link", { name: "証明書をひらいて印刷する" }).click();
  await desk.waitForURL(`**${path}/certificate`);
  await desk.getByRole("heading", { name: "配信証明書", level: 1 }).waitFor();
  const paper = await desk.locator("main").innerText();
  const figure = (label) => number(paper.match(new RegExp(`${label}\\s+([\\d,]+ 人)`))?.[1] ?? "");
  const [recipients, accepted, failed, withheld] = ["対象", "受付（LINEが受理）", "届かず", "差し控え"].map(figure);
  expect([recipients, accepted, failed, withheld], "the certificate").toEqual([2, 2, 0, 0]);
  expect(recipients, "the certificate's sum").toBe(accepted + failed + withheld);
  for (const words of [TITLE, "送り終わり"]) expect(paper, "the certificate").toContain(words);
  const said = await texts(desk.locator(".sent-text"));
  expect(said, "what the certificate says was sent").toEqual([arriving(base, short(said[0])), SECOND]);
  await axe(desk, "the certificate");
  await shot(desk, "certificate");
}

const bubbles = (locator) =>
  locator.evaluateAll((all) =>
    all.map((element) => ({
      text: element.textContent,
      links: [...element.querySelectorAll("a")].map((link) => link.href),
    })),
  );

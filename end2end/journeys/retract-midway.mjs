// A delivery to everyone turns out to be wrong while it goes out: the rest is stopped, whom it reached is told the
// right thing, and nobody else is told anything.
import { figures, midway, oneCall, sendNow } from "../lib/delivery.mjs";
import { axeAtBothWidths, beginDelivery, live, number, press, sentOut, signIn, toEveryone } from "../lib/page.mjs";

export const name = "a delivery is corrected while it goes out: whom it reached is told, and nobody else";

const TEXT = "避難所は、港小学校です。";
const CORRECTION = "【訂正】避難所は、港中学校です。港小学校にはひらいていません。";

export async function run({ sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  const page = await newPage();
  await signIn(page, account);
  await beginDelivery(page);
  await (await live(page.locator("#parts textarea").first())).fill(TEXT);
  await page.locator("#title").fill("避難所のお知らせ");
  await toEveryone(page);
  try {
    await oneCall(sandbox);
    const wrong = await sendNow(page);
    const before = await midway(page, sandbox);

    await press(page.getByRole("button", { name: "訂正を送る" }));
    const dialog = page.locator("dialog#retract");
    await dialog.waitFor({ state: "visible" });
    const words = await dialog.innerText();
    expect(number(words.match(/最大 ([\d,]+)人/)[1]), "what would still go out").toBe(before.これから);
    expect(number(words.match(/LINEが受け付けた ([\d,]+)人/)[1]), "whom it reached").toBe(before.受付);
    await axeAtBothWidths(page, "the question before a delivery on its way is corrected", axe);
    await shot(page, "retract-midway", { fullPage: false });
    await dialog.getByLabel("訂正の文章").fill(CORRECTION);
    await calm(sandbox, before.これから, until);
    await press(dialog.getByRole("button", { name: "残りを止めて、訂正を送る" }));
    await page.waitForURL((url) => /\/deliveries\/\d+$/.test(url.pathname) && url.pathname !== wrong);
    await page.getByText("これは訂正です").waitFor();
    await axeAtBothWidths(page, "a correction that waits for LINE", axe);

    // The rest of the wrong one is at its end before LINE takes anything again.
    await page.goto(wrong);
    await until(async () => {
      const now = await figures(page);
      return now.配信対象 > 0 && now.これから === undefined;
    }, "the end of the wrong one");
    expect(await figures(page), "the wrong one").toEqual({ 配信対象: before.配信対象, 受付: before.受付, 届かず: 0, 差し控え: before.差し控え + before.これから });
    await page.getByText("合っています", { exact: true }).waitFor();
    await axeAtBothWidths(page, "a delivery that was corrected on its way", axe);
    await shot(page, "delivery-corrected-midway");
    await sandbox.faults({});
    await page.getByRole("link", { name: "訂正の届き方を見る" }).click();
    await page.getByText("これは訂正です").waitFor();
    await sentOut(page);
    expect(await figures(page), "the correction").toEqual({ 配信対象: before.受付, 受付: before.受付, 届かず: 0, 差し控え: 0 });

    // By LINE's account.
    const [reached, told] = await Promise.all([TEXT, CORRECTION].map((text) => whom(sandbox, text)));
    expect(reached.length, "residents who got the wrong one").toBe(before.受付);
    expect(told, "who was told, and how often").toEqual(reached);
  } finally {
    await sandbox.faults({});
  }
}

// Every call was refused so often that its next tries are many seconds apart, and of the last ones LINE has heard
// nothing for some: none is on its way just then, of which it would be unknown whether LINE took it.
async function calm(sandbox, residents, until) {
  const calls = Math.ceil(residents / 500);
  const refused = async () => (await sandbox.get("/events?limit=2000")).events.filter(({ path, note }) => path.endsWith("/message/multicast") && note === "fault 429").length;
  let [last, since] = [0, Date.now()];
  const rest = async () => {
    const now = await refused();
    if (now !== last) [last, since] = [now, Date.now()];
    return now >= calls * 8 && Date.now() - since > 4_000;
  };
  await until(rest, "LINE refused every call again and again", { timeout: 120_000 });
}

// 「U…,1」 for every resident who received a text.
async function whom(sandbox, text) {
  const answer = await fetch(`${sandbox.url}/_sandbox/received.csv?min=1&text=${encodeURIComponent(text)}`);
  return (await answer.text()).trim().split("\n").slice(1).sort();
}

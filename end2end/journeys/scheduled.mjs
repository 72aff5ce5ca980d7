// A delivery for tomorrow: reserved, found in the list, made a draft again, changed, called off; and another one, which
// is held since the server was away at its time, and let go by somebody who sees whom it reaches.
import { axeAtBothWidths, beginDelivery, press, sentOut, signIn, tick, toEveryone } from "../lib/page.mjs";

export const name = "a delivery waits for its time, is changed and called off";

const TITLE = "図書館の休館日";

export async function run(tools) {
  const { signIn: account, newPage, axe, shot, expect, until } = tools;
  const page = await newPage();
  await signIn(page, account);
  const path = await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(TITLE);
  await page.locator("#parts textarea").first().fill("図書館は、毎月最後の木曜日にお休みします。");
  await toEveryone(page);

  // Without a date it is not sent at once: it is not sent at all.
  await page.getByRole("radio", { name: "日時を決める" }).check();
  const date = page.getByLabel("日付", { exact: true });
  const tomorrow = await date.inputValue();
  expect(tomorrow, "tomorrow is offered").toMatch(/^\d{4}-\d{2}-\d{2}$/);
  const reserve = page.getByRole("button", { name: /予約する$/ });
  await date.fill("");
  await press(reserve);
  await page.locator(".error-summary").getByText("届ける日時が決まっていません").waitFor();
  await axe(page, "a delivery without its date");
  // A day that has passed is refused with what is possible.
  await date.fill("2020-01-15");
  await press(reserve);
  await page.locator("#send_date-error").getByText(/すぎた日付です。きょう/).waitFor();
  await date.fill(tomorrow);
  await page.getByLabel("時刻", { exact: true }).fill("22:30");
  await page.locator(".checks").getByText("届ける時刻が夜間").waitFor();
  await page.getByLabel("時刻", { exact: true }).fill("10:30");
  await until(async () => (await page.getByText("届ける時刻が夜間").count()) === 0, "the morning");
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()), "the head count");
  await axe(page, "a delivery for tomorrow");
  await shot(page, "composer-when");
  await reserveNow(page, axe);
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText(/10:30に届けます/).first().waitFor();
  await axe(page, "a reserved delivery");
  await shot(page, "delivery-scheduled");

  await page.goto("/console/deliveries?status=scheduled");
  await page.getByRole("link", { name: TITLE }).waitFor();
  await page.getByText("これから届くもの").waitFor();
  await page.goto(path);
  await press(page.getByRole("button", { name: "下書きにもどして直す" }));
  await page.waitForURL(/\/edit$/);
  expect(await page.getByLabel("時刻", { exact: true }).inputValue(), "the time is kept").toBe("10:30");
  await page.getByLabel("時刻", { exact: true }).fill("11:45");
  await reserveNow(page, axe);
  await page.waitForURL((url) => url.pathname === path);
  await page.getByText(/11:45に届けます/).first().waitFor();
  await press(page.getByRole("button", { name: "取り消す" }));
  await press(page.getByRole("dialog").getByRole("button", { name: "配信を取り消す" }));
  await page.getByText("だれにも届いていません").first().waitFor();
  await page.getByText("取り消しました").first().waitFor();
  await axe(page, "a delivery that was called off");

  const missed = await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(TITLE);
  await page.locator("#parts textarea").first().fill("図書館は、あしたお休みします。");
  await toEveryone(page);
  await page.getByRole("radio", { name: "日時を決める" }).check();
  await page.getByLabel("時刻", { exact: true }).fill("10:30");
  await reserveNow(page, axe);
  await page.waitForURL((url) => url.pathname === missed);
  await page.getByText(/10:30に届けます/).first().waitFor();
  await page.close();
  await late(tools, missed);
}

// Half an hour too late nothing goes by itself. Whoever lets it go is asked what is asked before anything is sent.
async function late({ signIn: account, newPage, startLater, axe, shot, expect }, path) {
  await startLater(untilTomorrowAtEleven());
  const page = await newPage();
  await signIn(page, account);
  await page.goto(path);
  await page.getByText(/予定より \d+分おくれたため/).first().waitFor();
  await page.getByRole("heading", { name: "いま送るとしたときの確認" }).waitFor();
  await axeAtBothWidths(page, "a delivery that is held before its recipients are fixed", axe);
  await shot(page, "delivery-late");
  await press(page.getByRole("button", { name: "いま送る" }));
  const dialog = page.locator("dialog#release");
  await dialog.waitFor({ state: "visible" });
  const words = await dialog.getByText(/いま数えると [\d,]+人に届きます/).innerText();
  const people = words.match(/数えると ([\d,]+)人/)[1];
  const send = dialog.getByRole("button", { name: `${people}人に送る` });
  await send.click();
  await dialog.getByText("人数が合いません").waitFor();
  await axe(page, "a late delivery without its number");
  const typed = dialog.getByLabel("確かめるため、人数を入れてください");
  await typed.fill(people);
  // The page looks again, and the question stays as it is.
  const follows = (response) => response.url().includes("show_delivery") && response.request().postData()?.includes("looked=");
  await page.waitForResponse(follows);
  const { beside } = await (await page.waitForResponse(follows)).json();
  expect(beside.check.who, "nobody is counted anew for that").toBe(null);
  expect(await typed.inputValue(), "what was typed").toBe(people);
  expect(await send.count(), "to how many").toBe(1);
  await tick(dialog);
  await shot(page, "delivery-late-ask", { fullPage: false });
  await send.click();
  await sentOut(page);
}

// Seconds until eleven o'clock of the next day in Tokyo.
function untilTomorrowAtEleven() {
  const [hour, day] = [3_600_000, 86_400_000];
  const today = Math.floor((Date.now() + 9 * hour) / day);
  return Math.round(((today + 1) * day + (11 - 9) * hour - Date.now()) / 1_000);
}

// With the head count typed where it goes to everyone.
async function reserveNow(page, axe) {
  await press(page.getByRole("button", { name: /予約する$/ }));
  const dialog = page.locator("dialog#send");
  await dialog.waitFor({ state: "visible" });
  await axe(page, "the question before it is reserved");
  const words = await dialog.getByText(/いま数えると [\d,]+人に届きます/).innerText();
  const people = words.match(/数えると ([\d,]+)人/)[1];
  await dialog.getByLabel("確かめるため、人数を入れてください").fill(people);
  await dialog.getByRole("button", { name: `${people}人への配信を予約する` }).click();
}

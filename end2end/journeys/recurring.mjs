// A series: written as a sentence, put in force, one time left out, paused, changed, ended;
// the calendar by keyboard and on a phone; the days off.
import { beginSeries } from "../lib/delivery.mjs";
import { Hand } from "../lib/menu.mjs";
import { axeAtBothWidths, beginDelivery, live, press, signIn, toEveryone } from "../lib/page.mjs";

export const name = "a delivery is sent again and again, and the calendar shows it";

const TITLE = "燃やすごみの日（くり返し）";

export async function run({ signIn: account, newPage, axe, shot, expect, until }) {
  // A day off without its date is refused.
  const page = await newPage({ ignore: [/status of 422/] });
  await signIn(page, account);
  const id = await write(page, axe, shot, expect, until);
  await follow(page, id, axe, shot, expect, until);
  await calendar(page, axe, shot, expect, until);
  const changed = await change(page, id, axe, expect);
  await over(page, changed, axe);
  await holidays(page, axe, shot, expect, until);
}

async function write(page, axe, shot, expect, until) {
  const path = await beginDelivery(page);
  await press(page.locator("#title"));
  await page.locator("#title").fill(TITLE);
  await page.locator("#parts textarea").first().fill("あすは燃やすごみの日です。朝8時までに出してください。");
  await toEveryone(page);
  await page.getByRole("radio", { name: "くり返す" }).check();
  const fields = page.locator(".repeat");
  await fields.getByText(/^毎週/).first().waitFor();

  // The second and fourth Tuesdays, on the next working day where they are holidays.
  await fields.getByText("毎月 第何曜日").click();
  const ticks = fields.getByRole("group", { name: /^第何/ });
  await ticks.getByRole("checkbox", { name: "第1" }).uncheck();
  const weekdays = fields.getByRole("group", { name: /^曜日/ });
  for (const box of await weekdays.getByRole("checkbox").all()) await box.uncheck();
  await fields.getByText("曜日や日にちがそろうと").waitFor();
  const start = page.getByRole("button", { name: /くり返しを始める$/ });
  await press(start);
  await page.locator(".error-summary").getByText("第何の曜日かが決まっていません").waitFor();
  await axe(page, "a series that is not finished");
  await ticks.getByRole("checkbox", { name: "第2" }).check();
  await ticks.getByRole("checkbox", { name: "第4" }).check();
  await weekdays.getByRole("checkbox", { name: "火" }).check();
  await fields.getByLabel("時刻").fill("09:00");
  await fields.getByLabel("祝日のとき").selectOption({ label: "次の平日に届ける" });
  await fields.getByText(/^毎月 第2・第4火曜日の 9:00。祝日のときは次の平日に届けます/).waitFor();
  expect(await fields.locator(".outlook > li").count(), "the next dates").toBe(5);
  await until(async () => /\d/.test(await page.locator(".checks .figure-xl").innerText()), "the head count");
  await axeAtBothWidths(page, "a series", axe);
  await shot(page, "composer-repeat");

  await beginSeries(new Hand(page), path, async (dialog) => {
    await axe(page, "the question before a series begins");
    await dialog.getByText(/毎月 第2・第4火曜日の 9:00/).waitFor();
  });
  return path;
}

async function follow(page, path, axe, shot, expect, until) {
  await page.getByRole("heading", { name: "いつ届けるか" }).waitFor();
  await page.getByText("くり返し中").waitFor();
  await axeAtBothWidths(page, "a series in force", axe);
  await shot(page, "series");
  const first = await page.locator(".outlook strong").first().innerText();
  await press(page.getByRole("button", { name: "次の1回をとばす" }));
  await page.getByRole("dialog").getByRole("button", { name: "この回は届けない" }).click();
  await until(async () => (await page.locator(".outlook strong").first().innerText()) !== first, "the time after");
  await page.getByRole("cell", { name: "中止" }).waitFor();
  await press(page.getByRole("button", { name: "休止する" }));
  await page.getByText("休止中").waitFor();
  await axe(page, "a paused series");
  await press(page.getByRole("button", { name: "再開する" }));
  await page.getByRole("dialog").getByRole("button", { name: "再開する" }).click();
  await page.getByText("くり返し中").waitFor();

  await page.goto("/console/deliveries?status=scheduled");
  const row = page.getByRole("row", { name: new RegExp(TITLE) });
  await row.getByText("くり返し 毎月 第2・第4火").waitFor();
  await row.getByRole("link", { name: TITLE }).click();
  await page.waitForURL((url) => url.pathname === path);
  // The time that was left out leads back to its series.
  await page.goto("/console/deliveries?status=cancelled");
  await page.getByRole("row", { name: new RegExp(TITLE) }).getByRole("link", { name: "くり返し", exact: true }).click();
  await page.waitForURL((url) => url.pathname === path);
}

async function calendar(page, axe, shot, expect, until) {
  await page.goto("/console/deliveries");
  await page.getByRole("link", { name: "カレンダー" }).click();
  await page.waitForURL(/\/deliveries\/calendar$/);
  const month = page.locator("#calendar-month");
  await axe(page, "the calendar");
  await press(page.locator(".calendar-day[tabindex='0']"));

  // By keyboard over the borders of months, to one with two times of the series: the time that was left
  // out lies in this month or, late in it, in the next one.
  const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
  for (let later = 0; later < 2; later += 1) {
    const shown = await month.innerText();
    await page.keyboard.press("PageDown");
    await until(async () => (await month.innerText()) !== shown, "the next month");
    await until(async () => (await focused()).startsWith("day-"), "the focus on a day");
  }
  const before = await focused();
  await page.keyboard.press(before.endsWith("-01") ? "ArrowRight" : "ArrowLeft");
  await until(async () => (await focused()) !== before, "the day beside");
  expect(await page.locator(".calendar-day[tabindex='0']").count(), "one tab stop").toBe(1);
  const items = page.locator(".calendar-item", { hasText: TITLE });
  await until(async () => (await items.count()) === 2, "two times in a month");
  await press(page.locator(".calendar-day", { hasText: TITLE }).first());
  const day = page.locator(".calendar-lines").first();
  await day.getByRole("link", { name: TITLE }).waitFor();
  await axe(page, "a day of the calendar");
  await shot(page, "calendar");

  await page.getByRole("link", { name: "リスト" }).click();
  await page.waitForURL(/view=list/);
  await page.locator(".agenda").getByRole("link", { name: TITLE }).first().waitFor();
  await axe(page, "the calendar as a list");
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto(page.url().replace(/[?&]view=list/, ""));
  await page.locator(".agenda").getByRole("link", { name: TITLE }).first().waitFor();
  expect(await page.locator(".calendar").isVisible(), "the grid on a phone").toBe(false);
  await axe(page, "the calendar on a phone");
  await shot(page, "calendar-narrow");
  await page.setViewportSize(desk);
}

async function change(page, path, axe, expect) {
  await page.goto(path);
  await press(page.getByRole("button", { name: "内容を変える" }));
  await page.waitForURL(/\/edit$/);
  const draft = new URL(page.url()).pathname.replace(/\/edit$/, "");
  expect(draft === path, "the draft is another").toBe(false);
  await live(page.locator(".repeat").getByLabel("時刻"));
  expect(await page.getByRole("radio", { name: "すぐに" }).count(), "a series stays a series").toBe(0);
  await page.goto(path);
  await page.getByText("この内容を変える下書きがあります").waitFor();
  await axe(page, "a series that is being changed");
  await page.getByRole("link", { name: "下書きをひらく" }).click();
  await page.getByText("くり返しの内容を変えています").waitFor();
  await live(page.locator(".repeat").getByLabel("時刻"));
  await page.locator(".repeat").getByLabel("時刻").fill("18:30");
  await page.locator(".repeat").getByText(/第4火曜日の 18:30/).waitFor();
  await beginSeries(new Hand(page), draft);
  await page.getByText(/第4火曜日の 18:30/).first().waitFor();
  await page.goto(path);
  await page.getByText("新しい内容に替えました").waitFor();
  return draft;
}

async function over(page, path, axe) {
  await page.goto(path);
  await press(page.getByRole("button", { name: "終わらせる" }));
  await axe(page, "the question before a series ends");
  await page.getByRole("dialog").getByRole("button", { name: "終わらせる" }).click();
  await page.getByText("終わりました").first().waitFor();
  await axe(page, "a series that has ended");
}

async function holidays(page, axe, shot, expect, until) {
  await page.goto("/console/settings/holidays");
  await page.getByRole("cell", { name: "元日", exact: true }).waitFor();
  const year = Number((await page.locator('.segmented a[aria-current="true"]').innerText()).slice(0, 4));
  const own = `${year + 1}-12-29`;
  await axeAtBothWidths(page, "the days off", axe);
  await shot(page, "holidays");
  const add = page.getByRole("button", { name: "休みの日に足す" });
  await press(add);
  await page.locator("#holiday-date-error").waitFor();
  await page.getByLabel("日付", { exact: true }).fill(own);
  await page.getByLabel("終わりの日").fill(`${year + 1}-12-31`);
  await page.getByLabel("名前").fill("年末年始");
  await press(add);
  await page.getByText("3日を、休みの日に足しました").first().waitFor();
  await page.getByRole("link", { name: `${year + 1}年` }).click();
  await until(async () => (await page.getByRole("cell", { name: "年末年始", exact: true }).count()) === 3, "the days of the city");
  await press(page.getByRole("button", { name: /^12月29日.*を外す$/ }));
  await page.getByRole("heading", { name: "外した日" }).waitFor();
  await axe(page, "a day that was taken out");
  await press(page.getByRole("button", { name: /^12月29日.*をもどす$/ }));
  await until(async () => (await page.getByRole("heading", { name: "外した日" }).count()) === 0, "it is back");
}

// The rich menu on the sandbox phone: opened and closed by its bar, tapped by pointer and by keyboard,
// tabs switched at once, relinked from outside; LINE for PC has none.
import { axeAtBothWidths, press } from "../lib/page.mjs";
import { RichMenus } from "../lib/richmenu.mjs";

export const name = "a rich menu on the phone is opened, tapped and switched as in LINE";

export async function run({ sandbox, env, newPage, axe, shot, expect, until }) {
  const line = await RichMenus.of(sandbox.url, env);
  const user = await sandbox.resident("笹本 みのり");
  await sandbox.act(user, "follow");
  const tab = (label, alias) => ({ type: "richmenuswitch", label, richMenuAliasId: alias, data: `to-${alias}` });
  const first = await line.make({
    name: "くらし",
    bar: "くらしのメニュー",
    colour: [222, 235, 250],
    actions: [
      tab("くらしのタブ", "phone-a"),
      tab("防災のタブ", "phone-b"),
      { type: "message", label: "ごみの日", text: "つぎのごみの日は？" },
      { type: "uri", label: "市のページ", uri: "https://www.example.jp/kurashi" },
      { type: "postback", label: "見た", data: "menu-seen", displayText: "確かめました", inputOption: "closeRichMenu" },
      { type: "datetimepicker", label: "日を選ぶ", data: "menu-day", mode: "date", min: "2026-01-01", max: "2030-12-31" },
    ],
  });
  const second = await line.make({
    name: "防災",
    bar: "防災のメニュー",
    selected: false,
    colour: [250, 226, 214],
    actions: [tab("くらしのタブ", "phone-a"), tab("防災のタブ", "phone-b"), { type: "uri", label: "119番", uri: "tel:119" }],
  });
  await line.alias("phone-a", first);
  await line.alias("phone-b", second);
  await line.link(user, first);
  const made = async (id) => (await sandbox.get("/menus")).find((menu) => menu.rich_menu_id === id);
  const own = async () => (await sandbox.get(`/residents/${user}/menu`)).seen?.rich_menu_id;

  const phone = await newPage();
  await phone.context().route("https://www.example.jp/**", (route) => route.fulfill({ body: "市のページ" }));
  await phone.goto(`/phone?as=${user}`);
  const menu = phone.getByRole("group", { name: "リッチメニュー" });
  const area = (label) => menu.getByRole("button", { name: label, exact: true });
  const bar = phone.getByRole("button", { name: "くらしのメニュー" });
  const picture = menu.locator("img");
  // `selected`: it stands open.
  await until(() => picture.evaluate((element) => element.complete && element.naturalWidth === 1200), "the picture");
  expect(await bar.getAttribute("aria-expanded")).toBe("true");
  await until(async () => (await made(first)).shown.times === 1, "one impression");
  await axeAtBothWidths(phone, "the phone with a rich menu", axe);
  await shot(phone, "phone-menu");
  await narrow(phone, expect);

  await menuTaps({ phone, menu, area, bar, user, sandbox, until, expect });
  expect((await made(first)).tapped.map((count) => count.times)).toEqual([0, 0, 1, 1, 1, 1]);

  // A tab, by keyboard: the menu changes at once, and the focus stays where it was.
  await area("防災のタブ").focus();
  await area("防災のタブ").press("Enter");
  await phone.getByRole("button", { name: "防災のメニュー" }).waitFor();
  await area("119番").waitFor();
  expect(await own()).toBe(second);
  await until(() => area("防災のタブ").evaluate((button) => button === document.activeElement), "the focus on the tab");
  await shot(phone, "phone-menu-tab");
  // The city gives this resident another menu: it is there without doing anything.
  await line.link(user, first);
  await bar.waitFor();

  // The keyboard, and back.
  await phone.getByRole("button", { name: "文字を入力する" }).click();
  const input = phone.getByLabel("笹本 みのりが送る文章");
  await input.fill("こんにちは");
  await axe(phone, "the keyboard beside a menu");
  await input.press("Enter");
  await phone.locator(".talk-resident .talk-bubble", { hasText: "こんにちは" }).waitFor();
  await phone.getByRole("button", { name: "メニューにもどる" }).click();
  await menu.waitFor();

  // LINE for PC has no rich menu.
  const pc = phone.locator("label", { hasText: "パソコンのLINEで見る" });
  await pc.click();
  await menu.waitFor({ state: "detached" });
  await input.waitFor();
  expect(await bar.count(), "no bar either").toBe(0);
  await axeAtBothWidths(phone, "LINE for PC", axe);
  await shot(phone, "phone-menu-pc");
  await pc.click();
  await menu.waitFor();

  // A menu that is deleted is gone.
  await line.remove(["phone-a", "phone-b"], [first, second]);
  await menu.waitFor({ state: "detached" });
  await input.waitFor();
}

async function menuTaps({ phone, menu, area, bar, user, sandbox, until, expect }) {
  await press(area("ごみの日"));
  await phone.locator(".talk-resident .talk-bubble", { hasText: "つぎのごみの日は？" }).waitFor();
  const opened = phone.waitForEvent("popup");
  await area("市のページ").click();
  const page = await opened;
  await page.waitForURL("https://www.example.jp/kurashi");
  await page.close();
  // A postback with words of its own, which closes the menu.
  await area("見た").click();
  await phone.locator(".talk-resident .talk-bubble", { hasText: "確かめました" }).waitFor();
  await menu.waitFor({ state: "detached" });
  expect(await bar.getAttribute("aria-expanded")).toBe("false");
  await bar.press("Enter");
  await menu.waitFor();
  expect(await bar.getAttribute("aria-expanded")).toBe("true");
  // A date.
  const postbacks = async () => (await sandbox.messages(user)).filter((entry) => entry.kind === "postback").length;
  const before = await postbacks();
  await area("日を選ぶ").click();
  await phone.getByLabel("日時").fill("2027-04-01");
  await phone.getByRole("button", { name: "決める" }).click();
  await menu.waitFor();
  await until(async () => (await postbacks()) === before + 1, "the chosen day");
}

// At 375 px an area is large enough for a finger.
async function narrow(phone, expect) {
  const desk = phone.viewportSize();
  await phone.setViewportSize({ width: 375, height: 812 });
  await phone.locator(".rich-menu").scrollIntoViewIfNeeded();
  const box = await phone.locator(".rich-menu .talk-area").first().boundingBox();
  expect(box.width >= 44 && box.height >= 44, `an area of ${box.width} × ${box.height}`).toBe(true);
  await phone.setViewportSize(desk);
}

// A resident shows a place on a map: by keys, by taps and by where they are; the office reads it.
import { addQuestion, beginForm, heading, narrow, next, publishForm } from "../lib/form.mjs";
import { live, press, signIn } from "../lib/page.mjs";

export const name = "a resident shows a place on a map, and the office finds it";

const TITLE = "街灯が切れています";

export async function run({ newPage, signIn: account, axe, shot, expect, until }) {
  const page = await newPage();
  await signIn(page, account);
  await beginForm(page, TITLE);
  await addQuestion(page, "place", "街灯の場所");
  await (await live(page.locator("#b-required"))).check();
  await press(page.locator("#line-terms"));
  await (await live(page.locator("#b-purpose"))).fill("街灯を直すために使います。");
  await page.locator("#b-retention_days").fill("365");
  await page.locator('input[name="b-outside"]').check();
  const id = await publishForm(page, 1);

  const phone = await newPage({ width: 375, height: 812, ignore: [/422/] });
  await phone.context().grantPermissions(["geolocation"]);
  await phone.context().setGeolocation({ latitude: 35.0123, longitude: 135.0456, accuracy: 12 });
  const asked = [];
  phone.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await phone.goto(`/liff/f/${id}`);
  await heading(phone, TITLE);
  await next(phone);
  expect(await phone.locator("#liff-errors").innerText(), "what is missing").toContain("地図で");
  expect(asked.some((path) => /leaflet|xyz/.test(path)), "a map before anybody asked for one").toBe(false);

  const [north, east] = [phone.locator("[data-name=latitude]"), phone.locator("[data-name=longitude]")];
  const told = phone.locator("[data-here-state]");
  const at = async () => [Number(await north.inputValue()), Number(await east.inputValue())];
  await phone.getByRole("button", { name: "地図でえらぶ" }).click();
  const map = phone.locator("[data-map]");
  await until(async () => (await map.locator("img.leaflet-tile-loaded").count()) >= 4, "the tiles of the map");
  expect(await at(), "before the pin was moved").toEqual([0, 0]);
  await narrow(phone, axe, "a map before the pin was moved");
  // By keys: a little to the north.
  await map.press("ArrowUp");
  await until(async () => (await told.textContent()).includes("ピンの場所"), "the pin after a key");
  const [keyed] = await at();
  expect(keyed > 35 && keyed < 35.02, "a little to the north").toBe(true);
  // By a tap: what was tapped comes under the pin.
  const box = await map.boundingBox();
  await phone.mouse.click(box.x + box.width * 0.75, box.y + box.height / 2);
  await until(async () => (await at())[1] > 135.001 && !(await phone.locator(".leaflet-pan-anim").count()), "the pin after a tap");
  // From afar nobody can say where: the pin is not taken.
  const close = await at();
  for (let i = 0; i < 2; i += 1) await press(map.getByRole("button", { name: "地図を小さくする" }));
  await until(async () => (await told.textContent()).includes("もっと大きくして"), "that it is too far away");
  expect(await at(), "the place as it was").toEqual(close);
  // Where they are.
  await phone.getByRole("button", { name: "いまいる場所を入れる" }).click();
  await until(async () => (await told.textContent()).includes("12m"), "the place of the telephone");
  expect(await at(), "the place of the telephone").toEqual([35.0123, 135.0456]);
  await phone.getByLabel(/^場所の説明/).fill("みどり公園の入口");
  await until(async () => (await map.locator("img.leaflet-tile-loaded").count()) >= 4, "the tiles around");
  await narrow(phone, axe, "a map with the pin");
  await shot(phone, "form-map");
  await next(phone);
  await heading(phone, "内容を確かめる");
  expect(await phone.locator("main").innerText(), "what is read back").toContain("みどり公園の入口");
  await phone.getByRole("button", { name: "この内容で送る" }).click();
  await heading(phone, "受け付けました");

  await page.goto(`/console/forms/${id}/answers`);
  await page.locator("table tbody a").first().click();
  const link = page.locator('a[href^="https://maps.gsi.go.jp/"]');
  await link.waitFor();
  expect(await link.getAttribute("href"), "the way to the map").toContain("35.012300/135.045600");
}

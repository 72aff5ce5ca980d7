// Residents answer forms: in LINE without the browser part, with a photo, broken off and resumed;
// and outside LINE without any script. What was sent is seen, and taken back.
import { heading, identified, narrow, next } from "../lib/form.mjs";
import { png } from "../lib/picture.mjs";

export const name = "a resident answers a form in LINE, another without a script";

const PHONE = { width: 375, height: 812, wasm: false, ignore: [/422/] };

export async function run({ sandbox, newPage, axe, shot, expect, until }) {
  await withoutStylesheet({ newPage, expect });
  await withoutScript({ newPage, expect });
  await inLine({ sandbox, newPage, axe, shot, expect, until });
}

// A page brings its rules along: as long as the stylesheet has not come, it looks as it does with it.
async function withoutStylesheet({ newPage, expect }) {
  const looks = async (path, comes) => {
    const page = await newPage({ width: 375, height: 812, javaScript: false, ignore: [/ERR_FAILED/] });
    let asked = 0;
    await page.route("**/pkg/*.css", (route) => (asked += 1, comes ? route.continue() : route.abort()));
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const found = await page.evaluate(() =>
      [...document.querySelectorAll("body, body :not(script, noscript, link)")].map((element) => {
        const style = getComputedStyle(element);
        return { element: element.outerHTML.slice(0, 120), style: Object.fromEntries([...style].map((key) => [key, style.getPropertyValue(key)])) };
      }),
    );
    expect(asked, `stylesheets of ${path}`).toBe(1);
    await page.close();
    return found;
  };
  for (const path of ["/liff/f/3?page=0", "/liff/register"]) {
    const [alone, whole] = [await looks(path, false), await looks(path, true)];
    const differs = alone.flatMap(({ element, style }, n) =>
      Object.keys(style)
        .filter((key) => style[key] !== whole[n]?.style[key])
        .map((key) => `${element}: ${key} is ${style[key]}, not ${whole[n]?.style[key]}`),
    );
    expect(differs.slice(0, 5), `what ${path} looks like without the stylesheet`).toEqual([]);
    expect(alone.length > 20, "how much was looked at").toBe(true);
  }
}

async function withoutScript({ newPage, expect }) {
  const page = await newPage({ width: 320, height: 640, javaScript: false, ignore: [/422/] });
  await page.goto("/liff/f/3");
  // Without a script the page gets an address of its own by itself.
  await page.waitForURL(/\?page=0$/);
  await heading(page, "意見を出す人");
  await next(page);
  expect(await page.locator("#liff-errors").innerText(), "what is missing").toContain("直すところが");
  await page.getByLabel("市内に住んでいる").check();
  await next(page);
  await heading(page, "連絡先");
  await page.getByLabel("氏", { exact: true }).fill("見本");
  await page.getByLabel("名", { exact: true }).fill("花子");
  await page.getByLabel("都道府県").fill("見本県");
  await page.getByLabel("市区町村").fill("みほん市");
  await page.getByLabel("町名・番地").fill("山手三丁目8-14");
  await next(page);
  await heading(page, "意見");
  // The key for back, page by page, and forward again.
  await page.goBack();
  await heading(page, "連絡先");
  expect(await page.getByLabel("町名・番地").inputValue(), "what was written on the page before").toBe("山手三丁目8-14");
  await back(page, "意見を出す人");
  expect(await page.getByLabel("市内に住んでいる").isChecked(), "what was chosen on the first page").toBe(true);
  // Another day, in the same browser.
  await page.goto("/liff/f/3");
  await page.waitForURL(/\?page=2&again$/);
  await heading(page, "意見");
  expect(await page.locator(".liff-notice").innerText(), "what was kept").toContain("続けられます");
  await page.getByLabel("案の全体").first().check();
  await page.locator('[name="answers[opinions.0.text][]"]').fill("歩道を広くしてください");
  await next(page);
  // What came up by the answers is shown before the next page.
  await page.getByText("質問が増えました").waitFor();
  await next(page);
  await heading(page, "確認");
  await page.getByLabel(/^同意する/).check();
  await next(page);
  await heading(page, "内容を確かめる");
  expect(await page.locator("main").innerText(), "what is read back").toContain("歩道を広くしてください");
  await page.getByRole("button", { name: "この内容で送る" }).click();
  await heading(page, "受け付けました");
  await page.getByRole("link", { name: "送った内容を見る" }).click();
  await page.waitForURL(/\/liff\/answers\/\d+$/);
  expect(await page.locator("main").innerText(), "what was sent").toContain("山手三丁目8-14");
  await page.goBack();
  await heading(page, "受け付けました");
  // Before it nothing of what was sent is left.
  await page.goBack();
  await heading(page, "意見を出す人");
  expect(await page.getByLabel("市内に住んでいる").isChecked(), "a form after it was sent").toBe(false);
}

// The key for back until another page stands there: what was refused on a page may stand in between.
async function back(page, words) {
  const title = page.getByRole("heading", { level: 1 });
  for (let i = 0; i < 5; i += 1) {
    await page.goBack();
    if ((await title.innerText()).includes(words)) return;
  }
  throw new Error(`no way back to 「${words}」`);
}

async function inLine({ sandbox, newPage, axe, shot, expect, until }) {
  const { liff_id: liffId } = await sandbox.get("/config");
  const resident = await sandbox.resident("飼主 はな");
  await sandbox.act(resident, "follow");
  const page = await newPage(PHONE);
  await page.goto(sandbox.liffUrl(liffId, resident, "/f/1"));
  await page.waitForURL("**/liff/f/1");
  await identified(page);
  await narrow(page, axe, "the first page of a form");
  await shot(page, "form-first");
  await page.getByLabel("はじめて犬を登録する").check();
  // What follows is there at once, and what is written is kept.
  await page.getByLabel("登録していない・分からない").check();
  await until(async () => (await page.locator("#form-saved").textContent()).includes("保存しました"), "the draft");
  await next(page);
  await heading(page, "飼い主");
  await next(page);
  await page.locator("#liff-errors").waitFor();
  await narrow(page, axe, "a page of a form with what is to mend");
  await shot(page, "form-errors");
  for (const [label, word] of [
    ["氏", "飼主"],
    ["名", "花"],
    ["セイ（フリガナ）", "カイヌシ"],
    ["メイ（フリガナ）", "ハナ"],
    ["都道府県", "見本県"],
    ["市区町村", "みほん市"],
    ["町名・番地", "山手三丁目8-14"],
  ]) {
    await page.getByLabel(label, { exact: true }).first().fill(word);
  }
  await page.locator('[name="answers[tel][]"]').fill("090-0000-1234");
  await page.getByLabel("飼い主の住所と同じ").check();
  await next(page);
  await heading(page, "犬");
  // Closed, and opened again from the talk.
  await page.goto(sandbox.liffUrl(liffId, resident, "/f/1"));
  await heading(page, "犬");
  await identified(page);
  const dog = (key) => page.locator(`[name="answers[dogs.0.${key}][]"]`);
  await dog("dname").fill("ポチ");
  await dog("breed").fill("柴犬");
  await dog("color").fill("茶");
  await page.getByLabel("おす").check();
  await dog("born").nth(0).selectOption("2026");
  await dog("born").nth(1).selectOption("4");
  await dog("born").nth(2).selectOption("1");
  await page.getByRole("radio", { name: /^受けた/ }).check();
  const day = dog("shot_day");
  await day.first().waitFor({ state: "visible" });
  await day.nth(0).selectOption("2026");
  await day.nth(1).selectOption("10");
  await day.nth(2).selectOption("1");
  const upload = page.locator('[data-upload="dogs.0.shot_paper"]');
  // Noise, as a photo has it: large as it is.
  let noise = 1;
  const photo = png(2600, 1300, {
    paint: () => {
      noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
      return [noise >>> 24, (noise >>> 16) & 255, (noise >>> 8) & 255];
    },
  });
  const [request] = await Promise.all([
    page.waitForRequest(/\/liff\/f\/1\/files$/),
    upload.locator("input[type=file]").setInputFiles({ name: "証明書.png", mimeType: "image/png", buffer: photo }),
  ]);
  await page.locator(".form-file img").waitFor();
  // Made small on the telephone, before it goes out.
  expect((await request.sizes()).requestBodySize < photo.length / 2, "what goes out is small").toBe(true);
  const sides = await page.evaluate(async () => {
    const kept = document.querySelector(".form-file img").src.replace("/preview", "");
    const picture = await createImageBitmap(await (await fetch(kept)).blob());
    return [picture.width, picture.height].join("×");
  });
  expect(sides, "its longest side").toBe("2048×1024");
  await narrow(page, axe, "a group of questions with a photo");
  await shot(page, "form-group");
  await next(page);
  await heading(page, "確認");
  await page.getByLabel(/の窓口$/).first().check();
  await page.getByLabel(/^同意する/).check();
  await next(page);
  await heading(page, "内容を確かめる");
  // The key for back, with the script and without the browser part.
  await page.goBack();
  await heading(page, "確認");
  expect(await page.getByLabel(/^同意する/).isChecked(), "what was agreed to").toBe(true);
  await back(page, "犬");
  expect(await dog("dname").inputValue(), "the dog").toBe("ポチ");
  expect(await page.locator(".form-file img").count(), "its photo").toBe(1);
  await page.goto("/liff/f/1?page=1");
  await heading(page, "飼い主");
  expect(await page.locator('[name="answers[tel][]"]').inputValue(), "the telephone number").toBe("090-0000-1234");
  // Words that are not sent with a page go out while it is left.
  await page.locator('[name="answers[tel][]"]').fill("090-0000-5678");
  await page.goto(sandbox.liffUrl(liffId, resident, "/answers"));
  await heading(page, "わたしの申請");
  await until(async () => {
    await page.goto("/liff/f/1?page=1");
    await heading(page, "飼い主");
    return (await page.locator('[name="answers[tel][]"]').inputValue()) === "090-0000-5678";
  }, "the last words");
  for (const title of ["犬", "確認", "内容を確かめる"]) {
    await next(page);
    await heading(page, title);
  }
  expect(await page.locator("main").innerText(), "what is read back").toContain("090-0000-5678");
  await page.getByRole("img", { name: "写真：証明書.png" }).waitFor();
  await narrow(page, axe, "what is read back");
  await shot(page, "form-read-back");
  await page.getByRole("button", { name: "この内容で送る" }).click();
  await heading(page, "受け付けました");
  await narrow(page, axe, "received");
  await shot(page, "form-received");
  const receipt = await page.locator(".form-receipt dd").first().innerText();
  await until(async () => JSON.stringify(await sandbox.received(resident)).includes(receipt), "the receipt in the talk");
  expect(JSON.stringify(await sandbox.received(resident)), "the form's own words in the talk").toContain("鑑札の用意ができたら");
  expect(JSON.stringify(await sandbox.received(resident)).includes("ポチ"), "what was answered, in the talk").toBe(false);
  await page.goto(sandbox.liffUrl(liffId, resident, "/answers"));
  await page.getByText(receipt).waitFor();
  await narrow(page, axe, "the resident's applications");
  await shot(page, "form-mine");
  await page.getByText(receipt).click();
  await page.getByRole("link", { name: "取り下げる" }).click();
  await page.getByRole("button", { name: "取り下げる" }).waitFor();
  await narrow(page, axe, "an application");
  await page.getByRole("button", { name: "取り下げる" }).click();
  await page.getByText("取り下げました。").waitFor();
}

// A picture among the parts: chosen, refused where it is none, kept in the draft, tested, seen on the phone.
import { NO_PICTURES, png } from "../lib/picture.mjs";
import { beginDelivery, live, press, signIn } from "../lib/page.mjs";

export const name = "a picture goes from an official's disk to a phone, and tells nothing more";

const file = (buffer, name = "公園.png") => ({ name, mimeType: "image/png", buffer });

export async function run({ base, sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  // What is refused is answered with 422, which Chromium writes to its console.
  const desk = await newPage({ ignore: [/status of 422/] });
  await signIn(desk, account);
  await beginDelivery(desk);
  const text = await live(desk.getByLabel("文章", { exact: true }).first());
  await desk.locator("#title").fill("公園の開園");
  await text.fill("公園がひらきました。");
  await press(desk.getByRole("button", { name: "写真を足す" }));
  const part = desk.getByRole("group", { name: "写真2" });
  const input = await part.locator('input[type="file"]');
  await until(() => input.evaluate((element) => element.listens === true), "the file's field listens");
  await axe(desk, "a part without its picture");

  await input.setInputFiles(file(NO_PICTURES["a script"]));
  await part.getByText("この画像は開けませんでした。JPEGかPNGを選んでください").waitFor();
  await axe(desk, "a refused picture");
  await input.setInputFiles(file(png(640, 480)));
  await part.locator("img").waitFor();
  expect(await part.getByText("開けませんでした").count(), "the refusal is gone").toBe(0);
  await part.getByLabel("写真の説明（職員にだけ見えます）").fill("公園の入口");
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" }).locator("img.talk-image");
  await until(() => preview.evaluate((image) => image.complete && image.naturalWidth === 640), "the preview's picture");
  await desk.getByText(/自動で保存しました/).waitFor();
  await axe(desk, "a draft with a picture");
  await shot(desk, "composer-picture");

  // The draft keeps it.
  await until(async () => {
    await desk.reload();
    await live(desk.getByLabel("文章", { exact: true }).first());
    return (await part.getByLabel("写真の説明（職員にだけ見えます）").inputValue()) === "公園の入口";
  }, "the draft has the picture after it was opened again");
  await part.locator("img").waitFor();

  // To the testers: marked, in words, before it.
  const { residents } = await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`);
  const tester = residents[0].user_id;
  const before = (await sandbox.received(tester)).length;
  await press(desk.getByRole("button", { name: "試験者に送る" }));
  await desk.locator(".toast", { hasText: "試験者に送りました" }).waitFor();
  const [words, mark, image] = await until(async () => {
    const all = (await sandbox.received(tester)).slice(before);
    return all.length >= 3 && all;
  }, "the test");
  expect(words.text, "the text").toBe("【試験】公園がひらきました。");
  expect(mark.text, "the mark").toBe("【試験】次の写真は、試験のものです");
  expect(image.type, "the picture").toBe("image");
  for (const url of [image.originalContentUrl, image.previewImageUrl]) {
    expect(url.startsWith(`${base}/media/`), `${url} is ours`).toBe(true);
    const answer = await fetch(url);
    expect(answer.status, url).toBe(200);
    expect(answer.headers.get("content-type"), url).toBe("image/jpeg");
    expect(answer.headers.get("x-content-type-options"), url).toBe("nosniff");
    expect(answer.headers.get("cache-control"), url).toContain("immutable");
    expect(answer.headers.get("set-cookie"), url).toBe(null);
    const bytes = Buffer.from(await answer.arrayBuffer());
    for (const trace of ["GPS", "Location", "Exif"]) expect(bytes.includes(trace), `${trace} in ${url}`).toBe(false);
  }

  const phone = await newPage();
  await phone.goto(`/phone?as=${tester}`);
  const seen = phone.locator(".talk-city img.talk-image").last();
  await seen.scrollIntoViewIfNeeded();
  await until(() => seen.evaluate((element) => element.complete && element.naturalWidth === 640), "the picture on the phone");
  await axe(phone, "the phone with a picture");
  await shot(phone, "picture-phone");
}

// A video among the parts: refused where it is none, given up and sent again, given its poster, kept in the draft,
// tested, fetched in parts as players do, seen on the phone.
import { axeAtBothWidths, beginDelivery, live, press, signIn } from "../lib/page.mjs";
import { png } from "../lib/picture.mjs";
import { mp4, NO_VIDEOS, PLACE } from "../lib/video.mjs";

export const name = "a video goes from an official's disk to a phone, behind its poster, and tells nothing more";

const file = (buffer, name = "体操.mp4") => ({ name, mimeType: "video/mp4", buffer });

export async function run({ base, sandbox, signIn: account, newPage, axe, shot, expect, until }) {
  // What is given up or cut off, and what this Chromium cannot play, it writes to its console.
  const desk = await newPage({ ignore: [/net::ERR_/, /status of 50\d/] });
  await signIn(desk, account);
  await beginDelivery(desk);
  const text = await live(desk.getByLabel("文章", { exact: true }).first());
  await desk.locator("#title").fill("椅子の体操");
  await text.fill("おうちでできる体操です。");
  await press(desk.getByRole("button", { name: "動画を足す" }));
  const part = desk.getByRole("group", { name: "動画2", exact: true });
  const input = part.locator('input[type="file"]').first();
  await until(() => input.evaluate((element) => element.listens === true), "the file's field listens");
  await axe(desk, "a part without its video");

  // Refused at once, before anything leaves.
  let left = 0;
  await desk.route("**/console/videos", (route) => {
    left += 1;
    return route.continue();
  });
  for (const [what, bytes, words] of NO_VIDEOS) {
    await input.setInputFiles(file(bytes));
    await part.getByText(words).waitFor();
    expect(left, `${what} stays here`).toBe(0);
  }
  await axe(desk, "a refused video");
  await desk.unroute("**/console/videos");

  await sending({ desk, part, input, axe, shot, until });
  await poster({ desk, part, axe, shot, expect, until });
  await part.getByLabel("動画の説明（職員にだけ見えます）").fill("椅子に座ってする体操");
  const preview = desk.getByRole("complementary", { name: "届いたときの見え方" }).locator(".talk-video video");
  await preview.waitFor();
  await desk.getByText(/自動で保存しました/).waitFor();
  await axeAtBothWidths(desk, "a draft with a video", axe);
  await shot(desk, "composer-video");

  // The draft keeps it.
  await until(async () => {
    await desk.reload();
    await live(desk.getByLabel("文章", { exact: true }).first());
    return (await part.getByLabel("動画の説明（職員にだけ見えます）").inputValue()) === "椅子に座ってする体操";
  }, "the draft has the video after it was opened again");
  await part.locator("img.part-photo").waitFor();

  const { residents } = await sandbox.get(`/residents?search=${encodeURIComponent("田村 悠")}`);
  const tester = residents[0].user_id;
  const before = (await sandbox.received(tester)).length;
  await press(desk.getByRole("button", { name: "試験者に送る" }));
  await desk.locator(".toast", { hasText: "試験者に送りました" }).waitFor();
  const [words, mark, video] = await until(async () => {
    const all = (await sandbox.received(tester)).slice(before);
    return all.length >= 3 && all;
  }, "the test");
  expect(words.text, "the text").toBe("【試験】おうちでできる体操です。");
  expect(mark.text, "the mark").toBe("【試験】次の動画は、試験のものです");
  expect(video.type, "the video").toBe("video");
  expect((await fetch(video.previewImageUrl)).headers.get("content-type"), "the poster").toBe("image/jpeg");
  expect(video.originalContentUrl.startsWith(`${base}/media/`), "ours").toBe(true);
  await parts(video.originalContentUrl, expect);

  const phone = await newPage({ ignore: [/net::ERR_/] });
  await phone.goto(`/phone?as=${tester}`);
  const seen = phone.locator(".talk-city .talk-video video").last();
  await seen.scrollIntoViewIfNeeded();
  expect(await seen.getAttribute("poster"), "its poster").toBe(video.previewImageUrl);
  await phone.locator(".talk-play").last().waitFor();
  await axe(phone, "the phone with a video");
  await shot(phone, "video-phone");
  await press(phone.getByRole("button", { name: "動画を再生する" }).last());
  await until(() => seen.evaluate((element) => element.controls && element === document.activeElement), "the player");
  await axe(phone, "a video that plays");
}

// Given up on the way, cut off and tried again; then it is there.
async function sending({ desk, part, input, axe, shot, until }) {
  const route = "**/console/videos";
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await desk.route(route, async (request) => {
    await held;
    // What was given up is gone already.
    await request.abort().catch(() => {});
  });
  await input.setInputFiles(file(mp4({ late: true, more: 3_000_000 })));
  await part.getByRole("progressbar").waitFor();
  await axe(desk, "a video on its way");
  await shot(desk, "composer-video-sending");
  await part.getByRole("button", { name: "送るのをやめる" }).click();
  await part.getByRole("progressbar").waitFor({ state: "detached" });
  await until(() => input.evaluate((element) => document.activeElement === element), "focus is back on the field");

  await input.setInputFiles(file(mp4({ late: true, more: 3_000_000 })));
  await part.getByRole("progressbar").waitFor();
  go();
  await part.getByText("動画を送れませんでした").waitFor();
  await desk.unroute(route);
  await axe(desk, "a video that was cut off");
  await part.getByRole("button", { name: "もう一度送る" }).click();
  await part.getByText("長さは 0:02 です。").waitFor();
  await part.getByText("見始めるまでに時間がかかることがあります").waitFor();
}

// A picture of one's own, then a moment of the video, where this Chromium can show it.
async function poster({ desk, part, axe, shot, expect, until }) {
  const film = part.locator("video.part-film");
  expect(await film.getAttribute("src"), "our own").toMatch(/^\/media\/[0-9a-f]{40}$/);
  const picture = part.locator("img.part-photo");
  await part.locator('input[type="file"]').nth(1).setInputFiles({ name: "表紙.png", mimeType: "image/png", buffer: png(640, 480) });
  await until(() => picture.evaluate((image) => image.complete && image.naturalWidth === 640), "a picture of one's own");
  const own = await picture.getAttribute("src");
  if (!(await desk.evaluate(() => document.createElement("video").canPlayType('video/mp4; codecs="avc1.42000a"')))) {
    await part.getByText("このブラウザでは、この動画を再生できません").waitFor();
    await axe(desk, "a video that this browser cannot show");
    return;
  }
  await until(() => film.evaluate((element) => element.videoWidth === 128), "the video");
  const moment = part.getByRole("slider", { name: /表紙にする場面/ });
  await live(moment);
  for (let i = 0; i < 12; i += 1) await moment.press("ArrowRight");
  await until(async () => (await moment.getAttribute("aria-valuetext")) === "0:01.2", "the moment in words");
  await until(() => film.evaluate((element) => Math.abs(element.currentTime - 1.2) < 0.05), "the video follows");
  await press(part.getByRole("button", { name: "この場面を表紙にする" }));
  await until(async () => (await picture.getAttribute("src")) !== own, "another poster");
  await until(() => picture.evaluate((image) => image.complete && image.naturalWidth === 128), "the poster's size");
  const [red, green] = await picture.evaluate((image) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.drawImage(image, 0, 0);
    return [...pen.getImageData(60, 50, 1, 1).data];
  });
  expect(red < 90 && green > 110, `what the video shows: ${red}, ${green}`).toBe(true);
  await shot(desk, "composer-video-poster");
}

// As players ask for it.
async function parts(url, expect) {
  const ask = async (headers, method = "GET") => {
    const answer = await fetch(url, { method, headers });
    return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const whole = await ask({});
  const sent = mp4({ late: true, more: 3_000_000 });
  expect([whole.status, whole.bytes.length], "the whole").toEqual([200, sent.length]);
  expect(whole.headers.get("content-type"), "what it is").toBe("video/mp4");
  expect(whole.headers.get("accept-ranges"), "in parts").toBe("bytes");
  expect(whole.headers.get("x-content-type-options"), "nothing else").toBe("nosniff");
  expect([sent.includes(PLACE), whole.bytes.includes(PLACE)], "where it was taken").toEqual([true, false]);
  const size = sent.length;
  for (const [range, from, to] of [
    ["bytes=0-0", 0, 1],
    ["bytes=1048570-1048590", 1_048_570, 1_048_591],
    [`bytes=${size - 5}-`, size - 5, size],
    ["bytes=-7", size - 7, size],
    ["bytes=100-99999999999", 100, size],
  ]) {
    const some = await ask({ range });
    expect([some.status, some.headers.get("content-range")], range).toEqual([206, `bytes ${from}-${to - 1}/${size}`]);
    expect(some.bytes.equals(whole.bytes.subarray(from, to)), `${range} is that part`).toBe(true);
  }
  const outside = await ask({ range: `bytes=${size}-` });
  expect([outside.status, outside.headers.get("content-range")], "behind the end").toEqual([416, `bytes */${size}`]);
  const tag = whole.headers.get("etag");
  expect((await ask({ range: "bytes=0-9", "if-range": tag })).status, "the same version").toBe(206);
  expect((await ask({ range: "bytes=0-9", "if-range": '"other"' })).status, "another version").toBe(200);
  const head = await ask({}, "HEAD");
  expect([head.status, head.headers.get("content-length"), head.bytes.length], "HEAD").toEqual([200, String(size), 0]);
  expect((await fetch(`${url}/preview`)).status, "no small form of its own").toBe(404);
}

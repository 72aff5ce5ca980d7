// LINE's own SDK talks to every endpoint that the sandbox has, and judges the webhooks that the
// sandbox signs: `node end2end/sdk.mjs`. Whoever passes here may take the sandbox for LINE.
import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { channelAccessToken, insight, messagingApi, validateSignature } from "@line/bot-sdk";
import { makeDemo } from "./lib/demo.mjs";
import { expect, until } from "./lib/expect.mjs";
import { png } from "./lib/picture.mjs";
import { Sandbox } from "./lib/sandbox.mjs";

// LINE's published example of a signature (Messaging API, "Verify webhook signature").
const VECTOR = {
  secret: "8c570fa6dd201bb328f1c1eac23a96d8",
  body: '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}',
  signature: "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
};
// One white pixel.
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const here = path.dirname(fileURLToPath(import.meta.url));
const results = path.join(here, "results");
await mkdir(results, { recursive: true });

// Where the sandbox sends its webhooks: keeps the raw body and the signature.
const webhooks = [];
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  webhooks.push({ body, signature: request.headers["x-line-signature"], ...JSON.parse(body) });
  response.end();
});
await new Promise((done) => receiver.listen(0, "127.0.0.1", done));

const demo = await makeDemo(path.resolve(here, ".."), results, {
  only: "sandbox",
  webhook: `http://127.0.0.1:${receiver.address().port}/webhook`,
});
await demo.startFresh();
const sandbox = new Sandbox(demo.sandbox);
const baseURL = demo.sandbox;
const secret = demo.env.KAIRAN_LINE_CHANNEL_SECRET;
const id = demo.env.KAIRAN_LINE_CHANNEL_ID;

let passed = 0;
let failed = 0;
async function check(name, work) {
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`failed  ${name}: ${error.stack ?? error}${error.body ? `\n        ${error.body}` : ""}`);
  }
}

// The error that LINE's SDK throws, with status and parsed body.
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status, headers: error.headers, body: JSON.parse(error.body) };
  }
  throw new Error("it was accepted");
}

const text = (words) => [{ type: "text", text: words }];
const eventOf = (userId, type) =>
  until(
    () => webhooks.flatMap((webhook) => webhook.events).find((e) => e.source?.userId === userId && e.type === type),
    `the webhook ${type}`,
  );

try {
  const issuer = new channelAccessToken.ChannelAccessTokenClient({ baseURL });
  const { access_token: token } = await issuer.issueStatelessChannelTokenByClientSecret(id, secret);
  const line = new messagingApi.MessagingApiClient({ channelAccessToken: token, baseURL });
  const blob = new messagingApi.MessagingApiBlobClient({ channelAccessToken: token, baseURL });
  const statistics = new insight.InsightClient({ channelAccessToken: token, baseURL });
  const hanako = await sandbox.resident("見本 花子");
  const taro = await sandbox.resident("見本 太郎");

  await check("tokens: stateless, short-lived, refused with a wrong secret", async () => {
    expect(token.length > 20, "a token").toBeTruthy();
    const issued = await issuer.issueStatelessChannelTokenByClientSecret(id, secret);
    expect(issued.expires_in, "seconds").toBe(900);
    expect(issued.token_type).toBe("Bearer");
    const other = await issuer.issueChannelToken("client_credentials", id, secret);
    expect(other.access_token.length > 20, "a short-lived token").toBeTruthy();
    const wrong = await refused(issuer.issueStatelessChannelTokenByClientSecret(id, "0".repeat(32)));
    expect(wrong.status).toBe(400);
    expect(typeof wrong.body.error).toBe("string");
    const stranger = new messagingApi.MessagingApiClient({ channelAccessToken: "x", baseURL });
    expect((await refused(stranger.getBotInfo())).status).toBe(401);
  });

  await check("signatures: LINE's published one, and what the sandbox signs", async () => {
    expect(createHmac("sha256", VECTOR.secret).update(VECTOR.body).digest("base64")).toBe(VECTOR.signature);
    expect(validateSignature(VECTOR.body, VECTOR.secret, VECTOR.signature), "LINE's example").toBe(true);
    await sandbox.act(hanako, "follow");
    await sandbox.act(taro, "follow");
    await eventOf(hanako, "follow");
    await eventOf(taro, "follow");
    for (const { body, signature } of webhooks) {
      expect(validateSignature(body, secret, signature), `the signature of ${body}`).toBe(true);
      expect(validateSignature(`${body} `, secret, signature), "the signature of another body").toBe(false);
    }
  });

  await check("reply: once, and not again with the same token", async () => {
    await sandbox.act(hanako, "say", { text: "こんにちは" });
    const { replyToken, message, webhookEventId } = await eventOf(hanako, "message");
    expect(message.text).toBe("こんにちは");
    expect(webhookEventId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    const { sentMessages } = await line.replyMessage({ replyToken, messages: text("はい") });
    expect(sentMessages.length).toBe(1);
    expect((await refused(line.replyMessage({ replyToken, messages: text("もう一度") }))).status).toBe(400);
  });

  await check("push: retry key accepted once, then 409 with the request that was accepted", async () => {
    const key = randomUUID();
    const message = { to: hanako, messages: text("お知らせ"), customAggregationUnits: ["sdk_push"] };
    const first = await line.pushMessageWithHttpInfo(message, key);
    const request = first.httpResponse.headers.get("x-line-request-id");
    expect(request?.length > 10, "a request id").toBeTruthy();
    const again = await refused(line.pushMessage(message, key));
    expect(again.status).toBe(409);
    expect(again.headers.get("x-line-accepted-request-id")).toBe(request);
    expect((await refused(line.pushMessage(message, "no-uuid"))).status).toBe(400);
    const got = (await sandbox.received(hanako)).filter((m) => m.text === "お知らせ");
    expect(got.length, "times received").toBe(1);
  });

  await check("multicast: up to 500, malformed ids refused by their place", async () => {
    await line.multicast({ to: [hanako, taro], messages: text("二人へ") }, randomUUID());
    for (const userId of [hanako, taro]) {
      const got = (await sandbox.received(userId)).filter((m) => m.text === "二人へ");
      expect(got.length, "times received").toBe(1);
    }
    const malformed = await refused(line.multicast({ to: [hanako, "U1"], messages: text("x") }, randomUUID()));
    expect(malformed.status).toBe(400);
    expect(JSON.stringify(malformed.body.details)).toContain("to[1]");
    const many = Array.from({ length: 501 }, (_, n) => `U${n.toString(16).padStart(32, "0")}`);
    expect((await refused(line.multicast({ to: many, messages: text("x") }, randomUUID()))).status).toBe(400);
  });

  await check("broadcast: to every friend", async () => {
    await line.broadcast({ messages: text("皆さまへ") }, randomUUID());
    expect((await sandbox.received(taro)).some((m) => m.text === "皆さまへ"), "received").toBeTruthy();
  });

  await check("validate: the five kinds, and what is wrong", async () => {
    const kinds = [
      line.validateReply,
      line.validatePush,
      line.validateMulticast,
      line.validateNarrowcast,
      line.validateBroadcast,
    ];
    for (const kind of kinds) {
      await kind.call(line, { messages: text("正しい") });
      const wrong = await refused(kind.call(line, { messages: text("あ".repeat(5001)) }));
      expect(wrong.status).toBe(400);
      expect(JSON.stringify(wrong.body.details)).toContain("messages[0].text");
    }
  });

  await check("profile, followers, bot", async () => {
    expect((await line.getProfile(hanako)).displayName).toBe("見本 花子");
    expect((await refused(line.getProfile(`U${"0".repeat(32)}`))).status).toBe(404);
    const { userIds } = await line.getFollowers(undefined, 1000);
    expect(userIds.includes(hanako) && userIds.includes(taro), "both friends").toBeTruthy();
    const page = await line.getFollowers(undefined, 1);
    expect(page.userIds.length).toBe(1);
    const next = await line.getFollowers(page.next, 1);
    expect(next.userIds[0] !== page.userIds[0], "another one on the next page").toBeTruthy();
    expect((await line.getBotInfo()).userId).toMatch(/^U[0-9a-f]{32}$/);
  });

  await check("quota, sent messages, aggregation units", async () => {
    expect(["none", "limited"].includes((await line.getMessageQuota()).type), "type of quota").toBeTruthy();
    expect(Number.isInteger((await line.getMessageQuotaConsumption()).totalUsage), "usage").toBeTruthy();
    const yesterday = new Date(Date.now() + 9 * 3600e3 - 86400e3).toISOString().slice(0, 10).replaceAll("-", "");
    for (const sent of [
      line.getNumberOfSentReplyMessages,
      line.getNumberOfSentPushMessages,
      line.getNumberOfSentMulticastMessages,
      line.getNumberOfSentBroadcastMessages,
    ]) {
      expect((await sent.call(line, yesterday)).status).toMatch(/^(ready|unready|out_of_service)$/);
    }
    expect((await line.getAggregationUnitUsage()).numOfCustomAggregationUnits >= 1, "units in use").toBeTruthy();
    expect((await line.getAggregationUnitNameList()).customAggregationUnits).toContain("sdk_push");
  });

  await check("insight: followers, one request, one unit", async () => {
    const today = new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10).replaceAll("-", "");
    expect((await statistics.getNumberOfFollowers(today)).status).toMatch(/^(ready|unready|out_of_service)$/);
    const unit = await statistics.getStatisticsPerUnit("sdk_push", today, today);
    // Fewer than 20 people: LINE does not tell.
    expect(unit.overview.uniqueImpression, "of one resident").toBe(null);
    const sent = await line.broadcastWithHttpInfo({ messages: text("統計") }, randomUUID());
    const request = sent.httpResponse.headers.get("x-line-request-id");
    expect((await statistics.getMessageEvent(request)).overview.requestId).toBe(request);
  });

  await check("webhook endpoint: get, set, test", async () => {
    const { endpoint, active } = await line.getWebhookEndpoint();
    expect(endpoint).toContain("/webhook");
    expect(active).toBe(true);
    await line.setWebhookEndpoint({ endpoint });
    const before = webhooks.length;
    const tested = await line.testWebhookEndpoint({ endpoint });
    expect(tested.success, JSON.stringify(tested)).toBe(true);
    expect(webhooks.length, "webhooks").toBe(before + 1);
    expect(webhooks.at(-1).events, "events of the test").toEqual([]);
  });

  await check("content: a photo from a resident, byte for byte", async () => {
    const answer = await fetch(`${baseURL}/_sandbox/residents/${hanako}/photo`, {
      method: "POST",
      headers: { "content-type": "image/png" },
      body: PNG,
    });
    expect(answer.ok, "the act").toBeTruthy();
    const { message_id: messageId } = await answer.json();
    const read = async (stream) => Buffer.concat(await stream.toArray());
    expect((await read(await blob.getMessageContent(messageId))).equals(PNG), "the same bytes").toBeTruthy();
    expect((await read(await blob.getMessageContentPreview(messageId))).length > 0, "a preview").toBeTruthy();
    expect((await blob.getMessageContentTranscodingByMessageId(messageId)).status).toBe("succeeded");
  });

  await check("rich menus: made, pictured once, aliased, linked, the default, moved in a batch", async () => {
    const area = (x, action) => ({ bounds: { x, y: 0, width: 400, height: 540 }, action });
    const menu = (name) => ({
      size: { width: 800, height: 540 },
      selected: true,
      name,
      chatBarText: "メニュー",
      areas: [
        area(0, { type: "message", label: "ごみ", text: "ごみ" }),
        area(400, { type: "richmenuswitch", label: "つぎ", richMenuAliasId: "sdk-tab", data: "next" }),
      ],
    });
    await line.validateRichMenuObject(menu("判定"));
    const nameless = await refused(line.createRichMenu({ ...menu("x"), name: undefined }));
    expect(nameless.body.details).toEqual([{ message: "must be specified", property: "name" }]);
    const { richMenuId: first } = await line.createRichMenu(menu("一枚目"));
    const { richMenuId: second } = await line.createRichMenu(menu("二枚目"));
    const bytes = png(800, 540);
    const file = new Blob([bytes], { type: "image/png" });
    expect((await refused(line.setDefaultRichMenu(first))).status, "without a picture").toBe(400);
    for (const id of [first, second]) await blob.setRichMenuImage(id, file);
    const twice = await refused(blob.setRichMenuImage(first, file));
    expect(twice.body.message).toBe("An image has already been uploaded to the richmenu");
    const back = Buffer.concat(await (await blob.getRichMenuImage(first)).toArray());
    expect(back.equals(bytes), "the same picture").toBeTruthy();
    expect((await line.getRichMenu(first)).areas[1].action.richMenuAliasId).toBe("sdk-tab");
    expect((await line.getRichMenuList()).richmenus.map((m) => m.name)).toEqual(["一枚目", "二枚目"]);

    await line.createRichMenuAlias({ richMenuAliasId: "sdk-tab", richMenuId: first });
    await line.updateRichMenuAlias("sdk-tab", { richMenuId: second });
    expect((await line.getRichMenuAlias("sdk-tab")).richMenuId).toBe(second);
    expect((await line.getRichMenuAliasList()).aliases.length).toBe(1);
    await line.setDefaultRichMenu(second);
    expect((await line.getDefaultRichMenuId()).richMenuId).toBe(second);

    const own = async () => (await line.getRichMenuIdOfUser(hanako)).richMenuId;
    const becomes = (id) => until(async () => (await own().catch(() => undefined)) === id, `the own menu ${id}`);
    expect((await refused(own())).body.message).toBe("the user has no richmenu");
    await line.linkRichMenuIdToUser(hanako, first);
    expect(await own()).toBe(first);
    // What LINE does afterwards takes long enough to be seen before.
    await sandbox.faults({ menu_delay_ms: 5_000 });
    await line.linkRichMenuIdToUsers({ richMenuId: second, userIds: [hanako] });
    expect(await own(), "a moment later").toBe(first);
    await becomes(second);
    const operations = [{ type: "link", from: second, to: first }];
    await line.validateRichMenuBatchRequest({ operations, resumeRequestKey: "sdk-1" });
    const batch = await line.richMenuBatchWithHttpInfo({ operations, resumeRequestKey: "sdk-1" });
    expect(batch.httpResponse.status).toBe(202);
    const request = batch.httpResponse.headers.get("x-line-request-id");
    expect((await line.getRichMenuBatchProgress(request)).phase).toBe("ongoing");
    await becomes(first);
    expect((await line.getRichMenuBatchProgress(request)).phase).toBe("succeeded");
    await line.unlinkRichMenuIdFromUsers({ userIds: [hanako] });
    await becomes(undefined);
    await sandbox.faults({});
    await line.unlinkRichMenuIdFromUser(hanako);

    // A tap on the tab: the menu changes at once, the application hears of it.
    await line.linkRichMenuIdToUser(hanako, first);
    await sandbox.act(hanako, "menu/tap", { area: 1 });
    const event = await eventOf(hanako, "postback");
    expect(event.postback).toEqual({ data: "next", params: { newRichMenuAliasId: "sdk-tab", status: "SUCCESS" } });
    expect(await own()).toBe(second);
    const today = new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10).replaceAll("-", "");
    // This version of the SDK has no figures of menus yet.
    for (const kind of ["summary", "daily"]) {
      const address = `${baseURL}/v2/bot/insight/richmenu/${first}/${kind}?from=${today}&to=${today}`;
      const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
      expect(await answer.json(), "of one resident").toEqual({ richMenuId: first });
    }
    await line.cancelDefaultRichMenu();
    expect((await refused(line.getDefaultRichMenuId())).status).toBe(404);
    await line.deleteRichMenuAlias("sdk-tab");
    for (const id of [first, second]) await line.deleteRichMenu(id);
    expect((await refused(line.getRichMenu(first))).status).toBe(404);
  });

  await check("loading animation", async () => {
    await line.showLoadingAnimation({ chatId: hanako, loadingSeconds: 5 });
    expect((await refused(line.showLoadingAnimation({ chatId: hanako, loadingSeconds: 7 }))).status).toBe(400);
  });

  await check("a blocked friend: 200, and nothing arrives", async () => {
    await sandbox.act(taro, "block");
    const before = (await sandbox.received(taro)).length;
    await line.pushMessage({ to: taro, messages: text("届かない") }, randomUUID());
    expect((await sandbox.received(taro)).length).toBe(before);
    expect((await refused(line.getProfile(taro))).status).toBe(404);
  });
} catch (error) {
  failed += 1;
  console.log(`failed  ${error.stack ?? error}`);
} finally {
  await demo.stop();
  receiver.close();
}
if (failed > 0) console.log(`logs: ${demo.logs.join(", ")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

// Writes signed webhooks for wrk: `node sign.mjs COUNT FILE SECRET`. Each line is the signature,
// a tab and the body: one text message of one of 10,000 residents, each event with an id of its own.
import { createHmac } from "node:crypto";
import { createWriteStream } from "node:fs";
import { once } from "node:events";

const [count, file, secret] = process.argv.slice(2);
const out = createWriteStream(file);
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
for (let n = 0; n < Number(count); n += 1) {
  const timestamp = Date.now();
  const body = JSON.stringify({
    destination: `U${"0".repeat(32)}`,
    events: [
      {
        type: "message",
        mode: "active",
        timestamp,
        source: { type: "user", userId: `U${(n % 10_000).toString(16).padStart(32, "0")}` },
        webhookEventId: ulid(timestamp, n),
        deliveryContext: { isRedelivery: false },
        replyToken: n.toString(16).padStart(32, "0"),
        message: { type: "text", id: String(10 ** 15 + n), quoteToken: `q${n}`, text: `燃えるごみの日を教えてください ${n}` },
      },
    ],
  });
  const signature = createHmac("sha256", secret).update(body).digest("base64");
  if (!out.write(`${signature}\t${body}\n`)) await once(out, "drain");
}
out.end();
await once(out, "finish");

function ulid(milliseconds, number) {
  const digits = (value, length) => {
    let text = "";
    for (let rest = BigInt(value); text.length < length; rest /= 32n) text = CROCKFORD[Number(rest % 32n)] + text;
    return text;
  };
  return digits(milliseconds, 10) + digits(number, 16);
}

// A small SMTP relay that keeps what it is given.
import { createServer } from "node:net";

export function startMail() {
  const mails = [];
  const server = createServer((socket) => {
    let mail = null;
    let data = null;
    let rest = "";
    const say = (line) => socket.write(`${line}\r\n`);
    socket.setEncoding("latin1");
    socket.on("error", () => {});
    say("220 relay.mihon.example ESMTP");
    socket.on("data", (chunk) => {
      rest += chunk;
      for (;;) {
        const end = rest.indexOf("\r\n");
        if (end < 0) return;
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data !== null) {
          if (line !== ".") {
            data.push(line.replace(/^\./, ""));
            continue;
          }
          mails.push(read({ ...mail, lines: data }));
          data = null;
          say("250 2.0.0 Queued");
        } else if (/^EHLO/i.test(line)) {
          say("250-relay.mihon.example");
          say("250 8BITMIME");
        } else if (/^MAIL FROM:/i.test(line)) {
          mail = { from: address(line), to: "" };
          say("250 2.1.0 Ok");
        } else if (/^RCPT TO:/i.test(line)) {
          mail.to = address(line);
          say("250 2.1.5 Ok");
        } else if (/^DATA/i.test(line)) {
          data = [];
          say("354 Go on");
        } else if (/^QUIT/i.test(line)) {
          say("221 2.0.0 Bye");
          socket.end();
        } else {
          say("250 2.0.0 Ok");
        }
      }
    });
  });
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () =>
      done({
        url: `smtp://127.0.0.1:${server.address().port}`,
        mails,
        stop: () => server.close(),
      }),
    );
  });
}

const address = (line) => line.match(/<([^>]*)>/)?.[1] ?? "";

// Subject and body in letters.
function read({ from, to, lines }) {
  const gap = lines.indexOf("");
  const head = lines.slice(0, gap).join("\n").replace(/\n[ \t]+/g, " ");
  const value = (name) => head.match(new RegExp(`^${name}: (.*)$`, "im"))?.[1] ?? "";
  const bytes = lines.slice(gap + 1).join("\r\n");
  const body = /base64/i.test(value("Content-Transfer-Encoding"))
    ? Buffer.from(bytes, "base64")
    : Buffer.from(unquoted(bytes, /quoted/i.test(value("Content-Transfer-Encoding"))), "latin1");
  const subject = value("Subject")
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, text) => Buffer.from(text, "base64").toString("latin1"));
  return {
    from,
    to,
    id: value("Message-ID"),
    subject: Buffer.from(subject, "latin1").toString("utf8"),
    body: body.toString("utf8"),
  };
}

function unquoted(text, quoted) {
  if (!quoted) return text;
  return text
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// Signs a member of staff in: `node signin.mjs BASE NUMBER PASSWORD` prints the cookies of the session, when the inbox
// of answers has opened by them.
const [base, number, password] = process.argv.slice(2);
const page = await (await fetch(`${base}/console/signin`)).text();
const action = /<form[^>]*action="([^"]+)"/.exec(page)[1];
const signed = await fetch(new URL(action, base), {
  method: "POST",
  redirect: "manual",
  headers: { accept: "text/html", origin: base, "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams({ number, password, next: "/console/answers" }),
});
const cookie = signed.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
const inbox = await fetch(`${base}/console/answers`, { headers: { accept: "text/html", cookie }, redirect: "manual" });
if (inbox.status !== 200) throw new Error(`the inbox answered ${inbox.status}`);
console.log(cookie);

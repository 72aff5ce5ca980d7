// Staff who look at the inbox of answers again and again: `node inbox.mjs BASE SECONDS [COOKIE]`, signed in by the
// cookie if there is one. Prints JSON: how often it was read, milliseconds at the median and at 99 %.
const [base, seconds, cookie] = process.argv.slice(2);
const headers = { accept: "text/html", ...(cookie && { cookie }) };
const took = [];
const until = performance.now() + Number(seconds) * 1000;
async function read() {
  while (performance.now() < until) {
    const began = performance.now();
    const answer = await fetch(`${base}/console/answers`, { headers, redirect: "manual" });
    const page = await answer.text();
    if (answer.status !== 200 || !page.includes("回答")) throw new Error(`the inbox answered ${answer.status}`);
    took.push(performance.now() - began);
  }
}
await Promise.all([read(), read()]);
took.sort((a, b) => a - b);
const at = (share) => took[Math.floor((took.length - 1) * share)];
console.log(JSON.stringify({ reads: took.length, p50_ms: at(0.5), p99_ms: at(0.99) }));

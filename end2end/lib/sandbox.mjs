// The simulated LINE's control API (described at /_sandbox/openapi.json).
export class Sandbox {
  constructor(url) {
    this.url = url;
  }

  async ask(method, path, body) {
    const answer = await fetch(`${this.url}/_sandbox${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_sandbox${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  get(path) {
    return this.ask("GET", path);
  }

  post(path, body = {}) {
    return this.ask("POST", path, body);
  }

  put(path, body) {
    return this.ask("PUT", path, body);
  }

  // Creates one resident and answers with the user id.
  async resident(name) {
    const { user_ids } = await this.post("/residents", { residents: [{ name }] });
    return user_ids[0];
  }

  // `act("U…", "say", { text: "こんにちは" })`; also follow, block, unblock, postback, tap, location …
  act(userId, what, body = {}) {
    return this.post(`/residents/${userId}/${what}`, body);
  }

  // Everything in the talk, oldest first.
  async messages(userId) {
    return (await this.get(`/residents/${userId}/messages`)).entries;
  }

  // Every message object that the city sent, in order.
  async received(userId) {
    const entries = await this.messages(userId);
    return entries.filter((entry) => entry.from === "city").flatMap((entry) => entry.messages);
  }

  faults(faults) {
    return this.put("/faults", faults);
  }

  // The address that opens the LIFF app inside LINE as this resident.
  liffUrl(liffId, userId, path = "") {
    const url = new URL(`${this.url}/liff/${liffId}${path}`);
    url.searchParams.set("as", userId);
    return url.href;
  }
}

// LINE's rich menus, spoken to as the application speaks to them.
import { png } from "./picture.mjs";

export class RichMenus {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  // `env`: the demo's; it names the channel.
  static async of(url, env) {
    const answer = await fetch(`${url}/oauth2/v3/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: env.KAIRAN_LINE_CHANNEL_ID,
        client_secret: env.KAIRAN_LINE_CHANNEL_SECRET,
      }),
    });
    const { access_token: token } = await answer.json();
    return new RichMenus(url, token);
  }

  async call(method, path, body, kind = "application/json") {
    const answer = await fetch(`${this.url}/v2/bot/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { "content-type": kind }) },
      body: body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  // Makes a menu of three areas a row with a picture of one colour; answers its id.
  async make({ name, bar = "メニュー", selected = true, actions, colour }) {
    const areas = actions.map((action, n) => ({
      bounds: { x: (n % 3) * 400, y: Math.floor(n / 3) * 405, width: 400, height: 405 },
      action,
    }));
    const size = { width: 1200, height: 810 };
    const { richMenuId } = await this.call("POST", "richmenu", { size, selected, name, chatBarText: bar, areas });
    await this.call("POST", `richmenu/${richMenuId}/content`, png(1200, 810, { colour }), "image/png");
    return richMenuId;
  }

  alias(alias, id) {
    return this.call("POST", "richmenu/alias", { richMenuAliasId: alias, richMenuId: id });
  }

  link(user, id) {
    return this.call("POST", `user/${user}/richmenu/${id}`);
  }

  async remove(aliases, ids) {
    for (const alias of aliases) await this.call("DELETE", `richmenu/alias/${alias}`);
    for (const id of ids) await this.call("DELETE", `richmenu/${id}`);
  }
}

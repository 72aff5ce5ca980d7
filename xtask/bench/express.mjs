// The usual way to take LINE's webhooks in with Node: express, LINE's own SDK, pg. An event is
// committed before the 200, as Kairan does it. `node express.mjs PORT DATABASE_URL SECRET`.
import { middleware } from "@line/bot-sdk";
import express from "express";
import pg from "pg";

const [port, connectionString, channelSecret] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 20 });
await pool.query("CREATE TABLE IF NOT EXISTS inbox (event_id TEXT PRIMARY KEY, at BIGINT NOT NULL, body JSONB NOT NULL)");

const app = express();
app.disable("x-powered-by");
app.post("/webhook", middleware({ channelSecret }), async (request, response) => {
  for (const event of request.body.events) {
    await pool.query("INSERT INTO inbox (event_id, at, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", [
      event.webhookEventId,
      event.timestamp,
      event,
    ]);
  }
  response.status(200).end();
});
app.get("/readyz", (_request, response) => response.end("ok"));
app.listen(Number(port), "127.0.0.1");

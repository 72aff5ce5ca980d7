// The usual way to take a form's answers in with Node: express and pg. What was sent is kept as JSON under the form's
// next number, both or neither, before it is told. `node express-answers.mjs PORT DATABASE_URL`.
import express from "express";
import pg from "pg";

const [port, connectionString] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 20 });
await pool.query(`
  CREATE TABLE form (id BIGINT PRIMARY KEY, number BIGINT NOT NULL);
  INSERT INTO form VALUES (3, 0);
  CREATE TABLE answer (id BIGSERIAL PRIMARY KEY, form_id BIGINT NOT NULL, receipt TEXT NOT NULL, key TEXT NOT NULL UNIQUE, at BIGINT NOT NULL, read BOOLEAN NOT NULL DEFAULT FALSE, answers JSONB NOT NULL);
  CREATE INDEX answer_at ON answer (at DESC)`);

const app = express();
app.disable("x-powered-by");
app.post("/liff/f/:id", express.urlencoded({ extended: false, limit: "2mb" }), async (request, response) => {
  const answers = {};
  for (const [name, value] of Object.entries(request.body)) {
    const key = /^answers\[([^\]]*)\]/.exec(name)?.[1];
    if (key) answers[key] = value;
  }
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query("UPDATE form SET number = number + 1 WHERE id = $1 RETURNING number", [request.params.id]);
    const receipt = `R8-${String(rows[0].number).padStart(4, "0")}`;
    await client.query("INSERT INTO answer (form_id, receipt, key, at, answers) VALUES ($1, $2, $3, $4, $5)", [request.params.id, receipt, request.body.key, Date.now() * 1000, answers]);
    await client.query("COMMIT");
    response.type("html").send(`<!DOCTYPE html><html lang="ja"><title>受けつけました</title><h1>受けつけました</h1><p>受付番号 ${receipt}</p></html>`);
  } catch (error) {
    await client.query("ROLLBACK");
    response.status(500).end(String(error));
  } finally {
    client.release();
  }
});
// What staff look at: the newest fifty, and how many nobody has read.
app.get("/console/answers", async (_request, response) => {
  const { rows } = await pool.query("SELECT receipt, at, read FROM answer ORDER BY at DESC LIMIT 50");
  const unread = await pool.query("SELECT COUNT(*) AS n FROM answer WHERE NOT read");
  const lines = rows.map((row) => `<tr><td>${row.receipt}</td><td>${row.at}</td><td>${row.read}</td></tr>`).join("");
  response.type("html").send(`<!DOCTYPE html><html lang="ja"><title>回答</title><h1>回答</h1><p>${unread.rows[0].n}</p><table>${lines}</table></html>`);
});
app.get("/count", async (_request, response) => response.json((await pool.query("SELECT COUNT(*)::INT AS n FROM answer")).rows[0]));
app.get("/readyz", (_request, response) => response.end("ok"));
app.listen(Number(port), "127.0.0.1");

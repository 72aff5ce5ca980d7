// The usual way to serve a file with Node: express. `node static.mjs PORT FILE`.
import express from "express";

const [port, file] = process.argv.slice(2);
const app = express();
app.disable("x-powered-by");
app.get("/picture", (_request, response) => response.sendFile(file, { maxAge: "1y", immutable: true }));
app.listen(Number(port), "127.0.0.1");

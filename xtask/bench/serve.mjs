// What Vite built, as it is usually served: brotli made beforehand, hashed files for ever. `node serve.mjs PORT FOLDER`.
import { createServer } from "node:http";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync } from "node:zlib";

const [port, folder] = process.argv.slice(2);
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".json": "application/json" };
const files = new Map();
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  files.set(`/${path.relative(folder, file)}`, { type: TYPES[path.extname(file)] ?? "application/octet-stream", body: brotliCompressSync(readFileSync(file)) });
}
let receipts = 0;
const server = createServer((request, response) => {
  if (request.method === "POST") {
    request.resume().on("end", () => response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ receipt: `R8-${++receipts}` })));
    return;
  }
  const file = files.get(request.url === "/" ? "/index.html" : request.url);
  if (!file) return void response.writeHead(404).end();
  const cached = request.url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  response.writeHead(200, { "content-type": file.type, "content-encoding": "br", "content-length": file.body.length, "cache-control": cached }).end(file.body);
});
server.listen(Number(port), "127.0.0.1");

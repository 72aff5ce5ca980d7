// One evaluator (rule 5): a server and a browser decide alike about random forms and answers.
// `node end2end/evaluators.mjs PROGRAM WASM SEEDS [FIRST]` asks the example `evaluator` of `domain`,
// built for this machine and for wasm, for so many seeds from the first one (0) on.
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

const [program, wasm, wanted, first = "0"] = process.argv.slice(2);
const seeds = Number(wanted);
const said = execFileSync(program, [wanted, first], { encoding: "utf8", maxBuffer: 2 ** 26 });
const server = said.trim().split("\n");
const { instance } = await WebAssembly.instantiate(await readFile(wasm), {});

function browser(seed) {
  try {
    // Wasm knows no unsigned numbers.
    return BigInt.asUintN(64, instance.exports.digest(seed)).toString();
  } catch (error) {
    return error.message;
  }
}

function trouble() {
  if (!(seeds > 0) || server.length !== seeds || new Set(server).size !== seeds) {
    return `the server told ${new Set(server).size} different outcomes of ${wanted} seeds`;
  }
  for (const [n, there] of server.entries()) {
    const seed = BigInt(first) + BigInt(n);
    const here = browser(seed);
    if (here !== there) return `seed ${seed}: the server says ${there}, the browser ${here}`;
  }
}

const found = trouble();
console.log(found ? `failed  ${found}` : `ok      ${seeds} random forms and answers from seed ${first} on: server and browser decide alike`);
console.log(found ? "0 passed, 1 failed" : "1 passed, 0 failed");
process.exit(found ? 1 : 0);

// A picture as a city sends one: a map of 1040 × 1040 with much in it. `node picture.mjs FILE`.
import { writeFileSync } from "node:fs";
import { png } from "../../end2end/lib/picture.mjs";

function paint(x, y) {
  const road = (x * 7 + y * 3) % 97 < 6 || (x * 2 - y * 5) % 131 === 0;
  const shade = (Math.sin(x / 31) + Math.cos(y / 47)) * 30;
  return road ? [250, 245, 220] : [190 + shade, 205 - shade / 2, 180 + ((x ^ y) % 16)];
}

writeFileSync(process.argv[2], png(1040, 1040, { paint }));

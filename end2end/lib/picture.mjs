// Pictures made here, so that no file has to lie about.
import { deflateSync } from "node:zlib";

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

function chunk(kind, content) {
  const named = Buffer.concat([Buffer.from(kind), content]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc(named));
  return Buffer.concat([size, named, sum]);
}

// A PNG that also tells where it was taken: of one colour, or of what `paint(x, y)` answers. `says`: the
// size in its head, where it lies.
export function png(width, height, { colour = [40, 120, 200], paint, says = [width, height] } = {}) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(says[0], 0);
  head.writeUInt32BE(says[1], 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = (y) =>
    Buffer.from([0, ...Array.from({ length: width }, (_, x) => (paint ? paint(x, y) : colour)).flat()]);
  const plain = paint ? undefined : row(0);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("tEXt", Buffer.from("Location\0GPS 35.6812 139.7671")),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: height }, (_, y) => plain ?? row(y))))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

// What only looks like a picture, or would not end well: name and bytes.
export const NO_PICTURES = {
  "a script": Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
  "a GIF": Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1"),
  "a head alone": Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
  "a picture cut off": png(200, 200).subarray(0, 150),
  "a picture of 60,000 × 60,000": png(1, 1, { says: [60_000, 60_000] }),
  nothing: Buffer.alloc(0),
};

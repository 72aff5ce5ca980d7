// Pictures made here, so that no file has to lie about.
import { deflateSync } from "node:zlib";
import { expect } from "./expect.mjs";

export function crc(bytes) {
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
// size in its head, where it lies. `clear`: every colour has a fourth part, how much is seen of it.
export function png(width, height, { colour = [40, 120, 200], paint, clear = false, says = [width, height] } = {}) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(says[0], 0);
  head.writeUInt32BE(says[1], 4);
  head.set([8, clear ? 6 : 2, 0, 0, 0], 8);
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

// How far two pictures of one thing are apart, of 255: on average, and where they differ most, in fields
// large enough that the edges of letters do not count.
export async function apart(page, ...pictures) {
  return page.evaluate(async (all) => {
    const [width, height, field] = [400, 270, 10];
    const pixels = await Promise.all(all.map(async (text) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
      // Single pixels picked out of a large picture and of a small one would differ wherever letters stand.
      context.imageSmoothingQuality = "high";
      context.drawImage(await createImageBitmap(new Blob([bytes])), 0, 0, width, height);
      return context.getImageData(0, 0, width, height).data;
    }));
    const sums = new Array((width / field) * (height / field)).fill(0);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = (y * width + x) * 4;
        for (let i = at; i < at + 3; i += 1) {
          sums[Math.floor(y / field) * (width / field) + Math.floor(x / field)] += Math.abs(pixels[0][i] - pixels[1][i]) / 3;
        }
      }
    }
    const round = (value) => Math.round(value * 10) / 10;
    return {
      mean: round(sums.reduce((sum, one) => sum + one, 0) / (width * height)),
      worst: round(Math.max(...sums) / (field * field)),
    };
  }, pictures.map((bytes) => bytes.toString("base64")));
}

// Two pictures of one thing. Rasterisers smooth edges each in their way, and a JPEG is a little off everywhere: that
// is a few of 255 on average. A word, an icon or a colour that is missing or stands elsewhere is far off in one field.
export async function alike(page, one, other, what) {
  const { mean, worst } = await apart(page, one, other);
  expect(mean < 4, `${what}: ${mean} of 255 apart on average`).toBe(true);
  expect(worst < 48, `${what}: ${worst} of 255 apart in one of 40 × 27 fields`).toBe(true);
}

// A picture's size, and its colours at some places.
export function colours(page, picture, places) {
  return page.evaluate(async ([text, places]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const { width, height } = bitmap;
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return { width, height, seen: places.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3)) };
  }, [picture.toString("base64"), places]);
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

// Tiny MP4s made here: one picture of 128 × 96 in H.264 that is not compressed (I_PCM), two
// seconds long, and everything that a telephone may tell beside it.

const n = (value) => {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(value);
  return four;
};
const zeros = (count) => Buffer.alloc(count);
const box = (kind, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([n(body.length + 8), Buffer.from(kind, "latin1"), body]);
};

// What must not be published.
export const PLACE = "+35.6812+139.7671/";
const SPS = [0x67, 0x42, 0x00, 0x0a, 0xf8, 0x41, 0xa2];
const PPS = [0x68, 0xce, 0x38, 0x80];

function picture() {
  const parts = [Buffer.from([0x05, 0x88, 0x84, 0x21, 0xa0])];
  for (let block = 0; block < 48; block += 1) {
    if (block > 0) parts.push(Buffer.from([0x0d, 0x00]));
    parts.push(Buffer.alloc(384, 0x66));
  }
  const nal = Buffer.concat([...parts, Buffer.from([0x80])]);
  return Buffer.concat([n(nal.length), nal]);
}

// What a decoder passes over (filler data).
const filler = (count) => (count > 0 ? [n(count + 2), Buffer.from([0x0c]), Buffer.alloc(count, 0xff), Buffer.from([0x80])] : []);

function moov(at, shown, codec) {
  const avcC = box("avcC", [1, 0x42, 0, 0x0a, 0xff, 0xe1, 0, SPS.length], SPS, [1, 0, PPS.length], PPS);
  const entry = box(codec, zeros(6), [0, 1], zeros(16), [0, 128, 0, 96], [0, 0x48, 0, 0], [0, 0x48, 0, 0], zeros(4), [0, 1], zeros(32), [0, 24, 0xff, 0xff], avcC);
  const matrix = Buffer.concat([n(0x10000), zeros(12), n(0x10000), zeros(12), n(0x40000000)]);
  const mvhd = box("mvhd", zeros(12), n(1000), n(2000), [0, 1, 0, 0, 1, 0], zeros(10), matrix, zeros(24), n(2));
  const tkhd = box("tkhd", [0, 0, 0, 3], zeros(8), n(1), zeros(4), n(2000), zeros(16), matrix, n(128 << 16), n(96 << 16));
  const stbl = box(
    "stbl",
    box("stsd", zeros(4), n(1), entry),
    box("stts", zeros(4), n(1), n(1), n(2000)),
    box("stsc", zeros(4), n(1), n(1), n(1), n(1)),
    box("stsz", zeros(4), n(0), n(1), n(shown)),
    box("stco", zeros(4), n(1), n(at)),
  );
  const dinf = box("dinf", box("dref", zeros(4), n(1), box("url ", [0, 0, 0, 1])));
  const minf = box("minf", box("vmhd", [0, 0, 0, 1], zeros(8)), dinf, stbl);
  const mdia = box("mdia", box("mdhd", zeros(12), n(1000), n(2000), [0x55, 0xc4, 0, 0]), box("hdlr", zeros(8), Buffer.from("vide"), zeros(13)), minf);
  const udta = box("udta", box("\xa9xyz", [0, PLACE.length, 0x15, 0xc7], Buffer.from(PLACE)));
  return box("moov", mvhd, box("trak", tkhd, mdia), udta);
}

// `codec`: what the pictures say they are; `brand`: what the file says it is; `late`: the description at the end;
// `more`: bytes that are added and show nothing.
export function mp4({ codec = "avc1", brand = "isom", late = false, more = 0 } = {}) {
  const shown = Buffer.concat([picture(), ...filler(more)]);
  const ftyp = box("ftyp", Buffer.from(brand), n(512), Buffer.from(brand), Buffer.from(brand === "isom" ? "mp42" : brand));
  const free = box("free", Buffer.from(PLACE));
  const length = late ? 0 : moov(0, shown.length, codec).length;
  const described = moov(ftyp.length + free.length + length + 8, shown.length, codec);
  const content = box("mdat", shown);
  return Buffer.concat([ftyp, free, ...(late ? [content, described] : [described, content])]);
}

// What only looks like a video: name, bytes, and the words that refuse it.
export const NO_VIDEOS = [
  ["a script", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), "この動画は開けませんでした"],
  ["a MOV", mp4({ brand: "qt  " }), "この動画はMOV形式で"],
  ["HEVC", mp4({ codec: "hvc1" }), "この動画はHEVC（高効率）で"],
  ["one cut off", mp4().subarray(0, 9000), "途中で切れているか、こわれています"],
];

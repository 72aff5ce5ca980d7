//! Tiny MP4s for tests: one picture of 128 × 96 in H.264 that is not compressed (`I_PCM`), and
//! silence; with everything that a camera may tell beside it.

/// What a made video is like.
#[derive(Clone, Debug)]
pub struct Made {
    /// `ftyp`: the first brand.
    pub brand: [u8; 4],
    /// The name of the pictures' kind: `avc1`.
    pub codec: [u8; 4],
    /// What the sound is, as `esds` has it: 0x40 is AAC. Nothing: no sound.
    pub sound: Option<u8>,
    /// The description behind the content.
    pub late: bool,
    /// Where it was taken stands in many places.
    pub told: bool,
    /// On its side, as telephones record.
    pub turned: bool,
    /// Bytes that are added to the content as further pictures.
    pub more: usize,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            brand: *b"isom",
            codec: *b"avc1",
            sound: None,
            late: false,
            told: false,
            turned: false,
            more: 0,
        }
    }
}

/// What must not be published.
pub const PLACE: &[u8] = b"+35.6812+139.7671/";
const SPS: &[u8] = &[0x67, 0x42, 0x00, 0x0a, 0xf8, 0x41, 0xa2];
const PPS: &[u8] = &[0x68, 0xce, 0x38, 0x80];

pub fn boxed(kind: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes(), kind, &body].concat()
}

fn zeros(n: usize) -> Vec<u8> {
    vec![0; n]
}

fn n(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap().to_be_bytes()
}

/// One picture: 48 macroblocks of one grey.
fn picture() -> Vec<u8> {
    let mut nal = vec![0x05, 0x88, 0x84, 0x21, 0xa0];
    for block in 0..48 {
        nal.extend(if block == 0 { vec![] } else { vec![0x0d, 0x00] });
        nal.extend([0x66; 384]);
    }
    nal.push(0x80);
    [&n(nal.len())[..], &nal].concat()
}

fn track(handler: &[u8; 4], entry: &[u8], at: usize, size: usize, turned: bool) -> Vec<u8> {
    let matrix = if turned { [0, 0x10000, 0xffff_0000, 0] } else { [0x10000, 0, 0, 0x10000] };
    let m = |v: u32| v.to_be_bytes();
    let matrix = [
        m(matrix[0]),
        m(matrix[1]),
        m(0),
        m(matrix[2]),
        m(matrix[3]),
        m(0),
        m(0),
        m(0),
        m(0x4000_0000),
    ]
    .concat();
    let tkhd = boxed(
        b"tkhd",
        &[
            &[0, 0, 0, 3],
            &zeros(8),
            &n(1),
            &zeros(4),
            &n(2_000),
            &zeros(16),
            &matrix,
            &n(128 << 16),
            &n(96 << 16),
        ],
    );
    let mdhd = boxed(b"mdhd", &[&zeros(12), &n(1_000), &n(2_000), &zeros(4)]);
    let hdlr = boxed(b"hdlr", &[&zeros(8), handler, &zeros(13)]);
    let dref = boxed(b"dref", &[&zeros(4), &n(1), &boxed(b"url ", &[&[0, 0, 0, 1]])]);
    let stbl = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&zeros(4), &n(1), entry]),
            &boxed(b"stts", &[&zeros(4), &n(1), &n(1), &n(2_000)]),
            &boxed(b"stsc", &[&zeros(4), &n(1), &n(1), &n(1), &n(1)]),
            &boxed(b"stsz", &[&zeros(4), &n(0), &n(1), &n(size)]),
            &boxed(b"stco", &[&zeros(4), &n(1), &n(at)]),
        ],
    );
    let head = if handler == b"soun" {
        boxed(b"smhd", &[&zeros(8)])
    } else {
        boxed(b"vmhd", &[&[0, 0, 0, 1], &zeros(8)])
    };
    let minf = boxed(b"minf", &[&head, &boxed(b"dinf", &[&dref]), &stbl]);
    boxed(b"trak", &[&tkhd, &boxed(b"mdia", &[&mdhd, &hdlr, &minf])])
}

impl Made {
    pub fn bytes(&self) -> Vec<u8> {
        let mut shown = picture();
        shown.extend((0..self.more).map(|i| (i % 251) as u8));
        let heard =
            if self.sound.is_some() { vec![0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c] } else { vec![] };
        let sensed: &[u8] = if self.told { PLACE } else { b"" };
        let ftyp = boxed(
            b"ftyp",
            &[
                &self.brand,
                &n(512),
                &self.brand,
                if &self.brand == b"isom" { b"mp42" } else { b"" },
            ],
        );
        // The size of the description does not depend on where the content is.
        let length = self.moov(0, shown.len(), heard.len(), sensed.len()).len();
        let aside = if self.told {
            [
                boxed(b"free", &[PLACE]),
                boxed(b"uuid", &[&[0xbe; 16], PLACE]),
                boxed(b"gps ", &[PLACE]),
            ]
            .concat()
        } else {
            vec![]
        };
        let before = ftyp.len() + aside.len() + if self.late { 0 } else { length } + 8;
        let moov = self.moov(before, shown.len(), heard.len(), sensed.len());
        let mdat = boxed(b"mdat", &[&shown, &heard, sensed]);
        let (first, second) = if self.late { (mdat, moov) } else { (moov, mdat) };
        [ftyp, aside, first, second].concat()
    }

    fn moov(&self, at: usize, shown: usize, heard: usize, sensed: usize) -> Vec<u8> {
        let avcc = boxed(
            b"avcC",
            &[
                &[1, 0x42, 0, 0x0a, 0xff, 0xe1, 0, SPS.len() as u8],
                SPS,
                &[1, 0, PPS.len() as u8],
                PPS,
            ],
        );
        let entry = boxed(
            &self.codec,
            &[
                &zeros(6),
                &[0, 1],
                &zeros(16),
                &[0, 128, 0, 96],
                &[0, 0x48, 0, 0],
                &[0, 0x48, 0, 0],
                &zeros(4),
                &[0, 1],
                &zeros(32),
                &[0, 24, 0xff, 0xff],
                &avcc,
            ],
        );
        let mvhd = boxed(
            b"mvhd",
            &[
                &zeros(12),
                &n(1_000),
                &n(2_000),
                &[0, 1, 0, 0, 1, 0],
                &zeros(10),
                &n(0x10000),
                &zeros(12),
                &n(0x10000),
                &zeros(12),
                &n(0x4000_0000),
                &zeros(24),
                &n(4),
            ],
        );
        let mut tracks = track(b"vide", &entry, at, shown, self.turned);
        if let Some(object) = self.sound {
            let esds = boxed(
                b"esds",
                &[
                    &zeros(4),
                    &[3, 25, 0, 2, 0, 4, 17, object, 0x15],
                    &zeros(11),
                    &[5, 2, 0x12, 0x08, 6, 1, 2],
                ],
            );
            let entry = boxed(
                b"mp4a",
                &[
                    &zeros(6),
                    &[0, 1],
                    &zeros(8),
                    &[0, 1, 0, 16, 0, 0, 0, 0, 0xac, 0x44, 0, 0],
                    &esds,
                ],
            );
            tracks.extend(track(b"soun", &entry, at + shown, heard, false));
        }
        let mut told = vec![];
        if self.told {
            tracks.extend(track(
                b"meta",
                &boxed(b"gpmd", &[&zeros(8)]),
                at + shown + heard,
                sensed,
                false,
            ));
            let size = u16::try_from(PLACE.len()).unwrap().to_be_bytes();
            told = [
                boxed(
                    b"udta",
                    &[
                        &boxed(b"\xa9xyz", &[&size, &[0x15, 0xc7], PLACE]),
                        &boxed(b"loci", &[&zeros(8), PLACE]),
                    ],
                ),
                boxed(
                    b"meta",
                    &[
                        &boxed(b"keys", &[b"com.apple.quicktime.location.ISO6709"]),
                        &boxed(b"ilst", &[PLACE]),
                    ],
                ),
            ]
            .concat();
        }
        boxed(b"moov", &[&mvhd, &tracks, &told])
    }
}

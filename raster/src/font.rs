//! The one font of all pictures and posters.

use domain::menu::fit::FONT;
use resvg::usvg::fontdb;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file: Debian's package fonts-morisawa-bizud-gothic.
pub const FONT_FILE: &str = "BIZUDPGothic-Bold.ttf";
/// Where it is looked for where no file is set.
pub const FONT_FOLDERS: [&str; 4] = [
    "/usr/share/fonts/truetype/bizud-gothic",
    "/usr/local/share/fonts",
    "/usr/share/fonts/morisawa-biz-ud-gothic-fonts",
    "/usr/share/fonts",
];

/// Why the font cannot be used, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// The font is not there.
    #[error(
        "{FONT_FILE} is not there (looked at {looked}): install the package fonts-morisawa-bizud-gothic, or set KAIRAN_MENU_FONT to the file"
    )]
    Missing {
        /// Where it was looked for.
        looked: String,
    },
    /// The file is no font, or another one.
    #[error("{path} is not {FONT} Bold: set KAIRAN_MENU_FONT to {FONT_FILE}")]
    Other {
        /// Which file.
        path: String,
    },
}

/// The font, loaded.
#[derive(Clone, Debug)]
pub struct Font {
    path: PathBuf,
    database: Arc<fontdb::Database>,
}

impl Font {
    /// The font: from the file that is set, else from where it usually lies.
    ///
    /// # Errors
    /// Where it was looked for, and what to do.
    pub fn find(set: Option<&Path>) -> Result<Self, FontError> {
        let usual = FONT_FOLDERS.iter().map(|folder| Path::new(folder).join(FONT_FILE));
        let places: Vec<PathBuf> = match set {
            Some(path) => vec![path.to_owned()],
            None => usual.collect(),
        };
        match places.iter().find(|path| path.is_file()) {
            Some(path) => Self::load(path),
            None => {
                let looked: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
                Err(FontError::Missing { looked: looked.join(", ") })
            }
        }
    }

    /// The font of a file.
    ///
    /// # Errors
    /// Where it is not this font in bold.
    pub fn load(path: &Path) -> Result<Self, FontError> {
        let other = || FontError::Other { path: path.display().to_string() };
        let mut database = fontdb::Database::new();
        database.load_font_data(std::fs::read(path).map_err(|_| other())?);
        if !database.faces().any(is_ours) {
            return Err(other());
        }
        Ok(Self { path: path.to_owned(), database: Arc::new(database) })
    }

    /// Its file: what the browser is given too.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of its file, and which face of them it is.
    pub(crate) fn face(&self) -> Option<(Vec<u8>, u32)> {
        let face = self.database.faces().find(|face| is_ours(face))?;
        self.database.with_face_data(face.id, |bytes, index| (bytes.to_vec(), index))
    }

    pub(crate) fn database(&self) -> Arc<fontdb::Database> {
        Arc::clone(&self.database)
    }
}

fn is_ours(face: &fontdb::FaceInfo) -> bool {
    face.weight == fontdb::Weight::BOLD && face.families.iter().any(|(name, _)| name == FONT)
}

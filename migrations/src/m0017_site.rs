//! The hashed files of the site, of the builds that may be asked for (NFR-1).

/// The bytes lie in the blob store under `build/name`; they are public, and `sha256` says that
/// nobody exchanged them.
pub(crate) const SQL: &str = r"
CREATE TABLE site_file (
    name TEXT NOT NULL,
    build TEXT NOT NULL,
    sha256 {blob} NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (name, build)
) {no_rowid};
CREATE INDEX site_file_build ON site_file (build, published_at);
";

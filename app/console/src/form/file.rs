//! Files that the browser makes or reads itself.

/// A table as CSV: UTF-8 with its mark, no cell a formula.
pub(crate) fn csv(rows: &[Vec<String>]) -> String {
    let cell = |text: &String| {
        let text = domain::form::table::safe(text);
        if text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    let line = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(",");
    let lines: String = rows.iter().map(|row| format!("{}\r\n", line(row))).collect();
    format!("\u{feff}{lines}")
}

/// Hands a text to the browser as a file to keep; nothing where it refuses.
pub(crate) fn save(name: &str, media_type: &str, text: &str) -> Option<()> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::prelude::document;
        use wasm_bindgen::JsCast;
        let parts = js_sys::Array::of1(&text.into());
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(media_type);
        let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
        let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
        let link = document().create_element("a").ok()?;
        link.set_attribute("href", &address).ok()?;
        link.set_attribute("download", name).ok()?;
        link.dyn_ref::<web_sys::HtmlElement>()?.click();
        web_sys::Url::revoke_object_url(&address).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (name, media_type, text);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn a_table_is_quoted_and_no_formula() {
        let rows =
            [vec!["質問".to_owned(), "a,b".to_owned()], vec!["=1".to_owned(), "x\"y".into()]];
        assert_eq!(csv(&rows), "\u{feff}質問,\"a,b\"\r\n'=1,\"x\"\"y\"\r\n");
    }
}

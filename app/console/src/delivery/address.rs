//! The list's state in the address.

use super::PATH;
use domain::delivery::Filter;

/// The list in that state.
pub fn href(filter: &Filter) -> String {
    with_query(PATH, filter)
}

/// The same as CSV.
pub fn csv_href(filter: &Filter) -> String {
    with_query("/console/deliveries.csv", &Filter { page: 1, ..filter.clone() })
}

fn with_query(path: &str, filter: &Filter) -> String {
    let query: Vec<String> = filter
        .pairs()
        .into_iter()
        .map(|(name, value)| format!("{name}={}", escape(&value)))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// RFC 3986: everything but unreserved characters, in UTF-8.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::Purpose;

    #[test]
    fn the_address_holds_the_state() {
        let filter = Filter {
            search: "断水 & 給水".into(),
            purpose: Some(Purpose::Drill),
            page: 3,
            ..Filter::default()
        };
        assert_eq!(
            href(&filter),
            "/console/deliveries?q=%E6%96%AD%E6%B0%B4%20%26%20%E7%B5%A6%E6%B0%B4&purpose=drill&page=3"
        );
        assert_eq!(
            csv_href(&filter),
            "/console/deliveries.csv?q=%E6%96%AD%E6%B0%B4%20%26%20%E7%B5%A6%E6%B0%B4&purpose=drill"
        );
        assert_eq!(href(&Filter { page: 1, ..Filter::default() }), "/console/deliveries");
    }
}

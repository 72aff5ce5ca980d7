//! The list's state in the address.

use super::PATH;
use domain::delivery::Filter;
use ui::address::with_query;

/// The list in that state.
pub fn href(filter: &Filter) -> String {
    with_query(PATH, &filter.pairs())
}

/// The same as CSV.
pub fn csv_href(filter: &Filter) -> String {
    with_query("/console/deliveries.csv", &Filter { page: 1, ..filter.clone() }.pairs())
}

/// The same as a workbook.
pub fn xlsx_href(filter: &Filter) -> String {
    with_query("/console/deliveries.xlsx", &Filter { page: 1, ..filter.clone() }.pairs())
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

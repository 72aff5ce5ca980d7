//! Lists are paged by cursor: `limit` items, and where the next page begins.

use super::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use utoipa::IntoParams;

/// Most items of a page, and how many there are if nothing else is asked for.
const LIMIT_MAX: i64 = 200;
const LIMIT: i64 = 50;

/// Which page is asked for.
#[derive(Debug, Default, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the former page.
    pub cursor: Option<String>,
    /// Items of the page; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl Paging {
    /// Items of the page.
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(LIMIT)
    }

    fn read(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let mut paging = Self::default();
        for (name, value) in pairs {
            let again = match name.as_str() {
                "cursor" => paging.cursor.replace(value).is_some(),
                "limit" => {
                    let limit = value.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n));
                    let limit = limit.ok_or_else(|| {
                        Problem::unprocessable("limit は、1〜200の数にしてください")
                    })?;
                    paging.limit.replace(limit).is_some()
                }
                _ => false,
            };
            if again {
                return Err(Problem::unprocessable("cursor と limit は、1つずつにしてください"));
            }
        }
        Ok(paging)
    }
}

/// 422: no page begins there.
pub fn unknown_cursor() -> Problem {
    Problem::unprocessable("cursor は、前のページの next をそのまま入れてください")
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::try_from_uri(&parts.uri)
            .map_err(|_| Problem::unprocessable("アドレスの「?」から後を読めませんでした"))?;
        Self::read(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_is_asked_for_once_and_within_bounds() {
        let read = async |query: &str| {
            let request = axum::http::Request::get(format!("/deliveries{query}")).body(()).unwrap();
            Paging::from_request_parts(&mut request.into_parts().0, &()).await.map_err(|p| p.status)
        };
        assert_eq!(read("").await, Ok(Paging::default()));
        assert_eq!(read("?limit=200&cursor=a%20b&other").await.map(|p| p.limit()), Ok(200));
        for bad in [
            "limit=x",
            "limit=0",
            "limit=201",
            "limit=99999999999999999999",
            "limit=1&limit=1",
            "limit=",
            "cursor=a&cursor=b",
        ] {
            assert_eq!(read(&format!("?{bad}")).await, Err(422), "{bad}");
        }
    }
}

//! The file on its way: the browser keeps it, and sends it as often as it is to be looked
//! at. The server keeps nothing of it before it is told to.

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser sends"))]
pub enum Sending {
    /// Nothing is on its way.
    #[default]
    No,
    /// So many bytes of so many have left.
    Leaving(u64, u64),
    /// All has left; the server reads and matches.
    Matching,
}

#[cfg(feature = "hydrate")]
pub mod browser {
    use super::Sending;
    use domain::roster::{Answer, Ask, SIZE_MAX};
    use leptos::prelude::*;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use std::cell::RefCell;
    use ui::AppError;
    use ui::address::with_query;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{File, HtmlInputElement, ProgressEvent, XmlHttpRequest};

    thread_local! {
        /// The file that was chosen: one import is open at a time.
        static FILE: RefCell<Option<File>> = const { RefCell::new(None) };
    }

    /// Takes the file that was chosen; answers its name.
    pub fn choose(event: &leptos::ev::Event) -> Option<Result<String, String>> {
        let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
        let file = input.files()?.get(0)?;
        // The same file can be chosen again after it was mended.
        input.set_value("");
        let name = file.name();
        if file.size() > SIZE_MAX as f64 {
            return Some(Err(format!(
                "「{name}」は10MBを超えています。列を減らすか、分けてください"
            )));
        }
        FILE.with_borrow_mut(|kept| *kept = Some(file));
        Some(Ok(name))
    }

    /// Sends it to be looked at or taken as a list of residents.
    pub async fn send(ask: &Ask, state: RwSignal<Sending>) -> Result<Answer, AppError> {
        send_to("/console/lists/file", ask, state).await
    }

    /// Sends it to an address with what is asked.
    pub async fn send_to<A: Serialize, R: DeserializeOwned>(
        address: &str,
        ask: &A,
        state: RwSignal<Sending>,
    ) -> Result<R, AppError> {
        let file = FILE.with_borrow(Clone::clone).ok_or(AppError::NotFound)?;
        let failed = |_| AppError::Network;
        let ask = serde_json::to_string(ask)
            .map_err(|_| AppError::Unavailable { reference: String::new() })?;
        let request = XmlHttpRequest::new().map_err(failed)?;
        let address = with_query(address, &[("ask", ask)]);
        request.open("POST", &address).map_err(failed)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
        let size = (file.size() as u64).max(1);
        // The page may have been left meanwhile, here and below.
        let _gone = state.try_set(Sending::Leaving(0, size));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
        let watch = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            let done = event.loaded() as u64;
            let _gone = state.try_set(if done < size {
                Sending::Leaving(done, size)
            } else {
                Sending::Matching
            });
        });
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(watch.as_ref().unchecked_ref()));
        }
        let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_blob(Some(&file)).map_err(failed)?;
        let waited = JsFuture::from(ended).await;
        let _gone = state.try_set(Sending::No);
        waited.map_err(failed)?;
        drop(watch);
        let answer = request.response_text().ok().flatten().unwrap_or_default();
        let unread = || AppError::Unavailable { reference: String::new() };
        match request.status() {
            Ok(200) => serde_json::from_str(&answer).map_err(|_| unread()),
            Ok(1..) => Err(serde_json::from_str(&answer).unwrap_or_else(|_| unread())),
            _ => Err(AppError::Network),
        }
    }

    /// Hands a table to the browser as a file to keep.
    pub fn save(name: &str, csv: &str) -> Option<()> {
        let parts = js_sys::Array::of1(&csv.into());
        let options = web_sys::BlobPropertyBag::new();
        options.set_type("text/csv;charset=utf-8");
        let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
        let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
        let link = document().create_element("a").ok()?;
        link.set_attribute("href", &address).ok()?;
        link.set_attribute("download", name).ok()?;
        link.dyn_ref::<web_sys::HtmlElement>()?.click();
        web_sys::Url::revoke_object_url(&address).ok()
    }
}

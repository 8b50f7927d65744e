//! A request's header that may be there once.

use http::{HeaderMap, HeaderName};

/// The value of a header that is there once, and is a text.
pub(super) fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

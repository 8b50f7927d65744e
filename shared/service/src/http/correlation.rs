//! The caller's own id of a request, by which it finds the request in its logs.

use super::event::Request;
use crate::telemetry::CorrelationId;
use http::HeaderName;

/// The header that holds it.
pub(super) const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Any plain id goes back to who sent it. The log, which others read, takes none that could be a word or a name, nor
/// one of the path's ids.
pub(super) fn correlation_id(request: &Request) -> CorrelationId {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_number = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    let folded = |id: &str| id.replace('-', "").to_ascii_lowercase();
    let given = request.headers.get(CORRELATION_ID).and_then(|id| id.to_str().ok());
    let echoed = given.filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(is_plain));
    let logged = echoed.filter(|id| {
        id.bytes().all(is_number) && request.parameters.values().all(|of_path| folded(of_path) != folded(id))
    });
    CorrelationId { echoed: echoed.map(str::to_owned), logged: logged.map(str::to_owned) }
}

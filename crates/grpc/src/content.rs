//! What is gRPC, by its content type.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

const GRPC: &[u8] = b"application/grpc";

/// True for `application/grpc`, with a format or parameters behind it; and if nothing is said at all. `application/grpc-web` is something else.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let Some((kind, rest)) = value.as_bytes().split_at_checked(GRPC.len()) else { return false };
    kind.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';'))
}

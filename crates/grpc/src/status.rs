//! Between limits, gRPC's statuses, and the headers that carry them.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use interceptor_stream::Cause;
use tonic::{Code, Status};

pub(crate) const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// What a peer is told when a limit ends its call.
pub(crate) fn of_cause(cause: Cause) -> Status {
    let code = match cause {
        Cause::Duration { .. } | Cause::Idle { .. } => Code::DeadlineExceeded,
        Cause::Cancelled => Code::Cancelled,
        _ => Code::ResourceExhausted,
    };
    Status::new(code, cause.to_string())
}

/// The status as trailers, or beside the headers of a response that has nothing else.
pub(crate) fn write(status: &Status, headers: &mut HeaderMap) {
    if status.add_header(headers).is_err() {
        // Somebody's message cannot be a header; the code always can.
        headers.insert(GRPC_STATUS, HeaderValue::from(status.code() as i32));
    }
}

/// The code in trailers, or in headers with nothing after them.
pub(crate) fn read(headers: &HeaderMap) -> Option<Code> {
    headers.get(GRPC_STATUS).map(|value| Code::from_bytes(value.as_bytes()))
}

/// What a response counts as that has no gRPC status at all: gRPC's mapping of HTTP's codes.
pub(crate) fn of_http(status: StatusCode) -> Code {
    match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// The same status for who reads the messages of a request. tonic takes an error of code CANCELLED there for the clean end of the stream: the
/// handler would believe that its client has finished.
pub(crate) fn for_reader(status: Status) -> Status {
    match status.code() {
        Code::Cancelled => Status::aborted(status.message()),
        _ => status,
    }
}

/// The same status as the error of a body that a client sends: hyper resets the stream with the reason that it finds in the error's sources, and
/// CANCEL is the one that a server takes for a client that has changed its mind.
#[cfg(feature = "client")]
pub(crate) fn resetting(mut status: Status) -> Status {
    status.set_source(std::sync::Arc::new(h2::Error::from(h2::Reason::CANCEL)));
    status
}

#[cfg(not(feature = "client"))]
pub(crate) fn resetting(status: Status) -> Status {
    status
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_deadlines_and_the_rest_is_exhaustion() {
        let max = Duration::from_secs(1);
        assert_eq!(of_cause(Cause::Idle { max }).code(), Code::DeadlineExceeded);
        assert_eq!(of_cause(Cause::Duration { max }).code(), Code::DeadlineExceeded);
        let direction = interceptor_stream::Direction::Sent;
        assert_eq!(of_cause(Cause::Messages { direction, max: 1 }).code(), Code::ResourceExhausted);
    }

    #[test]
    fn a_message_that_is_no_header_still_has_its_code() {
        let mut headers = HeaderMap::new();
        write(&Status::unavailable("line\nbreak"), &mut headers);
        assert_eq!(read(&headers), Some(Code::Unavailable));
    }

    #[test]
    fn a_reader_is_never_told_cancelled() {
        let status = for_reader(Status::cancelled("enough"));
        assert_eq!((status.code(), status.message()), (Code::Aborted, "enough"));
        assert_eq!(for_reader(Status::unavailable("")).code(), Code::Unavailable);
    }
}

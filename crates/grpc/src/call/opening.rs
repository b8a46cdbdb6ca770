//! The beginning of a call: who calls, what it may do, whether there is room for it, who watches.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, StatusCode};
use interceptor_stream::{Lane, Metered};
use tokio::time::Instant;
use tonic::{Code, Status};

use super::{CallHandle, CallHead, CallInfo, Owner, Shared, Side};
use crate::CallLimits;
use crate::content::is_grpc;
use crate::observer::Watch;
use crate::peers::Slot;
use crate::settings::Settings;
use crate::span::CallSpan;

/// A call that has begun; if it is refused, it has been ended as well.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) owner: Owner,
    pub(crate) received: Lane,
    pub(crate) sent: Lane,
    /// HTTP's status, if it is refused.
    pub(crate) http: StatusCode,
}

/// Begins a call with the head of its request, which gets the handle.
pub(crate) fn open(settings: &Settings, parts: &mut Parts) -> Opened {
    let peer = (settings.peer)(&parts.extensions);
    let known = settings.limits_of(parts.uri.path());
    let head = CallHead { parts, peer, limits: known };
    let foreign = settings.side == Side::Server && !is_grpc(&parts.headers);
    let decided = if foreign { Err(not_grpc()) } else { decide(settings, &head) };
    let (limits, slot, mut refusal) = match decided {
        Ok((limits, slot)) => (limits, slot, None),
        Err(status) => (CallLimits { kind: known.kind, ..CallLimits::default() }, None, Some(status)),
    };
    let origin = Instant::now();
    let info = CallInfo {
        path: parts.uri.path_and_query().cloned(),
        peer,
        kind: limits.kind,
        started: origin.into_std(),
        metadata: metadata(&settings.metadata, parts),
    };
    let Metered { meter, received, sent, .. } = Metered::new(&limits.stream, origin.into_std());
    let span = CallSpan::new(settings.tracing, settings.side, &info);
    let handle = CallHandle(Arc::new(Shared::new(info, meter, settings.side, span, origin)));
    let mut place = None;
    if refusal.is_none() {
        place = settings.calls.enter(settings.max_streams, &handle);
        if place.is_none() {
            refusal = Some(too_many(settings.max_streams, "at once"));
        }
    }
    if let Some(status) = refusal {
        handle.cancel(status);
    }
    let (watches, panicked) = watches(settings, &handle);
    let mut owner = Owner::new(Arc::clone(&handle.0), watches, place, slot);
    if let Some(panicked) = panicked {
        owner.code = Some(Code::Unknown);
        // With the call's owner, who tells those that have heard of its beginning.
        resume_unwind(panicked);
    }
    parts.extensions.insert(handle);
    let http = if foreign { StatusCode::UNSUPPORTED_MEDIA_TYPE } else { StatusCode::OK };
    Opened { owner, received, sent, http }
}

/// What the call may do, and its place among its peer's.
fn decide(settings: &Settings, head: &CallHead<'_>) -> Result<(CallLimits, Option<Slot>), Status> {
    let limits = match &settings.policy {
        None => *head.limits,
        Some(policy) => {
            let limits = policy.open(head)?;
            limits.stream.check().map_err(|error| Status::internal(error.to_string()))?;
            limits
        }
    };
    let Some(peers) = &settings.peers else { return Ok((limits, None)) };
    match peers.enter((settings.key)(head)) {
        Some(slot) => Ok((limits, Some(slot))),
        None => Err(too_many(peers.max(), "of one peer at once")),
    }
}

/// tonic would take it for gRPC, whatever it says to be: let through, it would have no limits.
fn not_grpc() -> Status {
    Status::unimplemented("the content type is not application/grpc")
}

fn too_many(max: usize, of_whom: &str) -> Status {
    Status::resource_exhausted(format!("more than {max} streams {of_whom}"))
}

/// The wanted metadata: shared with the request's headers, not copied.
fn metadata(wanted: &[HeaderName], parts: &Parts) -> Box<[(HeaderName, http::HeaderValue)]> {
    let found = wanted.iter().filter_map(|name| Some((name.clone(), parts.headers.get(name)?.clone())));
    found.collect()
}

/// Who watches the call, as far as the first that panics.
fn watches(settings: &Settings, handle: &CallHandle) -> (Option<Watches>, Option<Panic>) {
    if settings.observers.is_empty() {
        return (None, None);
    }
    let mut watches = Vec::with_capacity(settings.observers.len());
    for observer in &settings.observers {
        match catch_unwind(AssertUnwindSafe(|| observer.start(handle.info(), handle))) {
            Ok(watch) => watches.push(watch),
            Err(panicked) => return (Some(watches.into()), Some(panicked)),
        }
    }
    (Some(watches.into()), None)
}

type Watches = Arc<[Box<dyn Watch>]>;
type Panic = Box<dyn Any + Send>;

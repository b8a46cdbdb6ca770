//! What a call may do: decided when it begins.

use interceptor_stream::StreamLimits;
use tonic::Status;

use crate::{CallHead, MethodKind};

/// What one call may do, and what is known of its method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallLimits {
    /// The limits. Default: [`StreamLimits::default`], which allows everything.
    pub stream: StreamLimits,
    /// Who sends how many messages, for observers; it limits nothing. Default `None`: not known.
    pub kind: Option<MethodKind>,
}

impl CallLimits {
    /// These limits.
    #[must_use]
    pub const fn new(stream: StreamLimits) -> Self {
        Self { stream, kind: None }
    }

    /// See [`kind`](Self::kind).
    #[must_use]
    pub const fn with_kind(mut self, kind: MethodKind) -> Self {
        self.kind = Some(kind);
        self
    }
}

impl From<StreamLimits> for CallLimits {
    fn from(stream: StreamLimits) -> Self {
        Self::new(stream)
    }
}

/// Decides about each call before its handler runs: what it may do, or that it may not begin. A function will do.
///
/// ```
/// use std::time::Duration;
/// use interceptor_grpc::{CallHead, CallLimits, StreamLayer, StreamLimits};
/// use tonic::Status;
///
/// let layer = StreamLayer::new(StreamLimits::control())?.with_policy(|call: &CallHead<'_>| {
///     match call.headers().get("x-tenant").and_then(|tenant| tenant.to_str().ok()) {
///         None => Err(Status::invalid_argument("x-tenant is missing")),
///         Some("trial") => Ok(CallLimits::new(call.limits().stream.with_max_duration(Duration::from_secs(60)))),
///         Some(_) => Ok(*call.limits()),
///     }
/// });
/// # Ok::<(), interceptor_grpc::LimitsError>(())
/// ```
pub trait CallPolicy: Send + Sync + 'static {
    /// What this call may do.
    ///
    /// # Errors
    /// It may not begin: the client gets this status, and the handler never hears of it. Limits that are out of range are refused for the client,
    /// with INTERNAL.
    fn open(&self, head: &CallHead<'_>) -> Result<CallLimits, Status>;
}

impl<F> CallPolicy for F
where
    F: Fn(&CallHead<'_>) -> Result<CallLimits, Status> + Send + Sync + 'static,
{
    fn open(&self, head: &CallHead<'_>) -> Result<CallLimits, Status> {
        self(head)
    }
}

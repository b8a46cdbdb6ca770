//! The four calls: what is asked is checked, what is refused gets the code that fits.

use std::sync::Arc;
use std::time::Duration;

use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use super::capture::Captures;
use super::generated::relay_server::Relay;
use super::generated::{
    CaptureRequest, CaptureResponse, LegsRequest, LegsResponse, SetRulesRequest, SetRulesResponse,
    WatchRequest, WatchResponse,
};
use super::stopping::{Stopping, unavailable};
use super::{answers, watch};
use crate::relay::{Change, ChangeError, RelayHandle};

/// Answers calls.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) relay: RelayHandle,
    pub(super) captures: Arc<Captures>,
    pub(super) stopping: Stopping,
}

#[tonic::async_trait]
impl Relay for Control {
    type WatchStream = BoxStream<WatchResponse>;
    type CaptureStream = BoxStream<CaptureResponse>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let every = watch::interval(request.get_ref().interval_ms)?;
        let stream = watch::watch(self.relay.clone(), every, self.stopping.clone());
        Ok(Response::new(Box::pin(stream)))
    }

    async fn legs(&self, _: Request<LegsRequest>) -> Result<Response<LegsResponse>, Status> {
        Ok(Response::new(answers::legs(&self.relay)))
    }

    async fn set_rules(
        &self,
        request: Request<SetRulesRequest>,
    ) -> Result<Response<SetRulesResponse>, Status> {
        let who = request.remote_addr().map_or_else(|| "somebody".to_owned(), |peer| peer.to_string());
        let request = request.into_inner();
        let changed = self.relay.change(change(request)?, who).await.map_err(refusal)?;
        let (rules, limit) = (changed.rules.as_ref().map(answers::rules), answers::limit(&changed.limit));
        Ok(Response::new(SetRulesResponse { rules, limit: Some(limit) }))
    }

    async fn capture(
        &self,
        request: Request<Streaming<CaptureRequest>>,
    ) -> Result<Response<Self::CaptureStream>, Status> {
        let stream = self.captures.begin(&self.relay, request.into_inner(), self.stopping.clone()).await?;
        Ok(Response::new(stream))
    }
}

fn change(request: SetRulesRequest) -> Result<Change, Status> {
    let mut change = Change::new(request.leg);
    let rules = &mut change.rules;
    (rules.loss, rules.burst, rules.seed) = (request.loss, request.burst, request.seed);
    rules.delay = request.delay_ms.map(|ms| time("delay_ms", ms)).transpose()?;
    rules.jitter = request.jitter_ms.map(|ms| time("jitter_ms", ms)).transpose()?;
    let Some(asked) = request.limit else { return Ok(change) };
    let limit = &mut change.limit;
    (limit.bits_per_second, limit.packets_per_second) = (asked.bits_per_second, asked.packets_per_second);
    limit.stream_bits_per_second = asked.stream_bits_per_second;
    limit.stream_packets_per_second = asked.stream_packets_per_second;
    limit.burst = asked.burst_ms.map(|ms| time("limit.burst_ms", ms)).transpose()?;
    Ok(change)
}

/// Not every number is a time; whether it is too long is not asked here.
fn time(field: &str, ms: f64) -> Result<Duration, Status> {
    Duration::try_from_secs_f64(ms / 1000.0)
        .map_err(|_| Status::invalid_argument(format!("{field} is {ms}: that is no time")))
}

fn refusal(error: ChangeError) -> Status {
    let text = error.to_string();
    match error {
        ChangeError::UnknownLeg { .. } => Status::not_found(text),
        ChangeError::Value(_) | ChangeError::SourceHasNoRules => Status::invalid_argument(text),
        ChangeError::Busy => Status::resource_exhausted(text),
        ChangeError::Stopped => unavailable(),
        ChangeError::Panicked(_) => Status::internal(text),
    }
}

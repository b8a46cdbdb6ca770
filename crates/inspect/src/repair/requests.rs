//! Which streams a request for packets (RFC 4585 §6.2.1) is about.

use std::collections::BTreeSet;

use interceptor_packet::rtcp::Nack;

use crate::Endpoints;
use crate::flow::Flow;
use crate::rtcp::distance;

/// Flows of one SSRC that a request is credited to.
const MAX_FLOWS: usize = 8;

/// In which flows each SSRC is.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    places: BTreeSet<(u32, usize)>,
}

impl Requests {
    /// A stream has begun in the flow at this place.
    pub(crate) fn add(&mut self, ssrc: u32, place: usize) {
        self.places.insert((ssrc, place));
    }

    /// Flows have other places now.
    pub(crate) fn rebuild(&mut self, flows: &[Flow]) {
        let streams =
            flows.iter().enumerate().flat_map(|(place, flow)| flow.ssrcs().map(move |ssrc| (ssrc, place)));
        self.places = streams.collect();
    }

    /// Credits a request that came in flow `by` to the stream whose flow is nearest to that, as all RTCP; to all that are
    /// equally near.
    pub(crate) fn credit(&self, nack: &Nack<'_>, by: Endpoints, flows: &mut [Flow]) {
        let ssrc = nack.media_ssrc();
        let places =
            || self.places.range((ssrc, 0)..=(ssrc, usize::MAX)).map(|(_, place)| *place).take(MAX_FLOWS);
        let far = |flow: &Flow| distance(flow.endpoints, by);
        let nearest = places().filter_map(|place| flows.get(place)).map(far).min();
        for place in places() {
            let flow = flows.get_mut(place).filter(|flow| Some(far(flow)) == nearest);
            if let Some(flow) = flow {
                flow.asked(ssrc, nack.sequence_numbers(), by);
            }
        }
    }
}

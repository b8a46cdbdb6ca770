//! All flows of a capture: which packets belong to streams, which wait until that is known, and which are left out.

use std::collections::HashMap;
use std::time::Duration;

use interceptor_packet::rtcp::Nack;

use super::candidates::{Held, Waiting};
use super::flow::Flow;
use super::frame::Datagram;
use super::header::Header;
use super::payload_types::PayloadTypes;
use super::repair::Requests;
use super::{Endpoints, InspectOptions};

/// Looking through all flows has to pay: it has to free this fraction of them, or waits for as many packets.
const MIN_FREED: usize = 16;

/// How sure it is that a datagram is RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    /// The user says so: one packet makes a stream.
    Sure,
    /// It may be: it takes several in sequence, or one in a flow that has a stream.
    Likely,
    /// It may as well be RTCP: it takes several in sequence, or another packet of its SSRC of which there is no doubt.
    Doubtful,
}

/// All flows.
#[derive(Debug)]
pub(super) struct Flows {
    list: Vec<Flow>,
    by_endpoints: HashMap<Endpoints, usize, foldhash::fast::FixedState>,
    /// The flow of the last packet: the next one is often of the same.
    recent: Option<(Endpoints, usize)>,
    streams: usize,
    requests: Requests,
    max_streams: usize,
    max_flows: usize,
    /// What may wait, and what waits, in all flows together.
    max_held: Held,
    held: Held,
    /// Packets that had to wait.
    order: u64,
    /// Packets of new flows to refuse before flows are looked through again.
    patience: usize,
    /// Packets that were forgotten with their flows.
    forgotten: u64,
    pub(super) left_out: LeftOut,
}

/// Packets that belong to no stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LeftOut {
    /// They look like RTP, but are too few to be sure, or were forgotten before that could be told.
    pub(super) undecided: u64,
    /// As many of them were forgotten.
    pub(super) forgotten: u64,
    /// They are in flows that are RTP, and are none.
    pub(super) malformed: u64,
    /// They are of more streams or flows than are told apart.
    pub(super) refused: u64,
}

impl Flows {
    pub(super) fn new(options: &InspectOptions) -> Self {
        Self {
            list: Vec::new(),
            by_endpoints: HashMap::default(),
            recent: None,
            streams: 0,
            requests: Requests::default(),
            max_streams: options.max_streams,
            max_flows: options.max_flows,
            max_held: Held { packets: options.max_waiting_packets, bytes: options.max_waiting_bytes },
            held: Held::default(),
            order: 0,
            patience: 0,
            forgotten: 0,
            left_out: LeftOut::default(),
        }
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Flow> {
        self.list.iter()
    }

    /// How many streams there are.
    pub(super) const fn streams(&self) -> usize {
        self.streams
    }

    /// Takes in a datagram that may be RTP.
    pub(super) fn receive(
        &mut self,
        datagram: &Datagram<'_>,
        belief: Belief,
        since: Duration,
        types: &PayloadTypes,
    ) {
        let Some(header) = Header::parse(datagram.payload, datagram.wire_len) else {
            let is_among_rtp =
                belief == Belief::Sure || self.get(datagram.endpoints).is_some_and(Flow::is_recognised);
            self.left_out.malformed += u64::from(is_among_rtp);
            return;
        };
        let Some(place) = self.place(datagram.endpoints) else {
            self.left_out.refused += 1;
            return;
        };
        let Some(flow) = self.list.get_mut(place) else { return };
        if !flow.receive(since, &header, datagram.payload, types) {
            let doubtful = belief == Belief::Doubtful;
            let packet = Waiting::new(self.order, since, header, datagram.payload, doubtful);
            self.receive_unknown(place, packet, belief, types);
        }
    }

    /// Whether a packet that has the form of RTCP goes on with a stream.
    pub(super) fn continues(&self, datagram: &Datagram<'_>) -> bool {
        let header = Header::parse(datagram.payload, datagram.wire_len);
        self.get(datagram.endpoints).zip(header).is_some_and(|(flow, header)| flow.continues(&header))
    }

    /// Credits a request for packets that came in flow `by`.
    pub(super) fn credit(&mut self, nack: &Nack<'_>, by: Endpoints) {
        self.requests.credit(nack, by, &mut self.list);
    }

    fn get(&self, endpoints: Endpoints) -> Option<&Flow> {
        self.list.get(*self.by_endpoints.get(&endpoints)?)
    }

    /// Takes in a packet of an SSRC that is no stream yet.
    #[cold]
    fn receive_unknown(&mut self, place: usize, packet: Waiting, belief: Belief, types: &PayloadTypes) {
        self.order += 1;
        let Some(flow) = self.list.get_mut(place) else { return };
        // A flow that has a stream is RTP: what comes in it under another SSRC is another stream.
        let is_known = belief == Belief::Sure || (belief == Belief::Likely && flow.is_recognised());
        let before = flow.candidates.held();
        let released = if is_known { flow.candidates.add_known(packet) } else { flow.candidates.add(packet) };
        let after = flow.candidates.held();
        self.held.packets = self.held.packets - before.packets + after.packets;
        self.held.bytes = self.held.bytes - before.bytes + after.bytes;
        for Waiting { since, header, head, .. } in &released {
            if flow.receive(*since, header, head, types) {
                continue;
            }
            if self.streams < self.max_streams {
                self.streams += 1;
                flow.begin(header.ssrc());
                self.requests.add(header.ssrc(), place);
                flow.receive(*since, header, head, types);
            } else {
                self.left_out.refused += 1;
            }
        }
        if self.held.packets > self.max_held.packets || self.held.bytes > self.max_held.bytes {
            self.relieve();
        }
    }

    /// Forgets the older half of what waits, and more if that is not enough.
    #[cold]
    fn relieve(&mut self) {
        let most = Held { packets: self.max_held.packets / 2, bytes: self.max_held.bytes / 2 };
        let mut window = self.held.packets as u64;
        while self.held.packets > most.packets || self.held.bytes > most.bytes {
            window /= 2;
            let oldest = self.order - window;
            self.held = Held::default();
            for flow in &mut self.list {
                flow.candidates.forget_before(oldest);
                let Held { packets, bytes } = flow.candidates.held();
                self.held.packets += packets;
                self.held.bytes += bytes;
            }
        }
    }

    /// The place of a flow in the list; `None`: there are too many.
    #[inline]
    fn place(&mut self, endpoints: Endpoints) -> Option<usize> {
        if let Some((recent, place)) = self.recent
            && recent == endpoints
        {
            return Some(place);
        }
        let place = match self.by_endpoints.get(&endpoints) {
            Some(place) => *place,
            None => {
                if self.list.len() >= self.max_flows {
                    self.forget_flows();
                }
                if self.list.len() >= self.max_flows {
                    return None;
                }
                self.list.push(Flow::new(endpoints));
                self.by_endpoints.insert(endpoints, self.list.len() - 1);
                self.list.len() - 1
            }
        };
        self.recent = Some((endpoints, place));
        Some(place)
    }

    /// Forgets the older half of the flows without a stream: queries to name servers alone come from a port each.
    #[cold]
    fn forget_flows(&mut self) {
        // Looking through all flows for each packet would take hostile captures for ever.
        if let Some(less) = self.patience.checked_sub(1) {
            self.patience = less;
            return;
        }
        let flows = self.list.len();
        let without_stream = self.list.iter().filter(|flow| !flow.is_recognised());
        let mut newest: Vec<Option<u64>> = without_stream.map(|flow| flow.candidates.newest()).collect();
        newest.sort_unstable();
        if let Some(last) = newest.get(newest.len() / 2) {
            let is_old = |flow: &Flow| !flow.is_recognised() && flow.candidates.newest() <= *last;
            for flow in self.list.extract_if(.., |flow| is_old(flow)) {
                let Held { packets, bytes } = flow.candidates.held();
                self.held.packets -= packets;
                self.held.bytes -= bytes;
                self.forgotten += flow.candidates.forgotten() + packets as u64;
            }
        }
        self.patience = (flows / MIN_FREED).saturating_sub(flows - self.list.len());
        self.by_endpoints =
            self.list.iter().enumerate().map(|(place, flow)| (flow.endpoints, place)).collect();
        self.requests.rebuild(&self.list);
        self.recent = None;
    }

    /// What is left out as things stand.
    pub(super) fn left_out(&self) -> LeftOut {
        let mut result = self.left_out;
        result.forgotten = self.forgotten;
        result.forgotten += self.list.iter().map(|flow| flow.candidates.forgotten()).sum::<u64>();
        for flow in &self.list {
            let candidates = &flow.candidates;
            if flow.is_recognised() {
                result.malformed += candidates.doubtful();
            } else if result.forgotten > 0 {
                // Nobody knows what came before these.
                result.undecided += candidates.held().packets as u64;
            } else {
                result.undecided += candidates.likely();
            }
        }
        result.undecided += result.forgotten;
        result
    }
}

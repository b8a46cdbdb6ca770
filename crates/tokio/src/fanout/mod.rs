//! Sources to many subscribers, each of whom has one stream of its own.

mod counters;
mod early;
mod index;
mod layers;
mod list;
mod options;
mod part;
mod subscriber;
mod subscription;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use interceptor_core::OptionsError;
use interceptor_packet::{NtpTime, RtpPacket};
use interceptor_rewriter::{Numbers, OutgoingStream, SourceId};

pub use counters::SubscriptionCounters;
use list::List;
pub use options::FanoutOptions;
pub use part::Part;
use subscriber::Subscriber;
pub use subscription::Subscription;

use crate::local_stream::LocalStream;
use crate::lock::Lock;

/// Forwards the packets of sources (publishers, or layers of their simulcasts) to any number of subscribers, a session each.
///
/// Each subscriber sees one stream without seams, whichever source it gets ([`Rewriter`](crate::rewriter::Rewriter)). Payloads are shared: a subscriber costs a header.
/// Nothing here waits: packets of one batch leave each subscriber in one go, and who is too slow for them gets less, by rule:
///
/// 1. Layers above its limit ([`Subscription::set_max_layer`]) are left out.
/// 2. With more than [`thin_above_packets`](FanoutOptions::thin_above_packets) waiting for its transport only layer 0 is sent.
/// 3. A frame of layer 0 for which there is no room in its [`send_queue`](crate::SessionOptions::send_queue) is not begun, and nothing is sent
///    until the next key frame, as frames in between could not be decoded. [`Forwarded::key_frame_wanted`] says so.
/// 4. A frame of an upper layer for whose later packets there is no room is broken off, and its layer is back with a frame that can be decoded
///    without it. Padding for which there is no room is left out.
///
/// Who waits for a source begins with the first packet of a key frame. The last 64 packets before that are kept, once for all who wait: those
/// that have overtaken it follow it, also when it was lost and is sent again. A subscriber that begins to wait between the two misses them.
///
/// A panic while a subscriber takes packets (in its transport, or in an interceptor where the chain does not isolate these) ends its
/// subscription, and nobody else's.
///
/// What is left out leaves no gap in the subscriber's numbers, so it asks for none of it again, unless packets behind it have left already. Layers
/// change between frames only, however their source sets its clock. What a subscriber loses on its path its own chain repairs from its history.
///
/// Clones are handles of the same fan-out. Where sessions are spread over threads each thread has one of its own.
#[derive(Clone)]
pub struct Fanout {
    list: Arc<Lock<List>>,
    options: FanoutOptions,
}

/// What came of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// Packets that subscribers' sessions took, all together.
    pub packets: usize,
    /// Somebody waits for a key frame of this source: ask its publisher for one ([`Session::request_keyframe`](crate::Session::request_keyframe)).
    pub key_frame_wanted: bool,
}

impl Fanout {
    /// A fan-out without subscribers.
    ///
    /// # Errors
    /// An option that is out of its range.
    pub fn new(options: FanoutOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { list: Arc::default(), options })
    }

    /// Adds a subscriber, with the stream that it gets and the numbers of the first packet in it: at random, where that is encrypted
    /// (RFC 3550 §5.1). It gets nothing before [`Subscription::switch_to`] says what.
    ///
    /// # Errors
    /// None, as the options have been checked.
    pub fn subscribe(&self, stream: LocalStream, first: Numbers) -> Result<Subscription, OptionsError> {
        let clock_rate = stream.info().primary().map_or(0, |codec| codec.clock_rate);
        let outgoing = OutgoingStream::new(stream.ssrc(), clock_rate);
        let rewriter = self.options.rewriter(outgoing.starting_at(first.sequence_number, first.timestamp))?;
        let subscriber = Arc::new(Lock::new(Subscriber::new(stream, rewriter)));
        let id = self.list.lock().add(&subscriber);
        Ok(Subscription::new(Arc::clone(&self.list), id, subscriber))
    }

    /// Forwards packets of `source` that came together, such as those of one [`RemoteStream::read_many`](crate::RemoteStream::read_many), to
    /// whoever gets it; nobody else costs anything. `part` says what each is.
    pub fn forward(
        &self,
        source: SourceId,
        packets: &[RtpPacket],
        part: impl FnMut(&RtpPacket) -> Part,
    ) -> Forwarded {
        // The caller's code runs without the lock: it may panic.
        let mut parts = self.list.lock().take_parts();
        parts.extend(packets.iter().map(part));
        let mut list = self.list.lock();
        let forwarded = list.forward(source, packets, &parts, self.options.thin_above_packets);
        list.keep_parts(parts);
        forwarded
    }

    /// A sender report of `source` has come: at `ntp` its clock stood at `rtp`. With reports of both a switch from one source to another is exact.
    pub fn sender_report(&self, source: SourceId, ntp: NtpTime, rtp: u32) {
        self.list.lock().sender_report(source, ntp, rtp);
    }

    /// How many subscribe.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.list.lock().len()
    }
}

impl fmt::Debug for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fanout")
            .field("subscribers", &self.subscribers())
            .field("options", &self.options)
            .finish()
    }
}

//! A subscriber: the forwarder's side, which chooses a layer, and the viewer's, which takes notes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use interceptor_congestion::{CongestionFactory, CongestionOptions};
use interceptor_core::{Event, Fact, Registry};
use interceptor_nack::NackFactory;
use interceptor_packet::{RtpPacket, Unwrapper};
use interceptor_report::ReportFactory;
use interceptor_tokio::rewriter::Numbers;
use interceptor_tokio::{
    Events, Fanout, RemoteStream, Session, Subscription, SubscriptionCounters, Transport,
};
use interceptor_twcc::TwccFactory;
use tokio::time::Instant;

use super::camera::layer_of;
use super::choice::{LAYERS, choose};
use super::{PUBLISHERS, Result, source, video};

/// What the viewer saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Packets that arrived, each once.
    pub(crate) packets: usize,
    /// Numbers between the first and the last that did not.
    pub(crate) missing: usize,
    /// The longest time without a packet.
    pub(crate) longest_pause: Duration,
    /// Packets of each layer.
    pub(crate) by_layer: [usize; LAYERS],
    /// Timestamps that went back, or stood still over two frames, as numbers went on.
    pub(crate) steps_back: usize,
    /// What the forwarder has counted.
    pub(crate) forwarded: SubscriptionCounters,
    /// Switches of source, the first included.
    pub(crate) switches: u64,
}

/// Both sides of a subscriber.
pub(crate) struct Subscriber {
    subscription: Arc<Subscription>,
    notes: Arc<Mutex<Notes>>,
    _sessions: [Session; 2],
}

#[derive(Default)]
struct Notes {
    unwrapper: Unwrapper,
    /// By number: the timestamp, and whether the frame ends.
    packets: BTreeMap<i64, (u32, bool)>,
    by_layer: [usize; LAYERS],
    last: Option<Instant>,
    longest_pause: Duration,
}

impl Subscriber {
    pub(crate) fn new<T: Transport>(number: u32, (ours, theirs): (T, T), fanout: &Fanout) -> Result<Self> {
        // New subscribers are given what most have room for.
        let congestion = CongestionFactory::new(CongestionOptions::default().with_start_bitrate(1_000_000))?;
        let repairing = || Registry::new().with(ReportFactory::default()).with(NackFactory::default());
        let sending = repairing().with(TwccFactory::default()).with(congestion);
        let receiving = repairing().with(TwccFactory::default());
        let seed = 1000 + 2 * u64::from(number);
        let session = |registry: &Registry, name, transport: T, seed| {
            Session::builder(registry, format!("{name}-{number}")).transport(transport).seed(seed).spawn()
        };
        let forwarder = session(&sending, "subscriber", ours, seed)?;
        let viewer = session(&receiving, "viewer", theirs, seed + 1)?;

        let info = video(0x5000_0000 + number);
        let notes = Arc::new(Mutex::new(Notes::default()));
        tokio::spawn(watch(viewer.bind_remote_stream(info.clone())?, Arc::clone(&notes)));
        let first = Numbers { sequence_number: 65_000, timestamp: u32::MAX - 90_000 };
        let subscription = Arc::new(fanout.subscribe(forwarder.bind_local_stream(info)?, first)?);
        tokio::spawn(follow(forwarder.events(), Arc::clone(&subscription), number % PUBLISHERS));
        Ok(Self { subscription, notes, _sessions: [forwarder, viewer] })
    }

    pub(crate) fn seen(&self) -> Seen {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let span = notes.packets.keys().next().zip(notes.packets.keys().next_back());
        let expected = span.map_or(0, |(first, last)| (last - first + 1) as usize);
        let neighbours = notes.packets.iter().zip(notes.packets.iter().skip(1));
        let steps_back = neighbours.filter(|((number, before), (next, after))| {
            let step = after.0.wrapping_sub(before.0).cast_signed();
            step < 0 || (before.1 && **next == **number + 1 && step == 0)
        });
        Seen {
            packets: notes.packets.len(),
            missing: expected - notes.packets.len(),
            longest_pause: notes.longest_pause,
            by_layer: notes.by_layer,
            steps_back: steps_back.count(),
            forwarded: self.subscription.counters(),
            switches: self.subscription.rewriter_counters().switches,
        }
    }
}

/// Gets the layer that there is room for, whenever congestion control says something new.
async fn follow(mut events: Events, subscription: Arc<Subscription>, publisher: u32) {
    let mut layer = LAYERS - 1;
    subscription.switch_to(source(publisher, layer));
    while let Ok(event) = events.read().await {
        let Event::Fact(Fact::TargetBitrate(target)) = event else { continue };
        let chosen = choose(target, layer);
        if chosen != layer {
            layer = chosen;
            subscription.switch_to(source(publisher, layer));
        }
    }
}

/// Takes notes of all that arrives.
async fn watch(mut stream: RemoteStream, notes: Arc<Mutex<Notes>>) {
    while let Ok(packet) = stream.read().await {
        notes.lock().unwrap_or_else(PoisonError::into_inner).take(&packet, Instant::now());
    }
}

impl Notes {
    fn take(&mut self, packet: &RtpPacket, now: Instant) {
        let pause = self.last.map_or(Duration::ZERO, |last| now.duration_since(last));
        self.longest_pause = self.longest_pause.max(pause);
        self.last = Some(now);
        let number = self.unwrapper.unwrap(packet.sequence_number());
        if self.packets.insert(number, (packet.timestamp(), packet.marker())).is_none()
            && let Some(count) = self.by_layer.get_mut(layer_of(packet))
        {
            *count += 1;
        }
    }
}

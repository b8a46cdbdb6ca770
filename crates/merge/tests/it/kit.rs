//! What the tests have in common: a chain that merges, and a network of several paths.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Event, Incoming, Outgoing, Registry, StreamInfo};
use interceptor_merge::{
    DuplicateFactory, DuplicateOptions, Merge, MergeCounters, MergeFactory, MergeOptions, PathChange,
    PathReport,
};
use interceptor_test::{Clock, Link, LinkOptions, rtp, stream_info};

pub(crate) const MEDIA: u32 = 1;
pub(crate) const RTX: u32 = 2;
pub(crate) const COPIES: u32 = 3;

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn merging(options: MergeOptions) -> Registry {
    Registry::new().with(MergeFactory::new(options).unwrap())
}

pub(crate) fn duplicating(options: DuplicateOptions) -> Registry {
    Registry::new().with(DuplicateFactory::new(options).unwrap())
}

pub(crate) fn chain(registry: &Registry) -> Chain {
    registry.build(ChainConfig::new("call", Clock::new().now(), NtpTime::default(), 1)).unwrap()
}

/// A video stream with retransmissions, whose copies may come on an SSRC of their own.
pub(crate) fn video() -> StreamInfo {
    stream_info::video_with_rtx(MEDIA, RTX).with_duplicate(COPIES)
}

/// A packet of the media, as the sender made it.
pub(crate) fn packet(seq: u16) -> RtpPacket {
    rtp(MEDIA).seq(seq).ts(u32::from(seq) * 90).payload(seq.to_be_bytes().repeat(20)).build()
}

/// A chain that merges, and its clock.
pub(crate) struct Rig {
    pub(crate) chain: Chain,
    pub(crate) now: Instant,
}

impl Rig {
    pub(crate) fn new(options: MergeOptions) -> Self {
        let mut chain = chain(&merging(options));
        let now = chain.config().now;
        chain.bind_remote(video(), now).unwrap();
        Self { chain, now }
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        self.chain.handle_timeout(self.now);
    }

    /// A packet comes over a path; gives the numbers that go on.
    pub(crate) fn read(&mut self, path: u8, mut packet: RtpPacket) -> Vec<u16> {
        packet.info_mut().path = path;
        self.chain.read_rtp(packet, self.now);
        self.up()
    }

    /// The media's packet of this number comes over a path; gives the numbers that go on.
    pub(crate) fn bring(&mut self, path: u8, seq: u16) -> Vec<u16> {
        self.read(path, packet(seq))
    }

    /// The numbers of what has gone on.
    pub(crate) fn up(&mut self) -> Vec<u16> {
        let up = std::iter::from_fn(|| self.chain.poll_app());
        up.filter_map(|incoming| match incoming {
            Incoming::Rtp(packet) => Some(packet.sequence_number()),
            _ => None,
        })
        .collect()
    }

    pub(crate) fn counters(&self) -> MergeCounters {
        *self.chain.get::<Merge>().unwrap().counters()
    }

    pub(crate) fn path(&mut self, path: u8) -> PathReport {
        self.chain
            .with_streams::<Merge, _>(|_, mut streams| streams.remote(MEDIA).unwrap().path(path))
            .unwrap()
    }

    pub(crate) fn changes(&mut self) -> Vec<PathChange> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        events.filter_map(|event: Event| event.raised().copied()).collect()
    }
}

/// What a stream came to that was sent over several paths.
pub(crate) struct Outcome {
    pub(crate) rig: Rig,
    /// The numbers that went on, as they did, with how long after having been sent.
    pub(crate) up: Vec<(u32, Duration)>,
    /// How long after having been sent the first copy of each number came.
    pub(crate) first: BTreeMap<u32, Duration>,
}

impl Outcome {
    /// Numbers of `count` that never went on.
    pub(crate) fn missing(&self, count: u32) -> usize {
        count as usize
            - self.up.iter().map(|(number, _)| *number).collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Packets that went on a second time.
    pub(crate) fn repeated(&self, count: u32) -> usize {
        self.up.len() + self.missing(count) - count as usize
    }
}

/// Sends so many packets, one a millisecond, over a link for each path.
pub(crate) fn over(links: &[LinkOptions], options: MergeOptions, count: u32) -> Outcome {
    let copies = (1..links.len() as u8).map(interceptor_merge::CopyTo::path);
    let mut sender = chain(&duplicating(DuplicateOptions::default().with_copies(copies)));
    let rig = Rig::new(options);
    let start = rig.now;
    sender.bind_local(video(), start).unwrap();
    let mut links: Vec<_> =
        (5..).zip(links).map(|(seed, options)| Link::new(start, seed, options.clone()).unwrap()).collect();
    let mut outcome = Outcome { rig, up: Vec::new(), first: BTreeMap::new() };
    let sent_at = |number: u32| start + ms(number.into());
    for step in 0..count + 2000 {
        let now = sent_at(step);
        if step < count {
            let mut packet = packet(step as u16);
            packet.set_payload(step.to_be_bytes().to_vec());
            sender.write_rtp(packet, now);
            while let Some(Outgoing::Rtp(packet)) = sender.poll_wire() {
                links[usize::from(packet.info().path)].push(now, packet.to_bytes());
            }
        }
        for (path, link) in (0..).zip(&mut links) {
            while let Some((at, datagram)) = link.pop(now) {
                let mut packet = RtpPacket::parse(datagram).unwrap();
                let number = u32::from_be_bytes(packet.payload().try_into().unwrap());
                outcome.first.entry(number).or_insert(at - sent_at(number));
                packet.info_mut().path = path;
                outcome.rig.now = now;
                outcome.rig.chain.read_rtp(packet, at);
            }
        }
        outcome.rig.chain.handle_timeout(now);
        while let Some(Incoming::Rtp(packet)) = outcome.rig.chain.poll_app() {
            let number = u32::from_be_bytes(packet.payload().try_into().unwrap());
            outcome.up.push((number, now - sent_at(number)));
        }
    }
    outcome
}

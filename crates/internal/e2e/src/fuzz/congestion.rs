//! Congestion control: whatever a peer says of what was sent, the target stays within its limits and nothing stays on the way.

use std::time::{Duration, Instant};

use interceptor_congestion::{Congestion, CongestionFactory, CongestionOptions};
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{BitrateRange, Chain, ChainConfig, Registry, StreamInfo};
use interceptor_test::{Clock, rtp, stream_info};

const SSRC: u32 = 0x0a0b_0c0d;
/// Of the transport-wide number.
const ID: u8 = 5;
/// Steps after which a script ends: one that repeats others would only be slow.
const MAX_STEPS: usize = 4000;

/// Plays `data` as a script of packets that leave, time that passes, and RTCP that comes.
pub fn congestion(data: &[u8]) {
    let (kind, mut script) = data.split_first().map_or((0, data), |(kind, rest)| (*kind, rest));
    let mut call = Call::new(kind);
    for _ in 0..MAX_STEPS {
        let Some((step, rest)) = script.split_first() else { break };
        script = rest;
        match step >> 6 {
            0 => (0..=step & 0x3f).for_each(|_| call.send()),
            1 => call.pass(Duration::from_millis(u64::from(step & 0x3f) * u64::from(step & 0x3f))),
            _ => {
                let (message, rest) = script.split_at(script.len().min(usize::from(step & 0x7f)));
                script = rest;
                call.hear(message);
            }
        }
        call.check();
    }
    call.pass(Duration::from_secs(400));
    assert_eq!(call.congestion().in_flight(), 0, "nobody tells of it any more");
}

struct Call {
    chain: Chain,
    now: Instant,
    next: u16,
}

impl Call {
    fn new(kind: u8) -> Self {
        let now = Clock::new().now();
        let factory = CongestionFactory::new(CongestionOptions::default()).expect("defaults are right");
        let config = ChainConfig::new("fuzzed", now, NtpTime::default(), 7)
            .with_ecn(kind & 4 != 0)
            .with_isolate_panics(false);
        let mut chain = Registry::new().with(factory).build(config).expect("it can be built");
        let mut info: StreamInfo =
            if kind & 1 == 0 { stream_info::video(SSRC) } else { stream_info::bare(SSRC) };
        if kind & 2 != 0 {
            info = info.with_feedback("ack", "ccfb");
        }
        info.bitrate = (kind & 8 != 0).then(|| BitrateRange::new(50_000, 900_000).with_pauses(true));
        chain.bind_local(info, now).expect("it can be bound");
        Self { chain, now, next: u16::from(kind) << 8 }
    }

    fn send(&mut self) {
        let packet: RtpPacket =
            rtp(SSRC).seq(self.next).payload_len(900).ext(ID, &self.next.to_be_bytes()).build();
        self.next = self.next.wrapping_add(1);
        self.chain.write_rtp(packet, self.now);
    }

    /// A message with the header of one, whatever the script says of that.
    fn hear(&mut self, message: &[u8]) {
        let mut bytes = message.to_vec();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        if let Some(head) = bytes.first_chunk_mut::<4>() {
            let words = (message.len().div_ceil(4) as u16).saturating_sub(1).to_be_bytes();
            let kinds = [(0x8f, 205), (0x8b, 205), (0x83, 205), (0x8f, 206), (0x81, 201), (0x81, 203)];
            let (first, kind) = kinds.get(usize::from(head[0] & 7)).copied().unwrap_or((head[0], head[1]));
            *head = [first, kind, words[0], words[1]];
        }
        self.chain.read_datagram(bytes.into(), self.now);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        while let Some(due) = self.chain.next_timeout().filter(|due| *due <= self.now) {
            self.chain.handle_timeout(due);
        }
    }

    fn congestion(&self) -> &Congestion {
        self.chain.get().expect("it is in the chain")
    }

    fn check(&mut self) {
        while self.chain.poll_wire().is_some() || self.chain.poll_app().is_some() {}
        while self.chain.poll_event().is_some() {}
        let options = CongestionOptions::default();
        if let Some(target) = self.chain.facts().target_bitrate() {
            assert!((options.min_bitrate..=options.max_bitrate).contains(&target.bits_per_second));
            assert!(target.stable <= target.bits_per_second);
        }
        let counters = self.congestion().counters();
        let told = counters.packets_received + counters.packets_lost + counters.packets_unknown;
        assert!(told <= counters.tracked, "each packet is told of once");
    }
}

//! A call of a day, with streams that come and go.
//!
//! Two ends with fifty streams each way, on a link that loses 2 %. They take turns to send: each 20 seconds ten of them
//! send 12 packets, one each 20 ms. That is half a million packets a day, what a debug build passes in half a minute, and
//! yet everything works at its real pace: histories fill and age, holes open and are filled, reports and
//! rates run once a second. Numbers start close to their wrap. Half of the streams stay all day, and their timestamps,
//! which follow the clock, wrap at least once; of the others one is replaced each 20 seconds. The day begins with a busy
//! minute, so that what grows to a cap of its own (the record of late packets, tables that are twice as large as they
//! have to be once enough entries have come and gone) has grown in the first hour.

use std::time::{Duration, Instant};

use bytes::Bytes;
use e2e::{default_registry, rtx_ssrc};
use interceptor_core::{Chain, StreamInfo};
use interceptor_nack::Nack;
use interceptor_packet::RtpPacket;
use interceptor_test::{Link, LinkOptions, Loss, PairOptions, Side, stream_info};

const STREAMS: usize = 100;
const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A stream that one end sends to the other.
struct Stream {
    from: usize,
    ssrc: u32,
    seq: u16,
    first_timestamp: u32,
}

/// Two chains and the links between them. Nothing that passes is kept.
struct Call {
    ends: [Chain; 2],
    /// From each end to the other.
    links: [Link<Bytes>; 2],
    start: Instant,
    now: Instant,
    streams: Vec<Stream>,
    bound: u32,
    payload: Bytes,
    delivered: u64,
}

impl Call {
    fn new() -> Self {
        let (registry, _) = default_registry();
        let options = PairOptions::default();
        let configs = [options.config(Side::A), options.config(Side::B)];
        let start = configs[0].now;
        let link = LinkOptions::default().with_delay(ms(20)).with_loss(Loss::random(0.02));
        let mut call = Self {
            ends: configs.map(|config| registry.build(config).unwrap()),
            links: [1, 2].map(|seed| Link::new(start, seed, link.clone()).unwrap()),
            start,
            now: start,
            streams: Vec::new(),
            bound: 0,
            payload: vec![0x5a; 1100].into(),
            delivered: 0,
        };
        for index in 0..STREAMS {
            let stream = call.bind(index);
            call.streams.push(stream);
        }
        call
    }

    /// Binds a new stream for place `index`, under an SSRC that was never used.
    fn bind(&mut self, index: usize) -> Stream {
        self.bound += 1;
        let ssrc = self.bound.wrapping_mul(0x9e37_79b1) | 1;
        let from = index % 2;
        let info = kind(index, ssrc);
        self.ends[from].bind_local(info.clone(), self.now).unwrap();
        self.ends[1 - from].bind_remote(info, self.now).unwrap();
        self.flush();
        Stream { from, ssrc, seq: 65_500, first_timestamp: self.bound.wrapping_mul(0x1234_5679) }
    }

    /// One of the streams that do not stay ends, and another one takes its place.
    fn replace_next(&mut self) {
        let index = STREAMS / 2 + self.bound as usize * 7 % (STREAMS / 2);
        let Stream { from, ssrc, .. } = self.streams[index];
        self.ends[from].unbind_local(ssrc, self.now).unwrap();
        self.ends[1 - from].unbind_remote(ssrc, self.now).unwrap();
        self.streams[index] = self.bind(index);
    }

    fn send(&mut self, index: usize) {
        let clock_rate = if index % 5 == 4 { 48 } else { 90 };
        let stream = &mut self.streams[index];
        let elapsed = (self.now - self.start).as_millis() as u32;
        let mut packet = RtpPacket::default();
        packet.set_ssrc(stream.ssrc);
        packet.set_payload_type(if index % 5 == 4 { 111 } else { 96 });
        packet.set_sequence_number(stream.seq);
        packet.set_timestamp(stream.first_timestamp.wrapping_add(elapsed.wrapping_mul(clock_rate)));
        packet.set_payload(self.payload.clone());
        stream.seq = stream.seq.wrapping_add(1);
        let from = stream.from;
        self.ends[from].write_rtp(packet, self.now);
        self.flush();
    }

    fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next_event().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            for from in 0..2 {
                while let Some((_, datagram)) = self.links[from].pop(self.now) {
                    self.ends[1 - from].read_datagram(datagram, self.now);
                    self.flush();
                }
                self.ends[from].handle_timeout(self.now);
                self.flush();
            }
        }
        self.now = end;
    }

    fn next_event(&self) -> Option<Instant> {
        let deliveries = self.links.iter().filter_map(Link::next_delivery);
        self.ends.iter().filter_map(Chain::next_timeout).chain(deliveries).min()
    }

    fn flush(&mut self) {
        for (chain, link) in self.ends.iter_mut().zip(&mut self.links) {
            while let Some(packet) = chain.poll_wire() {
                link.push(self.now, packet.to_bytes());
            }
            while chain.poll_app().is_some() {
                self.delivered += 1;
            }
            while chain.poll_event().is_some() {}
        }
    }

    /// A minute in which the streams that stay send 40 packets a second, and the others come and go.
    fn busy_minute(&mut self) {
        for _ in 0..40 * 60 {
            (0..STREAMS / 2).for_each(|index| self.send(index));
            self.run_for(ms(25));
            (0..2).for_each(|_| self.replace_next());
        }
    }

    /// An hour: in each 20 seconds ten streams send and one is replaced. It ends in silence.
    fn hour(&mut self) {
        for slot in 0..180 {
            self.replace_next();
            for _ in 0..12 {
                (0..10).for_each(|place| self.send(slot % 10 * 10 + place));
                self.run_for(ms(20));
            }
            self.run_for(ms(20_000 - 12 * 20));
        }
    }
}

impl Call {
    /// The day was one in which there was something to do.
    fn assert_repaired(&mut self) {
        assert_eq!(self.bound as usize, STREAMS + 2 * 40 * 60 + 24 * 180);
        // All media, all repairs that were not too late, and a report each second from both ends.
        let sent = 40 * 60 * STREAMS as u64 / 2 + 24 * 180 * 10 * 12;
        let reports = 2 * 24 * 3600;
        assert!(self.delivered > (sent + reports) * 98 / 100, "{}", self.delivered);
        for end in &mut self.ends {
            let counters =
                end.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams).asking).unwrap();
            let repaired = counters.recovered_rtx + counters.recovered_late;
            assert!(repaired > 4_000 && repaired > 9 * counters.given_up, "{counters:?}");
            assert_eq!((counters.resets, counters.out_of_place), (0, 0));
        }
    }
}

/// Of five streams three are video with RTX, one without, one audio.
fn kind(index: usize, ssrc: u32) -> StreamInfo {
    match index % 5 {
        0..=2 => stream_info::video_with_rtx(ssrc, rtx_ssrc(ssrc)),
        3 => stream_info::video(ssrc),
        _ => stream_info::audio(ssrc),
    }
}

#[test]
fn a_day_of_a_hundred_streams_takes_no_more_memory_than_an_hour() {
    let mut call = None;
    let first = allocation_counter::measure(|| {
        let call = call.insert(Call::new());
        call.busy_minute();
        call.hour();
    });
    let mut call = call.unwrap();
    let (mut live, mut highest) = (vec![first.bytes_current], 0);
    for _ in 1..24 {
        let before = live.last().copied().unwrap_or_default();
        let hour = allocation_counter::measure(|| call.hour());
        live.push(before + hour.bytes_current);
        highest = hour.bytes_max.max(highest);
    }
    assert_eq!(call.now - call.start, 24 * HOUR + MINUTE);
    call.assert_repaired();
    // From hour to hour other streams have a gap behind them, and with it a window of what is missing.
    let mean = |hours: &[i64]| hours.iter().sum::<i64>() as f64 / hours.len() as f64;
    let (first, last) = (mean(&live[..6]), mean(&live[18..]));
    assert!((last / first - 1.0).abs() < 0.01, "{first} bytes in the morning, {last} at night: {live:?}");
    assert!((highest as f64) < first / 10.0, "more than at rest: {highest} bytes");
}

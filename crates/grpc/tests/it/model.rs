//! Whatever frames, limits and ends: what comes out is what a plain model says, and is counted once.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use interceptor_grpc::{Code, Excess, Pace, Rate, StreamLimits, Traffic};
use proptest::prelude::*;

use crate::support::{Framed, through, watched};

/// What goes one way through a layer, and what limits it.
#[derive(Clone, Debug)]
struct Case {
    received: bool,
    sizes: Vec<u32>,
    /// So many bytes of a message that never becomes whole.
    torn: usize,
    cuts: Vec<usize>,
    max_messages: Option<u64>,
    max_bytes: Option<u64>,
    max_message_bytes: Option<u64>,
    /// So many at once, and what becomes of more.
    burst: Option<(u64, Excess)>,
}

/// What a message of the torn end claims to have.
const TORN: u32 = 20;

fn case() -> impl Strategy<Value = Case> {
    let excess = prop_oneof![Just(Excess::Wait), Just(Excess::Fail), Just(Excess::Drop)];
    (
        (any::<bool>(), proptest::collection::vec(0..40_u32, 0..12), 0..12_usize),
        proptest::collection::vec(1..60_usize, 1..20),
        (
            proptest::option::of(1..10_u64),
            proptest::option::of(1..200_u64),
            proptest::option::of(10..45_u64),
            proptest::option::of((1..8_u64, excess)),
        ),
    )
        .prop_map(
            |((received, sizes, torn), cuts, (max_messages, max_bytes, max_message_bytes, burst))| Case {
                received,
                sizes,
                torn,
                cuts,
                max_messages,
                max_bytes,
                max_message_bytes,
                burst,
            },
        )
}

fn put(wire: &mut BytesMut, n: usize, size: u32) {
    wire.put_u8(u8::from(n % 3 == 1));
    wire.put_u32(size);
    wire.put_bytes(n as u8, size as usize);
}

impl Case {
    fn limits(&self) -> StreamLimits {
        let mut limits = StreamLimits::default();
        limits.max_messages = self.max_messages;
        limits.max_bytes = self.max_bytes;
        limits.max_message_bytes = self.max_message_bytes;
        if let Some((burst, excess)) = self.burst {
            let rate = Rate::new(1, Duration::from_secs(1), burst).unwrap();
            let pace = Pace::default().with_messages(rate).with_excess(excess);
            limits = if self.received { limits.with_received(pace) } else { limits.with_sent(pace) };
        }
        limits
    }

    fn frames(&self) -> Vec<Bytes> {
        let mut wire = BytesMut::new();
        for (n, size) in self.sizes.iter().enumerate() {
            put(&mut wire, n, *size);
        }
        let whole = wire.len();
        put(&mut wire, 255, TORN);
        wire.truncate(whole + self.torn);
        let mut wire = wire.freeze();
        let mut frames = Vec::new();
        for cut in self.cuts.iter().cycle() {
            if wire.is_empty() {
                break;
            }
            // Now and then one without a byte.
            frames.extend((*cut == 7).then(Bytes::new));
            frames.push(wire.split_to(wire.len().min(*cut)));
        }
        frames
    }

    /// What comes out, how it is counted, and whether that ends the call.
    fn model(&self) -> (BytesMut, Traffic, bool) {
        let (mut out, mut counts, mut tokens) = (BytesMut::new(), Traffic::default(), self.burst);
        let (mut granted, mut bytes) = (0, 0);
        let torn = (self.torn >= 5).then_some(TORN);
        for (n, size) in self.sizes.iter().copied().chain(torn).enumerate() {
            let whole = n < self.sizes.len();
            let size_here = u64::from(size);
            let mut refused = granted == self.max_messages.unwrap_or(u64::MAX)
                || bytes + size_here > self.max_bytes.unwrap_or(u64::MAX)
                || size_here > self.max_message_bytes.unwrap_or(u64::MAX);
            match &mut tokens {
                _ if refused => {}
                Some((0, Excess::Drop)) => {
                    counts.dropped_messages += 1;
                    counts.dropped_bytes += size_here;
                    continue;
                }
                Some((0, Excess::Fail)) => refused = true,
                Some((tokens, _)) => *tokens = tokens.saturating_sub(1),
                None => {}
            }
            if refused || !whole {
                counts.refused_messages += 1;
                counts.refused_bytes += size_here;
            }
            if refused {
                return (out, counts, true);
            }
            granted += 1;
            bytes += size_here;
            let before = out.len();
            put(&mut out, if whole { n } else { 255 }, size);
            if whole {
                counts.messages += 1;
                counts.bytes += size_here;
            } else {
                out.truncate(before + self.torn);
            }
        }
        if torn.is_none() {
            let before = out.len();
            put(&mut out, 255, TORN);
            out.truncate(before + self.torn);
        }
        (out, counts, false)
    }

    async fn check(self) {
        let (expected, counts, ends) = self.model();
        let (layer, mut heard) = watched(self.limits());
        let calls = layer.calls().clone();
        let (request, response) = if self.received {
            through(layer, Framed::new(self.frames()), Framed::response(Vec::new())).await
        } else {
            through(layer, Framed::new(Vec::new()), Framed::response(self.frames())).await
        };
        let code = if ends { Code::ResourceExhausted } else { Code::Ok };
        let read = if self.received { request } else { response };
        assert_eq!(read.data, expected);
        if self.received {
            assert_eq!(read.error.is_some(), ends);
        } else {
            assert_eq!(read.trailers.unwrap()["grpc-status"], (code as i32).to_string());
        }
        let ended = heard.next().await;
        let mut traffic = if self.received { ended.stats.received } else { ended.stats.sent };
        traffic.waited = Duration::ZERO;
        // A request's torn end is counted when its reader drops it.
        assert_eq!((traffic, ended.code), (counts, code));
        assert!(heard.is_silent() && calls.is_empty(), "once, and nothing is left");
    }
}

proptest! {
    #[test]
    fn what_comes_out_is_what_a_model_says(case in case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(case.check());
    }
}

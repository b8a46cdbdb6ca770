//! Whatever happens, packets go where a plain list of streams says.

use std::collections::VecDeque;

use interceptor_core::StreamInfo;
use interceptor_rtx::RtxAssociationOptions;
use proptest::prelude::*;

use super::kit::{Finder, again};

/// So few that streams meet each other's requests.
const REQUESTS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Step {
    Bind(u32),
    Unbind(u32),
    Ask(u32, u16),
    Bye(u32),
    Packet { ssrc: u32, payload_type: u8, original: u16 },
}

fn step() -> impl Strategy<Value = Step> {
    let (stream, ssrc, number) = (0..5_u32, 100..106_u32, 0..6_u16);
    let packet = (ssrc.clone(), 96..100_u8, number.clone());
    prop_oneof![
        2 => stream.clone().prop_map(Step::Bind),
        1 => stream.clone().prop_map(Step::Unbind),
        4 => (stream, number).prop_map(|(stream, number)| Step::Ask(stream, number)),
        1 => ssrc.prop_map(Step::Bye),
        8 => packet.prop_map(|(ssrc, payload_type, original)| Step::Packet { ssrc, payload_type, original }),
    ]
}

/// The payload types that a stream retransmits with.
const fn payload_types(stream: u32) -> &'static [u8] {
    match stream {
        0 | 1 => &[97],
        2 => &[97, 99],
        3 => &[99],
        _ => &[98],
    }
}

fn info(stream: u32) -> StreamInfo {
    let info = StreamInfo::new(1_000 + stream, 90, 90_000);
    let types = payload_types(stream);
    let info = info.with_rtx(2_000 + stream, types[0]);
    types[1..].iter().fold(info, |info, rtx| info.with_rtx_payload_type(*rtx, 91))
}

#[derive(Default)]
struct Plain {
    streams: Vec<PlainStream>,
    only_by_request: bool,
}

struct PlainStream {
    id: u32,
    found: Option<u32>,
    requests: VecDeque<u16>,
}

impl Plain {
    fn take(&mut self, ssrc: u32, payload_type: u8, original: u16) -> Option<u32> {
        let carries = |stream: &&mut PlainStream| payload_types(stream.id).contains(&payload_type);
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.found == Some(ssrc)) {
            return Some(stream).filter(carries).map(|stream| 2_000 + stream.id);
        }
        let mut possible: Vec<_> = self.streams.iter_mut().filter(carries).collect();
        let only = possible.len() == 1 && possible[0].found.is_none() && !self.only_by_request;
        if !only {
            possible.retain(|stream| stream.requests.contains(&original));
        }
        let [stream] = &mut possible[..] else { return None };
        stream.found = Some(ssrc);
        Some(2_000 + stream.id)
    }
}

proptest! {
    #[test]
    fn packets_go_where_a_plain_list_says(steps in prop::collection::vec(step(), 1..120), require in any::<bool>()) {
        let options = RtxAssociationOptions::default().with_max_requests(REQUESTS).with_require_request(require);
        let mut finder = Finder::with(options);
        let mut plain = Plain { only_by_request: require, ..Plain::default() };
        for step in steps {
            match step {
                Step::Bind(id) if plain.streams.iter().all(|stream| stream.id != id) => {
                    finder.bind(info(id));
                    plain.streams.push(PlainStream { id, found: None, requests: VecDeque::new() });
                }
                Step::Bind(_) => {}
                Step::Unbind(id) => {
                    let _ = finder.chain.unbind_remote(1_000 + id, finder.now);
                    plain.streams.retain(|stream| stream.id != id);
                }
                Step::Ask(id, number) => {
                    finder.ask(1_000 + id, &[number]);
                    for stream in plain.streams.iter_mut().filter(|stream| stream.id == id) {
                        stream.requests.push_back(number);
                        let over = stream.requests.len().saturating_sub(REQUESTS);
                        stream.requests.drain(..over);
                    }
                }
                Step::Bye(ssrc) => {
                    finder.bye(ssrc);
                    let found = plain.streams.iter_mut().filter(|stream| stream.found == Some(ssrc));
                    found.for_each(|stream| stream.found = None);
                }
                Step::Packet { ssrc, payload_type, original } => {
                    let given = finder.given_to(&again(ssrc, payload_type, original));
                    prop_assert_eq!(given, plain.take(ssrc, payload_type, original));
                }
            }
            for stream in &plain.streams {
                prop_assert_eq!(finder.found(1_000 + stream.id), stream.found);
            }
        }
    }
}

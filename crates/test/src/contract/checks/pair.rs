//! Two ends over a lossy link: where emitted packets appear, and that a run repeats itself.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::Incoming;

use crate::contract::rig::{Ear, LOCAL, REMOTE};
use crate::contract::{ABOVE, BELOW, Contract, assert_same};
use crate::{Crossing, Jitter, LinkOptions, Loss, Pair, PairOptions, Record, Recording, Side, rtp};

const MS: Duration = Duration::from_millis(1);
/// Packets of each stream.
const PACKETS: usize = 400;
/// Datagrams that an end may send for one of its application's: the same again, repaired, asked for, and as
/// much to spare.
const AMPLIFICATION: usize = 4;

impl Contract {
    /// What the interceptor emits towards the wire crosses the places below it and not those above, what it
    /// delivers crosses those above and not those below, and on a lossy link it does not send many times what
    /// the application does.
    ///
    /// # Panics
    /// If it does.
    pub fn places_what_it_emits_where_it_stands(&self) {
        let call = self.lossy_call(1);
        for (side, fed) in [(Side::A, &LOCAL), (Side::B, &REMOTE)] {
            let records = call.records(side);
            let written = |point| crossings(&records, point, is_write);
            let read = |point| crossings(&records, point, is_read);

            let sent: Vec<Bytes> =
                call.pair.sent(side).iter().map(|sent| sent.datagram.bytes.clone()).collect();
            assert_same("what crossed below is what was sent", &sent, &written(BELOW));
            assert!(
                sent.len() <= AMPLIFICATION * (fed.len() * PACKETS + 100),
                "{} datagrams sent",
                sent.len()
            );

            let from_app = call.fed(fed);
            let mut from_above = written(ABOVE);
            assert_eq!(from_above.len(), from_app.len(), "only the application writes above");
            from_above.sort();
            assert_same("what crossed above is what the application wrote", &from_app, &from_above);

            let delivered: Vec<Bytes> =
                call.pair.received(side).iter().map(|received| bytes_of(&received.packet)).collect();
            assert_same("what crossed above is what the application got", &delivered, &read(ABOVE));
            let arrived = call.pair.link(side.other()).counters().delivered;
            assert_eq!(read(BELOW).len() as u64, arrived, "only the wire reads below");
        }
    }

    /// With the same inputs, instants and seed, the same bytes leave at the same instants.
    ///
    /// # Panics
    /// If they do not.
    pub fn repeats_itself_for_the_same_seed(&self) {
        let (first, second) = (self.lossy_call(7), self.lossy_call(7));
        for side in [Side::A, Side::B] {
            let bytes = |call: &Call| {
                let sent = call.pair.sent(side).iter();
                sent.map(|sent| sent.datagram.bytes.clone()).collect::<Vec<_>>()
            };
            let instants =
                |call: &Call| call.pair.sent(side).iter().map(|sent| sent.at).collect::<Vec<Instant>>();
            assert_same("what was sent the second time", &bytes(&first), &bytes(&second));
            assert_eq!(instants(&first), instants(&second), "when it was sent the second time");
            assert_eq!(first.pair.received(side), second.pair.received(side));
        }
    }

    /// Three streams each way for two seconds over 20 ms with loss, jitter and reordering, then a second of
    /// silence.
    fn lossy_call(&self, seed: u64) -> Call {
        let links = LinkOptions::default()
            .with_delay(20 * MS)
            .with_loss(Loss::burst(0.1, 2.0))
            .with_jitter(Jitter::uniform(8 * MS))
            .with_jitter_reorders(true);
        let options = PairOptions::default().with_seed(seed).with_links(links);
        let recording = Recording::new();
        let registry = (self.registry)(Some(&recording));
        let mut pair = Pair::new(&registry, &registry, options).expect("the factory builds");
        for (side, ssrcs) in [(Side::A, LOCAL), (Side::B, REMOTE)] {
            for ssrc in ssrcs {
                pair.bind(side, self.stream(ssrc)).expect("a free SSRC is bound");
                pair.feed(side, media(ssrc).every(5 * MS).take(PACKETS));
            }
        }
        self.assert_takes_part(pair.chain(Side::A));
        let ear = Ear::new();
        ear.listen(|| pair.run_for(3000 * MS));
        let errors: u64 =
            [Side::A, Side::B].iter().map(|side| pair.chain(*side).counters().hook_errors).sum();
        assert_eq!(
            errors,
            0,
            "hooks returned errors, the first was that of {}",
            ear.take().unwrap_or_default()
        );
        Call { pair, recording }
    }
}

fn media(ssrc: u32) -> crate::RtpStream {
    rtp(ssrc).seq(65_400).payload_len(300).stream()
}

/// A call that is over, with what crossed the places next to the interceptors.
struct Call {
    pair: Pair,
    recording: Recording,
}

impl Call {
    /// What crossed at one end.
    fn records(&self, side: Side) -> Vec<Record> {
        let id = &self.pair.chain(side).config().id;
        self.recording.records().into_iter().filter(|record| record.connection == *id).collect()
    }

    /// All that the application wrote on these streams, sorted.
    fn fed(&self, ssrcs: &[u32]) -> Vec<Bytes> {
        let packets = ssrcs.iter().flat_map(|ssrc| media(*ssrc).take(PACKETS));
        let mut bytes: Vec<Bytes> = packets.map(|packet| packet.to_bytes()).collect();
        bytes.sort();
        bytes
    }
}

fn crossings(records: &[Record], point: &str, wanted: fn(&Crossing) -> Option<Bytes>) -> Vec<Bytes> {
    records
        .iter()
        .filter(|record| record.point == point)
        .filter_map(|record| wanted(&record.crossing))
        .collect()
}

fn is_write(crossing: &Crossing) -> Option<Bytes> {
    match crossing {
        Crossing::WriteRtp(packet) => Some(packet.to_bytes()),
        Crossing::WriteRtcp(packet) => Some(packet.as_bytes().clone()),
        _ => None,
    }
}

fn is_read(crossing: &Crossing) -> Option<Bytes> {
    match crossing {
        Crossing::ReadRtp(packet) | Crossing::ReadUnboundRtp(packet) => Some(packet.to_bytes()),
        Crossing::ReadRtcp(packet) => Some(packet.as_bytes().clone()),
        _ => None,
    }
}

fn bytes_of(packet: &Incoming) -> Bytes {
    match packet {
        Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => packet.to_bytes(),
        Incoming::Rtcp(packet) => packet.as_bytes().clone(),
        Incoming::Raw(datagram) => datagram.clone(),
        _ => Bytes::new(),
    }
}

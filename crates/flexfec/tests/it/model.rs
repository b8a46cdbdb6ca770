//! A receiver as it is in books: all equations at once, no windows, no bounds. It says what a code can bring back.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::fec::{FlexFec03, Pattern, RecoveryFields, Rfc8627};

use crate::kit::{MEDIA, span};

/// What a sum holds: first two bytes, length, timestamp, and all behind the fixed header.
type Sum = Vec<u8>;

/// All packets that come back, with zeros for the extensions with these identifiers, as a receiver makes them.
pub(crate) fn recover(media: &[RtpPacket], repairs: &[RtpPacket], zeroed: &[u8]) -> BTreeMap<u16, RtpPacket> {
    let known: BTreeMap<u16, Sum> =
        media.iter().map(|packet| (packet.sequence_number(), summand(packet, zeroed))).collect();
    let mut equations: Vec<(BTreeSet<u16>, Sum)> = Vec::new();
    for repair in repairs {
        let (mut missing, mut sum) = (BTreeSet::new(), sum_of(repair));
        for number in span(repair).numbers() {
            match known.get(&number) {
                Some(packet) => add(&mut sum, packet),
                None => {
                    missing.insert(number);
                }
            }
        }
        // Elimination as it goes: no two equations have the same first unknown.
        while let Some(first) = missing.first().copied() {
            let Some((others, other)) = equations.iter().find(|(others, _)| others.first() == Some(&first))
            else {
                equations.push((missing, sum));
                break;
            };
            missing = missing.symmetric_difference(others).copied().collect();
            add(&mut sum, other);
        }
    }
    // Back substitution, from the equation with the highest first unknown on.
    equations.sort_by_key(|(missing, _)| std::cmp::Reverse(missing.first().copied()));
    let mut solved: BTreeMap<u16, Sum> = BTreeMap::new();
    for (missing, mut sum) in equations {
        let mut open = missing.into_iter().filter(|number| match solved.get(number) {
            Some(packet) => {
                add(&mut sum, packet);
                false
            }
            None => true,
        });
        let (first, second) = (open.next(), open.next());
        drop(open);
        if let (Some(number), None) = (first, second) {
            solved.insert(number, sum);
        }
    }
    solved.into_iter().filter_map(|(number, sum)| Some((number, packet(number, &sum)?))).collect()
}

/// The packet as it comes back if all is right.
pub(crate) fn zeroed(packet: &RtpPacket, ids: &[u8]) -> RtpPacket {
    let mut packet = packet.clone();
    for id in ids {
        if let Some(len) = packet.extension(*id).map(<[u8]>::len) {
            packet.set_extension(*id, &vec![0; len]).unwrap();
        }
    }
    packet
}

fn summand(packet: &RtpPacket, ids: &[u8]) -> Sum {
    let bytes = zeroed(packet, ids).to_bytes();
    let mut sum = vec![bytes[0] & 0x3f, bytes[1]];
    sum.extend(((bytes.len() - 12) as u16).to_be_bytes());
    sum.extend(&bytes[4..8]);
    sum.extend(&bytes[12..]);
    sum
}

fn sum_of(repair: &RtpPacket) -> Sum {
    assert!(matches!(span(repair).pattern, Pattern::Mask(_)));
    let payload = repair.payload();
    let (RecoveryFields { first, length, timestamp }, body) = if repair.csrcs().count() == 0 {
        let read = FlexFec03::read(payload).unwrap();
        (read.fields(), read.body())
    } else {
        let Ok(Rfc8627::Repair(read)) = Rfc8627::read(1, payload) else { panic!("{repair:?}") };
        (read.fields(), read.body())
    };
    [&first[..], &length.to_be_bytes(), &timestamp.to_be_bytes(), body].concat()
}

fn add(sum: &mut Sum, other: &[u8]) {
    sum.resize(sum.len().max(other.len()), 0);
    sum.iter_mut().zip(other).for_each(|(sum, byte)| *sum ^= byte);
}

/// `None` if the sum is not that of one packet.
fn packet(number: u16, sum: &[u8]) -> Option<RtpPacket> {
    let len = usize::from(u16::from_be_bytes([sum[2], sum[3]]));
    let body = sum[8..].get(..len)?;
    if sum[8 + len..].iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut bytes = vec![sum[0] | 0x80, sum[1]];
    bytes.extend(number.to_be_bytes());
    bytes.extend(&sum[4..8]);
    bytes.extend(MEDIA.to_be_bytes());
    bytes.extend(body);
    RtpPacket::parse(Bytes::from(bytes)).ok()
}

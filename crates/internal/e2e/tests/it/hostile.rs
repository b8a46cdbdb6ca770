//! A peer that sends whatever it likes.

use std::io;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use e2e::{Chance, LOCAL, Peer, REMOTE, Totals, Victim, default_registry, rfc3550_registry};
use interceptor_core::Registry;
use interceptor_pcap_dump::{PacketSink, PcapDumpFactory, PcapDumpOptions, Record};
use interceptor_test::{hostile_datagrams, rtp};

/// Heap bytes of the whole chain at any time. NACK: two send histories of 2048 packets at 90 bytes (the application
/// shares its payloads), two remote streams with 1000 holes at 40 bytes and room for as many more. Everything else
/// (the other interceptors' streams, tables, the datagram and what the attack keeps) has 128 KiB.
const HEAP_CAP: u64 = 2 * 2048 * 90 + 2 * 2 * 1000 * 40 + 128 * 1024;

/// Attacks until so many datagrams were sent, and then closes the chain.
fn attack(registry: &Registry, datagrams: u64, seed: u64) -> Totals {
    attack_on(Victim::new(registry), datagrams, seed)
}

fn attack_on(mut victim: Victim, datagrams: u64, seed: u64) -> Totals {
    let (mut peer, mut chance) = (Peer::new(), Chance::new(seed));
    while victim.totals().datagrams_in < datagrams {
        peer.step(&mut chance, &mut victim);
    }
    victim.finish()
}

#[test]
fn a_million_hostile_datagrams_break_nothing_and_fill_no_memory() {
    let (registry, _) = default_registry();
    let mut totals = Totals::default();
    let memory = allocation_counter::measure(|| totals = attack(&registry, 1_000_000, 1));
    assert!(memory.bytes_max < HEAP_CAP, "{memory:?}");
    // The bounds of the worst datagram are checked at each one; over all of them an attack costs more than it causes.
    assert!(totals.rtcp_out < totals.bytes_in && totals.resent_out < totals.bytes_in, "{totals:?}");
    assert!(
        totals.resent_packets > 10_000 && totals.rtcp_packets > 10_000,
        "a peer that gets through: {totals:?}"
    );
}

#[test]
fn a_session_by_the_letter_of_rfc_3550_holds_as_well() {
    let (registry, _) = rfc3550_registry();
    let victim = Victim::with_config(&registry, |config| config.with_reduced_size_rtcp(false));
    let totals = attack_on(victim, 100_000, 5);
    assert!(totals.rtcp_out < totals.bytes_in, "{totals:?}");
}

#[test]
fn the_same_attack_makes_the_same_bytes() {
    let run = |seed| attack(&default_registry().0, 20_000, seed);
    assert_eq!(run(2), run(2));
    assert_ne!(run(2).digest, run(3).digest);
}

/// Media, receiver reports and goodbyes of SSRCs that nobody has announced, each of another one.
fn strangers(victim: &mut Victim, numbers: Range<u32>) {
    for number in numbers {
        // An odd factor: no SSRC twice.
        let ssrc = number.wrapping_mul(0x9e37_79b1).to_be_bytes();
        let head = match number % 3 {
            0 => [0x80, 96, 0, 1, 0, 0, 0, 0],
            1 => [0x80, 201, 0, 2, ssrc[0], ssrc[1], ssrc[2], ssrc[3]],
            _ => [0x82, 203, 0, 2, ssrc[0], ssrc[1], ssrc[2], ssrc[3]],
        };
        victim.read(&head.into_iter().chain(ssrc).collect());
        if number % 1000 == 0 {
            victim.pass(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_million_strangers_leave_no_memory_behind() {
    let mut victim = Victim::new(&default_registry().0);
    strangers(&mut victim, 0..100_000);
    let memory = allocation_counter::measure(|| strangers(&mut victim, 100_000..1_000_000));
    assert!(memory.bytes_current <= 1024 && memory.bytes_max < 32 * 1024, "{memory:?}");
    victim.finish();
}

#[test]
fn of_a_million_strangers_ten_thousand_count_as_members() {
    let mut victim = Victim::new(&rfc3550_registry().0);
    // Members are kept for five intervals, which such a session makes hours long; at 50 bytes each, in trees that are
    // half full at least.
    let memory = allocation_counter::measure(|| strangers(&mut victim, 0..1_000_000));
    assert!((10_000 * 50..2 * 10_000 * 50 + 64 * 1024).contains(&memory.bytes_max), "{memory:?}");
    victim.finish();
}

#[test]
fn every_malformed_datagram_of_the_test_kit_passes_the_whole_chain() {
    let mut victim = Victim::new(&default_registry().0);
    for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
        for (number, datagram) in hostile_datagrams(local, remote, 1).enumerate() {
            if number % 10 == 0 {
                victim.send(number / 10 % 3, 200);
                victim.pass(Duration::from_millis(5));
            }
            victim.read(&datagram);
        }
    }
    victim.finish();
}

#[test]
fn asking_for_everything_all_the_time_gets_no_more_than_the_media() {
    let mut victim = Victim::new(&default_registry().0);
    let mut sent = 0;
    for round in 0..2000_u32 {
        (0..2).for_each(|index| victim.send(index, 1000));
        sent += 2;
        // All that a NACK can ask for: the last 4000 numbers, of both streams.
        for (index, ssrc) in [(0, LOCAL[0]), (1, LOCAL[1])] {
            let newest = victim.next_number(index);
            let pairs = (0..235_u16).flat_map(|pair| {
                let [high, low] = newest.wrapping_sub(17 * (pair + 1)).to_be_bytes();
                [high, low, 0xff, 0xff]
            });
            let head = [0x81, 205, 0, 237, 0, 0, 0, 7].into_iter().chain(ssrc.to_be_bytes());
            victim.read(&head.chain(pairs).collect());
        }
        victim.pass(Duration::from_millis(if round % 50 == 0 { 300 } else { 5 }));
    }
    let totals = victim.finish();
    assert!(totals.resent_packets <= sent, "{totals:?}");
    assert!(totals.resent_packets > sent * 9 / 10, "a sincere peer would get its answers: {totals:?}");
}

#[test]
fn gaps_as_wide_as_possible_cost_a_bounded_feedback() {
    let mut victim = Victim::new(&default_registry().0);
    for number in 0..10_000_u32 {
        let packet = rtp(REMOTE[1]).seq((number * 1000) as u16).ts(number).payload(Bytes::new()).build();
        victim.read(&packet.to_bytes());
        victim.pass(Duration::from_millis(1));
    }
    let totals = victim.finish();
    // Of two packets one shows a gap of 999 and makes a NACK of 59 pairs, the other one more than can be asked for.
    assert!(totals.rtcp_out < 10_000 / 2 * (12 + 59 * 4) + 11 * 2 * 1200, "{totals:?}");
}

#[derive(Debug)]
struct Nowhere;

impl PacketSink for Nowhere {
    fn write(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_capture_of_the_attack_changes_nothing() {
    let (captured, _) = default_registry();
    let options = PcapDumpOptions::new("unused").with_sink(|_| Ok(Nowhere));
    let captured = captured.with(PcapDumpFactory::new(options).unwrap());
    let seed = 4;
    assert_eq!(attack(&captured, 50_000, seed), attack(&default_registry().0, 50_000, seed));
}

//! The lossy link: its rates, its repeatability, its delay, and its sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use rtptap::demo::link::{Direction, Fate, Forwarder, LinkConditions, LinkModel, LossyLink, Verdict, What};
use tokio::net::UdpSocket;

const AUDIO: u32 = 0xa0d1_0001;
const VIDEO: u32 = 0xf1de_0001;
const VIDEO_RTX: u32 = 0xf1de_0002;
const RECEIVER_REPORT: &[u8] = &[0x80, 201, 0, 1, 0, 0, 0, 9];

fn rtp(ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x80, 96];
    out.extend_from_slice(&sequence.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

fn rtx(sequence: u16, original: u16) -> Vec<u8> {
    rtp(VIDEO_RTX, sequence, &original.to_be_bytes())
}

fn link(conditions: LinkConditions) -> LinkModel {
    LinkModel::new(conditions, [(VIDEO_RTX, VIDEO)]).unwrap()
}

fn lossy(loss: f64, seed: u64) -> LinkConditions {
    LinkConditions::default().with_loss(loss).with_seed(seed)
}

/// Judges `count` media packets of one stream in order, from sequence number 100.
fn walk(link: &mut LinkModel, direction: Direction, ssrc: u32, count: u32) -> Vec<Verdict> {
    (0..count).map(|i| link.judge(direction, &rtp(ssrc, (100 + i) as u16, b"media"))).collect()
}

fn share_lost(verdicts: &[Verdict]) -> f64 {
    verdicts.iter().filter(|v| v.lost).count() as f64 / verdicts.len() as f64
}

#[test]
fn loss_converges_to_what_was_asked_in_each_direction_and_stream() {
    for burst in [None, Some(3.0)] {
        for loss in [0.05, 0.2] {
            let mut link = link(lossy(loss, 3).with_burst(burst));
            for direction in Direction::BOTH {
                for ssrc in [AUDIO, VIDEO] {
                    let share = share_lost(&walk(&mut link, direction, ssrc, 5000));
                    let clumping = if burst.is_some() { 2.2 } else { 1.0 };
                    let sigma = clumping * (loss * (1.0 - loss) / 5000.0).sqrt();
                    assert!((share - loss).abs() <= 4.0 * sigma, "{burst:?} {loss}: {share}");
                }
            }
        }
        let none = walk(&mut link(lossy(0.0, 3).with_burst(burst)), Direction::AToB, VIDEO, 1000);
        assert_eq!(share_lost(&none), 0.0);
    }
}

#[test]
fn bursts_have_the_mean_length_that_was_asked() {
    for (burst, expect) in [(None, 1.0 / 0.95), (Some(4.0), 4.0)] {
        let verdicts = walk(&mut link(lossy(0.05, 11).with_burst(burst)), Direction::AToB, VIDEO, 20_000);
        let runs: Vec<usize> =
            verdicts.chunk_by(|a, b| a.lost == b.lost).filter(|r| r[0].lost).map(<[_]>::len).collect();
        let mean = runs.iter().sum::<usize>() as f64 / runs.len() as f64;
        assert!((mean - expect).abs() < 0.1 * expect, "{burst:?}: {mean}");
    }
}

#[test]
fn directions_and_streams_lose_different_packets() {
    let mut link = link(lossy(0.5, 3));
    let fates: BTreeSet<Vec<bool>> =
        [(Direction::AToB, AUDIO), (Direction::AToB, VIDEO), (Direction::BToA, AUDIO)]
            .into_iter()
            .map(|(direction, ssrc)| walk(&mut link, direction, ssrc, 64).iter().map(|v| v.lost).collect())
            .collect();
    assert_eq!(fates.len(), 3);
}

#[test]
fn rtcp_is_lost_at_the_same_rate_and_in_its_own_row() {
    let mut alone = link(lossy(0.2, 5));
    let mut among_media = link(lossy(0.2, 5));
    let mut lost = 0;
    for i in 0..4000_u32 {
        let verdict = alone.judge(Direction::BToA, RECEIVER_REPORT);
        assert_eq!(verdict.what, What::Rtcp);
        among_media.judge(Direction::AToB, &rtp(VIDEO, i as u16, b"x"));
        among_media.judge(Direction::AToB, RECEIVER_REPORT);
        assert_eq!(among_media.judge(Direction::BToA, RECEIVER_REPORT), verdict);
        lost += u32::from(verdict.lost);
    }
    assert!((720..880).contains(&lost), "{lost}");
}

#[test]
fn numbers_go_on_over_the_wrap() {
    let mut link = link(lossy(0.3, 8));
    let mut round = || -> Vec<Verdict> {
        (0..=u16::MAX).step_by(256).map(|n| link.judge(Direction::AToB, &rtp(VIDEO, n, b"media"))).collect()
    };
    let (first_round, second_round) = (round(), round());
    let expect = What::Media { ssrc: VIDEO, sequence: 65_536 };
    assert_eq!(second_round[0].what, expect, "a new packet, not a copy of the first");
    let fates = |verdicts: &[Verdict]| verdicts.iter().map(|v| v.lost).collect::<Vec<_>>();
    assert_ne!(fates(&first_round), fates(&second_round));
}

#[test]
fn a_retransmission_is_known_by_its_original_in_either_form() {
    let mut link = link(lossy(0.0, 1));
    link.judge(Direction::AToB, &rtp(VIDEO, 500, b"media"));
    let what = |verdict: Verdict| verdict.what;
    let expect = |copy| What::Retransmission { ssrc: VIDEO, sequence: 500, copy };
    assert_eq!(what(link.judge(Direction::AToB, &rtx(9, 500))), expect(1));
    assert_eq!(what(link.judge(Direction::AToB, &rtp(VIDEO, 500, b"media"))), expect(2));
    assert_eq!(what(link.judge(Direction::AToB, &rtx(10, 500))), expect(3));
    assert_eq!(
        what(link.judge(Direction::AToB, &rtp(VIDEO_RTX, 11, b"")[..])),
        What::Other,
        "no original number"
    );
}

#[test]
fn strangers_cannot_make_the_link_remember_without_bound() {
    let mut link = link(lossy(0.0, 1));
    let whats: Vec<What> =
        (0..1000).map(|ssrc| link.judge(Direction::AToB, &rtp(ssrc, 1, b"")).what).collect();
    assert_eq!(whats.iter().filter(|w| matches!(w, What::Media { .. })).count(), 256);
    assert_eq!(whats[999], What::Other);
}

/// One datagram of a run; copies and RTCP are what differs from run to run.
#[derive(Clone, Debug)]
enum Sent {
    Media(u32, u16),
    Again(u16),
    Rtcp,
}

/// Whether each media packet, by stream and number, was lost; and each retransmission, by original and copy.
type Fates = (BTreeMap<(u32, i64), bool>, BTreeMap<(i64, u32), bool>);

fn fates(conditions: &LinkConditions, run: &[Sent]) -> Fates {
    let mut link = link(conditions.clone());
    let (mut media, mut again) = (BTreeMap::new(), BTreeMap::new());
    let mut rtx_sequence = 0;
    for sent in run {
        let datagram = match *sent {
            Sent::Media(ssrc, sequence) => rtp(ssrc, sequence, b"media"),
            Sent::Again(original) => {
                rtx_sequence += 1;
                rtx(rtx_sequence, original)
            }
            Sent::Rtcp => RECEIVER_REPORT.to_vec(),
        };
        let verdict = link.judge(Direction::AToB, &datagram);
        match verdict.what {
            What::Media { ssrc, sequence } => _ = media.insert((ssrc, sequence), verdict.lost),
            What::Retransmission { sequence, copy, .. } => _ = again.insert((sequence, copy), verdict.lost),
            _ => {}
        }
    }
    (media, again)
}

/// The same two streams, interleaved at random, media reordered within ten places, with RTCP strewn in and packets
/// sent again at any time after the first copy.
fn run() -> impl Strategy<Value = Vec<Sent>> {
    let noise = proptest::collection::vec((0.0..1.0_f64, 0_u8..4, 0_u16..100), 0..80);
    (proptest::collection::vec(0.0..10.0_f64, 300), noise).prop_map(|(jitter, noise)| {
        let media = (0..300_u16).map(|i| if i % 3 == 0 { (AUDIO, i / 3) } else { (VIDEO, i) });
        let mut timed: Vec<(f64, Sent)> = media
            .zip(jitter)
            .enumerate()
            .map(|(i, ((ssrc, n), j))| (i as f64 + j, Sent::Media(ssrc, 1000 + n)))
            .collect();
        for (when, kind, which) in noise {
            let original = 3 * which + 1;
            let first_copy = f64::from(original) + 10.0;
            timed.push(match kind {
                0 => (when * 300.0, Sent::Rtcp),
                _ => (first_copy + when * (320.0 - first_copy), Sent::Again(1000 + original)),
            });
        }
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        timed.into_iter().map(|(_, sent)| sent).collect()
    })
}

proptest! {
    #[test]
    fn the_same_seed_loses_the_same_packets_whatever_the_timing(
        seed: u64, one in run(), other in run(), burst in proptest::option::of(1.0..10.0_f64),
    ) {
        let conditions = lossy(0.3, seed).with_burst(burst);
        let ((media_1, again_1), (media_2, again_2)) = (fates(&conditions, &one), fates(&conditions, &other));
        prop_assert_eq!(media_1.len(), 300);
        prop_assert_eq!(media_1, media_2);
        for (packet, lost) in again_1 {
            prop_assert!(again_2.get(&packet).is_none_or(|l| *l == lost), "{:?}", packet);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_datagram_panics(datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)) {
        let mut link = link(lossy(0.5, 1).with_burst(Some(3.0)));
        for mut datagram in datagrams {
            link.judge(Direction::AToB, &datagram);
            if let Some(first) = datagram.first_mut() {
                *first = 0x80 | (*first & 0x3f);
            }
            link.judge(Direction::BToA, &datagram);
        }
    }
}

#[test]
fn another_seed_loses_other_packets() {
    let lost = |seed| {
        walk(&mut link(lossy(0.3, seed)), Direction::AToB, VIDEO, 64)
            .iter()
            .map(|v| v.lost)
            .collect::<Vec<_>>()
    };
    assert_ne!(lost(1), lost(2));
}

#[test]
fn the_delay_stays_within_the_jitter_and_never_below_zero() {
    let ms = Duration::from_millis;
    let delays = |delay, jitter| {
        let conditions = lossy(0.0, 2).with_delay(ms(delay)).with_jitter(ms(jitter));
        walk(&mut link(conditions), Direction::AToB, VIDEO, 10_000)
            .iter()
            .map(|v| v.delay)
            .collect::<Vec<_>>()
    };
    let usual = delays(40, 5);
    let mean = usual.iter().sum::<Duration>() / 10_000;
    assert!(usual.iter().all(|d| (ms(35)..=ms(45)).contains(d)));
    assert!(usual.iter().any(|d| *d < ms(36)) && usual.iter().any(|d| *d > ms(44)));
    assert!(mean.abs_diff(ms(40)) < Duration::from_micros(100), "{mean:?}");
    assert!(delays(1, 5).contains(&Duration::ZERO));
    assert!(delays(7, 0).iter().all(|d| *d == ms(7)));
}

#[test]
fn datagrams_leave_in_order_when_they_are_due_and_are_logged() {
    let ms = Duration::from_millis;
    let mut forwarder = Forwarder::new(link(lossy(0.1, 6)));
    let mut now = Duration::ZERO;
    let mut out = Vec::new();
    for sequence in 0..500 {
        let direction = Direction::BOTH[usize::from(sequence) % 2];
        forwarder.accept(direction, rtp(VIDEO, sequence, b"").into(), now);
        while let Some(due) = forwarder.next_due().filter(|due| *due <= now + ms(1)) {
            let (direction, datagram) = forwarder.pop_due(due).unwrap();
            out.push((direction, u16::from_be_bytes([datagram[2], datagram[3]]), due));
        }
        now += ms(1);
    }
    assert_eq!(forwarder.pop_due(now - ms(1)).map(|(_, d)| d.len()), None, "nothing is due yet");
    while let Some((direction, datagram)) = forwarder.pop_due(Duration::MAX) {
        out.push((direction, u16::from_be_bytes([datagram[2], datagram[3]]), Duration::MAX));
    }

    for direction in Direction::BOTH {
        let sequences: Vec<u16> = out.iter().filter(|(d, ..)| *d == direction).map(|(_, s, _)| *s).collect();
        assert!(sequences.is_sorted(), "jitter never reorders");
        let flow = forwarder.truth().flow(direction, VIDEO);
        assert_eq!(flow.offered, 250);
        assert_eq!(flow.lost + sequences.len() as u64, 250);
        assert!((10..45).contains(&flow.lost), "{}", flow.lost);
        let lost: BTreeSet<i64> =
            forwarder.truth().media(direction, VIDEO).filter(|(_, _, lost)| *lost).map(|(n, ..)| n).collect();
        assert!(sequences.iter().all(|s| !lost.contains(&i64::from(*s))));
        assert_eq!(lost.len() as u64, flow.lost);
    }
    for entry in forwarder.into_truth().entries() {
        if let Fate::Forwarded { at } = entry.fate {
            assert!((ms(35)..=ms(45)).contains(&(at - entry.at)), "{entry:?}");
        }
    }
}

#[test]
fn a_full_queue_drops_and_says_so() {
    let mut forwarder = Forwarder::new(link(lossy(0.0, 1)));
    for sequence in 0..20_000 {
        forwarder.accept(Direction::AToB, rtp(AUDIO, sequence, b"").into(), Duration::ZERO);
    }
    let full = forwarder.truth().entries().iter().filter(|e| e.fate == Fate::QueueFull).count();
    assert_eq!(full, 20_000 - 16_384);
    assert_eq!(forwarder.truth().flow(Direction::AToB, AUDIO).lost, full as u64);
}

/// 1000 bytes on the link: 8 ms at 1 Mbit/s.
fn kilobyte(sequence: u16) -> Bytes {
    rtp(VIDEO, sequence, &[7; 1000 - 28 - 12]).into()
}

fn limited(conditions: LinkConditions) -> Forwarder {
    let still = conditions.with_delay(Duration::from_millis(40)).with_jitter(Duration::ZERO);
    Forwarder::new(link(still.with_rate(Some("1,0.5@10".parse().unwrap()))))
}

#[test]
fn a_limited_link_holds_back_what_comes_too_fast_one_way_only() {
    let ms = Duration::from_millis;
    let mut forwarder = limited(lossy(0.0, 1));
    for sequence in 0..4 {
        forwarder.accept(Direction::AToB, kilobyte(sequence), ms(100));
        forwarder.accept(Direction::BToA, kilobyte(sequence), ms(100));
    }
    let log = |direction| {
        let entries = forwarder.truth().entries().iter().filter(move |entry| entry.direction == direction);
        entries.map(|entry| (entry.queued, entry.fate)).collect::<Vec<_>>()
    };
    let forwarded = |queued, at| (ms(queued), Fate::Forwarded { at: ms(at) });
    let queued = [forwarded(0, 148), forwarded(8, 156), forwarded(16, 164), forwarded(24, 172)];
    assert_eq!(log(Direction::AToB), queued);
    assert_eq!(log(Direction::BToA), [forwarded(0, 140); 4]);
}

#[test]
fn what_a_limited_link_loses_has_passed_its_bottleneck() {
    let ms = Duration::from_millis;
    let mut forwarder = limited(lossy(0.5, 3));
    for sequence in 0..30 {
        forwarder.accept(Direction::AToB, kilobyte(sequence), ms(0));
    }
    let entries = forwarder.truth().entries();
    assert!(entries.iter().any(|entry| entry.fate == Fate::Lost));
    for (i, entry) in (0..).zip(entries) {
        assert_eq!(entry.queued, ms(8 * i), "{entry:?}");
    }
}

#[test]
fn a_full_bottleneck_drops_what_the_seed_would_have_let_pass_and_no_more_than_comes_gets_through() {
    let ms = Duration::from_millis;
    let mut forwarder = limited(lossy(0.1, 3));
    // Twice as much as it carries, for 5 s.
    for sequence in 0..1250 {
        forwarder.accept(Direction::AToB, kilobyte(sequence), ms(4 * u64::from(sequence)));
    }
    let mut out = 0;
    while forwarder.pop_due(Duration::MAX).is_some() {
        out += 1;
    }
    let count = |of: fn(&Fate) -> bool| forwarder.truth().entries().iter().filter(|e| of(&e.fate)).count();
    let (full, lost) = (count(|fate| *fate == Fate::QueueFull), count(|fate| *fate == Fate::Lost));
    assert_eq!(full + lost + out, 1250);
    assert!((580..600).contains(&full), "half of them, but for a queue of 300 ms: {full}");
    assert!((40..90).contains(&lost), "a tenth of the rest: {lost}");
    assert_eq!(forwarder.truth().flow(Direction::AToB, VIDEO).lost, (full + lost) as u64);
}

#[test]
fn conditions_out_of_range_are_named() {
    let base = LinkConditions::default;
    let long = Duration::from_secs(6);
    for (conditions, name) in [
        (base().with_loss(0.51), "loss is 0.51, which is not in 0.0..=0.5"),
        (base().with_loss(f64::NAN), "loss is NaN"),
        (base().with_loss(-0.1), "loss is -0.1"),
        (base().with_burst(Some(0.9)), "burst is 0.9, which is not in 1.0..=100.0 packets"),
        (base().with_delay(long), "delay is 6s"),
        (base().with_jitter(long), "jitter is 6s"),
    ] {
        let error = LinkModel::new(conditions, []).unwrap_err().to_string();
        assert!(error.starts_with(name), "{error}");
    }
}

async fn endpoint(link: std::net::SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(link).await.unwrap();
    socket
}

async fn receive(socket: &UdpSocket) -> Bytes {
    let mut buffer = [0; 2048];
    let received = tokio::time::timeout(Duration::from_secs(20), socket.recv(&mut buffer)).await;
    Bytes::copy_from_slice(&buffer[..received.unwrap().unwrap()])
}

#[tokio::test]
async fn sockets_carry_both_directions_and_the_log_knows_what_was_lost() {
    let link_between = LossyLink::bind().await.unwrap();
    let (for_a, for_b) = (link_between.address_for_a().unwrap(), link_between.address_for_b().unwrap());
    let (a, b) = (endpoint(for_a).await, endpoint(for_b).await);
    let stranger = endpoint(for_a).await;
    let conditions = lossy(0.3, 4).with_delay(Duration::from_millis(2)).with_jitter(Duration::from_millis(1));
    let expect: Vec<u16> = {
        let verdicts = walk(&mut link(conditions.clone()), Direction::AToB, VIDEO, 100);
        (100_u16..).zip(verdicts).filter(|(_, v)| !v.lost).map(|(s, _)| s).collect()
    };

    let start = tokio::time::Instant::now();
    let forwarder = Forwarder::new(link(conditions));
    let handle =
        link_between.start(a.local_addr().unwrap(), b.local_addr().unwrap(), forwarder, start).await.unwrap();
    stranger.send(&rtp(VIDEO, 100, b"not from A")).await.unwrap();
    for sequence in 100..200 {
        a.send(&rtp(VIDEO, sequence, b"media")).await.unwrap();
    }
    let mut got = Vec::new();
    while got.len() < expect.len() {
        let datagram = receive(&b).await;
        assert_eq!(&datagram[12..], b"media");
        got.push(u16::from_be_bytes([datagram[2], datagram[3]]));
    }
    assert_eq!(got, expect);

    b.send(b"STUN or so").await.unwrap();
    b.send(b"once more, because the first may be lost").await.unwrap();
    b.send(b"and more").await.unwrap();
    assert!(!receive(&a).await.is_empty());
    assert_eq!(handle.with_truth(|truth| truth.flow(Direction::AToB, VIDEO).offered), 100);
    let truth = handle.stop().await;
    assert_eq!(truth.flow(Direction::AToB, VIDEO).lost, 100 - expect.len() as u64);
    assert_eq!(truth.entries().iter().filter(|e| e.what == What::Other).count(), 3);
}

#[tokio::test]
async fn a_link_outlives_an_endpoint_that_went_away() {
    let link_between = LossyLink::bind().await.unwrap();
    let (for_a, for_b) = (link_between.address_for_a().unwrap(), link_between.address_for_b().unwrap());
    let (a, b) = (endpoint(for_a).await, endpoint(for_b).await);
    let b_address = b.local_addr().unwrap();
    let conditions = lossy(0.0, 4).with_delay(Duration::ZERO).with_jitter(Duration::ZERO);
    let forwarder = Forwarder::new(link(conditions));
    let start = tokio::time::Instant::now();
    let handle = link_between.start(a.local_addr().unwrap(), b_address, forwarder, start).await.unwrap();
    drop(b);
    a.send(b"into the void").await.unwrap();
    let back = UdpSocket::bind(b_address).await.unwrap();
    back.connect(for_b).await.unwrap();
    while handle.with_truth(|truth| truth.entries().is_empty()) {
        tokio::task::yield_now().await;
    }
    a.send(b"hello again").await.unwrap();
    while receive(&back).await != "hello again" {}
    back.send(b"and back").await.unwrap();
    assert_eq!(receive(&a).await, "and back");
}

//! Tests of who is taken for the source.

use super::*;

const TAKEOVER: Duration = Duration::from_secs(5);

fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], port))
}

#[expect(clippy::disallowed_methods, reason = "any instant will do")]
fn start() -> Instant {
    Instant::now()
}

fn rtp(ssrc: u32, seq: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(seq.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet
}

/// A source's place with whoever tries to get it, on a clock of their own.
struct Scene {
    peers: Peers,
    now: Instant,
}

impl Scene {
    fn new(believed: Option<&str>) -> Self {
        Self {
            peers: Peers::learnt(None, TAKEOVER, believed.map(|hosts| hosts.parse().unwrap())),
            now: start(),
        }
    }

    fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    fn rtp(&self, from: SocketAddr, ssrc: u32, seq: u16) -> Verdict {
        self.peers.hear(from, Kind::Rtp, &rtp(ssrc, seq), self.now)
    }

    fn rtcp(&self, from: SocketAddr) -> Verdict {
        self.peers.hear(from, Kind::Rtcp, &[0x80, 201, 0, 1, 0, 0, 0, 9], self.now)
    }

    /// Two packets in sequence: what they and what was kept of the host before come to.
    fn latches(&self, from: SocketAddr) -> Option<usize> {
        let _ = self.rtp(from, 7, 100);
        match self.rtp(from, 7, 101) {
            Verdict::TakenAfter(held, _) => Some(held.len() + 1),
            _ => None,
        }
    }

    fn places(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.peers.media(), self.peers.destination(Kind::Rtcp))
    }
}

#[test]
fn rtp_in_sequence_makes_a_host_the_source_until_it_falls_silent() {
    let mut scene = Scene::new(None);
    assert_eq!(scene.peers.hear(at(1, 10), Kind::Other, b"GET", scene.now), Verdict::Rejected(0), "a scan");
    assert_eq!(scene.rtp(at(1, 10), 7, 65_535), Verdict::Kept(0));
    assert_eq!(scene.places(), (None, None), "one packet is not enough");
    let Verdict::TakenAfter(held, 0) = scene.rtp(at(1, 10), 7, 0) else { panic!("not taken") };
    assert_eq!((held.len(), &held[0].datagram[..]), (1, &rtp(7, 65_535)[..]), "the first is not lost");
    assert_eq!(scene.places(), (Some(at(1, 10)), Some(at(1, 10))), "until its RTCP is seen");
    scene.wait(100);
    assert_eq!(scene.rtcp(at(1, 11)), Verdict::Taken);
    assert_eq!(scene.places(), (Some(at(1, 10)), Some(at(1, 11))));
    scene.wait(4999);
    assert_eq!((scene.latches(at(2, 20)), scene.peers.held()), (None, 0));
    scene.wait(1);
    assert_eq!(scene.latches(at(2, 20)), Some(2));
    assert_eq!(scene.places(), (Some(at(2, 20)), Some(at(2, 20))));
}

#[test]
fn rtcp_alone_claims_nothing_and_is_used_once_its_host_sends_media() {
    let mut scene = Scene::new(None);
    // A stranger, for longer than any takeover, and the true source's.
    for _ in 0..100 {
        assert!(matches!(scene.rtcp(at(9, 1)), Verdict::Kept(_)));
        scene.wait(100);
    }
    assert_eq!(scene.peers.held(), 2);
    scene.rtcp(at(1, 11));
    scene.rtp(at(1, 10), 7, 1);
    let Verdict::TakenAfter(held, dropped) = scene.rtp(at(1, 10), 7, 2) else { panic!("not taken") };
    assert_eq!(held.iter().map(|held| held.kind).collect::<Vec<_>>(), [Kind::Rtcp, Kind::Rtp]);
    assert_eq!((dropped, scene.peers.held(), scene.places()), (2, 0, (Some(at(1, 10)), Some(at(1, 11)))));
    assert_eq!(scene.rtcp(at(9, 1)), Verdict::Rejected(0));
    let rejected = scene.peers.rejected();
    assert_eq!(rejected.last().map(|host| (host.host, host.datagrams)), Some((at(9, 1).ip(), 98 + 2 + 1)));
}

#[test]
fn packets_out_of_sequence_claim_nothing_however_many() {
    let mut scene = Scene::new(None);
    for seq in (0..2000).step_by(2) {
        assert!(!matches!(scene.rtp(at(9, 1), 7, seq), Verdict::Taken | Verdict::TakenAfter(..)));
        assert!(scene.peers.held() <= 256);
        scene.wait(1);
    }
    assert!(scene.latches(at(1, 10)).is_some());
}

#[test]
fn streams_that_take_turns_prove_their_host() {
    let scene = Scene::new(None);
    for ssrc in 0..80 {
        assert!(matches!(scene.rtp(at(1, 10), ssrc, 5), Verdict::Kept(0)));
    }
    assert!(matches!(scene.rtp(at(1, 10), 0, 6), Verdict::TakenAfter(held, 0) if held.len() == 80));
}

#[test]
fn who_is_not_believed_is_never_the_source() {
    let mut scene = Scene::new(Some("192.0.2.1,192.0.2.64/26"));
    assert_eq!(scene.latches(at(2, 10)), None);
    assert_eq!((scene.rtcp(at(2, 10)), scene.peers.held()), (Verdict::Rejected(0), 0));
    assert_eq!(scene.latches(at(1, 10)), Some(2));
    scene.wait(6000);
    assert_eq!((scene.latches(at(2, 10)), scene.latches(at(100, 10))), (None, Some(2)));
    assert_eq!(scene.peers.rejected()[0].datagrams, 5);
}

#[test]
fn a_source_comes_through_a_flood_of_made_up_hosts() {
    let mut scene = Scene::new(None);
    let mut number = 0_u32;
    for seq in 0..200 {
        // 30 000 a second.
        for _ in 0..600 {
            number += 1;
            scene.now += Duration::from_secs(1) / 30_000;
            let from = SocketAddr::from((number.to_be_bytes(), 5));
            assert!(!matches!(scene.rtp(from, 7, 1), Verdict::Taken | Verdict::TakenAfter(..)));
        }
        if matches!(scene.rtp(at(1, 10), 7, seq), Verdict::TakenAfter(..)) {
            return;
        }
        assert!(scene.peers.held() <= 256 && scene.peers.rejected().len() <= 8);
    }
    panic!("it did not come through in 4 s");
}

#[test]
fn made_up_streams_of_its_own_host_keep_nobody_from_being_the_source() {
    let mut scene = Scene::new(None);
    for ssrc in 100..1000 {
        scene.rtp(at(1, 10), ssrc, 1);
        scene.wait(1);
    }
    for seq in 0..100 {
        if matches!(scene.rtp(at(1, 10), 7, seq), Verdict::TakenAfter(..)) {
            return;
        }
        for ssrc in 0..20 {
            scene.rtp(at(1, 10), 2000 + 20 * u32::from(seq) + ssrc, 1);
        }
        scene.wait(20);
    }
    panic!("it is not the source after 2 s");
}

#[test]
fn giants_are_kept_up_to_the_cap() {
    let scene = Scene::new(None);
    let giant = |seq: u16| [rtp(7, seq), vec![0; 65_000]].concat();
    for seq in (0..100).step_by(2) {
        scene.peers.hear(at(1, 10), Kind::Rtp, &giant(seq), scene.now);
    }
    assert_eq!(scene.peers.held(), 8);
    let Verdict::TakenAfter(held, _) = scene.peers.hear(at(1, 10), Kind::Rtp, &giant(99), scene.now) else {
        panic!("not taken")
    };
    assert_eq!(held.len(), 8);
}

#[test]
fn a_restarted_source_is_answered_where_it_is_now() {
    let mut scene = Scene { peers: Peers::learnt(Some(at(1, 99)), TAKEOVER, None), now: start() };
    assert_eq!(scene.latches(at(1, 10)), Some(2));
    assert_eq!(scene.rtp(at(1, 12), 8, 1), Verdict::Taken, "a second stream of the same host");
    assert_eq!(scene.peers.media(), Some(at(1, 10)));
    scene.wait(6000);
    assert_eq!(scene.rtp(at(1, 30), 9, 1), Verdict::Taken);
    assert_eq!(scene.places(), (Some(at(1, 30)), Some(at(1, 99))));
}

#[test]
fn a_watcher_hears_of_each_new_source_once() {
    let mut scene = Scene::new(None);
    let heard = std::sync::Arc::<Mutex<Vec<SocketAddr>>>::default();
    let told = std::sync::Arc::clone(&heard);
    scene.peers.watch(move |from| told.lock().unwrap().push(from));
    scene.rtcp(at(1, 11));
    scene.latches(at(1, 10));
    (0..3).for_each(|seq| _ = scene.rtp(at(1, 10), 7, seq));
    scene.latches(at(2, 20));
    scene.wait(6000);
    scene.latches(at(2, 20));
    assert_eq!(*heard.lock().unwrap(), [at(1, 10), at(2, 20)]);
}

#[test]
fn a_target_answers_from_any_port_of_its_host() {
    let peers = Peers::fixed(at(7, 5004), RtcpMode::Ports, None);
    let now = start();
    assert_eq!(peers.hear(at(7, 40_000), Kind::Rtcp, b"", now), Verdict::Taken);
    assert_eq!(peers.hear(at(8, 5005), Kind::Rtcp, b"", now), Verdict::Rejected(0));
    assert_eq!((peers.media(), peers.destination(Kind::Rtcp)), (Some(at(7, 5004)), Some(at(7, 5005))));
    assert_eq!(peers.rejected()[0].host, at(8, 0).ip());
    let mux = Peers::fixed(at(7, 5004), RtcpMode::Mux, None);
    assert_eq!(mux.destination(Kind::Rtcp), Some(at(7, 5004)));
}

//! Tests of what is let in and what is not.

use interceptor_packet::{Kind, RtcpPacket, RtpPacket, classify};

use super::*;

const PROFILES: [SrtpProfile; 4] = [
    SrtpProfile::Aes128CmHmacSha1_80,
    SrtpProfile::Aes128CmHmacSha1_32,
    SrtpProfile::AeadAes128Gcm,
    SrtpProfile::AeadAes256Gcm,
];

fn master(profile: SrtpProfile) -> SrtpMaster {
    SrtpMaster { key: vec![7; profile.key_bytes()], salt: vec![9; profile.salt_bytes()] }
}

fn ends(profile: SrtpProfile, options: &SrtpOptions) -> (Sealer, Opener) {
    let opener = Opener::new(profile, master(profile), options).unwrap();
    (Sealer::new(profile, &master(profile)).unwrap(), opener)
}

fn rtp(ssrc: u32, seq: u16) -> Vec<u8> {
    let packet = RtpPacket::builder().ssrc(ssrc).payload_type(96).sequence_number(seq);
    packet.payload(seq.to_be_bytes().repeat(20)).build().unwrap().to_bytes().to_vec()
}

fn rtcp(ssrc: u32) -> Vec<u8> {
    RtcpPacket::builder().pli(ssrc, 5).build().unwrap().as_bytes().to_vec()
}

fn seal(sealer: &mut Sealer, datagram: &[u8]) -> Bytes {
    sealer.seal(classify(datagram), datagram).unwrap()
}

fn open(opener: &mut Opener, datagram: &[u8]) -> Result<Bytes, Refusal> {
    opener.open(classify(datagram), datagram)
}

#[test]
fn every_profile_gives_back_what_it_hides_and_grows_it_by_what_it_says() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &SrtpOptions::default());
        for (plain, overhead) in [(rtp(1, 5), profile.rtp_overhead()), (rtcp(1), profile.rtcp_overhead())] {
            let sealed = seal(&mut sealer, &plain);
            assert_eq!(sealed.len(), plain.len() + overhead, "{profile:?}");
            assert!(!sealed.windows(8).any(|window| plain[plain.len() - 8..] == *window));
            assert_eq!(open(&mut opener, &sealed), Ok(Bytes::from(plain)));
        }
    }
}

#[test]
fn a_cut_or_changed_packet_is_refused_wherever_it_is_cut_or_changed() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &SrtpOptions::default());
        for plain in [rtp(1, 5), rtcp(1)] {
            let kind = classify(&plain);
            let sealed = seal(&mut sealer, &plain);
            for len in 0..sealed.len() {
                assert!(opener.open(kind, &sealed[..len]).is_err());
            }
            for bit in 0..8 * sealed.len() {
                let mut changed = sealed.to_vec();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(opener.open(kind, &changed).is_err(), "{profile:?} {bit}");
            }
            // And none of that has kept out the true one.
            assert_eq!(opener.open(kind, &sealed), Ok(Bytes::from(plain)));
        }
    }
}

#[test]
fn extensions_and_csrcs_of_any_shape_do_not_move_the_payload() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &SrtpOptions::default());
        // Padding before, between and behind elements; a length beyond the end; no element at all; another profile.
        let bodies: [(u16, &[u8]); 5] = [
            (0xbede, &[0, 0, 0x10, 1, 0, 0, 0x20, 2]),
            (0xbede, &[0x1f, 1, 2, 3]),
            (0xbede, &[]),
            (0x1000, &[1, 2, 3, 4, 0, 0, 5, 200]),
            (0x1234, &[9; 12]),
        ];
        for (seq, (id, body)) in (1_u16..).zip(bodies) {
            let mut plain = rtp(1, seq);
            plain[0] |= 0x10 | 3;
            let words = (body.len() / 4) as u16;
            let header = [&[8; 12][..], &id.to_be_bytes(), &words.to_be_bytes(), body].concat();
            plain.splice(12..12, header);
            let sealed = seal(&mut sealer, &plain);
            let payload = 12 + 12 + 4 + body.len();
            assert_eq!(sealed[..payload], plain[..payload], "what is no payload is readable");
            assert_ne!(sealed[payload..plain.len()], plain[payload..]);
            assert_eq!(open(&mut opener, &sealed), Ok(Bytes::from(plain)));
        }
    }
}

#[test]
fn a_header_that_does_not_fit_is_malformed() {
    let (mut sealer, mut opener) = ends(SrtpProfile::AeadAes128Gcm, &SrtpOptions::default());
    let mut long = rtp(1, 5);
    long[0] |= 0x10;
    long[12..16].copy_from_slice(&[0xbe, 0xde, 0xff, 0xff]);
    for datagram in [&long[..], &[0x8f; 30], &[0x80; 11], &[0x80, 200, 0, 0], &[0x80, 200]] {
        assert_eq!(open(&mut opener, datagram), Err(Refusal::Malformed));
        assert_eq!(sealer.seal(classify(datagram), datagram), None);
    }
}

#[test]
fn what_came_before_is_a_replay_and_what_is_late_is_not() {
    let options = SrtpOptions::default().with_replay_window(128);
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &options);
        let sealed: Vec<_> = (0..400).map(|seq| seal(&mut sealer, &rtp(1, seq))).collect();
        assert!(open(&mut opener, &sealed[0]).is_ok());
        assert!(open(&mut opener, &sealed[300]).is_ok());
        assert!(open(&mut opener, &sealed[300 - 127]).is_ok(), "late, within the window");
        for replay in [300, 300 - 127, 300 - 128, 0] {
            assert_eq!(open(&mut opener, &sealed[replay]), Err(Refusal::Replayed), "{profile:?} {replay}");
        }
        assert!(open(&mut opener, &sealed[399]).is_ok());
    }
}

#[test]
fn what_came_half_a_round_ago_is_a_replay_as_well() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &SrtpOptions::default());
        let [first, second, third, late, newest, next, last] =
            [6000, 7232, 20_000, 38_500, 40_000, 40_001, 40_002]
                .map(|number| seal(&mut sealer, &rtp(1, number)));
        for sealed in [&first, &second, &third, &newest] {
            assert!(open(&mut opener, sealed).is_ok());
        }
        // 32 768 numbers ago: neither before nor after by the number alone.
        assert_eq!(open(&mut opener, &second), Err(Refusal::Replayed), "{profile:?}");
        assert!(open(&mut opener, &next).is_ok(), "and it has moved nothing");
        // The library counts from the packet that came last, which may be a late one.
        assert!(open(&mut opener, &late).is_ok());
        assert_eq!(open(&mut opener, &first), Err(Refusal::Replayed), "{profile:?}");
        assert!(open(&mut opener, &last).is_ok());
    }
}

#[test]
fn rtcp_is_counted_on_from_index_to_index_and_replays_are_refused() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &SrtpOptions::default().with_replay_window(64));
        let sealed: Vec<_> = (0..200).map(|_| seal(&mut sealer, &rtcp(1))).collect();
        assert!(sealed.windows(2).all(|two| two[0] != two[1]));
        assert!(open(&mut opener, &sealed[100]).is_ok());
        assert!(open(&mut opener, &sealed[90]).is_ok());
        for replay in [100, 90, 3] {
            assert_eq!(open(&mut opener, &sealed[replay]), Err(Refusal::Replayed));
        }
        assert!(open(&mut opener, &sealed[199]).is_ok());
    }
}

#[test]
fn rtcp_that_says_it_is_not_encrypted_is_refused() {
    for profile in PROFILES {
        let (_, mut opener) = ends(profile, &SrtpOptions::default());
        // The flag of neither place of the index is set; any tag.
        let forged = [rtcp(1), vec![0; profile.rtcp_overhead()]].concat();
        assert_eq!(open(&mut opener, &forged), Err(Refusal::Unauthenticated));
    }
}

#[test]
fn numbers_wrap_again_and_again_with_packets_late_and_lost_around_it() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = ends(profile, &SrtpOptions::default());
        let sealed: Vec<_> = (0..60_u32)
            .flat_map(|step| [step * 8000, step * 8000 + 1, step * 8000 + 3])
            .map(|number| (number, seal(&mut sealer, &rtp(1, (65_000 + number) as u16))))
            .collect();
        for group in sealed.chunks(3) {
            // The last of three before the first.
            for at in [0, 2, 1] {
                let (number, sealed) = &group[at];
                assert!(open(&mut opener, sealed).is_ok(), "{profile:?} {number}");
            }
        }
    }
}

#[test]
fn made_up_ssrcs_are_not_remembered_and_keep_no_true_one_out() {
    let (mut sealer, mut opener) = ends(PROFILES[0], &SrtpOptions::default());
    for ssrc in 0..1000 {
        // Plain packets of the stream to come, of other numbers, and of others.
        for forged in [rtp(1, 30_000 + ssrc), rtp(u32::from(ssrc) + 2, 1), rtcp(ssrc.into())] {
            assert_eq!(open(&mut opener, &forged).unwrap_err(), refusal(&forged));
        }
        let plain = rtp(1, ssrc);
        let sealed = seal(&mut sealer, &plain);
        assert_eq!(open(&mut opener, &sealed), Ok(Bytes::from(plain)));
    }
    assert_eq!((opener.rtp.len(), opener.rtcp.len()), (1, 0));
    assert!(opener.tried <= MAX_TRIED);
}

/// Why a plain packet is refused.
fn refusal(plain: &[u8]) -> Refusal {
    // A PLI alone is shorter than any with an index and a tag.
    if classify(plain) == Kind::Rtcp { Refusal::Malformed } else { Refusal::Unauthenticated }
}

#[test]
fn ssrcs_of_the_peer_without_end_are_refused() {
    let (mut sealer, mut opener) = ends(PROFILES[0], &SrtpOptions::default().with_max_ssrcs(3));
    let first = seal(&mut sealer, &rtp(0, 1));
    assert!(open(&mut opener, &first).is_ok());
    for ssrc in 1..10 {
        let sealed = seal(&mut sealer, &rtp(ssrc, 1));
        let expected = if ssrc < 3 { Ok(Bytes::from(rtp(ssrc, 1))) } else { Err(Refusal::TooManySsrcs) };
        assert_eq!(open(&mut opener, &sealed), expected);
    }
    assert_eq!(open(&mut opener, &first), Err(Refusal::Replayed), "what has come is never forgotten");
}

#[test]
fn keys_of_another_length_are_refused() {
    for profile in PROFILES {
        let master =
            SrtpMaster { key: vec![1; profile.key_bytes() + 1], salt: vec![1; profile.salt_bytes()] };
        assert!(matches!(Sealer::new(profile, &master), Err(SrtpError::KeyLength { .. })));
        let master = SrtpMaster { key: vec![1; profile.key_bytes()], salt: Vec::new() };
        assert!(matches!(Sealer::new(profile, &master), Err(SrtpError::KeyLength { found: 0, .. })));
    }
}

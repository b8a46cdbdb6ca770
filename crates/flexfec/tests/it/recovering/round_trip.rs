//! Two chains over a link that loses packets, with everything between them that stamps.

use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::packet::{HeaderExtension, Recovery};
use interceptor_core::{FecScheme, Registry};
use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp};
use interceptor_twcc::TwccFactory;

use crate::kit::{MEDIA, MS, SECOND, video};
use crate::model::{recover, zeroed};

const SEND_TIME: u8 = 2;
const NUMBER: u8 = 5;

fn registry(code: Code) -> Registry {
    let protection = ProtectionOptions::default().with_code(code);
    let fec = FlexFecFactory::new(FlexFecOptions::default().with_protection(protection)).unwrap();
    Registry::new()
        .with(AbsSendTimeFactory::default())
        .with(TwccFactory::default())
        .with(RtxFactory::default())
        .with(fec)
}

/// All that can come back does, and is what was sent but for what was stamped: against a receiver that solves all equations.
#[test]
fn all_that_a_code_can_bring_back_comes_back_whatever_stamps() {
    let codes = [
        Code::Rows { l: 10 },
        Code::Columns { l: 5, d: 4 },
        Code::TwoD { l: 5, d: 5 },
        Code::Interleaved { n: 40, f: 8 },
        Code::Dense { n: 40, f: 14 },
    ];
    for (seed, code) in (0..).zip(codes) {
        for scheme in [FecScheme::FlexFec03, FecScheme::FlexFec] {
            let links = LinkOptions::default().with_delay(20 * MS).with_loss(Loss::random(0.06));
            let options = PairOptions::default().with_seed(seed).with_link(Side::A, links);
            let mut pair = Pair::new(&registry(code), &registry(code), options).unwrap();
            pair.bind(Side::A, video(scheme).with_extension(SEND_TIME, AbsSendTime::URI)).unwrap();
            let packets = rtp(MEDIA).seq(65_000).payload_len(300).ext(9, &[1, 2]);
            pair.feed(Side::A, packets.stream().every(5 * MS).take(1200));
            pair.run_for(8 * SECOND);

            let sent: Vec<_> = pair.sent(Side::A).iter().filter_map(|sent| sent.rtp()).collect();
            let got: Vec<_> = pair.received_rtp(Side::B).cloned().collect();
            let arrived: Vec<_> =
                got.iter().filter(|packet| packet.info().recovered_by.is_none()).cloned().collect();
            let back: Vec<_> =
                got.iter().filter(|packet| packet.info().recovered_by == Some(Recovery::Fec)).collect();
            assert!(!back.is_empty(), "{code}");
            for packet in &back {
                let right = sent
                    .iter()
                    .find(|sent| sent.ssrc() == MEDIA && sent.sequence_number() == packet.sequence_number());
                assert_eq!(**packet, zeroed(right.unwrap(), &[SEND_TIME, NUMBER]), "{code} {scheme:?}");
            }
            // Of the repair packets that were sent some were lost: the model knows no more than all of them.
            let repairs: Vec<_> = sent.iter().filter(|packet| packet.ssrc() != MEDIA).cloned().collect();
            let possible = recover(&arrived, &repairs, &[SEND_TIME, NUMBER]).len();
            assert!(back.len() <= possible, "{code}");
            let lost = 1200 - arrived.len();
            assert_eq!(got.len(), arrived.len() + back.len());
            assert!(
                back.len() * 100 >= possible * 70,
                "{code} {scheme:?}: {} of {possible} of {lost}",
                back.len()
            );
        }
    }
}

/// No repair packet is lost: then nothing is left that a code could have brought back.
#[test]
fn with_all_repair_packets_there_just_what_a_code_can_bring_back_comes_back() {
    for code in [Code::TwoD { l: 6, d: 6 }, Code::Interleaved { n: 48, f: 5 }, Code::Dense { n: 40, f: 14 }] {
        let mut sender = crate::kit::Sender::new(crate::kit::coded(code));
        sender.give_all(0..2000);
        let (media, repairs) = (sender.media(), sender.repairs());
        let is_lost = |seq: u16| (u32::from(seq).wrapping_mul(2_654_435_761) >> 16) % 100 < 8;
        let arrived: Vec<_> =
            media.iter().filter(|packet| !is_lost(packet.sequence_number())).cloned().collect();
        let mut receiver = super::rig::Receiver::new(FecScheme::FlexFec03);
        let mut repairs_left = repairs.iter().peekable();
        for (_, packet) in &sender.out {
            if packet.ssrc() != MEDIA {
                receiver.read(repairs_left.next().unwrap());
            } else if !is_lost(packet.sequence_number()) {
                receiver.read(packet);
            }
        }
        let (back, possible) = (receiver.back().len(), recover(&arrived, &repairs, &[]).len());
        super::rig::assert_right(&receiver.got);
        assert_eq!(back, possible, "{code}");
    }
}

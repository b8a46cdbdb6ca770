//! PID/BLP pairs on the wire, at the MTU.

use interceptor_nack::{NackOptions, ReorderTolerance};
use interceptor_test::hex;

use crate::kit::{Bench, ms, nacks, rtp, video, video_of};

/// Lets exactly these numbers be missed and asked for together.
fn ask_for(missing: &[u16]) -> Bench {
    let (first, last) = (missing[0].wrapping_sub(1), missing[missing.len() - 1].wrapping_add(1));
    let together = ReorderTolerance::Fixed { packets: 0, time: ms(5) };
    let mut bench = Bench::receiver(NackOptions::default().with_reorder_tolerance(together));
    let here = (0..=last.wrapping_sub(first)).map(|step| first.wrapping_add(step));
    bench.read_numbers(here.filter(|seq| !missing.contains(seq))).run(5);
    bench
}

/// Own arithmetic, read back by tshark.
#[test]
fn packs_as_the_vectors_say() {
    let vectors: [(&[u16], &str); 14] = [
        (&[1], "00010000"),
        (&[1, 2], "00010001"),
        (&[100, 101, 116], "00648001"),
        (&[100, 117], "0064000000750000"),
        (&[100, 116, 117], "0064800000750000"),
        (&[65_535, 0], "ffff0001"),
        (&[65_534, 65_535, 0, 14], "fffe8003"),
        (&[0, 1, 3, 8, 16], "00008085"),
        (&[10, 26, 27, 43], "000a8000001b8000"),
        (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17], "0001ffff"),
        (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], "0001ffff00120000"),
        (&[65_533, 65_535, 13, 14], "fffd8002000e0000"),
        (&[0xffdc, 0xffec, 0xfffe, 0xffff, 0, 1, 3, 0x14, 0x64], "ffdc8000fffe00170014000000640000"),
        (&[32_767, 32_768], "7fff0001"),
    ];
    for (missing, pairs) in vectors {
        let mut bench = ask_for(missing);
        let feedback = bench.feedback();
        assert_eq!(feedback.len(), 1, "{missing:?}");
        let words = 2 + pairs.len() / 8;
        let expected = hex(&format!("81cd{words:04x}010203040a0b0c0d{pairs}"));
        assert_eq!(feedback[0].as_bytes(), &expected, "{missing:?}");
    }
}

#[test]
fn splits_a_long_list_at_the_mtu() {
    let together = ReorderTolerance::Fixed { packets: 0, time: ms(5) };
    let options = NackOptions::default().with_reorder_tolerance(together).with_history_packets(32_768);
    for (reduced, most) in [(true, 548), (false, 420)] {
        let mut bench =
            Bench::new(options.clone(), |config| config.with_mtu(548).with_reduced_size_rtcp(reduced))
                .with_remote(video());
        // Every 20th is missing: a pair each.
        bench.read_numbers((0..6_001).filter(|seq| seq % 20 != 1)).run(5);
        let feedback = bench.feedback();
        let sizes: Vec<usize> = feedback.iter().map(|packet| packet.len()).collect();
        assert!(sizes.len() > 1 && sizes.iter().all(|size| *size <= most), "{sizes:?}");
        assert!(sizes[0] > most - 4, "{sizes:?}");
        let asked = feedback.iter().flat_map(nacks).flat_map(|(_, numbers)| numbers);
        assert!(asked.eq((1..6_000).step_by(20)));
    }
}

#[test]
fn many_streams_share_datagrams_up_to_the_mtu() {
    let mut bench = Bench::new(NackOptions::default(), |config| config);
    for ssrc in 1..=300 {
        bench = bench.with_remote(video_of(ssrc));
        for seq in [10, 12] {
            let mut packet = rtp(seq);
            packet.set_ssrc(ssrc);
            bench.read(packet);
        }
    }
    bench.asked();
    bench.run(110);
    let feedback = bench.feedback();
    assert_eq!(feedback.len(), 4, "75 messages of 16 bytes fit into 1200");
    assert!(feedback.iter().flat_map(nacks).eq((1..=300).map(|ssrc| (ssrc, vec![11]))));
}

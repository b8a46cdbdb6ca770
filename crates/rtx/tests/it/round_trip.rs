//! Out and in again gives the original.

use bytes::Bytes;
use interceptor_core::packet::{Recovery, RtpPacket};
use proptest::prelude::*;

use crate::kit::{Bench, MEDIA, RTX, media, video};

fn original() -> impl Strategy<Value = RtpPacket> {
    let extensions = prop::collection::vec((1_u8..15, prop::collection::vec(any::<u8>(), 1..16)), 0..4);
    let header = (any::<u16>(), any::<u32>(), any::<bool>(), prop::sample::select(vec![96_u8, 118]));
    let rest = (prop::collection::vec(any::<u32>(), 0..4), extensions, any::<u8>());
    (header, rest, prop::collection::vec(any::<u8>(), 0..1_300)).prop_map(
        |((seq, timestamp, marker, payload_type), (csrcs, extensions, padding), payload)| {
            let packet =
                RtpPacket::builder().ssrc(MEDIA).sequence_number(seq).timestamp(timestamp).marker(marker);
            let packet =
                csrcs.into_iter().fold(packet.payload_type(payload_type), |packet, csrc| packet.csrc(csrc));
            let packet = extensions.iter().fold(packet, |packet, (id, value)| packet.extension(*id, value));
            packet.payload(payload).padding(padding).build().unwrap()
        },
    )
}

proptest! {
    #[test]
    fn restores_every_original_without_its_padding(originals in prop::collection::vec(original(), 1..8)) {
        let mut bench = Bench::new(video(), None);
        for mut original in originals {
            let sent = bench.resend(original.clone());
            prop_assert_eq!(sent.ssrc(), RTX);
            prop_assert_eq!(sent.payload_len(), original.payload_len() + 2);
            let restored = bench.read(sent.to_bytes()).unwrap();
            original.set_padding(0);
            prop_assert_eq!(&restored, &original);
            prop_assert_eq!(restored.info().recovered_by, Some(Recovery::Rtx));
        }
    }

    #[test]
    fn takes_any_payload(payload in prop::collection::vec(any::<u8>(), 0..8), payload_type in 0_u8..128) {
        let mut bench = Bench::new(video(), None);
        let mut packet = media(1);
        packet.set_ssrc(RTX);
        packet.set_payload_type(payload_type);
        packet.set_payload(Bytes::from(payload.clone()));
        let read = bench.read(packet.to_bytes());
        let known = matches!(payload_type, 97 | 119);
        prop_assert_eq!(read.is_none(), !known || payload.len() < 2);
    }
}

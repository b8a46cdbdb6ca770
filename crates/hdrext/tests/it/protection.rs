//! Forward error correction above what stamps: it repairs everything if it reserves what is declared, and nothing otherwise.

use bytes::{Bytes, BytesMut};
use interceptor_core::packet::ext::{AbsSendTime, TransportSequenceNumber};
use interceptor_core::packet::{HeaderExtension, NtpTime, Origin, RtpPacket};
use interceptor_core::{
    ChainConfig, Context, FecInfo, FecScheme, Flow, Interceptor, Outgoing, Registry, Result, Stage,
    StreamInfo,
};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_test::{Clock, rtp, stream_info};
use interceptor_twcc::TwccFactory;

use crate::kit::{MEDIA, ms};

const REPAIR: u32 = MEDIA + 2;
/// Media packets that one repair packet is about.
const GROUP: usize = 10;
const GROUPS: usize = 100;
const SEND_TIME: u8 = 2;
const NUMBER: u8 = 5;

/// What FEC sums of a packet: its length, and its bytes but for the sequence number and SSRC, with zeros for what is stamped
/// nearer the wire.
fn add(sum: &mut Vec<u8>, packet: &RtpPacket) {
    let mut packet = packet.clone();
    for (id, len) in [(SEND_TIME, AbsSendTime::MAX_LEN), (NUMBER, TransportSequenceNumber::MAX_LEN)] {
        if packet.extension(id).is_some() {
            packet.set_extension(id, &[0; 16][..len]).unwrap();
        }
    }
    packet.set_sequence_number(0);
    packet.set_ssrc(0);
    let len = (packet.total_len() as u16).to_be_bytes();
    let bytes = [&len[..], &packet.to_bytes()].concat();
    sum.resize(sum.len().max(bytes.len()), 0);
    sum.iter_mut().zip(bytes).for_each(|(sum, byte)| *sum ^= byte);
}

/// One repair packet for each group.
struct Parity {
    reserves: bool,
}

impl Interceptor for Parity {
    type Local = (usize, Vec<u8>);
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Self::Local>> {
        Ok(Some((0, Vec::new())))
    }

    fn write_rtp(
        &mut self,
        (count, sum): &mut Self::Local,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if self.reserves {
            for stamp in cx.stamps() {
                packet.set_extension(stamp.id, &[0; 16][..usize::from(stamp.len)])?;
            }
        }
        add(sum, packet);
        *count += 1;
        if *count == GROUP {
            let payload = std::mem::take(sum);
            *count = 0;
            cx.send_rtp(rtp(REPAIR).pt(120).payload(payload).origin(Origin::FecRepair).build());
        }
        Ok(Flow::Forward)
    }
}

/// What leaves: groups of media, and the repair packet of each.
fn sent(reserves: bool) -> Vec<(Vec<RtpPacket>, RtpPacket)> {
    let now = Clock::new().now();
    let registry = Registry::new().with(AbsSendTimeFactory::default()).with(TwccFactory::default());
    let config = ChainConfig::new("sender", now, NtpTime::from_bits(0xe8fe_6f80_1f9a_dd37), 7);
    let mut chain = registry.build(config).unwrap();
    chain.insert("parity", Stage::FEC, Parity { reserves }, now).unwrap();
    let fec = FecInfo::new(FecScheme::FlexFec, 120).with_ssrc(REPAIR);
    let info = stream_info::video(MEDIA).with_extension(SEND_TIME, AbsSendTime::URI).with_fec(fec);
    chain.bind_local(info, now).unwrap();
    let mut wire = Vec::new();
    for (step, packet) in (0..).zip(rtp(MEDIA).payload_len(700).stream().take(GROUP * GROUPS)) {
        chain.write_rtp(packet, now + ms(7) * step);
        wire.extend(std::iter::from_fn(|| chain.poll_wire()).map(|packet| match packet {
            Outgoing::Rtp(packet) => packet,
            Outgoing::Rtcp(packet) => panic!("{packet}"),
        }));
    }
    wire.chunks(GROUP + 1).map(|group| (group[..GROUP].to_vec(), group[GROUP].clone())).collect()
}

/// The packet that is missing from a group, with zeros for what was stamped.
fn recover(group: &[RtpPacket], lost: &RtpPacket, repair: &RtpPacket) -> Option<RtpPacket> {
    let mut sum = repair.payload().to_vec();
    for packet in group.iter().filter(|packet| packet.sequence_number() != lost.sequence_number()) {
        add(&mut sum, packet);
    }
    let (len, bytes) = sum.split_first_chunk::<2>()?;
    let bytes = bytes.get(..usize::from(u16::from_be_bytes(*len)))?;
    let mut packet = RtpPacket::parse(BytesMut::from(bytes).freeze()).ok()?;
    packet.set_sequence_number(lost.sequence_number());
    packet.set_ssrc(MEDIA);
    Some(packet)
}

/// How many of the lost packets, one of each group, come back as they were.
fn recovered(groups: &[(Vec<RtpPacket>, RtpPacket)]) -> usize {
    let back = groups.iter().enumerate().filter(|(index, (group, repair))| {
        let lost = &group[index % GROUP];
        let Some(back) = recover(group, lost, repair) else { return false };
        let mut expected = lost.clone();
        expected.set_extension(SEND_TIME, &[0; 3]).unwrap();
        expected.set_extension(NUMBER, &[0; 2]).unwrap();
        back == expected && back.payload() == lost.payload()
    });
    back.count()
}

#[test]
fn with_the_stamps_reserved_every_packet_comes_back_and_repairs_are_stamped_as_well() {
    let groups = sent(true);
    assert_eq!((groups.len(), recovered(&groups)), (GROUPS, GROUPS));
    for (index, (group, repair)) in groups.iter().enumerate() {
        let numbers: Vec<u16> = group
            .iter()
            .chain([repair])
            .map(|packet| packet.read::<TransportSequenceNumber>(NUMBER).unwrap().0)
            .collect();
        assert!(
            numbers.iter().copied().eq((index * 11..).map(|number| number as u16).take(11)),
            "{numbers:?}"
        );
        let times = group.iter().map(|packet| packet.read::<AbsSendTime>(SEND_TIME).unwrap());
        assert!(times.clone().zip(times.skip(1)).all(|(a, b)| b.nanos_since(a).abs_diff(7_000_000) < 4000));
        assert_eq!(repair.extensions().count(), 2);
    }
}

/// Why stamps are declared at all.
#[test]
fn without_the_reserve_no_packet_comes_back() {
    let groups = sent(false);
    assert_eq!((groups.len(), recovered(&groups)), (GROUPS, 0));
}

#[test]
fn the_sum_of_a_group_is_of_its_media_alone() {
    let mut sum = Vec::new();
    let packet = rtp(MEDIA).ext(SEND_TIME, &[1, 2, 3]).payload_len(9).build();
    add(&mut sum, &packet);
    add(&mut sum, &packet);
    assert_eq!(Bytes::from(sum), vec![0; 2 + packet.total_len()]);
}

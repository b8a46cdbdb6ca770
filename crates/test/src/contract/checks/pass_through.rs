//! What does not concern the interceptor goes on unchanged, in order and at once.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::{Incoming, Outgoing};
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::contract::rig::{LOCAL, REMOTE, Rig, STRANGER};
use crate::contract::{Contract, assert_same};
use crate::{hex, rtp};

/// Rounds of traffic: every shape of packet on every stream.
const ROUNDS: u16 = 40;

impl Contract {
    /// Media of every shape, RTCP of every kind and foreign datagrams pass in both directions byte by byte as
    /// they came, in order, and unless [`Contract::holds_for`] says otherwise in the call that brought them.
    ///
    /// # Panics
    /// If they do not.
    pub fn passes_everything_on_unchanged(&self) {
        let mut rig = Rig::with_streams(self);
        let mut sent = Traffic::default();
        for round in 0..ROUNDS {
            for ssrc in LOCAL.into_iter().chain([STRANGER]) {
                let packet = shape(ssrc, round);
                sent.outgoing.push(packet.clone());
                rig.write_rtp(packet);
            }
            for ssrc in REMOTE.into_iter().chain([STRANGER]) {
                let packet = shape(ssrc, round);
                rig.read(packet.to_bytes());
                sent.incoming.push(packet);
            }
            for packet in outgoing_rtcp() {
                rig.write_rtcp(packet.clone());
                sent.outgoing_rtcp.push(packet.into_bytes());
            }
            for packet in incoming_rtcp() {
                rig.read(packet.clone());
                sent.incoming_rtcp.push(packet);
            }
            rig.read(hex("00 01 00 00 21 12 a4 42"));
            if self.holds_for.is_none() {
                self.assert_traffic(&sent, &rig);
            }
            rig.pass(Duration::from_millis(10));
        }
        rig.pass(self.patience());
        self.assert_traffic(&sent, &rig);
        let raw = rig.app.iter().filter(|packet| matches!(packet, Incoming::Raw(_))).count();
        assert_eq!(raw, usize::from(ROUNDS), "foreign datagrams");
        rig.assert_healthy();
    }

    fn assert_traffic(&self, sent: &Traffic, rig: &Rig) {
        let mut outgoing = rig.wire_rtp(&[&LOCAL[..], &[STRANGER]].concat());
        let mut incoming = rig.app_rtp(&[&REMOTE[..], &[STRANGER]].concat());
        let (mut expected_out, mut expected_in) = (sent.outgoing.clone(), sent.incoming.clone());
        if self.holds_for.is_some() {
            // What is held back may be overtaken by other streams, but not by its own.
            for packets in [&mut outgoing, &mut incoming, &mut expected_out, &mut expected_in] {
                packets.sort_by_key(RtpPacket::ssrc);
            }
        }
        self.assert_same_rtp("outgoing RTP", &expected_out, &outgoing);
        self.assert_same_rtp("incoming RTP", &expected_in, &incoming);

        let written = rig.wire.iter().filter_map(|packet| match packet {
            Outgoing::Rtcp(packet) => Some(packet.as_bytes()),
            Outgoing::Rtp(_) => None,
        });
        let ours: Vec<Bytes> = written.filter(|bytes| sent.outgoing_rtcp.contains(bytes)).cloned().collect();
        assert_same("outgoing RTCP", &sent.outgoing_rtcp, &ours);
        let read = rig.app.iter().filter_map(|packet| match packet {
            Incoming::Rtcp(packet) => Some(packet.as_bytes().clone()),
            _ => None,
        });
        assert_same("incoming RTCP", &sent.incoming_rtcp, &read.collect::<Vec<_>>());
    }
}

/// What went in.
#[derive(Default)]
struct Traffic {
    outgoing: Vec<RtpPacket>,
    incoming: Vec<RtpPacket>,
    outgoing_rtcp: Vec<Bytes>,
    incoming_rtcp: Vec<Bytes>,
}

/// One of eight shapes of RTP packet.
fn shape(ssrc: u32, seq: u16) -> RtpPacket {
    let packet = rtp(ssrc).seq(seq).ts(u32::from(seq) * 900).payload_len(100);
    match seq % 8 {
        0 => packet.payload_len(1200).build(),
        1 => packet.marker(true).padding(7).build(),
        2 => packet.csrc(1).csrc(0xffff_ffff).build(),
        3 => packet.ext(3, &[1]).ext(14, &[2; 16]).build(),
        4 => packet.ext(20, &[3; 30]).build(),
        5 => packet.payload_len(0).build(),
        6 => packet.payload_len(1).padding(255).build(),
        _ => unknown_profile(ssrc, seq),
    }
}

/// With an extension block that is neither form of RFC 8285.
fn unknown_profile(ssrc: u32, seq: u16) -> RtpPacket {
    let text = format!("90 60 {seq:04x} 00000000 {ssrc:08x} abcd 0002 00112233 44556677 6d65646961");
    RtpPacket::parse(hex(&text)).expect("a well-formed packet")
}

fn outgoing_rtcp() -> Vec<RtcpPacket> {
    let [remote, ..] = REMOTE;
    let texts = [
        format!("81 ce 0002 00000065 {remote:08x}         # PLI"),
        "80 cc 0003 00000065 6b697420 01020304          # APP".to_owned(),
        "82 d2 0001 00000065                             # a type that nobody knows".to_owned(),
    ];
    texts.iter().map(|text| RtcpPacket::parse(hex(text)).expect("a well-formed packet")).collect()
}

fn incoming_rtcp() -> Vec<Bytes> {
    let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
    let texts = [
        format!(
            "80 c8 0006 {remote:08x} e0000000 00000000 00000000 00000001 00000064  # SR
             81 ca 0003 {remote:08x} 01 03 616263 00 0000                          # SDES"
        ),
        format!("81 c9 0007 {remote:08x} {local:08x} 00 000000 00000001 00000000 00000000 00000000 # RR"),
        format!("81 ce 0002 {remote:08x} {local:08x}        # PLI"),
        format!("84 ce 0004 {remote:08x} 00000000 {local:08x} 07000000 # FIR"),
        format!("80 cc 0003 {remote:08x} 6b697420 01020304  # APP"),
        format!("82 d2 0001 {remote:08x}                     # a type that nobody knows"),
    ];
    texts.iter().map(|text| hex(text)).collect()
}

//! Datagrams that a broken or hostile peer might send.

use bytes::Bytes;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{hex, rtp};

/// Datagrams drawn at random, at the end of a corpus.
const RANDOM: usize = 2000;

/// Datagrams that a broken or hostile peer might send to an end that has the local stream `local` and the
/// remote stream `remote`: well-formed packets of every kind that say absurd things, packets whose fields
/// lie, all of these cut at every byte and with every byte changed, and random ones that look like RTP or
/// RTCP. About 10 000, in an order that depends on nothing but `seed`.
pub fn hostile_datagrams(local: u32, remote: u32, seed: u64) -> impl Iterator<Item = Bytes> {
    let vectors =
        [rtp_vectors(remote), report_vectors(local, remote), feedback_vectors(local, remote)].concat();
    let mutated: Vec<Bytes> = vectors.iter().flat_map(mutations).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let random = (0..RANDOM).map(move |_| random_datagram(&mut rng, local, remote));
    vectors.into_iter().chain(mutated).chain(random)
}

fn rtp_vectors(remote: u32) -> Vec<Bytes> {
    let stranger = remote.wrapping_add(77);
    let ssrc = spell(remote);
    let mut vectors = vec![
        rtp(remote).seq(1).payload(&b"media"[..]).build().to_bytes(),
        rtp(remote).seq(40_000).ts(u32::MAX).marker(true).padding(9).build().to_bytes(),
        rtp(remote)
            .seq(2)
            .csrc(1)
            .csrc(2)
            .ext(3, &[1, 2, 3])
            .ext(5, &[4, 5])
            .payload(&b"x"[..])
            .build()
            .to_bytes(),
        rtp(remote).seq(3).ext(200, &[7; 40]).payload(&b"x"[..]).build().to_bytes(),
        rtp(stranger).seq(4).payload(&b"nobody announced this"[..]).build().to_bytes(),
        rtp(remote).pt(97).seq(5).build().to_bytes(),
    ];
    let lies = [
        "bf 60 0001 00000000 SSRC                      # 15 CSRCs that are not there",
        "90 60 0001 00000000 SSRC bede ffff 00         # extension of 262140 bytes",
        "90 60 0001 00000000 SSRC bede 0001 5f 00 00 00 # element of 16 bytes in 4",
        "90 60 0001 00000000 SSRC 1000 0001 05 ff 00 00 # two-byte element of 255 bytes in 4",
        "90 60 0001 00000000 SSRC bede 0000             # extension of no words",
        "90 60 0001 00000000 SSRC abcd 0001 12345678 00 # profile of nobody",
        "a0 60 0001 00000000 SSRC 01020300              # padding of 0 bytes",
        "a0 60 0001 00000000 SSRC 010203ff              # padding over the header",
        "a0 60 0001 00000000 SSRC                       # padding bit without a last byte",
        "00 60 0001 00000000 SSRC                       # version 0",
        "80",
    ];
    vectors.extend(lies.map(|lie| hex(&lie.replace("SSRC", &ssrc))));
    vectors
}

fn report_vectors(local: u32, remote: u32) -> Vec<Bytes> {
    let (local, remote) = (spell(local), spell(remote));
    let sender_info = "00000000 ffffffff 80000000 00000000 ffffffff";
    let absurd_block = format!("{local} ff 7fffff ffffffff ffffffff ffffffff ffffffff");
    let sender_report = rtcp(200, 1, &format!("{remote} {sender_info} {absurd_block}"));
    let description = rtcp(202, 1, &format!("{remote} 01 03 616263 00 0000"));
    vec![
        sender_report.clone(),
        rtcp(200, 31, &format!("{remote} {sender_info}")),
        rtcp(201, 31, &format!("{remote} {}", vec![absurd_block.as_str(); 31].join(" "))),
        rtcp(201, 0, ""),
        rtcp(201, 1, &format!("{remote} {local} 00 800000 00000000 00000000 ffffffff ffffffff")),
        description.clone(),
        rtcp(202, 31, &format!("{remote} 01 ff 6162")),
        rtcp(202, 1, &format!("{remote} 08 02 ff 61")),
        rtcp(203, 1, &remote),
        rtcp(203, 31, &format!("{remote} ff 626164")),
        rtcp(203, 0, ""),
        rtcp(204, 31, &format!("{remote} 6e616d65 00000000")),
        rtcp(207, 0, &format!("{remote} 04000002 ffffffff ffffffff 05000003 {local} ffffffff ffffffff")),
        rtcp(207, 0, &format!("{remote} 0500ffff {local} 07000000 ff000001 00000000")),
        rtcp(192, 0, &remote),
        rtcp(223, 31, &remote),
        [&sender_report[..], &description, &hex("80 c9 ffff 00")].concat().into(),
        [&sender_report[..], &hex("00 c9 0001 00000000")].concat().into(),
        hex("80 c8 0000"),
        hex("a0 c9 0001 00000000    # padding bit, count 0"),
        hex("a0 c9 0001 000000ff    # padding longer than the packet"),
    ]
}

fn feedback_vectors(local: u32, remote: u32) -> Vec<Bytes> {
    let (local, remote) = (spell(local), spell(remote));
    let from = format!("{remote} {local}");
    vec![
        rtcp(205, 1, &format!("{from} 0000 ffff 0011 ffff fff0 ffff")),
        rtcp(205, 1, &format!("{from} {}", "1234ffff".repeat(300))),
        rtcp(205, 1, &from),
        rtcp(205, 1, &remote),
        rtcp(205, 1, &format!("{remote} 00000000 0000 0001")),
        rtcp(205, 3, &format!("{from} {local} ffffffff")),
        rtcp(205, 4, &format!("{from} {local} 000001ff")),
        rtcp(205, 11, &format!("{remote} {local} 0000 ffff 00000000")),
        rtcp(205, 11, &format!("{remote} {local} fff0 0004 ffff ffff 80018001 00000000")),
        rtcp(205, 15, &format!("{from} 0000 ffff 000000 00 3fff 0000")),
        rtcp(205, 15, &format!("{from} fff0 0020 7fffff 01 d555 d555 2020 3fff ff80 7fff")),
        rtcp(205, 15, &format!("{from} 0000")),
        rtcp(205, 31, &from),
        rtcp(206, 1, &from),
        rtcp(206, 1, ""),
        rtcp(206, 2, &format!("{from} ffffffff")),
        rtcp(206, 3, &format!("{from} ffff 0000")),
        rtcp(206, 4, &format!("{from} {local} ff000000 {local} 00000000")),
        rtcp(206, 4, &from),
        rtcp(206, 15, &format!("{remote} 00000000 52454d42 ff ffffff {local}")),
        rtcp(206, 15, &format!("{remote} 00000000 52454d42 00 000000")),
        rtcp(206, 15, &format!("{remote} 00000000 52454d")),
    ]
}

/// An RTCP packet with a right length field around a body in hexadecimal, filled up to a word.
fn rtcp(packet_type: u8, count: u8, body: &str) -> Bytes {
    let mut packet = vec![0x80 | count, packet_type, 0, 0];
    packet.extend_from_slice(&hex(body));
    packet.resize(packet.len().next_multiple_of(4), 0);
    let words = (packet.len() / 4 - 1) as u16;
    packet.splice(2..4, words.to_be_bytes());
    packet.into()
}

/// Every beginning of the datagram, and every byte of it (of the first 64) set to 0 and 255 and with single
/// bits changed.
fn mutations(datagram: &Bytes) -> Vec<Bytes> {
    let cut = (0..datagram.len()).map(|len| datagram.slice(..len));
    let changed = (0..datagram.len().min(64)).flat_map(|at| {
        let set = move |change: fn(u8) -> u8| {
            let mut bytes = datagram.to_vec();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = change(*byte);
            }
            Bytes::from(bytes)
        };
        [set(|_| 0), set(|_| 0xff), set(|byte| byte ^ 0x80), set(|byte| byte ^ 0x01)]
    });
    cut.chain(changed).collect()
}

/// Random bytes behind a plausible beginning, some of them with a length field that fits.
fn random_datagram(rng: &mut ChaCha8Rng, local: u32, remote: u32) -> Bytes {
    let len = rng.random_range(0..200);
    let mut bytes: Vec<u8> = (0..len).map(|_| rng.random()).collect();
    let is_rtcp = rng.random();
    let start = if is_rtcp {
        vec![0x80 | rng.random_range(0..32), rng.random_range(192..=223)]
    } else {
        vec![0x80, 96]
    };
    let end = bytes.len().min(2);
    bytes.splice(..end, start);
    if is_rtcp && rng.random() {
        bytes.truncate(bytes.len() / 4 * 4);
        let words = (bytes.len() / 4).saturating_sub(1) as u16;
        overwrite(&mut bytes, 2, &words.to_be_bytes());
    }
    let ssrc_at = if is_rtcp { 4 } else { 8 };
    overwrite(&mut bytes, ssrc_at, &remote.to_be_bytes());
    if is_rtcp && rng.random() {
        overwrite(&mut bytes, 8, &local.to_be_bytes());
    }
    bytes.into()
}

fn overwrite(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(field) = bytes.get_mut(at..at + value.len()) {
        field.copy_from_slice(value);
    }
}

fn spell(ssrc: u32) -> String {
    format!("{ssrc:08x}")
}

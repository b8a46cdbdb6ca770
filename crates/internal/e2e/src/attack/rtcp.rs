//! RTCP that is almost right.

use crate::{Draw, LOCAL, REMOTE, Victim, rtx_ssrc};

/// One to four packets one behind the other, each of any type, whose counts and lengths mostly fit.
pub(super) fn compound(draw: &mut impl Draw, victim: &Victim) -> Vec<u8> {
    let mut datagram = Vec::new();
    for _ in 0..1 + draw.byte() % 4 {
        let (packet_type, count, body) = content(draw, victim);
        append(&mut datagram, packet_type, count, &body, draw);
    }
    datagram
}

/// A NACK of up to 255 pairs.
pub(super) fn flood(draw: &mut impl Draw, victim: &Victim) -> Vec<u8> {
    let index = usize::from(draw.byte() % 3);
    let media = if draw.one_in(8) { draw.long() } else { LOCAL[index] };
    let mut body = [REMOTE[0].to_be_bytes(), media.to_be_bytes()].concat();
    let mut seq = victim.next_number(index).wrapping_sub(draw.word() % 4096);
    let step = u16::from(draw.byte() % 20);
    for _ in 0..draw.byte() {
        body.extend_from_slice(&seq.to_be_bytes());
        body.extend_from_slice(&[0xff; 2]);
        seq = seq.wrapping_add(step);
    }
    let mut datagram = Vec::new();
    append(&mut datagram, 205, 1, &body, draw);
    datagram
}

/// Packet type, count and content.
fn content(draw: &mut impl Draw, victim: &Victim) -> (u8, u8, Vec<u8>) {
    let sender = ssrc(draw).to_be_bytes();
    let media = ssrc(draw).to_be_bytes();
    let blocks = draw.byte() % 4;
    let feedback = |body: &[u8]| [&sender[..], &media, body].concat();
    match draw.byte() % 16 {
        0 | 1 => {
            let clock =
                if draw.one_in(2) { draw.bytes(8) } else { victim.wall_clock().0.to_be_bytes().to_vec() };
            (
                200,
                blocks,
                [&sender[..], &clock, &draw.bytes(12), &report_blocks(blocks, draw, victim)].concat(),
            )
        }
        2..=4 => (201, blocks, [&sender[..], &report_blocks(blocks, draw, victim)].concat()),
        5 => {
            let text = usize::from(draw.byte() % 24);
            let item = [&[draw.byte() % 10, text as u8][..], &draw.bytes(text)].concat();
            (202, 1 + draw.byte() % 2, [&sender[..], &item, &[0]].concat())
        }
        6 => (203, blocks, [&sender[..], &media, &sender, &draw.bytes(4)].concat()),
        7 => (204, draw.byte() & 31, feedback(&draw.bytes(4))),
        8 | 9 => {
            let near = victim.next_number(usize::from(blocks % 3)).wrapping_sub(u16::from(draw.byte()));
            let mut pairs = [near.to_be_bytes(), draw.word().to_be_bytes()].concat();
            pairs.extend(draw.bytes(4 * usize::from(blocks)));
            (205, 1, feedback(&pairs))
        }
        10 => (205, draw.byte() & 31, feedback(&some(draw))),
        11 => (206, 1, feedback(&[])),
        12 => (206, draw.of(&[2, 3, 4, 15]), feedback(&[&b"REMB"[..], &some(draw)].concat())),
        13 => (207, 0, [&sender[..], &[4, 0, 0, 2], &victim.wall_clock().0.to_be_bytes()].concat()),
        14 => {
            let entries = report_blocks(blocks, draw, victim);
            let words = (entries.len() / 4) as u8;
            (207, 0, [&sender[..], &[draw.byte() % 8, 0, 0, words], &entries].concat())
        }
        _ => (192 + draw.byte() % 32, draw.byte() & 31, some(draw)),
    }
}

/// What a receiver claims of any stream: nonsense, or a round trip of its choice.
fn report_blocks(count: u8, draw: &mut impl Draw, victim: &Victim) -> Vec<u8> {
    let mut blocks = Vec::new();
    for _ in 0..count {
        blocks.extend_from_slice(&ssrc(draw).to_be_bytes());
        blocks.extend(draw.bytes(12));
        let since = if draw.one_in(2) { draw.long() } else { u32::from(draw.word()) };
        blocks.extend_from_slice(&victim.wall_clock().middle_32().wrapping_sub(since).to_be_bytes());
        let delay = if draw.one_in(4) { draw.long() } else { since / 2 };
        blocks.extend_from_slice(&delay.to_be_bytes());
    }
    blocks
}

fn some(draw: &mut impl Draw) -> Vec<u8> {
    let len = usize::from(draw.byte() % 32);
    draw.bytes(len)
}

/// An SSRC of this call, mostly.
fn ssrc(draw: &mut impl Draw) -> u32 {
    match draw.byte() % 16 {
        0..=5 => LOCAL[usize::from(draw.byte() % 3)],
        6..=11 => REMOTE[usize::from(draw.byte() % 3)],
        12 => rtx_ssrc(LOCAL[0]),
        13 => rtx_ssrc(REMOTE[0]),
        14 => 0,
        _ => draw.long(),
    }
}

/// Appends a packet, filled up to a word; one in 32 lies about its length, count, version or padding.
fn append(datagram: &mut Vec<u8>, packet_type: u8, count: u8, body: &[u8], draw: &mut impl Draw) {
    let words = body.len().div_ceil(4) as u16;
    let (first, words) = match draw.byte() {
        0..=1 => (0x80 | count, draw.word()),
        2..=3 => (0x80 | count, words.wrapping_add(1)),
        4..=5 => (draw.byte(), words),
        6..=7 => (0x80 | draw.byte() & 0x3f, words),
        _ => (0x80 | count & 31, words),
    };
    datagram.extend_from_slice(&[first, packet_type]);
    datagram.extend_from_slice(&words.to_be_bytes());
    datagram.extend_from_slice(body);
    datagram.resize(datagram.len().next_multiple_of(4), 0);
}

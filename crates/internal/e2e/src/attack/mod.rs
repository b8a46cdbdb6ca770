//! What a hostile peer does, one step after the other.

mod rtcp;
mod rtp;

use std::time::Duration;

use bytes::Bytes;

use crate::{Draw, REMOTE, Victim};

/// What a peer remembers of what it has sent.
#[derive(Debug, Default)]
pub struct Peer {
    /// The newest sequence number and timestamp of each stream that it sends.
    sent: [(u16, u32); REMOTE.len()],
    last: Bytes,
}

impl Peer {
    /// A peer that has sent nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does something to `victim`: mostly sends a datagram that is almost right.
    pub fn step(&mut self, draw: &mut impl Draw, victim: &mut Victim) {
        match draw.byte() {
            0..=95 => {
                let datagram = self.rtp(draw);
                self.send(datagram, draw, victim);
            }
            96..=127 => {
                let datagram = self.rtx(draw);
                self.send(datagram, draw, victim);
            }
            128..=191 => {
                let datagram = rtcp::compound(draw, victim);
                self.send(datagram, draw, victim);
            }
            192..=199 => nack_flood(draw, victim),
            200..=221 => send_media(draw, victim),
            222..=241 => victim.pass(Duration::from_micros(u64::from(draw.word()))),
            242..=244 => (0..draw.byte() % 32).for_each(|_| victim.read(&self.last)),
            245..=246 => strangers(draw, victim),
            247..=248 => {
                let datagram = damaged(&self.last, draw);
                victim.read(&datagram.into());
            }
            249 => {
                let len = draw.byte().into();
                victim.read(&draw.bytes(len).into());
            }
            250 => victim.pass(Duration::from_millis(draw.word().into())),
            251 => leap(draw, victim),
            252 => victim.glitch(Duration::from_millis(draw.word().into())),
            253 => victim.run_timers(),
            254 => victim.rebind(usize::from(draw.byte() % 6)),
            255 => victim.pass(Duration::from_secs(2)),
        }
    }

    fn send(&mut self, mut datagram: Vec<u8>, draw: &mut impl Draw, victim: &mut Victim) {
        if draw.one_in(16) {
            datagram = damaged(&datagram, draw);
        }
        self.last = datagram.into();
        victim.read(&self.last);
    }
}

/// A datagram cut at some byte, or with one changed.
fn damaged(datagram: &[u8], draw: &mut impl Draw) -> Vec<u8> {
    let mut datagram = datagram.to_vec();
    let at = usize::from(draw.word()) % datagram.len().max(1);
    match datagram.get_mut(at) {
        Some(byte) if draw.one_in(2) => *byte = draw.byte(),
        _ => datagram.truncate(at),
    }
    datagram
}

/// Asks for hundreds of packets that were sent, long ago, or never; more than once.
fn nack_flood(draw: &mut impl Draw, victim: &mut Victim) {
    let datagram: Bytes = rtcp::flood(draw, victim).into();
    (0..1 + draw.byte() % 4).for_each(|_| victim.read(&datagram));
}

/// The application sends some packets of one stream.
fn send_media(draw: &mut impl Draw, victim: &mut Victim) {
    let (index, len) = (usize::from(draw.byte()), usize::from(draw.byte()) * 4);
    (0..1 + draw.byte() % 16).for_each(|_| victim.send(index % 3, len));
}

/// Packets of SSRCs that nobody has announced.
fn strangers(draw: &mut impl Draw, victim: &mut Victim) {
    let (first, mut datagram) = (draw.long(), [0; 12]);
    for number in 0..u32::from(draw.byte() % 32) {
        datagram[..2].copy_from_slice(&[0x80, 96]);
        datagram[8..].copy_from_slice(&first.wrapping_add(number.wrapping_mul(0x9e37_79b9)).to_be_bytes());
        victim.read(&Bytes::copy_from_slice(&datagram));
    }
}

/// The machine sleeps: from a second to 48 days.
fn leap(draw: &mut impl Draw, victim: &mut Victim) {
    let seconds = 1_u64 << (draw.byte() % 23);
    victim.pass(Duration::from_millis(seconds * 1000 + u64::from(draw.word())));
}

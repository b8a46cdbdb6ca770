//! From repairs to packets: one that lacks one packet, then those that lack one because of that, then several together.

use interceptor_packet::RtpPacket;
use smallvec::SmallVec;

use super::elimination::{MAX_ROWS, MAX_UNKNOWNS, Row, Rows, eliminate};
use super::pending::Pending;
use super::residue::{Fault, Residue};
use super::{Decoder, Scope};

/// Missing packets of all repairs that are solved together, so that a peer cannot make that dear.
const MAX_TERMS: usize = 512;

impl Decoder {
    /// A packet is there now. Did a repair lack it?
    pub(super) fn came(&mut self, ssrc: u32, seq: u16) -> bool {
        let Some(stream) = self.streams.iter().find(|stream| stream.ssrc == ssrc) else { return false };
        let mut was_lacked = false;
        for pending in &mut self.repairs {
            was_lacked |= pending.came(ssrc, seq);
            pending.is_expired |= !pending.is_within(stream);
        }
        was_lacked
    }

    /// Peels: solves repairs that lack one packet until there is none, and drops those that lack none.
    pub(super) fn settle(&mut self) {
        loop {
            self.drop_settled();
            let Some(at) = self.repairs.iter().position(|pending| pending.missing == 1) else { return };
            let Some(pending) = self.repairs.remove(at) else { return };
            self.repair_bytes -= pending.bytes();
            let Some((ssrc, seq)) = pending.lacks().next() else { continue };
            let result = self.solve(&[&pending], ssrc, seq);
            match &result {
                Ok(_) => self.tally.used += 1,
                Err(fault) => self.blame(*fault, 1),
            }
            self.accept(result.ok());
        }
    }

    /// Solves the newest repairs together, if they determine packets that no single one does.
    pub(super) fn eliminate(&mut self) {
        let mut unknowns = SmallVec::<[(u32, u16); MAX_UNKNOWNS]>::new();
        let (mut rows, mut taken, mut terms) = (Rows::new(), SmallVec::<[usize; MAX_ROWS]>::new(), 0);
        for (at, pending) in self.repairs.iter().enumerate().rev().take(MAX_ROWS) {
            terms += usize::from(pending.missing);
            if terms > MAX_TERMS {
                break;
            }
            let known = unknowns.len();
            match equation(pending, &mut unknowns) {
                Some(bits) => {
                    rows.push(Row { unknowns: bits, repairs: 1 << taken.len() });
                    taken.push(at);
                }
                None => unknowns.truncate(known),
            }
        }
        if rows.len() < 2 {
            return;
        }
        eliminate(&mut rows);
        let mut solved = SmallVec::<[RtpPacket; 4]>::new();
        for row in rows.iter().filter(|row| row.unknowns.count_ones() == 1) {
            if let Some(&(ssrc, seq)) = unknowns.get(row.unknowns.trailing_zeros() as usize) {
                solved.extend(self.solve_row(row, &taken, ssrc, seq));
            }
        }
        // Only now: what a sum lacks was settled before.
        solved.into_iter().for_each(|packet| self.accept(Some(packet)));
        self.settle();
    }

    fn solve_row(&mut self, row: &Row, taken: &[usize], ssrc: u32, seq: u16) -> Option<RtpPacket> {
        let in_row = |(bit, at): (usize, &usize)| (row.repairs >> bit & 1 == 1).then_some(*at);
        let places = || taken.iter().enumerate().filter_map(in_row);
        let repairs = std::mem::take(&mut self.repairs);
        let mut together = SmallVec::<[&Pending; MAX_ROWS]>::new();
        together.extend(places().filter_map(|at| repairs.get(at)));
        let result = self.solve(&together, ssrc, seq);
        drop(together);
        self.repairs = repairs;
        for at in places() {
            if let Some(pending) = self.repairs.get_mut(at) {
                pending.is_used |= result.is_ok();
                pending.fault = pending.fault.or(result.as_ref().err().copied());
            }
        }
        result.ok()
    }

    /// The packet that these repairs determine: their sum, less every packet that an odd number of them protects.
    fn solve(&mut self, repairs: &[&Pending], ssrc: u32, seq: u16) -> Result<RtpPacket, Fault> {
        let Some(scope) = repairs.first().map(|pending| pending.repair.scope) else {
            return Err(Fault::Inconsistent);
        };
        let lens = || repairs.iter().map(|pending| pending.repair.body.len());
        // Of a prefix only so much is known as the shortest sum has.
        let len = if scope == Scope::Prefix { lens().min() } else { lens().max() };
        let mut residue = Residue::new(len.unwrap_or(0), scope);
        repairs.iter().for_each(|pending| residue.add_repair(&pending.repair));
        match repairs {
            [alone] => self.take_away(alone, &mut residue)?,
            together => self.take_odd_away(together, &mut residue)?,
        }
        residue.finish(ssrc, seq)
    }

    /// Takes away all that has come of what one repair protects.
    fn take_away(&mut self, pending: &Pending, residue: &mut Residue) -> Result<(), Fault> {
        for part in &pending.parts {
            let Some(stream) = self.stream(part.ssrc) else { return Err(Fault::OutOfReach) };
            for seq in part.there() {
                let slot = stream.ring.get(seq).ok_or(Fault::OutOfReach)?;
                residue.take_away(slot, &mut stream.zeroing)?;
            }
        }
        Ok(())
    }

    /// Takes away all that has come of what an odd number of these repairs protect.
    fn take_odd_away(&mut self, repairs: &[&Pending], residue: &mut Residue) -> Result<(), Fault> {
        let words = self.streams.first().map_or(0, |stream| usize::from(stream.ring.capacity()) / 64);
        self.odd.clear();
        self.odd.resize(words * self.streams.len(), 0);
        for pending in repairs {
            for part in &pending.parts {
                let of = self.streams.iter().position(|stream| stream.ssrc == part.ssrc);
                let of = of.ok_or(Fault::OutOfReach)?;
                for seq in part.there() {
                    let place = usize::from(seq) % (words * 64);
                    if let Some(word) = self.odd.get_mut(of * words + place / 64) {
                        *word ^= 1 << (place % 64);
                    }
                }
            }
        }
        for (stream, words) in self.streams.iter_mut().zip(self.odd.chunks_exact(words.max(1))) {
            for (at, &word) in words.iter().enumerate() {
                let mut rest = word;
                while rest != 0 {
                    let place = at * 64 + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    let slot = stream.ring.at(place).ok_or(Fault::OutOfReach)?;
                    residue.take_away(slot, &mut stream.zeroing)?;
                }
            }
        }
        Ok(())
    }

    /// A packet has come back: once only, however many repairs bring it.
    fn accept(&mut self, packet: Option<RtpPacket>) {
        let Some(packet) = packet else { return };
        let (ssrc, seq) = (packet.ssrc(), packet.sequence_number());
        if let Some(stream) = self.stream(ssrc)
            && stream.ring.get(seq).is_none()
        {
            stream.recovered(&packet);
            self.tally.recovered += 1;
            self.recovered.push_back(packet);
            self.came(ssrc, seq);
        }
    }

    /// Repairs that lack nothing, or cannot be used.
    fn drop_settled(&mut self) {
        let (tally, bytes) = (&mut self.tally, &mut self.repair_bytes);
        let mut faulty = (0, 0, 0);
        self.repairs.retain(|pending| {
            match (pending.fault, pending.missing) {
                (Some(Fault::Inconsistent), _) => faulty.0 += 1,
                (Some(Fault::Partial), _) => faulty.1 += 1,
                (Some(Fault::OutOfReach), _) => faulty.2 += 1,
                (None, 0) if pending.is_used => tally.used += 1,
                (None, 0) => tally.useless += 1,
                (None, _) if pending.is_expired => faulty.2 += 1,
                (None, _) => return true,
            }
            *bytes -= pending.bytes();
            false
        });
        self.blame(Fault::Inconsistent, faulty.0);
        self.blame(Fault::Partial, faulty.1);
        self.blame(Fault::OutOfReach, faulty.2);
    }

    const fn blame(&mut self, fault: Fault, repairs: u64) {
        match fault {
            Fault::Inconsistent => self.tally.inconsistent += repairs,
            Fault::Partial => self.tally.partial += repairs,
            Fault::OutOfReach => self.tally.expired += repairs,
        }
    }
}

/// What a repair lacks, a bit each by its place among the unknowns. `None`: there are too many.
fn equation(pending: &Pending, unknowns: &mut SmallVec<[(u32, u16); MAX_UNKNOWNS]>) -> Option<u64> {
    let mut bits = 0;
    for lack in pending.lacks() {
        let place = unknowns.iter().position(|unknown| *unknown == lack).unwrap_or(unknowns.len());
        if place == MAX_UNKNOWNS {
            return None;
        }
        if place == unknowns.len() {
            unknowns.push(lack);
        }
        bits |= 1 << place;
    }
    Some(bits)
}

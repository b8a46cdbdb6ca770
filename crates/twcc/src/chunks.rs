//! Packs symbols into packet status chunks (draft §3.1.2–§3.1.4).

/// What a feedback says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Lost = 0,
    /// Received, with a delta of one byte.
    Small = 1,
    /// Received, with a delta of two bytes.
    Large = 2,
}

/// The most that a run length says.
const MAX_RUN: u32 = 8191;
/// Symbols of a vector with one bit each, and with two.
const ONE_BIT: u32 = 14;
const TWO_BIT: u32 = 7;
/// Chunks that fewer than fourteen symbols can take: two vectors.
const PENDING_BYTES: usize = 4;

/// Chunks, and behind them the symbols that are in none yet: as long as they are all the same they may become a longer run,
/// otherwise the next fourteen decide.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    bytes: Vec<u8>,
    runs: Vec<(Symbol, u32)>,
    /// Symbols in `runs`.
    pending: u32,
}

impl Chunks {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.runs.clear();
        self.pending = 0;
    }

    pub(crate) fn push(&mut self, symbol: Symbol, count: u32) {
        if count == 0 {
            return;
        }
        match self.runs.last_mut() {
            Some((last, run)) if *last == symbol => *run += count,
            _ => self.runs.push((symbol, count)),
        }
        self.pending += count;
        while self.runs.len() > 1 && self.pending >= ONE_BIT {
            self.emit();
        }
    }

    /// Bytes that all symbols so far take at the most.
    pub(crate) fn len(&self) -> usize {
        let runs = match &self.runs[..] {
            [] => 0,
            [(_, run)] => 2 * run.div_ceil(MAX_RUN) as usize,
            _ => PENDING_BYTES,
        };
        self.bytes.len() + runs
    }

    /// Puts what is left into chunks, and gives them all.
    pub(crate) fn finish(&mut self) -> &[u8] {
        while !self.runs.is_empty() {
            self.emit();
        }
        &self.bytes
    }

    /// Puts the first symbols into a chunk: the form that says the most of them.
    fn emit(&mut self) {
        let Some(&(symbol, run)) = self.runs.first() else { return };
        let alone = self.runs.len() == 1;
        if alone || run >= ONE_BIT {
            self.emit_run(symbol, run);
        } else if !self.begins_with_large() {
            self.emit_vector(ONE_BIT, 1, 0x8000);
        } else if run >= TWO_BIT {
            self.emit_run(symbol, run);
        } else {
            self.emit_vector(TWO_BIT, 2, 0xc000);
        }
    }

    /// Is one of the next fourteen symbols more than one bit says?
    fn begins_with_large(&self) -> bool {
        let mut before = 0;
        self.runs.iter().any(|(symbol, run)| {
            let within = before < ONE_BIT;
            before += run;
            within && *symbol == Symbol::Large
        })
    }

    fn emit_run(&mut self, symbol: Symbol, run: u32) {
        let run = run.min(MAX_RUN);
        self.put((symbol as u16) << 13 | run as u16);
        self.take(run);
    }

    fn emit_vector(&mut self, symbols: u32, bits: u32, form: u16) {
        let mut chunk = form;
        let mut place = symbols * bits;
        let mut left = symbols;
        for (symbol, run) in &self.runs {
            for _ in 0..(*run).min(left) {
                place -= bits;
                chunk |= (*symbol as u16) << place;
            }
            left -= (*run).min(left);
        }
        self.put(chunk);
        self.take(symbols);
    }

    fn put(&mut self, chunk: u16) {
        self.bytes.extend_from_slice(&chunk.to_be_bytes());
    }

    /// Takes the first `count` symbols away, or all that there are.
    fn take(&mut self, mut count: u32) {
        let mut gone = 0;
        for (_, run) in &mut self.runs {
            let part = (*run).min(count);
            *run -= part;
            count -= part;
            self.pending -= part;
            if *run > 0 {
                break;
            }
            gone += 1;
        }
        self.runs.drain(..gone);
    }
}

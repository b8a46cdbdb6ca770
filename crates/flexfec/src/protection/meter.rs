//! What a stream sends: packets, frames and bytes a second, and what its protection takes.

const SECOND: u64 = 1_000_000_000;
/// The first window is shorter: until it has ended nothing is known.
const FIRST: u64 = SECOND / 4;

/// Counts over windows of a second.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// When the window began; `None` before the first packet.
    since: Option<u64>,
    counted: Counted,
    rates: Rates,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    packets: u64,
    markers: u64,
    bytes: u64,
    repair_bytes: u64,
}

/// What the last window has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    /// 0 until the first window has ended.
    pub(crate) packets_per_second: f64,
    /// Packets of a frame; 1 without markers.
    pub(crate) frame_packets: f64,
    /// Bits a second of media and of repair packets.
    pub(crate) media: u64,
    pub(crate) repairs: u64,
}

impl Meter {
    /// A media packet leaves.
    #[inline]
    pub(crate) fn media(&mut self, bytes: usize, marker: bool) {
        self.counted.packets += 1;
        self.counted.markers += u64::from(marker);
        self.counted.bytes += bytes as u64;
    }

    /// A repair packet leaves.
    pub(crate) const fn repair(&mut self, bytes: usize) {
        self.counted.repair_bytes += bytes as u64;
    }

    /// What was found out last.
    pub(crate) const fn rates(&self) -> Rates {
        self.rates
    }

    /// Ends the window if it has lasted long enough: then there is something new.
    #[inline]
    pub(crate) fn tick(&mut self, now: u64) -> Option<Rates> {
        let since = *self.since.get_or_insert(now);
        let window = if self.rates.packets_per_second > 0.0 { SECOND } else { FIRST };
        let lasted = now.saturating_sub(since);
        (lasted >= window).then(|| self.end(now, lasted))
    }

    fn end(&mut self, now: u64, nanos: u64) -> Rates {
        let Counted { packets, markers, bytes, repair_bytes } = std::mem::take(&mut self.counted);
        let seconds = nanos as f64 / SECOND as f64;
        let bits = |bytes: u64| (bytes as f64 * 8.0 / seconds) as u64;
        self.rates = Rates {
            packets_per_second: packets as f64 / seconds,
            frame_packets: (packets as f64 / markers.max(1) as f64).clamp(1.0, 1000.0),
            media: bits(bytes),
            repairs: bits(repair_bytes),
        };
        if markers == 0 {
            self.rates.frame_packets = 1.0;
        }
        self.since = Some(now);
        self.rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_last_window() {
        let mut meter = Meter::default();
        let mut windows = Vec::new();
        // 100 packets a second in frames of four, 1000 bytes each, and a repair packet for each ten.
        for packet in 0..300_u64 {
            windows.extend(meter.tick(packet * SECOND / 100).map(|rates| (packet, rates)));
            meter.media(1000, packet % 4 == 3);
            if packet % 10 == 9 {
                meter.repair(1020);
            }
        }
        let (first, second) = (windows[0], windows[1]);
        assert_eq!((first.0, second.0, windows.len()), (25, 125, 3));
        assert_eq!((first.1.packets_per_second, second.1.packets_per_second), (100.0, 100.0));
        assert_eq!((second.1.frame_packets, second.1.media, second.1.repairs), (4.0, 800_000, 81_600));
        assert_eq!(meter.rates().repairs, 81_600);
    }

    #[test]
    fn without_markers_packets_are_alone() {
        let mut meter = Meter::default();
        meter.tick(0);
        (0..50).for_each(|_| meter.media(100, false));
        assert_eq!(meter.tick(SECOND).unwrap().frame_packets, 1.0);
    }
}

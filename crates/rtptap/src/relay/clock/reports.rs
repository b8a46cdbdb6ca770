//! The reports that left, and which NTP time each had before it was changed.

/// Reports remembered of a stream: at one a second, for longer than any round trip.
const REMEMBERED: usize = 16;

/// NTP times (their middle 32 bits, as receivers name them) of a stream's last reports: as they left, and as the leg
/// had made them.
#[derive(Clone, Debug, Default)]
pub(super) struct SentReports {
    times: [(u32, u32); REMEMBERED],
    next: usize,
}

impl SentReports {
    pub(super) fn note(&mut self, left_as: u32, made_as: u32) {
        if let Some(place) = self.times.get_mut(self.next) {
            *place = (left_as, made_as);
        }
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// What the leg calls the report that left with this time; 0, which means none (RFC 3550 §6.4.1), if it is not known.
    pub(super) fn own(&self, left_as: u32) -> u32 {
        self.times.iter().find(|(left, _)| *left == left_as && left_as != 0).map_or(0, |(_, made)| *made)
    }
}

/// Bytes of a report block, and where in it are the SSRC and the time of the last report.
const BLOCK_LEN: usize = 24;
const LAST_SR: std::ops::Range<usize> = 16..20;

/// Gives each report block's (SSRC, time of the last report) in a datagram to `change`, and writes back what it returns.
/// Stops at what is malformed.
pub(super) fn change_last_reports(datagram: &mut [u8], mut change: impl FnMut(u32, u32) -> u32) {
    let mut rest = datagram;
    while let [first, packet_type, l0, l1, ..] = *rest {
        let len = 4 * (usize::from(u16::from_be_bytes([l0, l1])) + 1);
        let Some((packet, after)) = rest.split_at_mut_checked(len) else { return };
        rest = after;
        // Sender information takes 20 bytes more.
        let start = match packet_type {
            200 => 28,
            201 => 8,
            _ => continue,
        };
        let blocks = packet.get_mut(start..).unwrap_or_default().chunks_exact_mut(BLOCK_LEN);
        for block in blocks.take(usize::from(first & 0x1f)) {
            let Some(ssrc) = block.first_chunk().map(|ssrc| u32::from_be_bytes(*ssrc)) else { continue };
            let Some(place) = block.get_mut(LAST_SR).and_then(|bytes| bytes.first_chunk_mut()) else {
                continue;
            };
            *place = change(ssrc, u32::from_be_bytes(*place)).to_be_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use interceptor_packet::{ReportBlockData, Rtcp, RtcpPacket};

    use super::*;

    #[test]
    fn remembers_the_last_reports_only() {
        let mut sent = SentReports::default();
        assert_eq!(sent.own(0), 0);
        (1..=20).for_each(|at| sent.note(100 + at, at));
        assert_eq!((sent.own(104), sent.own(105), sent.own(120), sent.own(7)), (0, 5, 20, 0));
    }

    #[test]
    fn changes_every_block_and_nothing_else() {
        let block = |ssrc, last_sr| ReportBlockData {
            ssrc,
            last_sr,
            cumulative_lost: 5,
            ..ReportBlockData::default()
        };
        let before = RtcpPacket::builder()
            .receiver_report(1, &[block(7, 70), block(8, 80)])
            .sdes_cname(1, "someone")
            .receiver_report(1, &[block(9, 90)])
            .build()
            .unwrap();
        let mut bytes = before.as_bytes().to_vec();
        change_last_reports(&mut bytes, |ssrc, last| ssrc + last);
        let after = RtcpPacket::parse(bytes.into()).unwrap();
        let blocks: Vec<_> = after
            .packets()
            .filter_map(|packet| match packet {
                Rtcp::ReceiverReport(report) => Some(report),
                _ => None,
            })
            .flat_map(|report| report.report_blocks().collect::<Vec<_>>())
            .map(|block| (block.ssrc(), block.last_sr(), block.cumulative_lost()))
            .collect();
        assert_eq!(blocks, [(7, 77, 5), (8, 88, 5), (9, 99, 5)]);
    }

    #[test]
    fn survives_any_cut() {
        let whole =
            RtcpPacket::builder().receiver_report(1, &[ReportBlockData::default(); 3]).build().unwrap();
        for end in 0..whole.len() {
            let mut bytes = whole.as_bytes()[..end].to_vec();
            change_last_reports(&mut bytes, |_, _| 1);
            assert_eq!(bytes, whole.as_bytes()[..end], "a cut report is none");
        }
    }
}

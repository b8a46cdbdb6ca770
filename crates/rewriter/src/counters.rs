//! What a rewriter has counted.

use crate::Refusal;

/// What a [`Rewriter`](crate::Rewriter) has counted. The book closes: each packet given to it is in one of `sent_packets`,
/// `left_out`, `kept_numbers` and the ones that begin with `refused_`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RewriterCounters {
    /// Packets that were sent, duplicates included.
    pub sent_packets: u64,
    /// Payload bytes of these, as in a sender report; of packets placed by header none.
    pub sent_bytes: u64,
    /// Packets that were left out without a gap, padding included.
    pub left_out: u64,
    /// Packets that are not sent though their number stands, because packets behind them had been sent: the subscriber misses them.
    pub kept_numbers: u64,
    /// Packets of sources that are not sent.
    pub refused_not_selected: u64,
    /// Packets of the source from before the last switch.
    pub refused_old_source: u64,
    /// Packets of the source that is to be sent, before its key frame.
    pub refused_waiting: u64,
    /// Packets that came too late to have a number.
    pub refused_too_late: u64,
    /// Packets whose number was left out before.
    pub refused_left_out: u64,
    /// Switches from one source to another, the first one and those after a pause included.
    pub switches: u64,
    /// How often the source counted anew, or jumped by more than 3000 numbers.
    pub restarts: u64,
    /// Joints that were made by sender reports.
    pub joined_by_reports: u64,
    /// Joints that were made by the time that passed.
    pub joined_by_time: u64,
    /// Those of the latter where reports were not believed.
    pub reports_disbelieved: u64,
}

impl RewriterCounters {
    pub(crate) const fn refuse(&mut self, refusal: Refusal) {
        let counter = match refusal {
            Refusal::NotSelected => &mut self.refused_not_selected,
            Refusal::OldSource => &mut self.refused_old_source,
            Refusal::WaitingForKeyFrame => &mut self.refused_waiting,
            Refusal::TooLate => &mut self.refused_too_late,
            Refusal::LeftOut => &mut self.refused_left_out,
            Refusal::Padding => &mut self.left_out,
        };
        *counter += 1;
    }

    /// Packets that were given to the rewriter, by what became of them.
    #[must_use]
    pub const fn given(&self) -> u64 {
        let refused = self.refused_not_selected + self.refused_old_source + self.refused_waiting;
        let late = self.refused_too_late + self.refused_left_out;
        self.sent_packets + self.left_out + self.kept_numbers + refused + late
    }
}

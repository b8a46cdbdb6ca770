//! The end of a connection.

use std::time::Instant;

use interceptor_core::Stage;

use crate::shared::Seat;

impl Seat {
    pub(crate) fn say_goodbye(&mut self, now: Instant) {
        for ssrc in std::mem::take(&mut self.local) {
            // Unknown: an owner has ended it.
            let _ = self.chain.unbind_local(ssrc, now);
        }
    }

    /// The stack polls no more after this, so what interceptors say in the end never leaves. Those that record what is on the wire
    /// end first, lest they record it.
    pub(crate) fn close(&mut self, now: Instant) {
        let recorders = self.chain.layout();
        for recorder in recorders.rows().iter().filter(|row| row.stage <= Stage::CAPTURE) {
            if let Err(error) = self.chain.remove(recorder.name, now) {
                tracing::debug!(recorder.name, %error, "not closed as it should be");
            }
        }
        if let Err(error) = self.chain.close(now) {
            tracing::debug!(%error, "not closed as it should be");
        }
    }
}

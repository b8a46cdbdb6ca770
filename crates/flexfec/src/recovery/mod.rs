//! The recovering role: what remote streams have lost comes back from repair packets.
//!
//! | file | what |
//! |---|---|
//! | `group` | a decoder for the streams that share an SSRC of repair packets |
//! | `reading` | packets on their way in: media, repair packets, and what comes back |
//! | `stream` | what is kept of a stream |

mod counters;
mod group;
mod options;
mod reading;
mod stream;

use std::sync::Arc;

use interceptor_core::{Amend, Context, StreamInfo};

pub(crate) use counters::RecoveryCells;
pub use counters::RecoveryCounters;
pub use options::RecoveryOptions;
pub use stream::RecoveredStream;

use crate::FlexFecOptions;
use group::Groups;
use stream::Source;

/// What recovering keeps of a connection.
#[derive(Debug)]
pub(crate) struct Recovery {
    options: Arc<FlexFecOptions>,
    cells: Arc<RecoveryCells>,
    groups: Groups,
}

impl Recovery {
    pub(crate) fn new(options: Arc<FlexFecOptions>, cells: Arc<RecoveryCells>) -> Self {
        Self { options, cells, groups: Groups::default() }
    }

    /// A remote stream begins. `None` if its repair packets have another format, or no SSRC of their own.
    pub(crate) fn bind(&mut self, info: &StreamInfo) -> Option<RecoveredStream> {
        let source = Source::of(info)?;
        let group = self.groups.join(source, info, &self.options);
        Some(RecoveredStream::new(info.ssrc, source, group))
    }

    /// It is described anew.
    pub(crate) fn amend(&mut self, new: &StreamInfo, stream: &mut RecoveredStream) -> Amend {
        let Some(source) = Source::of(new) else { return Amend::Leave };
        if source != stream.source {
            self.groups.leave(stream.group, stream.ssrc(), &self.cells);
            stream.source = source;
        }
        stream.group = self.groups.join(source, new, &self.options);
        Amend::Keep
    }

    /// It ends.
    pub(crate) fn unbind(&mut self, stream: &RecoveredStream, cx: &mut Context<'_>) {
        self.tell_stats(stream, cx);
        self.groups.leave(stream.group, stream.ssrc(), &self.cells);
    }
}

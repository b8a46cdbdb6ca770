//! Keeps lip sync across the relay: the source's clock and names reach the targets, the legs' round trips stay right.
//!
//! Each leg has reports of its own, as it has losses and round trips of its own. But what receivers synchronise streams
//! by is the source's alone: which RTP time belongs to which moment of its wall clock, and which streams share that
//! clock. So a target's sender reports, made by the leg at its own pace, are changed on the way out:
//!
//! | field | what leaves |
//! |---|---|
//! | NTP and RTP time | the source's last report, carried on by the time since it came: another point on the same line |
//! | packet and octet count | the leg's own: what it has sent |
//! | canonical name | the source's |
//!
//! Network delay moves the point along the line, never the line. A receiver names the NTP time that it got; on the
//! way in it becomes the leg's own again, so that round trips are measured against one clock.
//!
//! While the source has not reported, sender reports of the stream are held back for 7.5 s: a receiver that has
//! synchronised to the relay's clock would jump later. A source that never reports gets the relay's clock then.

mod book;
mod listen;
mod reports;
mod translate;

pub(super) use book::SourceBook;
pub(super) use listen::ListenToSource;
pub(super) use translate::TranslateReports;

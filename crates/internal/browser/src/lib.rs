//! A live Chromium in a call over plain RTP with a [`Session`](interceptor_tokio::Session) of ours, and a bad network between them.
//!
//! ```text
//! Chromium ──UDP──▶ path: 25 ms, a queue of 300 ms, a rate, losses ──UDP──▶ mux ──▶ session: report · rtx · nack · twcc · stats
//!     ▲                                                                              │ read, and sent back
//!     └──────────────────────── path: 25 ms, losses ◀────────────────────────────────┘
//! ```
//!
//! Started with `--disable-webrtc-encryption` Chromium offers RTP/AVPF without DTLS and SRTP. What is left of WebRTC is small: an
//! answer (`interceptor-sdp`), and an end that answers connectivity checks (ICE lite). That part is the example `browser_plain` of
//! `interceptor-tokio`, whose files stand here as modules; here are the path, a page that takes orders, and eyes on both ends.
//!
//! A [`Call`] is one browser with one path: it is driven second by second, and each [`Second`] says what was offered to the path,
//! what came, how long the queue was, and what the browser thinks of it all. A [`Peer`] is our end of it: what has been
//! [`Heard`] of each stream, and our own statistics. What was lost on the way is noted ([`Lost`]), so the figures of both ends and
//! of the path between them can be held against each other.

#![expect(clippy::missing_errors_doc, reason = "whatever goes wrong ends the test")]

mod call;
mod feedback;
mod frames;
mod heard;
mod losses;
mod numbers;
mod path;
mod peer;
mod reader;
mod redundancy;
mod second;
mod setup;
mod stranger;
mod view;
mod vp8;

// What any server of plain RTP to a browser needs: the example shows it.
#[path = "../../../tokio/examples/browser_plain/chromium.rs"]
mod chromium;
#[path = "../../../tokio/examples/browser_plain/door.rs"]
mod door;
#[path = "../../../tokio/examples/browser_plain/echo.rs"]
mod echo;
#[path = "../../../tokio/examples/browser_plain/ice.rs"]
mod ice;
#[path = "../../../tokio/examples/browser_plain/order.rs"]
mod order;
#[path = "../../../tokio/examples/browser_plain/site.rs"]
mod site;

pub use call::Call;
pub use feedback::Feedback;
pub use frames::Frames;
pub use heard::Heard;
pub use losses::Lost;
pub use numbers::Numbers;
pub use path::{Path, PathReading};
pub use peer::{Ended, Peer};
pub use redundancy::Redundancy;
pub use second::{Second, table};
pub use setup::Setup;
pub use stranger::Stranger;
pub use view::{Inbound, Outbound, View};

/// Is there a browser?
#[must_use]
pub fn is_installed() -> bool {
    chromium::Chromium::find().is_some()
}

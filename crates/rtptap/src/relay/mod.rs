//! `rtptap relay`: RTP from one source to any number of targets, repaired on both sides.
//!
//! ```text
//!            RTP ──▶ ┌────────────── source ──────────────┐          ┌──── target-1 ────┐ ──▶ RTP, RTX
//!  source            │ capture · rtx-association · clock · │  packet  │ capture · clock · │      SR (the source's clock)
//!            ◀─ RTCP │ stats · report · rtx · flexfec ·    │ ───────▶ │ stats · report ·  │ ◀── RR, NACK, PLI
//!  RR, NACK, PLI     │ nack (asks) · keyframe (asks)       │  shared  │ rtx · flexfec ·   │
//!                    └─────────────────────────────────────┘          │ nack (answers)    │
//!                                     ▲                               │                   │
//!                                     └─────── key frame requests ─── └───────────────────┘
//! ```
//!
//! A relay is a session a leg (`interceptor-tokio`), each with the workspace's interceptors and two of its own.
//!
//! 1. **Media** passes byte by byte: header, extensions, padding and all, under its own SSRC. What RTX brought back lacks
//!    padding, which RFC 4588 does not carry. Payloads are shared by all targets. Packets leave as they come, late ones late:
//!    the receiver's jitter buffer orders them. What comes together leaves together, of all streams: a system call for many packets of one
//!    length to a target.
//! 2. **Streams** are learnt from the wire, at most [`max_streams`](RelayOptions::max_streams): an SSRC is one after two packets in
//!    sequence, which are forwarded as well. [`StreamRule`]s say what their payload types mean. One that says goodbye, and is
//!    silent then, ends at the targets a second later and begins anew if it comes back.
//! 3. **Repair** is each leg's own: the source leg asks for what is missing, a target leg answers from what it has sent.
//!    Two relays repair the link between them whatever is on either side of them.
//! 4. **Retransmission streams** (RFC 4588): the source leg finds out whose they are ([`RTX_SSRC_MASK`] makes that
//!    instant between relays), a target leg sends them where the payload type has one.
//! 5. **Reports** are each leg's own, and speak of the source's clock and names to the targets: lip sync survives. See
//!    `clock`.
//! 6. **Key frame requests** of all targets, and of what NACK gives up, go to the source as one, at most one a stream in
//!    [`keyframe_interval`](RelayOptions::keyframe_interval). Where the codec is known it is repeated until a key frame comes, and who asked
//!    meanwhile is served by that. Other feedback (REMB, TWCC, slice loss) ends here: it is about
//!    one leg.
//! 7. **The source** is whoever first sends RTP in sequence, of the hosts that [`from`](SourceOptions::from) names if it does;
//!    another takes its place after [`takeover`](RelayOptions::takeover) of silence. RTCP to it goes where its RTCP comes from. A
//!    target's RTCP is taken from any port of its host.
//! 8. **Forward error correction** (FlexFEC as browsers speak it, RFC 8627), where a payload type has one for it: the source's leg recovers,
//!    a target's leg protects if it is told to ([`FecMode`]). Repair packets of the source end here; a target gets its own.
//! 9. **Limits** ([`LegLimit`]): of what a leg carries, of all streams together and of each. What the source's leg drops has been received, and is
//!    not asked for; what a target's leg drops is not sent again.
//! 10. **Nothing is lost in silence**: each leg has a [`PacketBook`] of every packet that came in and what became of it.

mod args;
mod book;
mod capture;
mod change;
mod clock;
mod command;
mod config;
#[cfg(feature = "control")]
pub mod control;
mod dump;
mod error;
mod farewell;
mod fec;
mod forward;
mod health;
mod hosts;
mod http;
mod ledger;
mod leg;
mod limits;
mod lines;
mod metrics;
mod options;
mod pace;
mod places;
mod requests;
mod router;
mod rules;
mod running;
mod sdp;
mod service;
mod snapshot;
mod table;
mod target_rules;
mod turns;
mod wire;

pub use args::{EXAMPLES, RelayArgs};
#[cfg(feature = "control")]
pub(crate) use args::{address, bits};
pub use book::{PacketBook, StreamCounts};
pub use capture::CaptureStats;
pub use change::{Change, ChangeError, Changed};
pub use command::execute;
pub use error::{OptionsError, RelayError};
pub use fec::{FecMode, FecPair, FecReceiver, FecStats, ProtectedStats};
pub use hosts::Hosts;
pub use http::HttpServer;
pub use leg::Role;
pub use limits::{LegLimit, LimitChange, LimitStats, Over};
pub use options::{RelayOptions, RtcpMode, RtxMode, SourceOptions, TargetOptions};
pub use rules::{FEC_SSRC_MASK, Meaning, RTX_SSRC_MASK, RtxPair, StreamRule};
pub use running::{Relay, RelayHandle};
pub use snapshot::{LegStats, RelayStats, RepairStats, TransportStats};
pub use table::relay_table;
pub use target_rules::{RulesChange, TargetRules};
pub use wire::RejectedHost;

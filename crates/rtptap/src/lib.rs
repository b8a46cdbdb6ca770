//! Library behind the `rtptap` command-line tool.
//!
//! The binary only parses arguments and prints; everything that it does lives here, so that tests can drive it without
//! a terminal.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | the command line and its checks |
//! | [`sample`] | the embedded VP8 and Opus media as an endless source of timed RTP payloads |
//! | [`demo`] | the lossy link between two sessions, what a run measured, and how it is shown |
//! | [`relay`] | RTP from a source to targets over real sockets, repaired on both sides |
//! | `control` | asks a running relay, and changes it; with the feature `control` |
//! | [`inspect`] | what `interceptor-inspect` finds in captures, printed |

pub mod cli;
#[cfg(feature = "control")]
pub mod control;
pub mod demo;
pub mod inspect;
pub mod relay;
pub mod sample;

mod log;
mod page;
mod printing;
mod signals;
mod table;

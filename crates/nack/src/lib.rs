//! RFC 4585 negative acknowledgements: asks for missing RTP packets and answers from history.

mod answering;
mod asking;
mod budget;
mod counters;
mod deadlines;
mod error;
mod interceptor;
mod lateness;
mod message;
mod options;
mod receive_log;
mod reorder;
mod send_history;
mod slots;
mod time;

pub use answering::LocalStream;
pub use asking::RemoteStream;
pub use counters::{AnswerCounters, AskCounters, NackCounters, TimeToRecover};
pub use error::OptionsError;
pub use interceptor::{Nack, NackFactory};
pub use options::{NackOptions, ReorderTolerance};

//! Datagrams over loopback, many in a system call, and where they end.

mod messages;
mod sink;

pub(crate) use messages::{Inbox, send};
pub(crate) use sink::{Sink, targets};

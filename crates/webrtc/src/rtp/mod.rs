//! RTP both ways: the host's writers and readers, and their packets as the chain's.

mod forms;
mod numbers;
mod reader;
mod writer;

pub(crate) use forms::Form;
pub(crate) use reader::RtpIn;
pub(crate) use writer::RtpOut;

//! The rows of the table of malformed input, and what else no peer should send.

mod red;
mod rtcp;
mod rtp;

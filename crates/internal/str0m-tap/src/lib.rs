//! A str0m peer seen by our statistics and our capture: [`tap`] is what a user of str0m copies, the rest is a call to show it with.
//!
//! str0m has no place to put an interceptor, and asks, answers and repairs by itself. What it has is
//! [`RtcConfig::enable_raw_packets`](str0m::RtcConfig::enable_raw_packets): an event for each packet before it is encrypted and
//! after it is decrypted. A chain that only listens can be fed from those.

pub mod call;
pub mod peers;
pub mod table;
pub mod tap;

//! What is kept of each stream: numbers that readers share, and state that only the chain's thread has.

mod inbound;
mod outbound;
mod playout;
mod remote;

pub(crate) use inbound::InboundCells;
pub use inbound::RemoteStream;
pub use outbound::LocalStream;
pub(crate) use outbound::OutboundCells;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_takes_no_more_memory_than_documented() {
        let inbound = size_of::<InboundCells>() + size_of::<RemoteStream>();
        let outbound = size_of::<OutboundCells>() + size_of::<LocalStream>();
        assert!(inbound <= 1024 && outbound <= 512, "{inbound} {outbound}");
    }
}

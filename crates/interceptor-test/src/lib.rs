//! Test kit for interceptors: virtual clock, seeded links, paired chains, builders and recorders.

mod clock;
mod contract;
mod corpus;
mod datagram;
mod hex;
mod link;
mod mock;
mod pair;
mod recorder;
mod rtp;
mod script;
pub mod stream_info;

pub use self::clock::Clock;
pub use self::contract::{Allocations, Contract, MeasureAllocations};
pub use self::corpus::hostile_datagrams;
pub use self::datagram::Datagram;
pub use self::hex::hex;
pub use self::link::{
    Capacity, Duplicate, Hold, Jitter, Link, LinkCounters, LinkError, LinkOptions, Loss, Message, QueueDepth,
    Reorder,
};
pub use self::mock::{Hook, HookFn, Mock, MockFactory};
pub use self::pair::{Pair, PairError, PairOptions, Received, Sent, Side};
pub use self::recorder::{Crossing, Record, Recorder, RecorderFactory, Recording};
pub use self::rtp::{RtpStream, RtpTemplate, rtp};
pub use self::script::{Script, Turn};

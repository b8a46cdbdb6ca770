//! Test kit for interceptors: virtual clock, seeded links, paired chains, builders and recorders.

mod clock;
mod hex;
mod link;
mod script;

pub use self::clock::Clock;
pub use self::hex::hex;
pub use self::link::{
    Capacity, Duplicate, Hold, Jitter, Link, LinkCounters, LinkError, LinkOptions, Loss, Message, QueueDepth,
    Reorder,
};
pub use self::script::{Script, Turn};

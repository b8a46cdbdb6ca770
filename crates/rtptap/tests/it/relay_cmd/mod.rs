//! `rtptap relay`: over real loopback sockets, with real programs on either side, as a user runs it.

mod link;
mod media;
mod pair;

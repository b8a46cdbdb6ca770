//! The interceptor that `docs/writing-an-interceptor.md` builds: its tests, and the contract.

include!(concat!(env!("OUT_DIR"), "/writing_an_interceptor.rs"));

//! Compiles and runs the Rust code of the README and of the documents below `docs/`: there is nothing else in this crate.
//!
//! A package must not reach outside its folder, so a published crate could not do this.

/// Documents whose blocks stand alone.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../README.md")]
    struct Readme;

    #[doc = include_str!("../../../docs/migrating-from-pion.md")]
    struct MigratingFromPion;

    #[doc = include_str!("../../../docs/migrating-from-webrtc-rs.md")]
    struct MigratingFromWebrtcRs;
}

/// `docs/writing-an-interceptor.md`: each block compiles together with those before it.
#[cfg(doctest)]
mod writing_an_interceptor {
    include!(concat!(env!("OUT_DIR"), "/writing_an_interceptor_steps.rs"));
}

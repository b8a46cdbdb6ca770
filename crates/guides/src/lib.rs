//! Compiles and runs the Rust code of the documents below `docs/`: there is nothing else in this crate.
//!
//! A package must not reach outside its folder, so a published crate could not do this.

/// `docs/writing-an-interceptor.md`: each block compiles together with those before it.
#[cfg(doctest)]
mod writing_an_interceptor {
    include!(concat!(env!("OUT_DIR"), "/writing_an_interceptor_steps.rs"));
}

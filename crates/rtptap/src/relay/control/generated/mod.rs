//! Messages, server and client of `proto/rtptap/v1/relay.proto`, which says what each is; written by `cargo xtask proto`.

#![expect(
    missing_docs,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "written by a program"
)]

include!("rtptap.v1.rs");

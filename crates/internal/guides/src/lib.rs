//! Compiles and runs the Rust code of the READMEs and of the documents below `docs/`: there is nothing else in this crate.
//!
//! A package must not reach outside its folder, so a published crate could not do this.

/// Documents whose blocks stand alone.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../../README.md")]
    struct Readme;

    #[doc = include_str!("../../../../docs/migrating-from-pion.md")]
    struct MigratingFromPion;

    #[doc = include_str!("../../../../docs/migrating-from-webrtc-rs.md")]
    struct MigratingFromWebrtcRs;

    #[doc = include_str!("../../../../docs/repair.md")]
    struct Repair;

    #[doc = include_str!("../../../../docs/scaling.md")]
    struct Scaling;

    #[doc = include_str!("../../../../docs/streams.md")]
    struct Streams;
}

/// READMEs of the published crates: what a reader copies, without the lines that rustdoc hides.
#[cfg(doctest)]
mod readmes {
    #[doc = include_str!("../../../core/README.md")]
    struct Core;

    #[doc = include_str!("../../../packet/README.md")]
    struct Packet;

    #[doc = include_str!("../../../test/README.md")]
    struct Test;

    #[doc = include_str!("../../../tokio/README.md")]
    struct Tokio;

    #[doc = include_str!("../../../hdrext/README.md")]
    struct Hdrext;

    #[doc = include_str!("../../../inspect/README.md")]
    struct Inspect;

    #[doc = include_str!("../../../nack/README.md")]
    struct Nack;

    #[doc = include_str!("../../../pcap-dump/README.md")]
    struct PcapDump;

    #[doc = include_str!("../../../report/README.md")]
    struct Report;

    #[doc = include_str!("../../../rfc8888/README.md")]
    struct Rfc8888;

    #[doc = include_str!("../../../rtx/README.md")]
    struct Rtx;

    #[doc = include_str!("../../../sdp/README.md")]
    struct Sdp;

    #[doc = include_str!("../../../stats/README.md")]
    struct Stats;

    #[doc = include_str!("../../../grpc/README.md")]
    struct Grpc;

    #[doc = include_str!("../../../stack/README.md")]
    struct Stack;

    #[doc = include_str!("../../../stream/README.md")]
    struct Stream;

    #[doc = include_str!("../../../parity/README.md")]
    struct Parity;

    #[doc = include_str!("../../../rewriter/README.md")]
    struct Rewriter;

    #[doc = include_str!("../../../flexfec/README.md")]
    struct FlexFec;

    #[doc = include_str!("../../../red/README.md")]
    struct Red;

    #[doc = include_str!("../../../ulpfec/README.md")]
    struct UlpFec;

    #[doc = include_str!("../../../jitter-buffer/README.md")]
    struct JitterBuffer;

    #[doc = include_str!("../../../keyframe/README.md")]
    struct Keyframe;

    #[doc = include_str!("../../../merge/README.md")]
    struct Merge;

    #[doc = include_str!("../../../token-bucket/README.md")]
    struct TokenBucket;

    #[doc = include_str!("../../../twcc/README.md")]
    struct Twcc;
}

/// `docs/writing-an-interceptor.md`: each block compiles together with those before it.
#[cfg(doctest)]
mod writing_an_interceptor {
    include!(concat!(env!("OUT_DIR"), "/writing_an_interceptor_steps.rs"));
}

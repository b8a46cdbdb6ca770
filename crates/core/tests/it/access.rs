//! An owner's way to the interceptors inside, and interceptors from factories into a running chain.

use interceptor_core::{
    BuildContext, BuildError, Chain, ChainError, Factory, Media, Need, Nested, Registry, Stage, StreamInfo,
};

use crate::actor::Actor;
use crate::probe::{SSRC, config, rtp};

struct Made {
    stage: Stage,
    fails: bool,
}

impl Factory for Made {
    type Interceptor = Actor;

    fn name(&self) -> &'static str {
        "made"
    }

    fn stage(&self) -> Stage {
        self.stage
    }

    fn needs(&self) -> Vec<Need> {
        let nack = Need::feedback(Media::Video, "nack", "");
        if self.stage == Stage::RTX { vec![nack, Need::codec(Media::Video, "rtx")] } else { vec![nack] }
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Actor, BuildError> {
        assert!(cx.now() >= cx.config().now);
        if self.fails { Err(BuildError::new("told to fail")) } else { Ok(Actor::default()) }
    }
}

#[test]
fn states_of_streams_are_lent_in_nested_chains_as_well() {
    let inner = Registry::new().with(Made { stage: Stage::NACK, fails: false });
    let config = config();
    let now = config.now;
    let mut chain = Registry::new().with(Nested::new("inner", Stage::REPORT, inner)).build(config).unwrap();
    chain.bind_remote(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    (0..3).for_each(|number| chain.read_rtp(rtp(SSRC, number), now));
    let seen = chain.with_streams::<Actor, _>(|_, mut streams| {
        let all: u64 = streams.remotes().map(|(_, packets)| *packets).sum();
        (all, streams.remote(SSRC).copied(), streams.local(SSRC).copied(), streams.remote_count())
    });
    assert_eq!(seen, Some((3, Some(3), None, 1)));
    assert!(chain.get::<Actor>().is_some());
    chain.remove("inner", now).unwrap();
    assert_eq!(chain.with_streams::<Actor, _>(|_, _| ()), None);
    assert!(chain.get::<Actor>().is_none());
}

#[test]
fn states_are_read_without_the_right_to_change_them() {
    let config = config();
    let now = config.now;
    let mut chain = Registry::new().with(Made { stage: Stage::NACK, fails: false }).build(config).unwrap();
    for ssrc in [SSRC, SSRC + 10] {
        let info = StreamInfo::new(ssrc, 96, 90_000).with_rtx(ssrc + 1, 97);
        chain.bind_remote(info.clone(), now).unwrap();
        chain.bind_local(info, now).unwrap();
    }
    chain.read_rtp(rtp(SSRC, 0), now);
    (0..2).for_each(|number| chain.write_rtp(rtp(SSRC + 10, number), now));
    chain.with_streams::<Actor, _>(|_, streams| {
        let remotes: Vec<_> = streams.iter_remotes().map(|(info, packets)| (info.ssrc, *packets)).collect();
        assert_eq!(remotes, [(SSRC, 1), (SSRC + 10, 0)]);
        let locals: Vec<_> = streams.iter_locals().map(|(info, packets)| (info.ssrc, *packets)).collect();
        assert_eq!(locals, [(SSRC, 0), (SSRC + 10, 2)]);
        assert_eq!((streams.peek_remote(SSRC), streams.peek_local(SSRC + 11)), (Some(&1), Some(&2)));
        assert_eq!((streams.peek_remote(SSRC + 5), streams.peek_local(SSRC + 5)), (None, None));
    });
}

#[test]
fn a_factory_s_interceptor_joins_a_running_chain_at_its_stage() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    chain.bind_remote(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.insert("top", Stage::APPLICATION, Actor::default(), now).unwrap();
    chain.insert_with(&Made { stage: Stage::NACK, fails: false }, now).unwrap();
    let rows = chain.layout();
    assert_eq!(rows.rows()[0].name, "made");
    assert_eq!((rows.rows()[0].stage, rows.rows()[0].remote_streams), (Stage::NACK, 1));

    let failed = chain.insert_with(&Made { stage: Stage::NACK, fails: true }, now);
    assert!(matches!(failed, Err(ChainError::Build { interceptor: "made", .. })), "{failed:?}");
    assert_eq!(failed.unwrap_err().to_string(), "building interceptor `made` failed: told to fail");
    assert_eq!(chain.layout().rows().len(), 2);
}

#[test]
fn a_registry_says_what_is_to_be_negotiated_each_thing_once_from_the_wire_up() {
    let registry = Registry::new().with(Made { stage: Stage::NACK, fails: false }).with(Nested::new(
        "inner",
        Stage::RTX,
        Registry::new().with(Made { stage: Stage::RTX, fails: false }),
    ));
    let needs: Vec<_> = registry.needs().iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["video: a=rtcp-fb nack", "video: a=rtpmap rtx"]);
}

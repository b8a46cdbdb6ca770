//! What interceptors will add to packets, for those who have to know before.

use interceptor_core::{
    Amend, BuildContext, BuildError, Chain, Factory, Nested, Registry, Stage, StreamInfo,
};

use crate::actor::{Actor, Diary};
use crate::probe::{SSRC, config, rtp};

fn stamper(id: u8, len: u8) -> Actor {
    Actor::default().on_bind(move |_, cx| {
        cx.declare_stamp(id, len);
        Ok(true)
    })
}

/// Writes down the stamps that it can see for each packet.
fn reader(diary: &Diary) -> Actor {
    let diary = diary.clone();
    Actor::default().on_rtp(move |packet, cx| {
        let stamps: Vec<_> = cx.stamps().map(|stamp| (stamp.id, stamp.len)).collect();
        let by_ssrc: Vec<_> = cx.local_stamps(SSRC).map(|stamp| (stamp.id, stamp.len)).collect();
        assert_eq!(stamps, by_ssrc);
        diary.note(format!("{stamps:?}"));
        Ok(Some(packet))
    })
}

fn chain() -> (Chain, std::time::Instant) {
    let config = config();
    let now = config.now;
    (Chain::new(config), now)
}

#[test]
fn who_stands_above_sees_what_is_stamped_below_from_the_next_packet_on() {
    let (mut chain, now) = chain();
    let diary = Diary::default();
    let write = |chain: &mut Chain| {
        chain.write_rtp(rtp(SSRC, 1), now);
        diary.read()
    };
    chain.insert("fec", Stage::FEC, reader(&diary), now).unwrap();
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    assert_eq!(write(&mut chain), ["[]"]);
    chain.insert("twcc", Stage::CONGESTION, stamper(3, 2), now).unwrap();
    chain.insert("mid", Stage::APPLICATION, stamper(4, 1), now).unwrap();
    assert_eq!(write(&mut chain), ["[(3, 2)]"], "what is stamped above is there already");
    assert_eq!(chain.headroom(SSRC), Some(4 + 8), "header, two elements and padding");
    chain.remove("twcc", now).unwrap();
    assert_eq!(write(&mut chain), ["[]"]);
    chain.unbind_local(SSRC, now).unwrap();
    assert_eq!(chain.headroom(SSRC), None);
}

#[test]
fn an_amendment_may_declare_anew_and_a_panic_withdraws() {
    let (mut chain, now) = chain();
    let diary = Diary::default();
    let info = StreamInfo::new(SSRC, 96, 90_000);
    let stamper = stamper(3, 2)
        .on_amend(|(_, new), cx| {
            if let Some(id) = new.extension_id("urn:stamp") {
                cx.declare_stamp(id, 2);
            }
            Ok(Amend::Keep)
        })
        .on_rtp(|packet, _| {
            assert_ne!(packet.sequence_number(), 9, "told to panic");
            Ok(Some(packet))
        });
    chain.insert("twcc", Stage::CONGESTION, stamper, now).unwrap();
    chain.insert("fec", Stage::FEC, reader(&diary), now).unwrap();
    chain.bind_local(info.clone(), now).unwrap();
    chain.amend_local(info.clone().with_mid("0"), now).unwrap();
    chain.write_rtp(rtp(SSRC, 1), now);
    chain.amend_local(info.with_extension(5, "urn:stamp"), now).unwrap();
    chain.write_rtp(rtp(SSRC, 2), now);
    chain.write_rtp(rtp(SSRC, 9), now);
    chain.write_rtp(rtp(SSRC, 10), now);
    assert_eq!(diary.read(), ["[(3, 2)]", "[(5, 2)]", "[(5, 2)]", "[]"]);
}

#[test]
fn headroom_sums_stamps_what_repair_puts_in_front_and_the_transport() {
    let config = config().with_transport_overhead(10);
    let now = config.now;
    let mut chain = Chain::new(config);
    let rtx = Actor::default().on_bind(|_, cx| {
        cx.declare_headroom(2);
        Ok(true)
    });
    let declines = Actor::default().on_bind(|_, cx| {
        cx.declare_headroom(1000);
        Ok(false)
    });
    chain.insert("rtx", Stage::RTX, rtx, now).unwrap();
    chain.insert("declines", Stage::RTX, declines, now).unwrap();
    chain.insert("twcc", Stage::CONGESTION, stamper(3, 2), now).unwrap();
    let info = StreamInfo::new(SSRC, 96, 90_000).with_rtx(7, 97);
    chain.bind_remote(info.clone(), now).unwrap();
    assert_eq!(chain.headroom(SSRC), None, "what comes in has room already");
    chain.bind_local(info, now).unwrap();
    assert_eq!((chain.headroom(SSRC), chain.headroom(7)), (Some(10 + 2 + 8), Some(20)));
}

struct StamperFactory;

impl Factory for StamperFactory {
    type Interceptor = Actor;

    fn name(&self) -> &'static str {
        "stamper"
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Actor, BuildError> {
        Ok(stamper(3, 2))
    }
}

#[test]
fn a_nested_chain_s_stamps_are_seen_outside_and_those_outside_in_it() {
    let diary = Diary::default();
    let nest = |stage| Nested::new("inner", stage, Registry::new().with(StamperFactory));
    let config = config();
    let now = config.now;
    let mut chain = Registry::new().with(nest(Stage::CONGESTION)).build(config).unwrap();
    chain.insert("fec", Stage::FEC, reader(&diary), now).unwrap();
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.write_rtp(rtp(SSRC, 1), now);
    assert_eq!((diary.read(), chain.headroom(SSRC)), (vec!["[(3, 2)]".to_owned()], Some(8)));

    let inner = chain.get_mut::<Chain>().unwrap();
    inner.insert("more", Stage::CAPTURE, stamper(4, 3), now).unwrap();
    chain.write_rtp(rtp(SSRC, 2), now);
    assert_eq!(diary.read(), ["[(3, 2), (4, 3)]"], "whoever is added inside counts too");

    let sees = diary.clone();
    let inner_reader = Actor::default().on_rtp(move |packet, cx| {
        sees.note(format!("{:?}", cx.stamps().map(|stamp| stamp.id).collect::<Vec<_>>()));
        Ok(Some(packet))
    });
    chain.get_mut::<Chain>().unwrap().insert("reader", Stage::CAPTURE.below(), inner_reader, now).unwrap();
    chain.insert("lowest", Stage::CAPTURE, stamper(5, 1), now).unwrap();
    chain.write_rtp(rtp(SSRC, 3), now);
    assert_eq!(diary.read(), ["[(3, 2), (4, 3), (5, 1)]", "[5]"]);
}

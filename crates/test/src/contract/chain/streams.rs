//! What is kept and what is undone when streams and interceptors come, change and go.

use interceptor_core::{Chain, ChainError, Error, Flow, Incoming, Outgoing, Stage};
use interceptor_packet::Origin;

use super::{ChainContract, RTX, SSRC, bind, bye, delivered, media, sent, stream};
use crate::contract::companion::{Companion, Notes};
use crate::{Hook, rtp};

const SEEN: [&str; 4] = ["write_rtp", "read_rtp", "write_rtcp", "read_rtcp"];

impl ChainContract {
    /// An interceptor that is refused by a running chain, because it refuses a stream, is gone, and what it has emitted until then
    /// passes those below it and nobody above.
    ///
    /// # Panics
    /// If not.
    pub fn places_what_a_refused_interceptor_has_emitted(&self) {
        let rule = "what a refused interceptor has emitted comes from its place";
        let (mut chain, now) = self.chain();
        let notes = Notes::default();
        for (name, stage) in [("below", Stage::CONGESTION), ("above", Stage::APPLICATION)] {
            Companion::default().notes(&notes, name, &SEEN).insert(&mut chain, name, stage, now);
        }
        bind(&mut chain, now);
        let refuses = Companion::default().on("bind_remote", |_, cx| {
            cx.send_rtcp(bye());
            cx.deliver_rtcp(bye());
            Err(Error::msg("no"))
        });
        let refused = chain.insert("refuses", Stage::NACK, refuses.into_mock(), now);
        let by_itself = matches!(refused, Err(ChainError::Refused { interceptor: "refuses", .. }));
        assert!(by_itself, "who refuses a stream is refused: {refused:?}");
        assert_eq!(notes.take(), ["below write_rtcp", "above read_rtcp"], "{rule}");
        assert_eq!((sent(&mut chain), delivered(&mut chain)), (1, 1), "{rule}");
        let left = chain.layout().rows().iter().any(|row| row.name == "refuses");
        assert!(!left, "who is refused is gone");
        chain.write_rtp(media(1), now);
        chain.read_rtp(media(1), now);
        assert_eq!((sent(&mut chain), delivered(&mut chain)), (1, 1), "media passes where one was refused");
    }

    /// An origin that somebody has set is kept, both ways and in whatever an interceptor sends or delivers; a packet that nobody
    /// has said anything about gets the origin that its SSRC stands for, and what comes from the wire is such a packet.
    ///
    /// # Panics
    /// If not.
    pub fn keeps_the_origin_that_was_set(&self) {
        let rule = "an origin that was set is kept";
        for origin in [Origin::Media, Origin::Retransmission, Origin::FecRepair, Origin::Padding] {
            for ssrc in [SSRC, RTX] {
                let (mut chain, now) = self.chain();
                let notes = Notes::default();
                for (name, stage) in [("below", Stage::CONGESTION), ("above", Stage::APPLICATION)] {
                    Companion::default().notes(&notes, name, &SEEN).insert(&mut chain, name, stage, now);
                }
                Companion::default().on("read_rtp", move |hook, _| Ok(say(hook, origin))).insert(
                    &mut chain,
                    "says",
                    Stage::CAPTURE,
                    now,
                );
                let packet = move |seq| rtp(ssrc).seq(seq).pt(96).origin(origin).build();
                let emits = Companion::default().does("write_rtcp", move |cx| {
                    cx.send_rtp(packet(3));
                    cx.deliver_rtp(packet(4));
                });
                emits.insert(&mut chain, "emits", Stage::NACK, now);
                chain.bind_local(stream().with_rtx(RTX, 97), now).expect("a free SSRC is bound");
                chain.bind_remote(stream().with_rtx(RTX, 97), now).expect("a free SSRC is bound");
                chain.write_rtp(packet(1), now);
                chain.read_rtp(packet(2), now);
                chain.write_rtcp(bye(), now);
                let kept = match (origin, ssrc) {
                    (Origin::Media, RTX) => Origin::Retransmission,
                    (origin, _) => origin,
                };
                let seen = |what, seq| format!("{what} {seq} {kept:?}");
                let expected = [
                    seen("above write_rtp", 1),
                    seen("below write_rtp", 1),
                    seen("below read_rtp", 2),
                    seen("above read_rtp", 2),
                    "above write_rtcp".to_owned(),
                    "below write_rtcp".to_owned(),
                    seen("below write_rtp", 3),
                    seen("above read_rtp", 4),
                ];
                assert_eq!(notes.take(), expected, "{rule}");
                assert_origins(&mut chain, kept);
            }
        }
    }

    /// A change of a stream that somebody refuses leaves everything as it was: those who knew of it learn the way back, who had
    /// joined leaves, who had left is back, and the SSRCs are free again.
    ///
    /// # Panics
    /// If not.
    pub fn takes_a_refused_amendment_back(&self) {
        for leaves in [false, true] {
            let rule = "a refused amendment is taken back";
            let (mut chain, now) = self.chain();
            let notes = Notes::default();
            let hooks = ["amend_local", "bind_local", "unbind_local"];
            let stays = Companion::default().notes(&notes, "stays", &hooks[..1]);
            stays.insert(&mut chain, "stays", Stage::CONGESTION, now);
            let picky =
                Companion::default().notes(&notes, "picky", &hooks).on("amend_local", move |hook, _| {
                    let to = matches!(hook, Hook::AmendLocal(_, new) if new.mid == "new");
                    Ok(if leaves && to { Flow::Consumed } else { Flow::Forward })
                });
            picky.insert(&mut chain, "picky", Stage::RTX, now);
            let refuses = Companion::default().on("amend_local", |_, _| Err(Error::msg("no")));
            refuses.insert(&mut chain, "refuses", Stage::NACK, now);
            chain.bind_local(stream().with_mid("old"), now).expect("a free SSRC is bound");
            notes.take();

            let changed = chain.amend_local(stream().with_mid("new").with_rtx(RTX, 97), now);
            let by_one = matches!(changed, Err(ChainError::Refused { interceptor: "refuses", .. }));
            assert!(by_one, "{rule}: {changed:?}");
            let there = "stays amend_local mid \"old\" to \"new\"";
            let back = "stays amend_local mid \"new\" to \"old\"";
            let left: &[&str] = if leaves { &["picky unbind_local", "picky bind_local"] } else { &[] };
            assert_eq!(notes.take(), [&[there], left, &[back]].concat(), "{rule}: who was told what");
            let mid = |ssrc| chain.local_stream(ssrc).map(|info| info.mid.clone());
            assert_eq!(mid(SSRC).as_deref(), Some("old"), "{rule}: the description");
            assert_eq!(mid(RTX), None, "{rule}: the SSRC of RTX is free again");
            let parts: Vec<usize> = chain.layout().rows().iter().map(|row| row.local_streams).collect();
            assert!(
                parts.iter().filter(|parts| **parts == 1).count() >= 3,
                "{rule}: all take part as before"
            );
            assert_eq!(chain.counters().hook_errors, 0, "{rule}: nobody fails on the way back");
            chain.write_rtp(media(1), now);
            assert_eq!(sent(&mut chain), 1, "{rule}: media passes");
        }
    }
}

/// Says of an incoming packet where it comes from, unless there is nothing to say.
fn say(hook: Hook<'_>, origin: Origin) -> Flow {
    if let Hook::ReadRtp(packet) = hook
        && origin != Origin::Media
    {
        packet.info_mut().origin = origin;
    }
    Flow::Forward
}

/// And so they come out.
fn assert_origins(chain: &mut Chain, kept: Origin) {
    let rule = "an origin that was set comes out of the chain";
    for packet in std::iter::from_fn(|| chain.poll_wire()) {
        if let Outgoing::Rtp(packet) = packet {
            assert_eq!(packet.info().origin, kept, "{rule}: {packet}");
        }
    }
    for packet in std::iter::from_fn(|| chain.poll_app()) {
        if let Incoming::Rtp(packet) = packet {
            assert_eq!(packet.info().origin, kept, "{rule}: {packet}");
        }
    }
}

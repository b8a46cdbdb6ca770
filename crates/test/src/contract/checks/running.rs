//! Interceptors that come to a running chain and leave it, and packets that say where they come from.

use std::time::Duration;

use interceptor_core::{Flow, Stage};
use interceptor_packet::{Origin, RtpPacket};

use super::lifecycle::tell;
use crate::contract::companion::Companion;
use crate::contract::rig::{Input, LOCAL, REMOTE, Rig};
use crate::contract::{Contract, config, parts};
use crate::{Hook, rtp};

impl Contract {
    /// It can be inserted into a chain whose streams run, does its work from then on, and can be removed again, with packets
    /// missing, asked for and held back: nothing of it is left, and media passes all the time.
    ///
    /// # Panics
    /// If not.
    pub fn joins_and_leaves_a_running_chain(&self) {
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        let mut rig = Rig::of(self, interceptor_core::Chain::new(config(1)));
        for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
            rig.bind_local(self.stream(local)).expect("a free SSRC is bound");
            rig.bind_remote(self.stream(remote)).expect("a free SSRC is bound");
        }
        for round in 0..6_u16 {
            let first = round * 1000;
            (first..first + 8).for_each(|step| tell(&mut rig, step));
            let joined = rig.give(Input::Call("its insertion"), |chain, now| (self.insert)(chain, now));
            assert!(joined.is_ok(), "inserted into a running chain: {joined:?}");
            self.assert_takes_part(&rig.chain);
            // It leaves after more steps each time, and so in another state.
            let last = first + 16 + 5 * round;
            (first + 8..last).for_each(|step| tell(&mut rig, step));
            rig.assert_media_passes(self, local, remote, last);

            let left = rig.give(Input::Call("its removal"), |chain, now| chain.remove(self.name, now));
            assert!(matches!(left, Ok(true)), "removed from a running chain: {left:?}");
            assert_eq!(parts(&rig.chain), 0, "states left after its removal");
            assert_eq!(rig.chain.next_timeout(), None, "a timer is left after its removal");
            assert_eq!(rig.chain.headroom(local), Some(0), "headroom left after its removal");
            rig.assert_media_passes(self, local, remote, last + 50);
        }
        rig.assert_healthy();
        rig.pass(Duration::from_secs(5));
    }

    /// What somebody has said about where a packet comes from, media, a retransmission, a repair or padding, it leaves as it is.
    ///
    /// # Panics
    /// If it does not.
    pub fn keeps_the_origin_of_what_passes(&self) {
        let mut rig = Rig::with_streams(self);
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        let origins = [Origin::Media, Origin::Retransmission, Origin::FecRepair, Origin::Padding];
        let said: Vec<Origin> = origins.into_iter().cycle().take(40).collect();
        // What comes from the wire has said nothing: somebody nearer to it does.
        let incoming = said.clone();
        let says = Companion::default().on("read_rtp", move |hook, _| {
            if let Hook::ReadRtp(packet) = hook
                && let Some(origin) = incoming.get(usize::from(packet.sequence_number()))
            {
                packet.info_mut().origin = *origin;
            }
            Ok(Flow::Forward)
        });
        rig.give(Input::Call("a companion's insertion"), |chain, now| {
            says.insert(chain, "says", Stage(0), now)
        });
        for (seq, origin) in (0..).zip(&said) {
            let packet = |ssrc| rtp(ssrc).seq(seq).payload_len(40).origin(*origin).build();
            rig.write_rtp(packet(local));
            rig.read_rtp(packet(remote));
            rig.pass(Duration::from_millis(5));
        }
        rig.pass(self.patience());
        // A retransmission may leave by the stream that is for it.
        let rtx = self.stream(local).rtx.map(|rtx| rtx.ssrc);
        let outgoing: Vec<u32> = rtx.into_iter().chain([local]).collect();
        let seen = |packets: Vec<RtpPacket>| {
            packets.iter().map(|packet| packet.info().origin).collect::<Vec<Origin>>()
        };
        assert_eq!(seen(rig.wire_rtp(&outgoing)), said, "the origins of outgoing packets");
        assert_eq!(seen(rig.app_rtp(&[remote])), said, "the origins of incoming packets");
        rig.assert_healthy();
    }
}

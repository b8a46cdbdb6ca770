//! A video call of two str0m peers over lossy ways, the left one tapped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry, StreamInfo};
use interceptor_test::{LinkCounters, LinkOptions, Loss};
use str0m::format::{Codec, PayloadParams};
use str0m::media::{KeyframeRequestKind, MediaKind, Mid};
use str0m::rtp::{ExtensionMap, ExtensionValues, RtpWrite, Ssrc};
use str0m::stats::{MediaEgressStats, MediaIngressStats};
use str0m::{Event, Rtc};

use crate::peers::{Peers, Side};
use crate::tap::{Tap, TapCounters, stream_info};

/// The connection's name in statistics and captures.
pub const ID: &str = "str0m";
/// Frames a second, packets a frame, bytes of payload.
const FRAME_RATE: u32 = 30;
const FRAME_PACKETS: u64 = 5;
const PAYLOAD: usize = 1_000;
/// A frame on the clock of 90 kHz.
const FRAME_TICKS: u32 = 90_000 / FRAME_RATE;
/// More than ICE and DTLS take at any delay that makes sense.
const PATIENCE: Duration = Duration::from_secs(20);
/// Repairs, reports and str0m's statistics events that are still to come when media has ended.
const AFTERMATH: Duration = Duration::from_secs(5);
/// A goodbye's way.
const GOODBYE: Duration = Duration::from_secs(1);

/// The media and RTX SSRCs of what `side` sends.
#[must_use]
pub fn ssrcs(side: Side) -> (Ssrc, Ssrc) {
    match side {
        Side::Left => (0x1111.into(), 0x1112.into()),
        Side::Right => (0x2221.into(), 0x2222.into()),
    }
}

/// What the ways do, and for how long there is media.
#[derive(Clone, Copy, Debug)]
pub struct CallPlan {
    /// Decides which packets are lost. Default 1.
    pub seed: u64,
    /// Fraction of RTP packets lost each way, 0 to 1. Default 0.05.
    pub loss: f64,
    /// One way. Default 40 ms.
    pub delay: Duration,
    /// How long media is sent. Default 10 s.
    pub media: Duration,
}

impl Default for CallPlan {
    fn default() -> Self {
        let (delay, media) = (Duration::from_millis(40), Duration::from_secs(10));
        Self { seed: 1, loss: 0.05, delay, media }
    }
}

/// What str0m's events said last, and what was counted on the way.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    /// str0m's event about what the left peer sends.
    pub egress: Option<MediaEgressStats>,
    /// str0m's event about what it receives.
    pub ingress: Option<MediaIngressStats>,
    /// str0m's event about what the right peer sends, and so which NACKs of the left one it has heard.
    pub other: Option<MediaEgressStats>,
    /// RTP on the way from the left peer.
    pub outbound: LinkCounters,
    /// RTP on the way to it.
    pub inbound: LinkCounters,
}

/// A call in progress.
#[derive(Debug)]
pub struct Call {
    peers: Peers,
    tap: Tap,
    witnesses: Witnesses,
    /// The packet's number that is written next, the same both ways.
    next: u64,
}

impl Call {
    /// Connects two peers, of which the left one is tapped by a chain of `registry`. `ntp` is the wall clock at `now`.
    ///
    /// # Errors
    /// What str0m or the chain says, or that the peers cannot connect.
    pub fn connect(options: &CallPlan, registry: &Registry, ntp: NtpTime, now: Instant) -> Result<Self> {
        let config = || {
            let every_second = Some(Duration::from_secs(1));
            let crypto = Arc::new(str0m::crypto::from_feature_flags());
            let config = Rtc::builder().set_crypto_provider(crypto).clear_codecs().enable_vp8(true);
            config.set_rtp_mode(true).set_stats_interval(every_second)
        };
        let way = LinkOptions::default().with_delay(options.delay);
        let lossy = way.with_loss(Loss::Random { rate: options.loss });
        let mut peers = Peers::new(
            [config().enable_raw_packets(true), config()],
            [lossy.clone(), lossy],
            options.seed,
            now,
        )?;
        let mid = Mid::from("video");
        for side in [Side::Left, Side::Right] {
            declare(peers.rtc(side), side, mid);
        }
        let chain = ChainConfig::new(ID, now, ntp, options.seed);
        let mut tap = Tap::new(registry, chain, ExtensionMap::standard())?;
        let codecs = peers.rtc(Side::Left).codec_config().params().to_vec();
        tap.bind_local(video(Side::Left, &codecs), now)?;
        tap.bind_remote(video(Side::Right, &codecs), now)?;

        let mut call = Self { peers, tap, witnesses: Witnesses::default(), next: 0 };
        call.run_until_connected()?;
        Ok(call)
    }

    /// Sends video both ways for that long, with a request for a key frame each way in the middle, and a bit rate that the
    /// right peer asks for.
    ///
    /// # Errors
    /// What str0m says.
    pub fn talk(&mut self, media: Duration) -> Result<()> {
        let frames = (media.as_secs_f64() * f64::from(FRAME_RATE)) as u32;
        let start = self.peers.now();
        for frame in 0..frames {
            if frame == frames / 2 {
                self.request()?;
            }
            for side in [Side::Left, Side::Right] {
                self.write_frame(side)?;
            }
            self.next += FRAME_PACKETS;
            self.run(start + Duration::from_secs(1) * (frame + 1) / FRAME_RATE)?;
        }
        self.run(self.peers.now() + AFTERMATH)
    }

    /// Ends the call from the right; the capture is complete when this returns.
    ///
    /// # Errors
    /// What str0m or the chain says.
    pub fn close(&mut self) -> Result<TapCounters> {
        self.peers.rtc(Side::Right).close()?;
        self.run(self.peers.now() + GOODBYE)?;
        self.tap.close(self.peers.now())?;
        Ok(self.tap.counters())
    }

    /// What others have counted of the left peer's packets.
    pub fn witnesses(&mut self) -> Witnesses {
        self.witnesses.outbound = self.peers.rtp(Side::Left);
        self.witnesses.inbound = self.peers.rtp(Side::Right);
        self.witnesses.clone()
    }

    /// The two peers.
    pub const fn peers(&mut self) -> &mut Peers {
        &mut self.peers
    }

    fn run(&mut self, until: Instant) -> Result<()> {
        let Self { peers, tap, witnesses, .. } = self;
        peers.run(until, &mut |side, event, now| match event {
            Event::RawPacket(packet) => tap.see(*packet, now),
            Event::MediaEgressStats(stats) if side == Side::Left => witnesses.egress = Some(stats),
            Event::MediaEgressStats(stats) => witnesses.other = Some(stats),
            Event::MediaIngressStats(stats) if side == Side::Left => witnesses.ingress = Some(stats),
            _ => {}
        })?;
        tap.handle_timeout(until);
        Ok(())
    }

    fn run_until_connected(&mut self) -> Result<()> {
        let end = self.peers.now() + PATIENCE;
        while self.peers.now() < end {
            self.run(self.peers.now() + Duration::from_millis(10))?;
            if self.peers.rtc(Side::Left).is_connected() && self.peers.rtc(Side::Right).is_connected() {
                return Ok(());
            }
        }
        anyhow::bail!("the peers have not connected within {PATIENCE:?}")
    }

    fn write_frame(&mut self, side: Side) -> Result<()> {
        let (now, first) = (self.peers.now(), self.next);
        let timestamp = (first / FRAME_PACKETS) as u32 * FRAME_TICKS;
        let rtc = self.peers.rtc(side);
        let vp8 = vp8(rtc).context("VP8 is configured")?;
        let mut api = rtc.direct_api();
        let stream = api.stream_tx(&ssrcs(side).0).context("the stream is declared")?;
        for number in first..first + FRAME_PACKETS {
            let last = number + 1 == first + FRAME_PACKETS;
            let values = ExtensionValues { abs_send_time: Some(now), ..ExtensionValues::default() };
            let packet = RtpWrite::new(vp8.pt(), number.into(), timestamp, now, payload(number));
            stream.write_rtp(packet.marker(last).nackable(true).ext_vals(values));
        }
        Ok(())
    }

    fn request(&mut self) -> Result<()> {
        for (side, kind) in [(Side::Left, KeyframeRequestKind::Pli), (Side::Right, KeyframeRequestKind::Fir)]
        {
            let ssrc = ssrcs(side.other()).0;
            let mut api = self.peers.rtc(side).direct_api();
            let stream = api.stream_rx(&ssrc).context("the stream is expected")?;
            stream.request_keyframe(kind);
            if side == Side::Right {
                stream.request_remb(2_000_000.0.into());
            }
        }
        Ok(())
    }
}

fn declare(rtc: &mut Rtc, side: Side, mid: Mid) {
    let mut api = rtc.direct_api();
    api.declare_media(mid, MediaKind::Video);
    let (ssrc, rtx) = ssrcs(side);
    api.declare_stream_tx(ssrc, Some(rtx), mid, None);
    let (ssrc, rtx) = ssrcs(side.other());
    api.expect_stream_rx(ssrc, Some(rtx), mid, None);
    api.enable_twcc_feedback();
}

fn video(side: Side, codecs: &[PayloadParams]) -> StreamInfo {
    let (ssrc, rtx) = ssrcs(side);
    stream_info(ssrc, Some(rtx), codecs, &ExtensionMap::standard())
}

/// A VP8 descriptor that begins no partition, since nobody decodes this, and the number.
fn payload(number: u64) -> Vec<u8> {
    let mut payload = vec![number as u8; PAYLOAD];
    payload.splice(..1, [0]);
    payload
}

fn vp8(rtc: &Rtc) -> Option<PayloadParams> {
    rtc.codec_config().find(|params| params.spec().codec == Codec::Vp8).copied()
}

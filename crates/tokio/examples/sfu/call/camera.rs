//! A publisher: three layers of one picture, and a key frame where one is asked for.

use std::time::Duration;

use interceptor_core::{Event, Fact, KeyframeRequested, Registry};
use interceptor_keyframe::KeyframeFactory;
use interceptor_nack::NackFactory;
use interceptor_packet::RtpPacket;
use interceptor_report::ReportFactory;
use interceptor_tokio::{LocalStream, Session, Transport};
use tokio::task::JoinHandle;

use super::choice::{LAYERS, RATES};
use super::{Result, source, video};

/// 20 frames a second, on a clock of 90 kHz.
const FRAME: Duration = Duration::from_millis(50);
const FRAME_UNITS: u32 = 4500;
const MAX_PAYLOAD: u64 = 1100;

/// The VP8 payload descriptor and the first byte of a picture: of one that begins a key frame, of another, of one that goes on.
const KEY: [u8; 2] = [0x10, 0x50];
const OTHER: [u8; 2] = [0x10, 0x51];
const MIDDLE: [u8; 2] = [0x00, 0x00];

/// A layer's encoder.
struct Encoder {
    stream: LocalStream,
    layer: usize,
    sequence_number: u16,
    timestamp: u32,
    key_frame_wanted: bool,
}

impl Encoder {
    /// The next frame. A key frame takes three times as much as others.
    fn frame(&mut self) -> Result<Vec<RtpPacket>> {
        let key = std::mem::take(&mut self.key_frame_wanted);
        let bytes = RATES.get(self.layer).map_or(0, |rate| rate * FRAME.as_millis() as u64 / 8000);
        let total = if key { 3 * bytes } else { bytes };
        let packets = total.div_ceil(MAX_PAYLOAD).max(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME_UNITS);
        let packet = |nth: u64| -> Result<RtpPacket> {
            self.sequence_number = self.sequence_number.wrapping_add(1);
            let start = match (nth, key) {
                (0, true) => KEY,
                (0, false) => OTHER,
                _ => MIDDLE,
            };
            let mut payload = vec![start[0], start[1], self.layer as u8];
            payload.resize((total / packets).max(8) as usize, 0);
            let packet = RtpPacket::builder().ssrc(self.stream.ssrc()).payload_type(96);
            let packet = packet.sequence_number(self.sequence_number).timestamp(self.timestamp);
            Ok(packet.marker(nth + 1 == packets).payload(payload).build()?)
        };
        (0..packets).map(packet).collect()
    }
}

/// The layer that a packet is of.
pub(crate) fn layer_of(packet: &RtpPacket) -> usize {
    packet.payload().get(2).map_or(0, |layer| usize::from(*layer))
}

/// Films until it is aborted.
pub(crate) fn spawn(transport: impl Transport, publisher: u32) -> Result<JoinHandle<()>> {
    let registry = Registry::new()
        .with(ReportFactory::default())
        .with(NackFactory::default())
        .with(KeyframeFactory::default());
    let session = Session::builder(&registry, format!("camera-{publisher}"));
    let session = session.transport(transport).seed(publisher.into()).spawn()?;
    let mut encoders = Vec::new();
    for layer in 0..LAYERS {
        let ssrc = source(publisher, layer).0;
        // Encoders have clocks and numbers of their own.
        let (sequence_number, timestamp) = (ssrc.wrapping_mul(0x9e37) as u16, ssrc.wrapping_mul(0x9e37_79b9));
        let stream = session.bind_local_stream(video(ssrc))?;
        encoders.push(Encoder { stream, layer, sequence_number, timestamp, key_frame_wanted: true });
    }
    Ok(tokio::spawn(async move {
        if let Err(error) = film(session, encoders).await {
            eprintln!("a camera has stopped: {error}");
        }
    }))
}

async fn film(session: Session, mut encoders: Vec<Encoder>) -> Result {
    let mut events = session.events();
    let mut pace = tokio::time::interval(FRAME);
    loop {
        tokio::select! {
            _ = pace.tick() => {
                for encoder in &mut encoders {
                    let mut packets = encoder.frame()?;
                    encoder.stream.write_all(&mut packets).await?;
                }
            }
            event = events.read() => {
                let Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) = event? else { continue };
                let asked = encoders.iter_mut().filter(|encoder| encoder.stream.ssrc() == ssrc);
                asked.for_each(|encoder| encoder.key_frame_wanted = true);
            }
        }
    }
}

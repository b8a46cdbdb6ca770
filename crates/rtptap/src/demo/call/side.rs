//! One run: a sending and a receiving session with the lossy link between them.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Event, Registry};
use interceptor_nack::NackFactory;
use interceptor_pcap_dump::{Endpoints, LinkType, PcapDumpFactory, PcapDumpHandle, PcapDumpOptions};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::{ConnectionEnded, ConnectionStats, StatsFactory, StatsHandle};
use interceptor_tokio::{LocalStream, Session, UdpTransport};
use tokio::time::Instant;

use super::receive::Inbox;
use super::streams::StreamPlan;
use super::tally::RtcpTally;
use super::{CallError, SideStats};
use crate::demo::link::{
    Direction, Forwarder, LinkConditions, LinkModel, LossyLink, LossyLinkHandle, TruthLog,
};
use crate::demo::{LiveStream, RunRecord, StreamRecord};
use crate::sample::{Kind, MediaSource};

/// Media that goes on after the measured time, so that the last losses are noticed too.
const TAIL: Duration = Duration::from_millis(500);

/// A run under way.
pub(super) struct Side {
    plan: [StreamPlan; 2],
    sender: Session,
    receiver: Session,
    local: [LocalStream; 2],
    inboxes: [Inbox; 2],
    link: LossyLinkHandle,
    stats: StatsHandle,
    tally: RtcpTally,
    capture: Option<PcapDumpHandle>,
    start: Instant,
}

/// What a run left behind.
pub(super) struct Finished {
    pub(super) record: RunRecord,
    pub(super) stats: SideStats,
}

impl Side {
    /// Connects both sessions through a lossy link of their own. With repair both ends ask for and answer with
    /// retransmissions, and the receiver's packets go to the file at `capture`.
    pub(super) async fn start(
        name: &str,
        link: LinkConditions,
        capture: Option<&Path>,
        start: Instant,
    ) -> Result<Self, CallError> {
        let repair = capture.is_some();
        let plan = StreamPlan::both(link.seed);
        let lossy = LossyLink::bind().await?;
        let (via_a, via_b) = (lossy.address_for_a()?, lossy.address_for_b()?);
        let any = (Ipv4Addr::LOCALHOST, 0);
        let (a, b) = (UdpTransport::bind(any, via_a).await?, UdpTransport::bind(any, via_b).await?);
        let model = LinkModel::new(link, plan.map(|stream| (stream.rtx_ssrc, stream.ssrc)))?;
        let (a_addr, b_addr) = (a.local_addr()?, b.local_addr()?);
        let link = lossy.start(a_addr, b_addr, Forwarder::new(model), start).await?;

        let factory = StatsFactory::default();
        let stats = factory.handle();
        let tally = RtcpTally::default();
        let mut registry = Registry::new().with(tally.clone()).with(factory).with(ReportFactory::default());
        if repair {
            registry.add(RtxFactory::default()).add(NackFactory::default());
        }
        let sender = Session::builder(&registry, format!("{name}-sender")).transport(a).spawn()?;
        let capture = match capture {
            Some(path) => {
                let dump = dump(path, Endpoints::new(b_addr, via_b))?;
                let handle = dump.handle();
                registry.add(dump);
                Some(handle)
            }
            None => None,
        };
        let receiver = Session::builder(&registry, format!("{name}-receiver")).transport(b).spawn()?;

        let [audio, video] = plan.map(|stream| stream.info(repair));
        let local = [sender.bind_local_stream(audio.clone())?, sender.bind_local_stream(video.clone())?];
        let remote = [receiver.bind_remote_stream(audio)?, receiver.bind_remote_stream(video)?];
        let inboxes = remote.map(|stream| Inbox::read(stream, start));
        Ok(Self { plan, sender, receiver, local, inboxes, link, stats, tally, capture, start })
    }

    /// Sends the sample in real time for `duration` and a little longer. Gives the numbers of packets sent within
    /// `duration`: audio, video.
    pub(super) async fn send(&self, duration: Duration) -> Result<[usize; 2], CallError> {
        let media = MediaSource::new(StreamPlan::media(&self.plan))?;
        let mut sent = [0u16; 2];
        let mut measured = [0; 2];
        for packet in media.take_while(|packet| packet.send_at < duration + TAIL) {
            tokio::time::sleep_until(self.start + packet.send_at).await;
            let ([audio_sent, video_sent], [audio, video]) = (&mut sent, &self.local);
            let (plan, stream, sent, measured) = match packet.kind {
                Kind::Audio => (&self.plan[0], audio, audio_sent, &mut measured[0]),
                Kind::Video => (&self.plan[1], video, video_sent, &mut measured[1]),
            };
            let rtp = RtpPacket::builder()
                .ssrc(plan.ssrc)
                .payload_type(plan.payload_type)
                .sequence_number(plan.first_sequence.wrapping_add(*sent))
                .timestamp(packet.timestamp)
                .marker(packet.marker)
                .payload(packet.payload)
                .build()?;
            stream.write(rtp).await?;
            *sent = sent.wrapping_add(1);
            *measured += usize::from(packet.send_at < duration);
        }
        Ok(measured)
    }

    /// How the streams stand now.
    pub(super) fn sample(&self) -> Vec<LiveStream> {
        let rtts = self.stats.connection(self.sender.id());
        let streams = self.plan.iter().zip(&self.inboxes).map(|(plan, inbox)| {
            let truth = self.link.with_truth(|truth| truth.flow(Direction::AToB, plan.ssrc));
            let noted = inbox.noted();
            let rtt = rtts.as_ref().and_then(|stats| {
                stats.remote_inbound_rtp.iter().find(|remote| remote.ssrc == plan.ssrc)?.round_trip_time
            });
            LiveStream {
                kind: plan.kind,
                sent: truth.offered,
                lost_on_link: truth.lost,
                recovered: noted.repaired,
                bits_per_second: noted.bits_per_second(self.start.elapsed()),
                rtt,
            }
        });
        streams.collect()
    }

    /// Hangs up and adds up. Wait for what is under way before.
    pub(super) async fn finish(self, measured: [usize; 2]) -> Result<Finished, CallError> {
        let sender = self.close(&self.sender).await?;
        let receiver = self.close(&self.receiver).await?;
        if let Some(error) = self.capture.as_ref().and_then(PcapDumpHandle::error) {
            return Err(CallError::Capture(error.to_string()));
        }
        let truth = self.link.stop().await;
        let rtcp = self.tally.counts();
        let streams = self.plan.iter().zip(&self.inboxes).zip(measured);
        let streams = streams.map(|((plan, inbox), measured)| {
            stream_record(plan, inbox, &truth, measured, &sender, &receiver)
        });
        let record = RunRecord { streams: streams.collect(), rtcp };
        Ok(Finished { record, stats: SideStats { sender, receiver } })
    }

    /// Closes a session and gives its last statistics, BYE and final report included.
    async fn close(&self, session: &Session) -> Result<ConnectionStats, CallError> {
        let mut events = session.events();
        session.close().await?;
        while let Ok(event) = events.read().await {
            if let Event::Raised { .. } = &event
                && let Some(ended) = event.raised::<ConnectionEnded>()
            {
                return Ok(ended.stats.clone());
            }
        }
        Err(CallError::NoStatistics)
    }
}

fn dump(path: &Path, endpoints: Endpoints) -> Result<PcapDumpFactory, CallError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    // Wireshark's own export format: RTP and RTCP are decoded at once, whatever the ports.
    let options = PcapDumpOptions::new(path)
        .with_link_type(LinkType::RtpPdu)
        .with_announcements(true)
        .with_endpoints(endpoints);
    PcapDumpFactory::new(options).map_err(|error| CallError::Capture(error.to_string()))
}

fn stream_record(
    plan: &StreamPlan,
    inbox: &Inbox,
    truth: &TruthLog,
    measured: usize,
    sender: &ConnectionStats,
    receiver: &ConnectionStats,
) -> StreamRecord {
    let deliveries = std::mem::take(&mut inbox.noted().deliveries);
    let record = StreamRecord::from_truth(plan.kind, plan.ssrc, Direction::AToB, truth, measured, deliveries);
    let remote = sender.remote_inbound_rtp.iter().find(|remote| remote.ssrc == plan.ssrc);
    let inbound = receiver.inbound_rtp.iter().find(|inbound| inbound.ssrc == plan.ssrc);
    let rtt = remote.and_then(|remote| {
        let measurements = u32::try_from(remote.round_trip_time_measurements).ok()?;
        remote.total_round_trip_time.checked_div(measurements)
    });
    StreamRecord {
        nacks: inbound.map_or(0, |inbound| inbound.nack_count),
        rtt,
        jitter: inbound.map(|inbound| inbound.jitter),
        ..record
    }
}

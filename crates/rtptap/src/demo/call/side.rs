//! One run: a sending and a receiving session with the lossy link between them.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use interceptor_core::Event;
use interceptor_core::packet::RtpPacket;
use interceptor_pcap_dump::{Endpoints, PcapDumpHandle};
use interceptor_stats::{ConnectionEnded, ConnectionStats, StatsFactory, StatsHandle};
use interceptor_tokio::{LocalStream, Session, UdpTransport};
use tokio::time::Instant;

use super::estimate::Estimate;
use super::media::Media;
use super::receive::Inbox;
use super::streams::StreamPlan;
use super::tally::RtcpTally;
use super::{CallError, CallPlan, SideStats, chain, pattern};
use crate::demo::link::{
    Direction, Forwarder, LinkModel, LossyLink, LossyLinkHandle, RateSchedule, TruthLog,
};
use crate::demo::rate::came_since;
use crate::demo::{LiveRate, LiveSide, LiveStream, RateRecord, Repair, RunRecord, StreamRecord};
use crate::sample::Kind;

/// Media that goes on after the measured time, so that the last losses are noticed too.
const TAIL: Duration = Duration::from_millis(500);

/// A run under way.
pub(super) struct Side {
    repair: Repair,
    plan: [StreamPlan; 2],
    sender: Session,
    receiver: Session,
    local: [LocalStream; 2],
    inboxes: [Inbox; 2],
    link: LossyLinkHandle,
    stats: StatsHandle,
    tally: RtcpTally,
    capture: Option<PcapDumpHandle>,
    following: Option<Following>,
    start: Instant,
}

/// A run whose video follows the link's rate.
struct Following {
    capacity: RateSchedule,
    estimate: Estimate,
}

/// The frame of each packet that counts: audio, video.
pub(super) type Sent = [Vec<u32>; 2];

/// What a run left behind.
pub(super) struct Finished {
    pub(super) record: RunRecord,
    pub(super) stats: SideStats,
}

impl Side {
    /// Connects both sessions through a lossy link of their own. The receiver's packets go to the file at `capture`.
    pub(super) async fn start(
        repair: Repair,
        call: &CallPlan,
        capture: Option<&Path>,
        start: Instant,
    ) -> Result<Self, CallError> {
        let (name, link) = (repair.name(), &call.link);
        let (plan, capacity) = (StreamPlan::both(link.seed), link.rate.clone());
        let lossy = LossyLink::bind().await?;
        let (via_a, via_b) = (lossy.address_for_a()?, lossy.address_for_b()?);
        let any = (Ipv4Addr::LOCALHOST, 0);
        let (a, b) = (UdpTransport::bind(any, via_a).await?, UdpTransport::bind(any, via_b).await?);
        let model = LinkModel::new(link.clone(), plan.map(|stream| (stream.rtx_ssrc, stream.ssrc)))?;
        let (a_addr, b_addr) = (a.local_addr()?, b.local_addr()?);
        let link = lossy.start(a_addr, b_addr, Forwarder::new(model), start).await?;

        let factory = StatsFactory::default();
        let stats = factory.handle();
        let tally = RtcpTally::default();
        let mut registry = chain::both_ends(repair, call, tally.clone(), factory)?;
        let sender = Session::builder(&registry, format!("{name}-sender")).transport(a).spawn()?;
        let capture = match capture {
            Some(path) => {
                let dump = chain::capture(path, Endpoints::new(b_addr, via_b))?;
                let handle = dump.handle();
                registry.add(dump);
                Some(handle)
            }
            None => None,
        };
        let receiver = Session::builder(&registry, format!("{name}-receiver")).transport(b).spawn()?;

        let [audio_plan, video_plan] = &plan;
        let following = capacity
            .map(|capacity| Following { capacity, estimate: Estimate::of(&sender, video_plan.ssrc, start) });
        let [audio, video] = [audio_plan, video_plan].map(|plan| plan.info(repair, following.is_some()));
        let local = [sender.bind_local_stream(audio.clone())?, sender.bind_local_stream(video.clone())?];
        let (audio, video) = (receiver.bind_remote_stream(audio)?, receiver.bind_remote_stream(video)?);
        let is_intact = if following.is_some() { pattern::is_intact } else { |_: &[u8]| true };
        let inboxes = [Inbox::read(audio, start, |_| true), Inbox::read(video, start, is_intact)];
        Ok(Self {
            repair,
            plan,
            sender,
            receiver,
            local,
            inboxes,
            link,
            stats,
            tally,
            capture,
            following,
            start,
        })
    }

    /// Sends the media in real time for `duration` and a little longer. What is sent within `duration` counts.
    pub(super) async fn send(&self, duration: Duration) -> Result<Sent, CallError> {
        let mut media = match &self.following {
            Some(_) => Media::following(&self.plan)?,
            None => Media::sample(&self.plan)?,
        };
        let mut sent = [0u16; 2];
        let mut frames = Sent::default();
        while let due = media.due()
            && due < duration + TAIL
        {
            tokio::time::sleep_until(self.start + due).await;
            let video_rate = self.following.as_ref().map_or(0, |following| following.estimate.video());
            let Some(packet) = media.next(video_rate) else { continue };
            let ([audio_sent, video_sent], [audio, video]) = (&mut sent, &self.local);
            let (plan, stream, sent, frames) = match packet.kind {
                Kind::Audio => (&self.plan[0], audio, audio_sent, &mut frames[0]),
                Kind::Video => (&self.plan[1], video, video_sent, &mut frames[1]),
            };
            if packet.send_at < duration {
                // Packets of one time are one frame.
                frames.push(packet.timestamp);
            }
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
        }
        Ok(frames)
    }

    /// How the run stands now.
    pub(super) fn sample(&self) -> LiveSide {
        LiveSide { repair: self.repair, streams: self.sample_streams(), rate: self.sample_rate() }
    }

    fn sample_rate(&self) -> Option<LiveRate> {
        let Following { capacity, estimate } = self.following.as_ref()?;
        let now = self.start.elapsed();
        let since = now.saturating_sub(Duration::from_secs(1));
        let (sent, queue) = self.link.with_truth(|truth| came_since(truth, since));
        Some(LiveRate { capacity: capacity.at(now), target: estimate.target(), sent, queue })
    }

    fn sample_streams(&self) -> Vec<LiveStream> {
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
    pub(super) async fn finish(self, sent: Sent) -> Result<Finished, CallError> {
        let sender = self.close(&self.sender).await?;
        let receiver = self.close(&self.receiver).await?;
        if let Some(error) = self.capture.as_ref().and_then(PcapDumpHandle::error) {
            return Err(CallError::Capture(error.to_string()));
        }
        let truth = self.link.stop().await;
        let rtcp = self.tally.counts();
        let streams = self.plan.iter().zip(&self.inboxes).zip(&sent);
        let streams = streams
            .map(|((plan, inbox), frames)| stream_record(plan, inbox, &truth, frames, &sender, &receiver));
        let damaged = self.inboxes.iter().map(|inbox| inbox.noted().damaged).sum();
        let rate = self.following.as_ref().map(|f| RateRecord::new(&truth, f.estimate.targets(), damaged));
        let record = RunRecord { repair: self.repair, streams: streams.collect(), rtcp, rate };
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

fn stream_record(
    plan: &StreamPlan,
    inbox: &Inbox,
    truth: &TruthLog,
    frames: &[u32],
    sender: &ConnectionStats,
    receiver: &ConnectionStats,
) -> StreamRecord {
    let deliveries = std::mem::take(&mut inbox.noted().deliveries);
    let record = StreamRecord::from_truth(plan.kind, plan.ssrc, Direction::AToB, truth, frames, deliveries)
        .with_fec(plan.fec_ssrc, Direction::AToB, truth);
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

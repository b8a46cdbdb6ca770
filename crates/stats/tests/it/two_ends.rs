//! Two ends over a link: what each says of the other.

use std::time::Duration;

use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Registry, Result, Stage, StreamInfo,
    Streams,
};
use interceptor_packet::{NtpTime, ReportBlockData, Rtcp, RtcpPacket, duration_to_short};
use interceptor_stats::{StatsFactory, StatsHandle};
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp};

use crate::support::{LOCAL, ms, video};

/// Sends an SR or an RR a second with a DLSR, its clock and answers to the other's, at the stage of reports.
#[derive(Default)]
struct Reporter {
    armed: bool,
    /// NTP of the last SR and of the last clock that was told, and when they came.
    last_sr: Option<(NtpTime, std::time::Instant)>,
    last_clock: Option<(u32, NtpTime, std::time::Instant)>,
}

impl Reporter {
    fn arm(&mut self, cx: &mut Context<'_>) {
        if !std::mem::replace(&mut self.armed, true) {
            cx.wake_at(cx.now() + ms(1000));
        }
    }
}

impl Interceptor for Reporter {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.arm(cx);
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.arm(cx);
        Ok(Some(()))
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        for part in packet.packets() {
            match part {
                Rtcp::SenderReport(report) => self.last_sr = Some((report.ntp(), cx.now())),
                Rtcp::Xr(xr) => {
                    let clock = xr.receiver_reference_time().map(|ntp| (xr.ssrc(), ntp, cx.now()));
                    self.last_clock = clock.or(self.last_clock);
                }
                _ => {}
            }
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = cx.ntp(cx.now());
        let since = |at: std::time::Instant| duration_to_short(cx.now() - at);
        let mut report = RtcpPacket::builder();
        if let Some((stream, ())) = streams.locals().next() {
            report.sender_report(stream.ssrc, now, 0, 0, 0, &[]);
            if let Some((ssrc, ntp, at)) = self.last_clock {
                report.xr_dlrr(stream.ssrc, &[(ssrc, ntp.middle_32(), since(at))]);
            }
        }
        if let Some((stream, ())) = streams.remotes().next() {
            let (last_sr, delay) = self.last_sr.map_or((0, 0), |(ntp, at)| (ntp.middle_32(), since(at)));
            let block = ReportBlockData {
                ssrc: stream.ssrc,
                last_sr,
                delay_since_last_sr: delay,
                ..ReportBlockData::default()
            };
            report.receiver_report(cx.sender_ssrc(), &[block]).xr_rrtr(cx.sender_ssrc(), now);
        }
        cx.send_rtcp(report.build()?);
        cx.wake_at(cx.now() + ms(1000));
        Ok(())
    }
}

struct ReporterFactory;

impl Factory for ReporterFactory {
    type Interceptor = Reporter;

    fn name(&self) -> &'static str {
        "reporter"
    }

    fn stage(&self) -> Stage {
        Stage::REPORT
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Reporter, BuildError> {
        Ok(Reporter::default())
    }
}

/// A stream from A to B over this link, with reports, for 5.5 s; the handles of both ends.
fn call(links: LinkOptions) -> (Pair, StatsHandle, StatsHandle) {
    let [(a, of_a), (b, of_b)] = [(); 2].map(|()| {
        let factory = StatsFactory::default();
        let handle = factory.handle();
        // Statistics last, as they may be: the stage decides, not the order of adding.
        (Registry::new().with(ReporterFactory).with(factory), handle)
    });
    let mut pair = Pair::new(&a, &b, PairOptions::default().with_links(links)).expect("builds");
    pair.bind(Side::A, video(LOCAL)).expect("new");
    pair.feed(Side::A, rtp(LOCAL).payload_len(1000).stream().ts_step(900).every(ms(10)).take(550));
    pair.run_for(Duration::from_millis(5500));
    (pair, of_a, of_b)
}

#[test]
fn round_trips_are_measured_at_both_ends_with_reports_of_other_interceptors() {
    let (_pair, of_a, of_b) = call(LinkOptions::default().with_delay(ms(50)));
    let sender = of_a.snapshot().remove(0).remote_inbound_rtp.remove(0);
    let receiver = of_b.snapshot().remove(0).remote_outbound_rtp.remove(0);
    let about = |rtt: Option<Duration>| rtt.is_some_and(|rtt| rtt.abs_diff(ms(100)) < ms(1));
    assert!(about(sender.round_trip_time), "{sender:?}");
    assert!(about(receiver.round_trip_time), "{receiver:?}");
    // The first RR has no SR to tell of, the first SR no clock to answer.
    assert_eq!((sender.reports_received, sender.round_trip_time_measurements), (5, 4));
    assert_eq!((receiver.reports_sent, receiver.round_trip_time_measurements), (5, 4));
}

#[test]
fn what_one_end_sends_the_other_receives_but_for_the_losses() {
    let lossy = LinkOptions::default().with_delay(ms(20)).with_loss(Loss::packets([10, 11, 12, 200, 400]));
    let (pair, of_a, of_b) = call(lossy);
    let sent = of_a.snapshot().remove(0).outbound_rtp.remove(0);
    let received = of_b.snapshot().remove(0).inbound_rtp.remove(0);
    let on_the_way = pair.link(Side::A).in_flight() as u64;
    assert_eq!(sent.packets_sent, 550);
    let lost = u64::try_from(received.packets_lost).expect("losses");
    assert!(lost >= 4, "{received:?}");
    assert_eq!(received.packets_received + lost + on_the_way, sent.packets_sent);
    assert_eq!(received.packets_duplicated + received.packets_reordered, 0);
    assert_eq!(received.jitter, ms(0));
    // 100 packets of 1000 bytes a second; one second's window may have a loss or two.
    assert_eq!(sent.bits_per_second, Some(800_000.0));
}

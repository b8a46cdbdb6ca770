//! A video call of two str0m peers over lossy ways, and what a tap on one of them tells: a table, and a capture for Wireshark.

use std::time::{Instant, SystemTime};

use anyhow::{Context, Result};
use interceptor_core::Registry;
use interceptor_core::packet::NtpTime;
use interceptor_pcap_dump::{PcapDumpFactory, PcapDumpOptions};
use interceptor_stats::{StatsFactory, StatsHandle};
use str0m_tap::call::{Call, CallPlan, ID, ssrcs};
use str0m_tap::peers::Side;
use str0m_tap::table::{self, Row};

/// `str0m-tap [CAPTURE]`: the capture is `str0m.pcapng` unless it says otherwise.
fn main() -> Result<()> {
    let capture = std::env::args().nth(1).unwrap_or_else(|| "str0m.pcapng".into());
    let options = CallPlan::default();
    let statistics = StatsFactory::default();
    let handle = statistics.handle();
    let dump = PcapDumpOptions::new(&capture).with_overwrite(true).with_announcements(true);
    let registry = Registry::new().with(statistics).with(PcapDumpFactory::new(dump)?);

    let (start, ntp) = clocks()?;
    let mut call = Call::connect(&options, &registry, ntp, start)?;
    println!(
        "{} s of video each way, {:.1} % of RTP lost, {} ms one way; str0m's left peer",
        options.media.as_secs(),
        100.0 * options.loss,
        options.delay.as_millis()
    );
    call.talk(options.media)?;
    print_tables(&mut call, &handle, &options)?;

    let seen = call.close()?;
    println!(
        "\nseen: {} RTP sent and {} received, {} RTCP messages sent and {} received",
        seen.rtp_sent, seen.rtp_received, seen.rtcp_sent, seen.rtcp_received
    );
    let unsaid = seen.rtp_unsaid + seen.rtcp_unsaid;
    println!("not to be said again: {unsaid}; in part only: {}", seen.rtcp_shortened);
    println!("{capture} opens in Wireshark");
    Ok(())
}

/// The clocks, once; from then on time is virtual.
#[expect(clippy::disallowed_methods, reason = "a program's start is where its clocks are read")]
fn clocks() -> Result<(Instant, NtpTime)> {
    let (now, wall) = (Instant::now(), SystemTime::now());
    Ok((now, NtpTime::from_unix(wall.duration_since(SystemTime::UNIX_EPOCH)?)))
}

fn print_tables(call: &mut Call, handle: &StatsHandle, options: &CallPlan) -> Result<()> {
    let witnesses = call.witnesses();
    let stream = |side| handle.stream(ID, *ssrcs(side).0).context("the stream is bound");
    let egress = witnesses.egress.context("str0m tells every second")?;
    let ingress = witnesses.ingress.context("str0m tells every second")?;
    let sent = table::sent(&egress, &stream(Side::Left)?, &witnesses.outbound, 2 * options.delay);
    let received = table::received(&ingress, &stream(Side::Right)?, &witnesses.inbound);
    print("sent", &sent);
    print("received", &received);
    Ok(())
}

fn print(title: &str, rows: &[Row]) {
    println!("\n{title:<38}{:>12}{:>12}{:>12}", "str0m", "ours", "on the way");
    rows.iter().for_each(|row| println!("{row}"));
}

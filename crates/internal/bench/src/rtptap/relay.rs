//! `rtptap relay` beside loops that receive and send.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use interceptor_core::packet::RtpPacket;
use serde_json::Value;

use super::Forwarding;
use super::process::{Running, Tools};
use crate::results::Spread;

/// Packets that count, of one round.
const PACKETS: u32 = 24_000;
/// Packets before that: queues and histories reach their size.
const WARM_UP: u32 = 4000;
/// As in the other scenarios: 38 Mbit/s.
const PACKETS_A_MS: u32 = 4;
const PAYLOAD: [u8; 1200] = [0xa5; 1200];
/// Packets that have not come after this long are lost.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is measured, and how it is started with the address to send to.
type Contender = (&'static str, fn(&Tools, SocketAddr) -> Command);

const CONTENDERS: [Contender; 3] = [
    ("rtptap relay", |tools, to| {
        let mut command = tools.rtptap();
        let to = to.to_string();
        command.args(["relay", "--json", "--listen", "127.0.0.1:0", "--to", &to, "--pt", "96=VP8/90000"]);
        command
    }),
    ("bare loop: recv_from, send_to", |tools, to| bare_loop(tools, to, &[])),
    ("bare loop on tokio", |tools, to| bare_loop(tools, to, &["--tokio"])),
];

fn bare_loop(tools: &Tools, to: SocketAddr, more: &[&str]) -> Command {
    let mut command = tools.example("bare_loop");
    command.arg(to.to_string()).args(more);
    command
}

/// Each round every contender in turn, in a process of its own.
pub(super) fn measure(tools: &Tools, rounds: u32) -> anyhow::Result<Vec<Forwarding>> {
    let mut measured: Vec<_> = CONTENDERS.iter().map(|contender| (contender, Vec::new())).collect();
    for _ in 0..rounds {
        for ((name, start), times) in &mut measured {
            times.push(round(tools, *start).with_context(|| format!("measuring {name}"))?);
        }
    }
    let figures = measured.into_iter().map(|((contender, _), times)| Forwarding {
        contender,
        packets: PACKETS,
        ns: Spread::of(times),
    });
    Ok(figures.collect())
}

/// Nanoseconds a packet.
fn round(tools: &Tools, start: fn(&Tools, SocketAddr) -> Command) -> anyhow::Result<f64> {
    let sink = UdpSocket::bind("127.0.0.1:0")?;
    let running = Running::start(&mut start(tools, sink.local_addr()?))?;
    let to = listen_addr(&running.first_line)?;
    let source = UdpSocket::bind("127.0.0.1:0")?;
    carry(&source, to, &sink, 0..WARM_UP)?;
    let before = running.cpu()?;
    let arrived = carry(&source, to, &sink, WARM_UP..WARM_UP + PACKETS)?;
    let used = running.cpu()?.saturating_sub(before);
    Ok(used.as_nanos() as f64 / f64::from(arrived))
}

/// An address, or the relay's first line of JSON.
fn listen_addr(line: &str) -> anyhow::Result<SocketAddr> {
    let listen = serde_json::from_str::<Value>(line).ok();
    let listen = listen.as_ref().and_then(|started| started["listen"].as_str()).unwrap_or(line);
    listen.trim().parse().with_context(|| format!("{line:?} is no address"))
}

/// Sends packets at the rate, waits until all have come, and gives their number.
fn carry(
    source: &UdpSocket,
    to: SocketAddr,
    sink: &UdpSocket,
    numbers: std::ops::Range<u32>,
) -> anyhow::Result<u32> {
    let expected = numbers.end - numbers.start;
    let sink = sink.try_clone()?;
    sink.set_read_timeout(Some(PATIENCE))?;
    let arrived = thread::spawn(move || {
        let mut buffer = [0; 2048];
        let mut arrived = 0;
        while arrived < expected && sink.recv(&mut buffer).is_ok() {
            // RTCP goes elsewhere: to the port above.
            arrived += 1;
        }
        arrived
    });
    send(source, to, numbers)?;
    let arrived = arrived.join().ok().context("the receiver failed")?;
    // Buffers are small: a machine that is busy elsewhere may lose some.
    ensure!(arrived > expected / 100 * 95, "only {arrived} of {expected} packets came: is the machine busy?");
    Ok(arrived)
}

#[expect(clippy::disallowed_methods, reason = "packets leave in real time")]
fn send(source: &UdpSocket, to: SocketAddr, numbers: std::ops::Range<u32>) -> anyhow::Result<()> {
    let start = Instant::now();
    for (at, number) in numbers.enumerate() {
        let due = start + Duration::from_millis(at as u64 / u64::from(PACKETS_A_MS));
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let packet = RtpPacket::builder()
            .ssrc(0x1122_3344)
            .payload_type(96)
            .sequence_number(number as u16)
            .timestamp(number / PACKETS_A_MS * 90)
            .payload(&PAYLOAD[..])
            .build()?;
        source.send_to(&packet.to_bytes(), to)?;
    }
    Ok(())
}

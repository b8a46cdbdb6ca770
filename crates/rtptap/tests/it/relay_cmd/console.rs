//! A reader of standard output or standard error that stops, or goes: it costs what it would have read, and nothing else.

use std::io::{BufRead, BufReader, PipeReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

use interceptor_packet::Rtcp;
use serde_json::Value;

use super::http::get;
use super::media::{Port, SSRC, packet, ports_for_a_program};
use super::process::signal;
use super::until;

/// A relay whose output the test reads, or does not.
struct Unread {
    child: Child,
    out: Option<BufReader<ChildStdout>>,
    err: Option<BufReader<ChildStderr>>,
    listen: SocketAddr,
    http: SocketAddr,
    source: Port,
    target: (Port, Port),
}

impl Unread {
    async fn start(out: Stdio, err: Stdio, args: &[&str]) -> Self {
        let (source, target) = (Port::bind().await, Port::pair().await);
        // What is printed of free ports may not be read.
        let (listen, http) = (ports_for_a_program(), ports_for_a_program());
        let addresses = [listen, target.0.address(), http].map(|address| address.to_string());
        let [from, to, at] = &addresses;
        let mut command = Command::new(env!("CARGO_BIN_EXE_rtptap"));
        command.args(["relay", "--json", "--listen", from, "--to", to, "--http", at]).args(args);
        let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        let (out, err) = (child.stdout.take().map(BufReader::new), child.stderr.take().map(BufReader::new));
        until("it serves", || std::net::TcpStream::connect(http).ok()).await;
        Self { child, out, err, listen, http, source, target }
    }

    /// Media arrives, and the figures can be asked for.
    async fn works(&self, numbers: std::ops::Range<u16>) {
        for number in numbers.clone() {
            self.source.socket.send_to(&packet(SSRC, number.into()), self.listen).await.unwrap();
        }
        let arrived = || {
            let media = self.target.0.received.media(SSRC);
            numbers.clone().all(|number| media.contains_key(&number)).then_some(())
        };
        until("the packets arrive", arrived).await;
    }

    /// Asked while it runs; nobody but who asks is waited for.
    async fn uptime(&self) -> f64 {
        let (status, _, body) = get(self.http, "/stats").await;
        assert_eq!(status, 200);
        serde_json::from_str::<Value>(&body).unwrap()["uptime"].as_f64().unwrap()
    }

    /// Told to end it does, with a goodbye.
    async fn ends(&mut self, name: &str) -> ExitStatus {
        signal(&self.child, name);
        let status = until("it ends", || self.child.try_wait().unwrap()).await;
        until("the goodbye", || {
            let says_goodbye = |message: Rtcp<'_>| matches!(message, Rtcp::Bye(_));
            let rtcp = self.target.1.received.rtcp();
            rtcp.iter().any(|packet| packet.packets().any(says_goodbye)).then_some(())
        })
        .await;
        status
    }

    /// What it still has to say on standard error, once it has ended.
    fn complaints(&mut self) -> Vec<String> {
        self.err.take().unwrap().lines().map(Result::unwrap).collect()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The writing end of a pipe that is full, and stays so while its reading end lives.
fn full_pipe() -> (PipeReader, Stdio) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    // Until the reader goes.
    std::thread::spawn(move || while filler.write_all(&[b'x'; 1024]).is_ok() {});
    (reader, writer.into())
}

#[tokio::test]
async fn output_that_nobody_reads_holds_nothing_up() {
    for (signal, out_is_full, err_is_full) in
        [("TERM", true, false), ("INT", false, true), ("HUP", true, true)]
    {
        let (_unread, full_out) = full_pipe();
        let (_unread, full_err) = full_pipe();
        let out = if out_is_full { full_out } else { Stdio::null() };
        let err = if err_is_full { full_err } else { Stdio::null() };
        let mut relay = Unread::start(out, err, &["--stats-every", "100ms", "-vvv"]).await;
        relay.works(0..20).await;
        let since = relay.uptime().await;
        while relay.uptime().await < since + 0.5 {}
        relay.works(20..40).await;
        assert!(relay.ends(signal).await.success(), "{signal}");
    }
}

#[tokio::test]
async fn figures_are_printed_in_order_however_late_they_are_read() {
    // Long lines: a pipe holds few of them.
    let targets = ["--to", "127.0.0.1:9"].repeat(63);
    let args = [&["--stats-every", "100ms"][..], &targets].concat();
    let mut relay = Unread::start(Stdio::piped(), Stdio::null(), &args).await;
    relay.works(0..2).await;
    while relay.uptime().await < 2.0 {}
    let out = relay.out.take().unwrap();
    let reader = std::thread::spawn(move || out.lines().map(Result::unwrap).collect::<Vec<_>>());
    assert!(relay.ends("TERM").await.success());
    let lines = reader.join().unwrap();
    assert!(lines.iter().map(String::len).sum::<usize>() > 3 * 65_536, "a pipe would hold it all");
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [started, figures @ .., summary] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&started["event"], &summary["event"]), (&"started".into(), &"summary".into()));
    // More than a mebibyte waits for nobody.
    let (omitted, figures): (Vec<&Value>, Vec<&Value>) =
        figures.iter().partition(|line| line["event"] == "omitted");
    assert!(omitted.iter().all(|line| line["count"].as_u64() > Some(0)), "{omitted:?}");
    let uptimes: Vec<f64> =
        figures.into_iter().chain([summary]).map(|line| line["uptime"].as_f64().unwrap()).collect();
    assert!(uptimes.is_sorted(), "{uptimes:?}");
}

#[tokio::test]
async fn a_reader_of_figures_that_goes_costs_the_figures_only() {
    let mut relay = Unread::start(Stdio::piped(), Stdio::piped(), &["--stats-every", "100ms"]).await;
    relay.works(0..20).await;
    drop(relay.out.take());
    let mut line = String::new();
    while !line.contains("figures") {
        line.clear();
        assert!(relay.err.as_mut().unwrap().read_line(&mut line).unwrap() > 0, "it is said");
    }
    relay.works(20..40).await;
    assert!(relay.ends("TERM").await.success());
    let complaints = relay.complaints();
    assert!(!complaints.iter().any(|line| line.contains("figures")), "once: {complaints:?}");
}

/// Elsewhere 127.0.0.2 is not there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_flood_of_a_stranger_is_few_lines_that_count_all_of_it() {
    const COUNT: u64 = 10_000;
    let mut relay = Unread::start(Stdio::null(), Stdio::piped(), &[]).await;
    relay.works(0..2).await;
    let stranger = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    for number in 0..COUNT {
        stranger.send_to(&packet(SSRC, number as u32), relay.listen).await.unwrap();
        if number % 64 == 63 {
            // What came before has been read: nothing of the flood gets lost in a socket buffer.
            let next = 2 + (number / 64) as u16;
            relay.works(next..next + 1).await;
        }
    }
    relay.works(1000..1001).await;
    assert!(relay.ends("TERM").await.success());
    let lines = relay.complaints();
    let (mut shown, mut counted) = (0, 0);
    for line in lines.iter().filter(|line| line.contains("rejected")) {
        let more = line.split_once("(and ").and_then(|(_, more)| more.split_once(" more)"));
        shown += 1;
        counted += 1 + more.map_or(0, |(more, _)| more.parse::<u64>().unwrap());
        assert!(line.contains("127.0.0.2"), "{line}");
    }
    assert_eq!(counted, COUNT, "{lines:?}");
    assert!(shown < 100, "{lines:?}");
    assert!(
        lines.iter().any(|line| line.contains("stream found") && line.contains("0x11223344")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.contains("the source sends from here")), "{lines:?}");
}

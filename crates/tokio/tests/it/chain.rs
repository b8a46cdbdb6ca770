//! The chain inside: timers, panics, interceptors that come and go, what can be asked.

use std::time::Duration;

use interceptor_core::{
    BuildContext, BuildError, Context, Event, Factory, Flow, Interceptor, Limits, Registry, RegistryError,
    Result, Stage, StreamInfo, Streams,
};
use interceptor_packet::{NtpTime, Rtcp, RtcpPacket, RtpPacket};
use interceptor_tokio::{Session, SessionOptions, SpawnError};
use tokio::time::Instant;

use crate::support::wire::{Lane, Wire};
use crate::support::{number, packet, session, settle, video};

/// Sends an RTCP compound a while after each packet that it sees.
struct Echo {
    after: Duration,
}

impl Interceptor for Echo {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        cx.wake_at(cx.now() + self.after);
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        cx.raise((cx.now(), cx.ntp(cx.now())));
        cx.send_rtcp(RtcpPacket::builder().pli(cx.sender_ssrc(), 1).build()?);
        Ok(())
    }
}

fn insert(session: &Session, name: &'static str, interceptor: impl Interceptor) {
    session.with_chain(|chain, now| chain.insert(name, Stage::REPORT, interceptor, now)).unwrap();
}

async fn next_at(out: &Lane) -> (Duration, u8) {
    let start = Instant::now();
    let datagram = out.next().await;
    (start.elapsed(), datagram[1])
}

#[tokio::test(start_paused = true)]
async fn timers_run_on_tokios_clock_and_an_earlier_one_is_not_missed() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    insert(&session, "late", Echo { after: Duration::from_secs(10) });
    let mut events = session.events();
    let local = session.bind_local_stream(video()).unwrap();
    local.write(packet(0)).await.unwrap();
    assert_eq!(next_at(&out).await, (Duration::ZERO, 96));
    let start = Instant::now();
    settle().await;
    // The session's task sleeps for ten seconds now; this wakes it for a deadline of one.
    insert(&session, "soon", Echo { after: Duration::from_secs(1) });
    local.write(packet(1)).await.unwrap();
    assert_eq!(next_at(&out).await, (Duration::ZERO, 96));
    assert_eq!(next_at(&out).await, (Duration::from_secs(1), 206));
    assert_eq!(next_at(&out).await, (Duration::from_secs(9), 206));
    for seconds in [1, 10] {
        let event = events.read().await.unwrap();
        let (at, _) = event.raised::<(std::time::Instant, NtpTime)>().unwrap();
        assert_eq!(*at, (start + Duration::from_secs(seconds)).into_std());
    }
}

#[tokio::test(start_paused = true)]
async fn the_ntp_time_goes_with_tokios_clock() {
    let anchor = NtpTime::from_unix(Duration::from_secs(1_700_000_000));
    let session = Session::builder(&Registry::new(), "anchored")
        .transport(Wire::new())
        .configure(|mut config| {
            config.ntp = anchor;
            config
        })
        .spawn()
        .unwrap();
    insert(&session, "echo", Echo { after: Duration::from_secs(90) });
    let local = session.bind_local_stream(video()).unwrap();
    local.write(packet(0)).await.unwrap();
    let event = session.events().read().await.unwrap();
    let (_, ntp) = event.raised::<(std::time::Instant, NtpTime)>().unwrap();
    assert_eq!(*ntp, NtpTime::from_unix(Duration::from_secs(1_700_000_090)));
}

/// Panics at every packet.
struct Bug;

impl Interceptor for Bug {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        panic!("index out of bounds")
    }
}

#[tokio::test(start_paused = true)]
async fn an_interceptor_that_panics_is_bypassed_and_the_session_goes_on() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    insert(&session, "bug", Bug);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    for n in 0..3 {
        into.push(packet(n).to_bytes());
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    let event = session.events().read().await.unwrap();
    assert!(
        matches!(&event, Event::Bypassed { interceptor: "bug", message } if message == "index out of bounds"),
        "{event:?}"
    );
    assert_eq!(session.counters().chain.panics, 1);
    assert!(session.layout().rows()[0].bypassed);
    session.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_holding_the_chain_poisons_nothing() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.with_chain(|chain, now| {
            chain.read_rtp(packet(0), now);
            panic!("in the middle");
        });
    }));
    assert!(panicked.is_err());
    into.push(packet(1).to_bytes());
    // What had come out of the chain before the panic is neither lost nor overtaken.
    assert_eq!(number(&remote.read().await.unwrap()), 0);
    assert_eq!(number(&remote.read().await.unwrap()), 1);
    session.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn interceptors_come_and_go_while_the_session_runs() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    insert(&session, "echo", Echo { after: Duration::from_secs(1) });
    assert_eq!(session.layout().rows()[0].local_streams, 1);
    local.write(packet(0)).await.unwrap();
    assert!(session.with_chain(|chain, _| chain.get::<Echo>().is_some()));
    assert!(session.with_chain(|chain, now| chain.remove("echo", now)).unwrap());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(out.take().len(), 1, "its timer went with it");
    // What is put into the chain by hand leaves and arrives like everything else.
    let ((_, mut rtcp), bye) = (session.rtcp(), RtcpPacket::builder().bye(&[1], "").build().unwrap());
    session.with_chain(|chain, now| {
        chain.write_rtcp(bye.clone(), now);
        chain.read_rtcp(bye.clone(), now);
    });
    assert_eq!(out.take(), [bye.as_bytes().clone()]);
    assert!(matches!(rtcp.read().await.unwrap().packets().next(), Some(Rtcp::Bye(_))));
}

/// Keeps what it was built with.
struct Config {
    cname: String,
    mtu: usize,
    reduced: bool,
    seed: u64,
    max_streams: usize,
}

impl Interceptor for Config {
    type Local = ();
    type Remote = ();
}

/// Builds [`Config`], or fails.
struct ConfigFactory {
    fails: bool,
}

impl Factory for ConfigFactory {
    type Interceptor = Config;

    fn name(&self) -> &'static str {
        "config"
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Config, BuildError> {
        if self.fails {
            return Err(BuildError::new("no room"));
        }
        let (cname, mtu, reduced) = (cx.cname().to_owned(), cx.mtu(), cx.reduced_size_rtcp());
        Ok(Config {
            cname,
            mtu,
            reduced,
            seed: cx.config().seed,
            max_streams: cx.config().limits.max_streams,
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_builder_configures_the_chain() {
    let registry = Registry::new().with(ConfigFactory { fails: false });
    let session = Session::builder(&registry, "call-7")
        .cname("alice")
        .mtu(1400)
        .reduced_size_rtcp(false)
        .seed(42)
        .limits(Limits::default().with_max_streams(3))
        .configure(|config| config.with_sender_ssrc(5))
        .transport(Wire::new())
        .spawn()
        .unwrap();
    session.with_chain(|chain, _| {
        let config = chain.get::<Config>().unwrap();
        assert_eq!((&*config.cname, config.mtu, config.reduced), ("alice", 1400, false));
        assert_eq!((config.seed, config.max_streams), (42, 3));
    });
    assert_eq!((&**session.id(), session.sender_ssrc()), ("call-7", 5));
}

#[tokio::test(start_paused = true)]
async fn sessions_draw_different_seeds() {
    let registry = Registry::new();
    let spawn = || Session::builder(&registry, "a").transport(Wire::new()).spawn().unwrap();
    assert_ne!(spawn().sender_ssrc(), spawn().sender_ssrc());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_cannot_be_built_says_why() {
    let registry = Registry::new();
    let options = SessionOptions::default().with_event_queue(0);
    let error = Session::builder(&registry, "a").transport(Wire::new()).options(options).spawn().unwrap_err();
    assert_eq!(error.to_string(), "SessionOptions::event_queue is 0, it has to be in 1..=65536");
    let error = Session::builder(&registry, "a").mtu(100).transport(Wire::new()).spawn().unwrap_err();
    assert!(matches!(error, SpawnError::Registry(RegistryError::Config(_))));
    assert_eq!(error.to_string(), "ChainConfig::mtu is 100, it has to be in 548..=65507");
    let name = "x".repeat(256);
    let error = Session::builder(&registry, "a").cname(&name).transport(Wire::new()).spawn().unwrap_err();
    assert!(error.to_string().starts_with("ChainConfig::cname.len() is 256"), "{error}");
    let limits = Limits::default().with_max_streams(usize::MAX);
    let error = Session::builder(&registry, "a").limits(limits).transport(Wire::new()).spawn().unwrap_err();
    assert!(error.to_string().contains("Limits::max_streams is 18446744073709551615"), "{error}");
    let registry = registry.with(ConfigFactory { fails: true });
    let error = Session::builder(&registry, "a").transport(Wire::new()).spawn().unwrap_err();
    assert_eq!(error.to_string(), "building interceptor `config` failed: no room");
}

#[test]
fn a_session_needs_a_runtime() {
    let error = Session::builder(&Registry::new(), "a").transport(Wire::new()).spawn().unwrap_err();
    assert!(matches!(error, SpawnError::NoRuntime), "{error}");
}

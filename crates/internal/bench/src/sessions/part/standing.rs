//! Sessions that stand, and what they do when they are asked to.

use std::any::Any;
use std::io::BufRead as _;
use std::net::{IpAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_tokio::rewriter::{Numbers, SourceId};
use interceptor_tokio::{
    Fanout, FanoutOptions, LatchOptions, MuxOptions, Part, Session, SessionCounters, UdpMux,
};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::frames::{INTERVAL, frame};
use super::set_up::{chains, pass, session, session_to, shared};
use super::{Chain, Order, Sockets, Spreader, Teller, Work};
use crate::loopback::targets;
use crate::ours::stream;

/// Until all tasks have begun.
const SETTLING: Duration = Duration::from_secs(1);

/// Sessions, and who gives them frames.
pub(super) struct Standing {
    pub(super) ports: Vec<u16>,
    sessions: Vec<Session>,
    mux: Option<UdpMux<u32>>,
    /// What is not in any session's counters: packets that were given to one, and not taken.
    refused: Arc<AtomicU64>,
    /// Gives a frame to all; how many packets were taken.
    spread: Option<Spread>,
    frames: u32,
    made: u64,
    /// What must not end.
    _held: Vec<Box<dyn Any + Send>>,
}

type Spread = Box<dyn FnMut(&[RtpPacket]) -> usize + Send>;

impl Standing {
    /// As the order says, when nothing moves any more.
    pub(super) async fn settled(order: Order) -> anyhow::Result<Self> {
        let mut standing = Self {
            ports: Vec::new(),
            sessions: Vec::new(),
            mux: None,
            refused: Arc::default(),
            spread: None,
            frames: 0,
            made: 0,
            _held: Vec::new(),
        };
        let peers = targets(order.port, order.sessions);
        match order.work {
            Work::FanOut(Spreader::Fanout(chain)) => standing.fan_out(&peers, chain)?,
            Work::FanOut(_) => standing.fan_out_by_loop(&peers)?,
            Work::Forward(chain) => standing.forward(&peers, chain)?,
            Work::Echo(sockets) => standing.echo(&peers, sockets, true)?,
            Work::Idle(sockets) => standing.echo(&peers, sockets, false)?,
            Work::ForwardBare => {}
        }
        tokio::time::sleep(SETTLING).await;
        Ok(standing)
    }

    fn fan_out(&mut self, peers: &[SocketAddrV4], chain: Chain) -> anyhow::Result<()> {
        const SOURCE: SourceId = SourceId(1);
        let (registry, fanout) = (chains(chain), Fanout::new(FanoutOptions::default())?);
        for peer in peers {
            let (session, _) = session_to(&registry, *peer)?;
            let first = Numbers { sequence_number: 0, timestamp: 0 };
            let subscription = fanout.subscribe(session.bind_local_stream(stream(0))?, first)?;
            subscription.switch_to(SOURCE);
            self._held.push(Box::new(subscription));
            self.sessions.push(session);
        }
        let mut begun = false;
        self.spread = Some(Box::new(move |frame| {
            let part =
                |_: &RtpPacket| if std::mem::replace(&mut begun, true) { Part::BASE } else { Part::KEY };
            fanout.forward(SOURCE, frame, part).packets
        }));
        Ok(())
    }

    fn fan_out_by_loop(&mut self, peers: &[SocketAddrV4]) -> anyhow::Result<()> {
        let (registry, mut streams) = (chains(Chain::All), Vec::new());
        for peer in peers {
            let (session, _) = session_to(&registry, *peer)?;
            streams.push(session.bind_local_stream(stream(0))?);
            self.sessions.push(session);
        }
        let mut packets = Vec::new();
        self.spread = Some(Box::new(move |frame| {
            let to = |stream: &interceptor_tokio::LocalStream| {
                packets.extend_from_slice(frame);
                let taken = stream.try_write_all(&mut packets).unwrap_or(0);
                packets.clear();
                taken
            };
            streams.iter().map(to).sum()
        }));
        Ok(())
    }

    /// Half of the sessions receive, the other half sends.
    fn forward(&mut self, peers: &[SocketAddrV4], chain: Chain) -> anyhow::Result<()> {
        let registry = chains(chain);
        for peer in peers {
            let (from, port) = session_to(&registry, *peer)?;
            let (to, _) = session_to(&registry, *peer)?;
            pass(from.bind_remote_stream(stream(0))?, to.bind_local_stream(stream(0))?, &self.refused);
            self.ports.push(port);
            self.sessions.extend([from, to]);
        }
        Ok(())
    }

    fn echo(&mut self, peers: &[SocketAddrV4], sockets: Sockets, answers: bool) -> anyhow::Result<()> {
        let registry = chains(Chain::All);
        let mux = match sockets {
            Sockets::Own => None,
            Sockets::Shared => {
                Some(UdpMux::new(shared()?, MuxOptions::default(), |_, from| number(from.ip()))?)
            }
        };
        self.ports.extend(mux.as_ref().map(UdpMux::local_addr).transpose()?.map(|at| at.port()));
        for peer in peers {
            let session = match &mux {
                Some(mux) => {
                    session(&registry, mux.transport((*peer.ip()).into(), LatchOptions::default())?)?
                }
                None => {
                    let (session, port) = session_to(&registry, *peer)?;
                    self.ports.push(port);
                    session
                }
            };
            let (remote, local) =
                (session.bind_remote_stream(stream(0))?, session.bind_local_stream(stream(0))?);
            if answers {
                pass(remote, local, &self.refused);
            } else {
                self._held.push(Box::new((remote, local)));
            }
            self.sessions.push(session);
        }
        self.mux = mux;
        Ok(())
    }

    /// Does what is asked until nobody asks any more.
    pub(super) async fn serve(mut self, mut teller: Teller) -> anyhow::Result<()> {
        let (to, mut asked) = mpsc::unbounded_channel();
        // It waits in a system call.
        thread::spawn(move || {
            std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| to.send(line))
        });
        while let Some(frames) = asked.recv().await {
            self.send_frames(frames.parse()?).await;
            teller.tell(|| (self.made, self.dropped()))?;
        }
        Ok(())
    }

    async fn send_frames(&mut self, count: u32) {
        let Some(spread) = &mut self.spread else { return };
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..count {
            ticks.tick().await;
            let frame = frame(self.frames);
            let (all, taken) = (frame.len() * self.sessions.len(), spread(&frame));
            self.made += all as u64;
            self.refused.fetch_add(all.saturating_sub(taken) as u64, Relaxed);
            self.frames += 1;
        }
    }

    /// All that is counted as dropped, by whomever.
    fn dropped(&self) -> u64 {
        let by_sessions: u64 = self.sessions.iter().map(|session| dropped_by(&session.counters())).sum();
        let by_mux = self.mux.as_ref().map(UdpMux::counters);
        let by_mux = by_mux.map_or(0, |counters| counters.unknown + counters.unknown_limited);
        self.refused.load(Relaxed) + by_sessions + by_mux
    }
}

const fn dropped_by(counters: &SessionCounters) -> u64 {
    counters.rejected_datagrams
        + counters.overrun_datagrams
        + counters.dropped_sends
        + counters.discarded_sends
        + counters.dropped_reads
        + counters.dropped_unread
        + counters.dropped_unbound
        + counters.dropped_unproven
        + counters.dropped_rejected
}

/// A peer's address is its session's key.
fn number(from: IpAddr) -> Option<u32> {
    match from {
        IpAddr::V4(address) => Some(address.into()),
        IpAddr::V6(_) => None,
    }
}

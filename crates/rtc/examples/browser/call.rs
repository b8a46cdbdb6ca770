//! One call: a task that carries datagrams between the socket, the link and our end.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::BytesMut;
use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;

use crate::chain::{OurChain, REPAIR_AGE};
use crate::figures::Figures;
use crate::ledger::SharedLedger;
use crate::link::{Badness, Datagram, LossyLink};
use crate::media::Media;
use crate::peer::Peer;

/// What a page may want of its call.
#[derive(Debug)]
pub(crate) enum Order {
    Link(Badness),
    Repair(bool),
    Figures(oneshot::Sender<Figures>),
}

/// A call that runs, until this is dropped or the browser is gone.
#[derive(Debug)]
pub(crate) struct Call {
    orders: mpsc::Sender<Order>,
}

/// A browser sends some check every few seconds as long as it has a call (RFC 7675 §5.1).
const SILENCE: Duration = Duration::from_secs(20);
/// For what is behind in the queue of a narrow link, and for a machine that has other things to do.
const SPARE: Duration = Duration::from_millis(600);

impl Call {
    /// Answers an offer, and begins.
    pub(crate) async fn start(
        id: &str,
        offer: &str,
        badness: Badness,
        repair: bool,
    ) -> Result<(Self, String)> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        // All addresses lead here, and one of them is enough to be known by.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, socket.local_addr()?.port()));
        let (now, seed) = (now(), getrandom::u64()?);
        let ledger = SharedLedger::default();
        let (mut chain, configured) = OurChain::new(id, seed, now, ledger.clone())?;
        let peer = Peer::answer(offer, configured, address, seed, now)?;
        chain.set_repair(repair, now)?;
        let mut link = LossyLink::new(now, seed, badness, ledger.clone())?;
        link.set_rtx(peer.rtx);
        let media = Media::new(peer.audio, peer.video, now);
        let connection = peer.connection;
        let running = Running { connection, address, media, link, chain, ledger, began: now, heard: now };
        let (orders, taken) = mpsc::channel(16);
        tokio::spawn(async move {
            if let Err(error) = running.run(socket, taken).await {
                eprintln!("a call has failed: {error:#}");
            }
        });
        Ok((Self { orders }, peer.answer))
    }

    /// `false`: the call has ended.
    pub(crate) async fn order(&self, order: Order) -> bool {
        self.orders.send(order).await.is_ok()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.orders.is_closed()
    }
}

/// All that a call's task has.
struct Running {
    connection: RTCPeerConnection,
    /// Our end, as the connection knows it.
    address: SocketAddr,
    media: Media,
    link: LossyLink,
    chain: OurChain,
    ledger: SharedLedger,
    began: Instant,
    /// When something came from the browser.
    heard: Instant,
}

impl Running {
    async fn run(mut self, socket: UdpSocket, mut orders: mpsc::Receiver<Order>) -> Result<()> {
        let mut buffer = vec![0; 65_535];
        self.adapt_patience();
        loop {
            let goes_on = self.turn(now())?;
            while let Some(Datagram { browser, bytes }) = self.link.pop_down(now()) {
                // A browser that is gone is told by its silence.
                let _ = socket.send_to(&bytes, browser).await;
            }
            if !goes_on {
                return Ok(());
            }
            let due = self.next_timeout();
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order)?,
                    None => break,
                },
                ready = socket.readable() => {
                    ready?;
                    while let Ok((len, browser)) = socket.try_recv_from(&mut buffer) {
                        self.heard = now();
                        let bytes = BytesMut::from(buffer.get(..len).unwrap_or_default());
                        self.link.push_up(self.heard, Datagram { browser, bytes });
                    }
                }
                () = sleep_until(due.into()) => {}
            }
        }
        self.chain.say_goodbye(now());
        self.connection.close()?;
        // Not by the link, which ends as well.
        while let Some(TaggedBytesMut { transport, message, .. }) = self.connection.poll_write() {
            let _ = socket.send_to(&message, transport.peer_addr).await;
        }
        Ok(())
    }

    /// Does all that is to be done by now. Does the call go on?
    fn turn(&mut self, now: Instant) -> Result<bool> {
        while let Some(Datagram { browser, bytes }) = self.link.pop_up(now) {
            let transport = TransportContext {
                local_addr: self.address,
                peer_addr: browser,
                ecn: None,
                transport_protocol: TransportProtocol::UDP,
            };
            // What it cannot read is not for it.
            let _ = self.connection.handle_read(TaggedBytesMut { now, transport, message: bytes });
        }
        if self.connection.poll_timeout().is_some_and(|due| due <= now) {
            self.connection.handle_timeout(now)?;
        }
        let mut goes_on = now.saturating_duration_since(self.heard) < SILENCE;
        while let Some(event) = self.connection.poll_event() {
            goes_on &= self.see(event);
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.connection.poll_read() {
            match message {
                RTCMessage::RtpPacket(track, packet) => self.media.put(&track, packet, now),
                RTCMessage::RtcpPacket(_, packets) => self.media.hear(&packets),
                _ => {}
            }
        }
        self.media.send_back(&mut self.connection, now);
        if self.chain.wants_key_frame() {
            self.media.want_key_frame();
        }
        self.media.ask_for_key_frame(&mut self.connection, now);
        while let Some(TaggedBytesMut { transport, message, .. }) = self.connection.poll_write() {
            self.link.push_down(now, Datagram { browser: transport.peer_addr, bytes: message });
        }
        Ok(goes_on)
    }

    fn see(&mut self, event: RTCPeerConnectionEvent) -> bool {
        match event {
            RTCPeerConnectionEvent::OnTrack(RTCTrackEvent::OnOpen(track)) => {
                self.media.begin(&mut self.connection, track);
                true
            }
            RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) => {
                !matches!(state, RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed)
            }
            _ => true,
        }
    }

    fn next_timeout(&mut self) -> Instant {
        let due = [self.connection.poll_timeout(), self.link.next_delivery(), self.media.next_timeout()];
        due.into_iter().flatten().fold(self.heard + SILENCE, Instant::min)
    }

    fn obey(&mut self, order: Order) -> Result<()> {
        match order {
            Order::Link(badness) => self.link.reconfigure(now(), badness)?,
            Order::Repair(on) => self.chain.set_repair(on, now())?,
            // Who has asked may be gone.
            Order::Figures(reply) => {
                let _ = reply.send(self.figures(now()));
            }
        }
        self.adapt_patience();
        Ok(())
    }

    /// What is asked for is here after a round trip, if it is lost once more after two. Where nobody asks nobody waits: this link keeps
    /// the order.
    fn adapt_patience(&mut self) {
        let Badness { delay_ms, jitter_ms, .. } = self.link.badness();
        let round_trip = Duration::from_millis(u64::from(2 * delay_ms + jitter_ms));
        let patience =
            if self.chain.repairs() { REPAIR_AGE.min(4 * round_trip + SPARE) } else { Duration::ZERO };
        self.media.set_patience(patience);
    }

    fn figures(&mut self, now: Instant) -> Figures {
        let [up, down] = self.link.figures();
        Figures {
            seconds: now.saturating_duration_since(self.began).as_secs_f64(),
            link: self.link.badness(),
            repair: self.chain.repairs(),
            tally: self.ledger.lock().tally(),
            up,
            down,
            skipped: self.media.skipped(),
            connection: self.chain.statistics(),
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

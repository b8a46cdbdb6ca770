//! The server's end of one call: an answer, a session, and a reader for each stream of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Error, Result, ensure};
use interceptor_core::StreamInfo;
use interceptor_keyframe::KeyframeFactory;
use interceptor_sdp::{Answer, Answered, Demux, Description, Endpoint, Found, LocalSource};
use interceptor_stats::{ConnectionStats, StatsFactory, StatsHandle};
use interceptor_tokio::{BindError, RemoteStream, Session, SessionCounters};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::door::Door;
use crate::echo::{Echo, pass_on_key_frame_requests};
use crate::heard::Heard;
use crate::ice::IceLite;
use crate::reader::{Listener, Reader};
use crate::redundancy::Redundancy;
use crate::setup::Setup;

/// A session, and what is read from it.
#[derive(Debug)]
pub struct Peer {
    session: Session,
    stats: StatsHandle,
    start: Instant,
    streams: Arc<Streams>,
}

/// What is known when a call has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ended {
    /// What the session counted.
    pub session: SessionCounters,
    /// RTP packets that were read from it.
    pub read: u64,
}

/// Those that have begun.
#[derive(Debug, Default)]
struct Streams {
    listeners: Mutex<Vec<Listener>>,
    readers: Mutex<JoinSet<u64>>,
}

impl Peer {
    /// Answers an offer, and reads all that comes of it. The browser is to send to `address`.
    pub(crate) fn answer(
        offer: &str,
        setup: &Setup,
        door: &Door,
        address: SocketAddr,
    ) -> Result<(String, Self)> {
        let stats = StatsFactory::default();
        let handle = stats.handle();
        let mut registry = setup.redundancy.join(setup.feedback.registry()?)?.with(stats);
        if setup.keyframes {
            registry.add(KeyframeFactory::default());
        }
        let ice = IceLite::random()?;
        let offer: Description = offer.parse()?;
        let mut answer = Answer::to(&offer).with(&registry.needs()).with(&setup.needs());
        answer = answer.at(Endpoint::at(address).with_ice_lite(ice.ufrag(), ice.password()));
        for section in offer.sections() {
            ensure!(!section.is_secure(), "the browser offers {}: it would encrypt", section.proto);
            if setup.echo {
                let mut source = LocalSource::new(getrandom::u32()?).with_rtx(getrandom::u32()?);
                if setup.redundancy == Redundancy::FlexFec {
                    source = source.with_fec(getrandom::u32()?);
                }
                answer = answer.sending(section.index, source.with_msid("echo", &*section.media));
            }
        }
        let answered = answer.answer()?;
        let session =
            door.admit(&ice, &registry, |config| answered.configure(config)).map_err(Error::from_boxed)?;
        let peer = Self { session, stats: handle, start: Instant::now(), streams: Arc::default() };
        peer.listen(&answered)?;
        Ok((answered.description.to_string(), peer))
    }

    fn listen(&self, answered: &Answered) -> Result<()> {
        let mut echoes = Vec::new();
        for info in answered.remote.iter().flat_map(|section| &section.announced) {
            let back = answered.local.iter().find(|back| back.mid == info.mid);
            echoes.extend(back.map(|back| (info.ssrc, back.ssrc)));
            let back = back.map(|back| self.session.bind_local_stream(back.clone())).transpose()?;
            let stream = self.session.bind_remote_stream(info.clone())?;
            self.streams.add(&self.session, stream, back.map(Echo::new), self.start);
        }
        tokio::spawn(pass_on_key_frame_requests(self.session.clone(), echoes));
        let streams = Arc::clone(&self.streams);
        tokio::spawn(accept(self.session.clone(), answered.demux(), streams, self.start));
        Ok(())
    }

    /// What has been read of its streams, in the order in which they began.
    #[must_use]
    pub fn streams(&self) -> Vec<Heard> {
        self.streams.listeners().iter().map(|listener| listener.heard().clone()).collect()
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// What our statistics say of it.
    pub fn stats(&self) -> Result<ConnectionStats> {
        self.stats.connection(self.session.id()).context("the session has ended")
    }

    /// The longest time in which nothing new could be shown, this moment included.
    #[must_use]
    pub fn longest_freeze(&self) -> Duration {
        let now = self.start.elapsed();
        self.streams().iter().map(|heard| heard.frames.longest_gap(now)).max().unwrap_or_default()
    }

    /// Ends it.
    pub(crate) async fn end(self) -> Result<Ended> {
        self.session.close().await?;
        let readers = std::mem::take(&mut *lock(&self.streams.readers));
        let read = readers.join_all().await.iter().sum();
        Ok(Ended { session: self.session.counters(), read })
    }
}

/// Binds whatever begins without having been announced, by what its first packets say, until the session ends.
async fn accept(session: Session, mut demux: Demux, streams: Arc<Streams>, start: Instant) -> Result<()> {
    loop {
        let incoming = session.accept().await?;
        match demux.find(incoming.first_packet()) {
            Some(Found::Stream(info)) => {
                let stream = incoming.bind(info).map_err(BindError::from)?;
                streams.add(&session, stream, None, start);
            }
            Some(Found::Amended(info)) => {
                // Given back before the stream takes its SSRC.
                drop(incoming);
                streams.amend(info);
            }
            // It is offered again as it goes on: retransmissions may begin before what they repeat.
            None => {}
        }
    }
}

impl Streams {
    fn add(&self, session: &Session, stream: RemoteStream, echo: Option<Echo>, start: Instant) {
        let (reader, listener) = Reader::new(session, stream, echo, start);
        self.listeners().push(listener);
        lock(&self.readers).spawn(reader.run());
    }

    fn amend(&self, info: StreamInfo) {
        let listeners = self.listeners();
        let found = listeners.iter().find(|listener| listener.heard().info.ssrc == info.ssrc);
        if let Some(listener) = found {
            listener.amend(info);
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        lock(&self.listeners)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

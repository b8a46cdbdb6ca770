//! One socket for all browsers: who knows a password comes in, to the session that it was drawn for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::{ChainConfig, Registry};
use interceptor_tokio::{Latch, LatchOptions, MuxCounters, MuxOptions, Session, UdpMux};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::ice::{self, IceLite};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A browser that has not checked for so long does not want to hear us any more (RFC 7675 §5.1).
const CONSENT: Duration = Duration::from_secs(30);

/// Where sessions are reached.
#[derive(Debug)]
pub(crate) struct Door {
    mux: UdpMux<String>,
    guests: Guests,
}

/// What is expected of whom: credentials by their ufrag.
#[derive(Clone, Debug, Default)]
struct Guests(Arc<Mutex<HashMap<String, IceLite>>>);

impl Door {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let guests = Guests::default();
        let known = guests.clone();
        // An address belongs to a session as soon as a check with the right password has come from there.
        let name = move |datagram: &Bytes, from: SocketAddr| {
            let ufrag = ice::ufrag(datagram)?;
            known.lock().get(&ufrag)?.answer(datagram, from).map(|_| ufrag)
        };
        let mux = UdpMux::new(UdpSocket::bind(address).await?, MuxOptions::default(), name)?;
        Ok(Self { mux, guests })
    }

    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.mux.local_addr()
    }

    /// A session for who comes with these credentials. It ends when it is closed, or when its peer no longer shows that it is there.
    pub(crate) fn admit(
        &self,
        ice: &IceLite,
        registry: &Registry,
        configure: impl FnOnce(ChainConfig) -> ChainConfig,
    ) -> Result<Session> {
        let transport =
            self.mux.transport(ice.ufrag().to_owned(), LatchOptions::default().with_told(true))?;
        let latch = transport.latch();
        let builder = Session::builder(registry, ice.ufrag()).configure(configure).transport(transport);
        let session = builder.spawn()?;
        self.guests.lock().insert(ice.ufrag().to_owned(), ice.clone());
        tokio::spawn(receive(session.clone(), latch, ice.clone(), self.guests.clone()));
        Ok(session)
    }

    pub(crate) fn counters(&self) -> MuxCounters {
        self.mux.counters()
    }
}

/// Answers checks until the session ends, or ends it when there are none.
async fn receive(session: Session, latch: Latch, ice: IceLite, guests: Guests) {
    let (mut raw, mut last) = (session.raw(), Instant::now());
    while let Ok(Ok(datagram)) = timeout_at(last + CONSENT, raw.read()).await {
        let Some(from) = datagram.from else { continue };
        let Some(answered) = ice.answer(&datagram.bytes, from) else { continue };
        last = Instant::now();
        if answered.nominated {
            // An address that has become another session's meanwhile is not taken away from there.
            let _ = latch.set_peer(from);
        }
        if session.send_raw_to(answered.response.into(), from).await.is_err() {
            break;
        }
    }
    guests.lock().remove(ice.ufrag());
    // That it has ended already is as well.
    let _ = session.close().await;
}

impl Guests {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, IceLite>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

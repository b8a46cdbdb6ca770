//! The link on real loopback sockets, timed by tokio.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Direction, Forwarder, TruthLog};

const LARGEST_DATAGRAM: usize = 65_535;

/// Two bound loopback sockets, one for each endpoint to talk to; not yet forwarding.
#[derive(Debug)]
pub struct LossyLink {
    to_a: UdpSocket,
    to_b: UdpSocket,
}

impl LossyLink {
    /// Binds two ports that the system chooses on 127.0.0.1.
    ///
    /// # Errors
    /// What the system says when it has no port left.
    pub async fn bind() -> io::Result<Self> {
        let any = (Ipv4Addr::LOCALHOST, 0);
        Ok(Self { to_a: UdpSocket::bind(any).await?, to_b: UdpSocket::bind(any).await? })
    }

    /// Where endpoint A sends to in order to reach B.
    ///
    /// # Errors
    /// What the system says when it does not know its own socket.
    pub fn address_for_a(&self) -> io::Result<SocketAddr> {
        self.to_a.local_addr()
    }

    /// Where endpoint B sends to in order to reach A.
    ///
    /// # Errors
    /// What the system says when it does not know its own socket.
    pub fn address_for_b(&self) -> io::Result<SocketAddr> {
        self.to_b.local_addr()
    }

    /// Starts forwarding between the endpoints at `a` and `b`, in a task of the current tokio runtime.
    ///
    /// Datagrams from any other address are ignored. Times in the log count from `start`.
    ///
    /// # Errors
    /// What the system says when an endpoint's address cannot be reached from loopback.
    pub async fn start(
        self,
        a: SocketAddr,
        b: SocketAddr,
        forwarder: Forwarder,
        start: Instant,
    ) -> io::Result<LossyLinkHandle> {
        self.to_a.connect(a).await?;
        self.to_b.connect(b).await?;
        let forwarder = Arc::new(Mutex::new(forwarder));
        let (stop, stopped) = oneshot::channel();
        let pump = Pump { link: self, forwarder: Arc::clone(&forwarder), start };
        let task = tokio::spawn(pump.run(stopped));
        Ok(LossyLinkHandle { forwarder, stop: Some(stop), task })
    }
}

/// A running link. Dropping it stops the link at once.
#[derive(Debug)]
pub struct LossyLinkHandle {
    forwarder: Arc<Mutex<Forwarder>>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl LossyLinkHandle {
    /// Looks at the log while the link runs. It waits meanwhile: copy what you need.
    pub fn with_truth<R>(&self, look: impl FnOnce(&TruthLog) -> R) -> R {
        look(lock(&self.forwarder).truth())
    }

    /// Stops forwarding and hands the log over. What is still under way does not arrive: wait for the link's delay first.
    pub async fn stop(mut self) -> TruthLog {
        if let Some(stop) = self.stop.take() {
            let _already_over = stop.send(());
        }
        let _panicked_or_done = (&mut self.task).await;
        lock(&self.forwarder).truth().clone()
    }
}

impl Drop for LossyLinkHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Pump {
    link: LossyLink,
    forwarder: Arc<Mutex<Forwarder>>,
    start: Instant,
}

impl Pump {
    async fn run(self, mut stop: oneshot::Receiver<()>) {
        let LossyLink { to_a, to_b } = &self.link;
        let (mut from_a, mut from_b) = (vec![0; LARGEST_DATAGRAM], vec![0; LARGEST_DATAGRAM]);
        loop {
            let due = lock(&self.forwarder).next_due();
            tokio::select! {
                _ = &mut stop => return,
                received = to_a.recv(&mut from_a) => self.accept(Direction::AToB, &from_a, received),
                received = to_b.recv(&mut from_b) => self.accept(Direction::BToA, &from_b, received),
                () = self.sleep_until(due) => {}
            }
            self.send_due().await;
        }
    }

    /// An error here is an earlier datagram that met a closed port (ICMP): an endpoint has gone, the link has not.
    fn accept(&self, direction: Direction, buffer: &[u8], received: io::Result<usize>) {
        let Some(datagram) = received.ok().and_then(|bytes| buffer.get(..bytes)) else { return };
        lock(&self.forwarder).accept(direction, Bytes::copy_from_slice(datagram), self.now());
    }

    async fn send_due(&self) {
        loop {
            let Some((direction, datagram)) = lock(&self.forwarder).pop_due(self.now()) else { return };
            let socket = match direction {
                Direction::AToB => &self.link.to_b,
                Direction::BToA => &self.link.to_a,
            };
            let _endpoint_gone = socket.send(&datagram).await;
        }
    }

    async fn sleep_until(&self, due: Option<Duration>) {
        match due {
            Some(due) => tokio::time::sleep_until(self.start + due).await,
            None => std::future::pending().await,
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A poisoned lock means that a reader of the log panicked; the log itself is whole.
fn lock(forwarder: &Mutex<Forwarder>) -> MutexGuard<'_, Forwarder> {
    forwarder.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A bad network between real sockets: two programs that speak UDP, and a seeded link each way between them.

mod carrier;
mod options;
mod stand_in;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use interceptor_core::OptionsError;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::carrier::Shared;
pub use self::options::UdpLinkOptions;
use crate::{LinkCounters, LinkOptions, Side};

/// A [`Link`](crate::Link) each way between UDP sockets, on tokio's clock.
///
/// Neither end knows of it. For each address of one end the link has a *stand-in*: a socket of its own, which the other end is
/// told instead. What comes in there goes through the link, and leaves from the stand-in of who sent it, made when it is
/// first heard. So both ends see the addresses of one another as a network with translation of addresses shows them (RFC 4787):
/// any number of addresses an end, each told apart, and new ones at any time.
///
/// ```
/// use interceptor_test::{LinkOptions, Loss, Side, UdpLink, UdpLinkOptions};
/// use tokio::net::UdpSocket;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let (a, b) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
///     let lossy = LinkOptions::default().with_loss(Loss::packets([1]));
///     let link = UdpLink::new(UdpLinkOptions::default().with_ways(lossy, LinkOptions::default()))?;
///
///     let b_seen_by_a = link.stand_in(Side::B, b.local_addr()?)?;
///     for number in 0..3_u8 {
///         a.send_to(&[number], b_seen_by_a).await?;
///     }
///     let mut buffer = [0; 16];
///     let (_, a_seen_by_b) = b.recv_from(&mut buffer).await?;
///     assert_eq!(buffer[0], 0);
///     b.recv_from(&mut buffer).await?;
///     assert_eq!(buffer[0], 2, "the second was lost");
///
///     b.send_to(b"answer", a_seen_by_b).await?;
///     assert_eq!(a.recv_from(&mut buffer).await?, (6, b_seen_by_a));
///     assert_eq!(link.counters(Side::A).lost, 1);
///     Ok(())
/// }
/// ```
///
/// It ends, and its sockets are closed, when it is dropped.
pub struct UdpLink {
    shared: Arc<Shared>,
    carrier: JoinHandle<()>,
}

impl UdpLink {
    /// A link without anybody at its ends yet, on the present tokio runtime.
    ///
    /// # Errors
    /// Options outside their ranges.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(options: UdpLinkOptions) -> Result<Self, OptionsError> {
        let shared = Arc::new(Shared::new(Instant::now().into_std(), options)?);
        let carrier = tokio::spawn(carrier::carry(Arc::clone(&shared)));
        Ok(Self { shared, carrier })
    }

    /// The address that stands for `real`, which is of `side`: what the other end is to send to. Always the same for the same address.
    ///
    /// # Errors
    /// `real` is not an address of this machine, or there are as many stand-ins as there may be
    /// ([`UdpLinkOptions::with_max_addresses`]).
    pub fn stand_in(&self, side: Side, real: SocketAddr) -> io::Result<SocketAddr> {
        Ok(stand_in::of(&self.shared, side, real)?.address)
    }

    /// A session description, or a single candidate, of `side` with stand-ins in place of its UDP candidates. Candidates that nothing
    /// can stand for are left out: TCP, names (`….local`), addresses of other machines.
    #[must_use]
    pub fn rewrite_candidates(&self, side: Side, text: &str) -> String {
        let rewritten = text.split_inclusive('\n').filter_map(|line| {
            if !line.trim_start_matches("a=").starts_with("candidate:") {
                return Some(line.to_owned());
            }
            let mut words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            let [_, _, protocol, _, ip, port, ..] = words.as_mut_slice() else { return None };
            let real = SocketAddr::new(ip.parse().ok()?, port.parse().ok()?);
            let address = protocol.eq_ignore_ascii_case("udp").then(|| self.stand_in(side, real))?.ok()?;
            *ip = address.ip().to_string();
            *port = address.port().to_string();
            Some(words.join(" "))
        });
        rewritten.collect()
    }

    /// Changes what happens to what `from` sends. What is under way already arrives as it would have.
    ///
    /// # Errors
    /// Options outside their ranges; then nothing has changed.
    pub fn reconfigure(&self, from: Side, options: LinkOptions) -> Result<(), OptionsError> {
        self.shared.reconfigure(from, options)
    }

    /// From now on drops what `predicate` wants of what `from` sends, given its number and its bytes.
    pub fn drop_if(&self, from: Side, predicate: impl FnMut(u64, &[u8]) -> bool + Send + 'static) {
        self.shared.drop_if(from, predicate);
    }

    /// The network of `side` is another one: from now on others stand for its addresses, and what comes in at those that did goes
    /// nowhere. The other end learns the new ones as it hears of them; what it sends first must come from `side`.
    pub fn change_network(&self, side: Side) {
        self.shared.forget(side);
    }

    /// How long a packet of `from` would wait in the queue now; `None` if that cannot be told.
    #[must_use]
    pub fn queue_delay(&self, from: Side) -> Option<Duration> {
        self.shared.queue_delay(from)
    }

    /// What has become of what `from` has sent, without what is [spared](UdpLinkOptions::with_subject).
    #[must_use]
    pub fn counters(&self, from: Side) -> LinkCounters {
        self.shared.counters(from)
    }

    /// Datagrams that went nowhere because there were as many addresses as there may be.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.refused()
    }
}

impl Drop for UdpLink {
    fn drop(&mut self) {
        self.carrier.abort();
        self.shared.close();
    }
}

impl fmt::Debug for UdpLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways = [Side::A, Side::B].map(|from| self.counters(from));
        f.debug_struct("UdpLink").field("ways", &ways).finish_non_exhaustive()
    }
}

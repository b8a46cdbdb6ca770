//! SRTP around another transport, with the contexts of `webrtc-srtp`.

use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use interceptor_packet::{Kind, classify};
use interceptor_tokio::{Datagrams, SendQueue, Transport, TransportReceiver, TransportSender};
use webrtc_srtp::context::Context as Srtp;
use webrtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use webrtc_srtp::protection_profile::ProtectionProfile;

/// A master key and its salt, for example from a DTLS handshake (RFC 5764 §4.2).
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    pub(crate) master_key: [u8; 16],
    pub(crate) salt: [u8; 14],
}

/// Packets for which a repeat is told from a replay: it must hold what may be asked for again.
const REPLAY_WINDOW: usize = 1024;

/// Encrypts what leaves with one key and decrypts what comes with the other. What is neither RTP nor RTCP passes as it
/// is: DTLS and STUN share the port.
pub(crate) struct SrtpTransport<T> {
    inner: T,
    local: Srtp,
    remote: Srtp,
}

impl<T: Transport> SrtpTransport<T> {
    pub(crate) fn new(inner: T, local: Keys, remote: Keys) -> Result<Self, webrtc_srtp::Error> {
        Ok(Self { inner, local: context(local)?, remote: context(remote)? })
    }
}

fn context(keys: Keys) -> Result<Srtp, webrtc_srtp::Error> {
    let (rtp, rtcp) = (srtp_replay_protection(REPLAY_WINDOW), srtcp_replay_protection(REPLAY_WINDOW));
    let profile = ProtectionProfile::Aes128CmHmacSha1_80;
    Srtp::new(&keys.master_key, &keys.salt, profile, Some(rtp), Some(rtcp))
}

impl<T: Transport> Transport for SrtpTransport<T> {
    type Sender = Encrypt<T::Sender>;
    type Receiver = Decrypt<T::Receiver>;

    fn split(self) -> (Self::Sender, Self::Receiver) {
        let (sender, receiver) = self.inner.split();
        let sender = Encrypt { inner: sender, srtp: self.local, encrypted: SendQueue::new() };
        let receiver = Decrypt { inner: receiver, srtp: self.remote, encrypted: Datagrams::new() };
        (sender, receiver)
    }
}

pub(crate) struct Encrypt<S> {
    inner: S,
    srtp: Srtp,
    /// The front of the session's queue, encrypted: a datagram leaves both only when it is sent.
    encrypted: SendQueue,
}

impl<S: TransportSender> TransportSender for Encrypt<S> {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        loop {
            if self.encrypted.is_empty() {
                let Some(datagram) = queue.front() else { return Poll::Ready(Ok(())) };
                let encrypted = match classify(datagram) {
                    Kind::Rtp => self.srtp.encrypt_rtp(datagram),
                    Kind::Rtcp => self.srtp.encrypt_rtcp(datagram),
                    Kind::Other => Ok(Bytes::copy_from_slice(datagram)),
                };
                let Ok(encrypted) = encrypted else {
                    queue.discard();
                    continue;
                };
                self.encrypted.push(&[&encrypted], None);
            }
            let result = ready!(self.inner.poll_send(cx, &mut self.encrypted));
            match (self.encrypted.is_empty(), &result) {
                (true, Ok(())) => queue.pop(1),
                (true, Err(_)) => queue.discard(),
                (false, _) => {}
            }
            result?;
        }
    }
}

pub(crate) struct Decrypt<R> {
    inner: R,
    srtp: Srtp,
    encrypted: Datagrams,
}

impl<R: TransportReceiver> TransportReceiver for Decrypt<R> {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        loop {
            ready!(self.inner.poll_recv(cx, &mut self.encrypted))?;
            for (datagram, ecn) in self.encrypted.drain() {
                let decrypted = match classify(&datagram) {
                    Kind::Rtp => self.srtp.decrypt_rtp(&datagram),
                    Kind::Rtcp => self.srtp.decrypt_rtcp(&datagram),
                    Kind::Other => Ok(datagram),
                };
                match decrypted {
                    Ok(decrypted) => datagrams.push(decrypted, ecn),
                    Err(_) => datagrams.reject(),
                }
            }
            if !datagrams.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

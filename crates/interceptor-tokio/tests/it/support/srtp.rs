//! SRTP around another transport, with the contexts of `webrtc-srtp`.

use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use interceptor_packet::{Kind, classify};
use interceptor_tokio::{Datagrams, SendQueue, Transport, TransportReceiver, TransportSender};
use webrtc_srtp::context::Context as Srtp;
use webrtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use webrtc_srtp::protection_profile::ProtectionProfile;

/// Encrypts what leaves with one key and decrypts what comes with the other.
pub(crate) struct SrtpTransport<T> {
    pub(crate) inner: T,
    pub(crate) local_key: [u8; 16],
    pub(crate) remote_key: [u8; 16],
}

fn context(key: &[u8], window: usize) -> Srtp {
    let (rtp, rtcp) = (srtp_replay_protection(window), srtcp_replay_protection(window));
    Srtp::new(key, &[7; 14], ProtectionProfile::Aes128CmHmacSha1_80, Some(rtp), Some(rtcp)).unwrap()
}

impl<T: Transport> Transport for SrtpTransport<T> {
    type Sender = Encrypt<T::Sender>;
    type Receiver = Decrypt<T::Receiver>;

    fn split(self) -> (Self::Sender, Self::Receiver) {
        let (sender, receiver) = self.inner.split();
        let sender =
            Encrypt { inner: sender, srtp: context(&self.local_key, 64), encrypted: SendQueue::new() };
        // The window must hold what is asked for again.
        let receiver =
            Decrypt { inner: receiver, srtp: context(&self.remote_key, 1024), encrypted: Datagrams::new() };
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
                    _ => self.srtp.encrypt_rtcp(datagram),
                };
                self.encrypted.push(&[&encrypted.unwrap()], None);
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
                let decrypted: Result<Bytes, _> = match classify(&datagram) {
                    Kind::Rtp => self.srtp.decrypt_rtp(&datagram),
                    _ => self.srtp.decrypt_rtcp(&datagram),
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

//! Reads a stream as a player would.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_tokio::{RemoteStream, RtcpSender, Session, SessionError};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::echo::Echo;
use crate::heard::Heard;

/// Nothing could be shown for so long: a decoder asks for a key frame.
const WITHOUT_FRAMES: Duration = Duration::from_secs(1);

/// A stream that is being read, as others see it.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    heard: Arc<Mutex<Heard>>,
    amendments: mpsc::UnboundedSender<StreamInfo>,
}

impl Listener {
    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// More has become known of the stream.
    pub(crate) fn amend(&self, info: StreamInfo) {
        // One that has ended needs to know no more.
        let _ = self.amendments.send(info);
    }
}

/// Reads a stream, sends it back if there is an echo, and asks for a key frame when nothing else helps.
pub(crate) struct Reader {
    stream: RemoteStream,
    echo: Option<Echo>,
    heard: Arc<Mutex<Heard>>,
    amendments: mpsc::UnboundedReceiver<StreamInfo>,
    start: Instant,
    rtcp: RtcpSender,
    sender_ssrc: u32,
    /// When a key frame was last asked for.
    asked: Option<Instant>,
}

impl Reader {
    /// One that counts time since `start`.
    pub(crate) fn new(
        session: &Session,
        stream: RemoteStream,
        echo: Option<Echo>,
        start: Instant,
    ) -> (Self, Listener) {
        let heard = Arc::new(Mutex::new(Heard::new(stream.info().clone())));
        let (sender, amendments) = mpsc::unbounded_channel();
        let listener = Listener { heard: Arc::clone(&heard), amendments: sender };
        let (rtcp, sender_ssrc) = (session.rtcp().0, session.sender_ssrc());
        (Self { stream, echo, heard, amendments, start, rtcp, sender_ssrc, asked: None }, listener)
    }

    /// Reads to the end; how many packets there were.
    pub(crate) async fn run(mut self) -> u64 {
        let mut read = 0;
        loop {
            tokio::select! {
                Some(info) = self.amendments.recv() => {
                    if self.stream.amend(info.clone()).is_ok() {
                        self.heard().info = info;
                    }
                }
                packet = self.stream.read() => {
                    let Ok(packet) = packet else { return read };
                    read += 1;
                    // A session that has ended has no more packets either.
                    let _ = self.see(packet).await;
                }
            }
        }
    }

    async fn see(&mut self, packet: RtpPacket) -> Result<(), SessionError> {
        let now = self.start.elapsed();
        let frozen = self.heard().arrived(&packet, now) > WITHOUT_FRAMES;
        if frozen && self.asked.is_none_or(|asked| asked.elapsed() > WITHOUT_FRAMES) {
            self.asked = Some(Instant::now());
            if let Ok(pli) = RtcpPacket::builder().pli(self.sender_ssrc, self.stream.ssrc()).build() {
                self.rtcp.write(pli).await?;
            }
        }
        match &mut self.echo {
            Some(echo) => echo.send(packet).await,
            None => Ok(()),
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

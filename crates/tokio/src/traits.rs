//! Object-safe readers and writers, for code that does not care what is behind them.

use async_trait::async_trait;
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::error::SessionError;

/// Takes RTP packets: [`LocalStream`](crate::LocalStream), or yours.
#[async_trait]
pub trait RtpWriter: Send + Sync {
    /// Sends one packet; waits while the transport is behind.
    ///
    /// # Errors
    /// The session has ended, or does not take this packet.
    async fn write_rtp(&self, packet: RtpPacket) -> Result<(), SessionError>;
}

/// Gives RTP packets: [`RemoteStream`](crate::RemoteStream), or yours.
#[async_trait]
pub trait RtpReader: Send {
    /// The next packet.
    ///
    /// # Errors
    /// The session has ended and everything queued has been read.
    async fn read_rtp(&mut self) -> Result<RtpPacket, SessionError>;
}

/// Takes RTCP compounds: [`RtcpSender`](crate::RtcpSender), or yours.
#[async_trait]
pub trait RtcpWriter: Send + Sync {
    /// Sends one compound; waits while the transport is behind.
    ///
    /// # Errors
    /// The session has ended.
    async fn write_rtcp(&self, packet: RtcpPacket) -> Result<(), SessionError>;
}

/// Gives RTCP compounds: [`RtcpReceiver`](crate::RtcpReceiver), or yours.
#[async_trait]
pub trait RtcpReader: Send {
    /// The next compound.
    ///
    /// # Errors
    /// The session has ended and everything queued has been read.
    async fn read_rtcp(&mut self) -> Result<RtcpPacket, SessionError>;
}

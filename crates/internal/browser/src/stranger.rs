//! Somebody who has seen packets go by and knows no password.

use std::net::SocketAddr;

use anyhow::Result;
use interceptor_core::packet::{RtcpPacket, RtpPacket};
use stun_types::attribute::{AttributeType, RawAttribute, Username};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, Message, MessageWrite, MessageWriteExt, MessageWriteVec,
    ShortTermCredentials,
};
use tokio::net::UdpSocket;

/// Media packets that it sends at a time.
const PACKETS: u16 = 20;

/// A socket, and what was seen.
#[derive(Debug)]
pub struct Stranger {
    socket: UdpSocket,
    ufrag: String,
    media: u32,
}

impl Stranger {
    /// One that has seen a ufrag, which is no secret, and an SSRC.
    pub async fn new(ufrag: &str, media: u32) -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
        Ok(Self { socket, ufrag: ufrag.to_owned(), media })
    }

    /// Nominates itself, sends media and feedback; how many datagrams that are.
    pub async fn intrude(&self, at: SocketAddr) -> Result<u64> {
        self.socket.send_to(&self.check()?, at).await?;
        for number in 0..PACKETS {
            let packet = RtpPacket::builder().ssrc(self.media).payload_type(96).sequence_number(number);
            self.socket.send_to(&packet.payload(vec![0; 100]).build()?.to_bytes(), at).await?;
        }
        let pli = RtcpPacket::builder().pli(1, self.media).build()?;
        self.socket.send_to(&pli.into_bytes(), at).await?;
        Ok(u64::from(PACKETS) + 2)
    }

    /// Has anything come back?
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.socket.try_recv(&mut [0; 2048]).is_ok()
    }

    /// A check that nominates (RFC 8445 §7.2.2), but for the password.
    fn check(&self) -> Result<Vec<u8>> {
        let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
        request.add_attribute(&Username::new(&format!("{}:stranger", self.ufrag))?)?;
        request.add_attribute(&RawAttribute::new(AttributeType::new(0x0025), &[]))?;
        let guess = ShortTermCredentials::new("a password that is a guess".to_owned()).into();
        request.add_message_integrity(&guess, IntegrityAlgorithm::Sha1)?;
        request.add_fingerprint()?;
        Ok(request.finish())
    }
}

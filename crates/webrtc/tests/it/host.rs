//! A host in place of `webrtc`: what it gives to an interceptor and takes from it, without sockets and on virtual time.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use interceptor::stream_info::{AssociatedStreamInfo, RTCPFeedback, StreamInfo};
use interceptor::{
    Attributes, Error, Interceptor, InterceptorBuilder, RTCPReader, RTCPWriter, RTPReader, RTPWriter,
};
use interceptor_core::Registry;
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_webrtc::{ChainBuilder, ChainHandle};
use rtp::packet::Packet;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

pub(crate) const MEDIA: u32 = 0x1122_3344;
pub(crate) const RTX: u32 = 0x5566_7788;

pub(crate) type Rtcp = Box<dyn rtcp::packet::Packet + Send + Sync>;
pub(crate) type Reader = Arc<dyn RTPReader + Send + Sync>;
pub(crate) type Writer = Arc<dyn RTPWriter + Send + Sync>;
pub(crate) type RtcpIn = Arc<dyn RTCPReader + Send + Sync>;

/// One connection.
pub(crate) struct Host {
    pub(crate) interceptor: Arc<dyn Interceptor + Send + Sync>,
    pub(crate) chain: ChainHandle,
}

pub(crate) fn repair() -> Registry {
    Registry::new().with(NackFactory::default()).with(RtxFactory::default()).with(ReportFactory::default())
}

impl Host {
    pub(crate) fn new(registry: Registry) -> Self {
        Self::of(&ChainBuilder::new(registry))
    }

    pub(crate) fn of(builder: &ChainBuilder) -> Self {
        let interceptor = builder.build("").unwrap();
        let chain = builder.connections().last().unwrap();
        Self { interceptor, chain }
    }

    /// Binds a local video stream; the writer, and the wire behind it.
    pub(crate) async fn local(&self) -> (Writer, Arc<Wire>) {
        let wire = Arc::new(Wire::default());
        (self.interceptor.bind_local_stream(&video(MEDIA, 96), wire.clone()).await, wire)
    }

    /// Binds the stream that repeats it, and throws the writer away, as the host does.
    pub(crate) async fn local_rtx(&self) -> Arc<Wire> {
        let wire = Arc::new(Wire::default());
        self.interceptor.bind_local_stream(&rtx(RTX, 97, 96), wire.clone()).await;
        wire
    }

    /// Binds a remote video stream as the host does, which does not know its payload type.
    pub(crate) async fn remote(&self) -> (Reader, Feed<Packet>) {
        let (feed, below) = feed();
        (self.interceptor.bind_remote_stream(&video(MEDIA, 0), below).await, feed)
    }

    /// Binds the stream that repeats it, and reads it in a task that throws all away, as the host does.
    pub(crate) async fn remote_rtx(&self) -> Feed<Packet> {
        let (feed, below) = feed();
        let reader = self.interceptor.bind_remote_stream(&rtx(RTX, 0, 0), below).await;
        tokio::spawn(async move { while reader.read(&mut [0; 1500], &Attributes::new()).await.is_ok() {} });
        feed
    }

    pub(crate) async fn rtcp_writer(&self) -> (Arc<dyn RTCPWriter + Send + Sync>, Arc<Wire>) {
        let wire = Arc::new(Wire::default());
        (self.interceptor.bind_rtcp_writer(wire.clone()).await, wire)
    }

    pub(crate) async fn rtcp_reader(&self) -> (RtcpIn, Feed<Vec<Rtcp>>) {
        let (feed, below) = feed();
        (self.interceptor.bind_rtcp_reader(below).await, feed)
    }

    pub(crate) fn adapter(&self) -> interceptor_webrtc::AdapterCounters {
        self.chain.counters().unwrap().adapter
    }
}

pub(crate) fn video(ssrc: u32, payload_type: u8) -> StreamInfo {
    let feedback = |parameter: &str| RTCPFeedback { typ: "nack".to_owned(), parameter: parameter.to_owned() };
    StreamInfo {
        ssrc,
        payload_type,
        mime_type: "video/VP8".to_owned(),
        clock_rate: 90_000,
        rtcp_feedback: vec![feedback(""), feedback("pli")],
        ..StreamInfo::default()
    }
}

pub(crate) fn rtx(ssrc: u32, payload_type: u8, media: u8) -> StreamInfo {
    StreamInfo {
        ssrc,
        payload_type,
        mime_type: "video/rtx".to_owned(),
        clock_rate: 90_000,
        sdp_fmtp_line: "apt=96".to_owned(),
        associated_stream: Some(AssociatedStreamInfo { ssrc: MEDIA, payload_type: media }),
        ..StreamInfo::default()
    }
}

pub(crate) fn packet(number: u16) -> Packet {
    let mut packet = Packet { payload: vec![number as u8; 100].into(), ..Packet::default() };
    packet.header.version = 2;
    packet.header.ssrc = MEDIA;
    packet.header.payload_type = 96;
    packet.header.sequence_number = number;
    packet
}

/// A packet as it comes on the RTX stream.
pub(crate) fn repeated(number: u16) -> Packet {
    let original = packet(number);
    let payload = [&number.to_be_bytes()[..], &original.payload].concat();
    let mut packet = Packet { payload: payload.into(), ..original };
    packet.header.ssrc = RTX;
    packet.header.payload_type = 97;
    packet
}

/// Reads one packet.
pub(crate) async fn read(reader: &Reader) -> Packet {
    let (mut buf, attributes) = ([0; 1500], Attributes::new());
    // Virtual time: nothing is under way any more by then.
    let came = tokio::time::timeout(std::time::Duration::from_secs(60), reader.read(&mut buf, &attributes));
    came.await.expect("a packet comes").unwrap().0
}

pub(crate) async fn write(writer: &Writer, number: u16) {
    writer.write(&packet(number), &Attributes::new()).await.unwrap();
}

/// The wire's end of writers: keeps everything.
#[derive(Default)]
pub(crate) struct Wire {
    pub(crate) rtp: Mutex<Vec<(Packet, Attributes)>>,
    pub(crate) rtcp: Mutex<Vec<Vec<Rtcp>>>,
}

impl Wire {
    pub(crate) fn numbers(&self) -> Vec<u16> {
        self.rtp.lock().unwrap().iter().map(|(packet, _)| packet.header.sequence_number).collect()
    }

    /// All RTCP packets so far.
    pub(crate) fn rtcp_bytes(&self) -> Vec<u8> {
        let compounds = self.rtcp.lock().unwrap();
        compounds.iter().flatten().flat_map(|packet| packet.marshal().unwrap()).collect()
    }
}

#[async_trait]
impl RTPWriter for Wire {
    async fn write(&self, packet: &Packet, attributes: &Attributes) -> Result<usize, Error> {
        self.rtp.lock().unwrap().push((packet.clone(), attributes.clone()));
        Ok(packet.payload.len())
    }
}

#[async_trait]
impl RTCPWriter for Wire {
    async fn write(&self, packets: &[Rtcp], _: &Attributes) -> Result<usize, Error> {
        self.rtcp.lock().unwrap().push(packets.iter().map(|packet| packet.cloned()).collect());
        Ok(packets.len())
    }
}

/// What a reader below gives: values, errors, and its end when the sender is dropped. Nothing is lost with a dropped future.
pub(crate) type Feed<T> = mpsc::UnboundedSender<Result<T, Error>>;

pub(crate) struct Below<T>(AsyncMutex<mpsc::UnboundedReceiver<Result<T, Error>>>);

pub(crate) fn feed<T>() -> (Feed<T>, Arc<Below<T>>) {
    let (feed, below) = mpsc::unbounded_channel();
    (feed, Arc::new(Below(AsyncMutex::new(below))))
}

impl<T> Below<T> {
    async fn next(&self, attributes: &Attributes) -> Result<(T, Attributes), Error> {
        let value = self.0.lock().await.recv().await.unwrap_or(Err(Error::ErrIoEOF))?;
        Ok((value, attributes.clone()))
    }
}

#[async_trait]
impl RTPReader for Below<Packet> {
    async fn read(&self, _: &mut [u8], attributes: &Attributes) -> Result<(Packet, Attributes), Error> {
        self.next(attributes).await
    }
}

#[async_trait]
impl RTCPReader for Below<Vec<Rtcp>> {
    async fn read(&self, _: &mut [u8], attributes: &Attributes) -> Result<(Vec<Rtcp>, Attributes), Error> {
        self.next(attributes).await
    }
}

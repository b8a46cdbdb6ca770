//! Chains, streams, packets, and the ends of the chain.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;

use async_trait::async_trait;
use interceptor::chain::Chain;
use interceptor::nack::generator::Generator;
use interceptor::nack::responder::Responder;
use interceptor::registry::Registry;
use interceptor::report::receiver::ReceiverReport;
use interceptor::report::sender::SenderReport;
use interceptor::stats::StatsInterceptor;
use interceptor::stream_info::{RTCPFeedback, RTPHeaderExtension, StreamInfo};
use interceptor::twcc::receiver::Receiver;
use interceptor::twcc::sender::Sender;
use interceptor::{Attributes, Error, Interceptor as _, RTCPReader, RTCPWriter, RTPReader, RTPWriter};
use tokio::runtime::Runtime;

use super::pass_through::PassThrough;
use super::runtime::{Clock, VirtualTime, runtime};
use crate::traffic::{CLOCK_RATE, EXTENSION_ID, PAYLOAD_TYPE, TRANSPORT_WIDE, ssrc, start};

/// Which interceptors.
#[derive(Clone, Copy)]
pub(super) enum Extent {
    /// NACK, reports and transport-wide feedback, both directions, in the order of `register_default_interceptors`.
    Default,
    /// With statistics around them.
    WithStatistics,
    /// NACK and reports.
    Repair,
    /// With statistics around them.
    RepairWithStatistics,
    /// S5.
    PassThrough(usize),
}

impl Extent {
    /// Of NACK and reports.
    pub(super) const fn of(feedback: bool, statistics: bool) -> Self {
        match (feedback, statistics) {
            (true, false) => Self::Default,
            (true, true) => Self::WithStatistics,
            (false, false) => Self::Repair,
            (false, true) => Self::RepairWithStatistics,
        }
    }
}

/// What several modules hold by reference count.
pub(super) type Writer = Arc<dyn RTPWriter + Send + Sync>;
pub(super) type Reader = Arc<dyn RTPReader + Send + Sync>;
pub(super) type RtcpReader = Arc<dyn RTCPReader + Send + Sync>;
pub(super) type Rtcp = Box<dyn rtcp::packet::Packet + Send + Sync>;

/// A chain on its runtime with the readers and writers of its streams, or many chains with one stream each way.
pub(super) struct Session {
    pub(super) runtime: Runtime,
    pub(super) time: VirtualTime,
    pub(super) chain: Chain,
    pub(super) writers: Vec<Writer>,
    pub(super) readers: Vec<Reader>,
    pub(super) rtcp_reader: RtcpReader,
    clock: Clock,
    others: Vec<Chain>,
}

impl Session {
    /// With so many streams in each direction.
    pub(super) fn new(extent: Extent, streams: u32) -> anyhow::Result<Self> {
        Self::of(streams, |clock| chain(extent, clock))
    }

    /// With a chain of the caller's.
    pub(super) fn of(
        streams: u32,
        chain: impl FnOnce(&Clock) -> anyhow::Result<Chain>,
    ) -> anyhow::Result<Self> {
        let (runtime, clock) = (runtime()?, Clock::default());
        let time = VirtualTime::new(start(), clock.clone());
        let (chain, rtcp_reader) = runtime.block_on(async {
            // Statistics start a task.
            let chain = chain(&clock)?;
            let rtcp_reader = wire(&chain).await;
            anyhow::Ok((chain, rtcp_reader))
        })?;
        let (writers, readers, others) = (Vec::new(), Vec::new(), Vec::new());
        let mut session = Self { runtime, time, chain, writers, readers, rtcp_reader, clock, others };
        session.bind_local(streams);
        session.bind_remote(streams);
        Ok(session)
    }

    /// With so many chains, each with one stream each way, and nothing in the first.
    pub(super) fn connections(extent: Extent, count: u32) -> anyhow::Result<Self> {
        let mut session = Self::new(Extent::PassThrough(0), 0)?;
        session.connect(extent, count)?;
        Ok(session)
    }

    /// So many chains more.
    pub(super) fn connect(&mut self, extent: Extent, count: u32) -> anyhow::Result<()> {
        let Self { runtime, clock, writers, readers, others, .. } = self;
        runtime.block_on(async {
            for number in 0..count {
                let chain = chain(extent, clock)?;
                wire(&chain).await;
                writers.push(chain.bind_local_stream(&stream(number), Arc::new(Wire)).await);
                readers.push(chain.bind_remote_stream(&stream(number), Arc::new(Inbox)).await);
                others.push(chain);
            }
            Ok(())
        })
    }

    pub(super) fn bind_local(&mut self, streams: u32) {
        let Self { runtime, chain, writers, .. } = self;
        runtime.block_on(async {
            for number in 0..streams {
                writers.push(chain.bind_local_stream(&stream(number), Arc::new(Wire)).await);
            }
        });
    }

    pub(super) fn bind_remote(&mut self, streams: u32) {
        let Self { runtime, chain, readers, .. } = self;
        runtime.block_on(async {
            for number in 0..streams {
                readers.push(chain.bind_remote_stream(&stream(number), Arc::new(Inbox)).await);
            }
        });
    }
}

/// Puts both ends of RTCP to a chain.
async fn wire(chain: &Chain) -> RtcpReader {
    chain.bind_rtcp_writer(Arc::new(Wire)).await;
    let reader = chain.bind_rtcp_reader(Arc::new(Inbox)).await;
    // The tickers start their first interval.
    tokio::task::yield_now().await;
    reader
}

fn chain(extent: Extent, clock: &Clock) -> anyhow::Result<Chain> {
    if let Extent::PassThrough(count) = extent {
        let mut chain = Chain::new(Vec::new());
        (0..count).for_each(|_| chain.add(Arc::new(PassThrough)));
        return Ok(chain);
    }
    let mut registry = Registry::new();
    registry.add(Box::new(Responder::builder()));
    registry.add(Box::new(Generator::builder()));
    registry.add(Box::new(ReceiverReport::builder().with_now_fn(clock.now_fn())));
    registry.add(Box::new(SenderReport::builder().with_now_fn(clock.now_fn())));
    if matches!(extent, Extent::Default | Extent::WithStatistics) {
        registry.add(Box::new(Sender::builder()));
        registry.add(Box::new(Receiver::builder()));
    }
    let mut chain = registry.build_chain("")?;
    if matches!(extent, Extent::WithStatistics | Extent::RepairWithStatistics) {
        chain.add(Arc::new(StatsInterceptor::new(String::new())));
    }
    Ok(chain)
}

/// A stream that negotiated NACK and transport-wide feedback.
pub(super) fn stream(number: u32) -> StreamInfo {
    StreamInfo {
        ssrc: ssrc(number),
        payload_type: PAYLOAD_TYPE,
        mime_type: "video/VP8".to_owned(),
        clock_rate: CLOCK_RATE,
        rtcp_feedback: ["nack", "transport-cc"]
            .map(|typ| RTCPFeedback { typ: typ.to_owned(), parameter: String::new() })
            .to_vec(),
        rtp_header_extensions: vec![RTPHeaderExtension {
            id: EXTENSION_ID.into(),
            uri: TRANSPORT_WIDE.to_owned(),
        }],
        ..StreamInfo::default()
    }
}

thread_local! {
    /// What the socket has received, the next one last. Stands in for it at next to no cost.
    pub(super) static RECEIVED: RefCell<Received> = const { RefCell::new(Received::Nothing) };
    /// Packets that have been written.
    pub(super) static WRITTEN: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// In the form in which the reader at the wire's end gets it.
pub(super) enum Received {
    Nothing,
    Packets(Vec<rtp::packet::Packet>),
    Datagrams(Vec<bytes::Bytes>),
}

/// The wire's end of the writers: drops everything.
pub(super) struct Wire;

#[async_trait]
impl RTPWriter for Wire {
    async fn write(&self, packet: &rtp::packet::Packet, _: &Attributes) -> Result<usize, Error> {
        WRITTEN.with(|written| written.set(written.get() + 1));
        Ok(black_box(packet).payload.len())
    }
}

#[async_trait]
impl RTCPWriter for Wire {
    async fn write(&self, packets: &[Rtcp], _: &Attributes) -> Result<usize, Error> {
        Ok(black_box(packets).len())
    }
}

/// The wire's end of the readers. A parsed packet is handed on; a datagram is parsed without a copy of the payload.
pub(super) struct Inbox;

#[async_trait]
impl RTPReader for Inbox {
    async fn read(&self, _: &mut [u8], a: &Attributes) -> Result<(rtp::packet::Packet, Attributes), Error> {
        use webrtc_util::Unmarshal as _;
        let packet = RECEIVED.with_borrow_mut(|received| match received {
            Received::Packets(packets) => packets.pop(),
            Received::Datagrams(datagrams) => rtp::packet::Packet::unmarshal(&mut datagrams.pop()?).ok(),
            Received::Nothing => None,
        });
        packet.map(|packet| (packet, a.clone())).ok_or(Error::ErrIoEOF)
    }
}

#[async_trait]
impl RTCPReader for Inbox {
    async fn read(&self, _: &mut [u8], a: &Attributes) -> Result<(Vec<Rtcp>, Attributes), Error> {
        let datagram = RECEIVED.with_borrow_mut(|received| match received {
            Received::Datagrams(datagrams) => datagrams.pop(),
            _ => None,
        });
        let mut datagram = datagram.ok_or(Error::ErrIoEOF)?;
        Ok((rtcp::packet::unmarshal(&mut datagram)?, a.clone()))
    }
}

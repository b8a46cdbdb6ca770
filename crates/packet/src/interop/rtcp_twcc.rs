//! Transport-wide feedback for `rtcp`, whose own parser rejects legal packets and overflows on others.

use ::rtcp::packet::Packet;
use ::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, RunLengthChunk, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc,
    SymbolTypeTcc, TYPE_TCC_DELTA_SCALE_FACTOR, TransportLayerCc,
};

use crate::rtcp::Twcc;

/// `None` when chunks or deltas are missing. Every delta takes a byte of the packet, so memory is bounded by it.
pub(super) fn decode(twcc: Twcc<'_>) -> Option<Box<dyn Packet + Send + Sync>> {
    let mut rest = twcc.payload();
    let mut missing = usize::from(twcc.packet_status_count());
    let mut packet_chunks = Vec::new();
    while missing > 0 {
        let (chunk, after) = rest.split_first_chunk::<2>()?;
        let chunk = status_chunk(u16::from_be_bytes(*chunk));
        missing = missing.saturating_sub(chunk_len(&chunk));
        packet_chunks.push(chunk);
        rest = after;
    }
    let mut recv_deltas = Vec::new();
    let mut missing = usize::from(twcc.packet_status_count());
    for chunk in &packet_chunks {
        rest = read_deltas(chunk, missing, rest, &mut recv_deltas)?;
        missing = missing.saturating_sub(chunk_len(chunk));
    }
    Some(Box::new(TransportLayerCc {
        sender_ssrc: twcc.sender_ssrc(),
        media_ssrc: twcc.media_ssrc(),
        base_sequence_number: twcc.base_sequence_number(),
        packet_status_count: twcc.packet_status_count(),
        // `rtcp` has the 24 bits without their sign.
        reference_time: twcc.reference_time().cast_unsigned() & 0xff_ffff,
        fb_pkt_count: twcc.feedback_count(),
        packet_chunks,
        recv_deltas,
    }))
}

fn status_chunk(chunk: u16) -> PacketStatusChunk {
    if chunk >> 15 == 0 {
        return PacketStatusChunk::RunLengthChunk(RunLengthChunk {
            type_tcc: StatusChunkTypeTcc::RunLengthChunk,
            packet_status_symbol: SymbolTypeTcc::from(chunk >> 13 & 0b11),
            run_length: chunk & 0x1fff,
        });
    }
    let (symbol_size, symbol_list) = if chunk >> 14 & 1 == 0 {
        (SymbolSizeTypeTcc::OneBit, (0..14).rev().map(|bit| SymbolTypeTcc::from(chunk >> bit & 1)).collect())
    } else {
        let symbols = (0..7).rev().map(|pair| SymbolTypeTcc::from(chunk >> (2 * pair) & 0b11));
        (SymbolSizeTypeTcc::TwoBit, symbols.collect())
    };
    let type_tcc = StatusChunkTypeTcc::StatusVectorChunk;
    PacketStatusChunk::StatusVectorChunk(StatusVectorChunk { type_tcc, symbol_size, symbol_list })
}

fn chunk_len(chunk: &PacketStatusChunk) -> usize {
    match chunk {
        PacketStatusChunk::RunLengthChunk(run) => usize::from(run.run_length),
        PacketStatusChunk::StatusVectorChunk(vector) => vector.symbol_list.len(),
    }
}

/// Reads the deltas of a chunk's first `count` packets.
fn read_deltas<'a>(
    chunk: &PacketStatusChunk,
    count: usize,
    mut rest: &'a [u8],
    deltas: &mut Vec<RecvDelta>,
) -> Option<&'a [u8]> {
    for index in 0..count.min(chunk_len(chunk)) {
        let symbol = match chunk {
            PacketStatusChunk::RunLengthChunk(run) => run.packet_status_symbol,
            PacketStatusChunk::StatusVectorChunk(vector) => *vector.symbol_list.get(index)?,
        };
        let (units, after) = match symbol {
            SymbolTypeTcc::PacketReceivedSmallDelta => {
                let (delta, after) = rest.split_first()?;
                (i64::from(*delta), after)
            }
            SymbolTypeTcc::PacketReceivedLargeDelta => {
                let (delta, after) = rest.split_first_chunk()?;
                (i64::from(i16::from_be_bytes(*delta)), after)
            }
            _ => continue,
        };
        deltas.push(RecvDelta { type_tcc_packet: symbol, delta: TYPE_TCC_DELTA_SCALE_FACTOR * units });
        rest = after;
    }
    Some(rest)
}

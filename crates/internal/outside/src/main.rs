//! A call over a path that loses packets, with an interceptor that is not of this workspace: it stamps send times, hears from the
//! NACK interceptor, and goes through a change of its streams. What it says at the end is asserted.

mod send_times;

use std::error::Error;
use std::time::Duration;

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};

use send_times::{Received, SendTimes, SendTimesFactory, Sent};

const SSRC: u32 = 0x1122_3344;
const RTX: u32 = 0x5566_7788;
const MS: Duration = Duration::from_millis(1);

fn main() -> Result<(), Box<dyn Error>> {
    // One wall clock for both ends: then a send time less an arrival is the time on the way.
    let path = LinkOptions::default().with_delay(20 * MS).with_loss(Loss::packets(50..55));
    let options = PairOptions::default().with_clock_offset(Duration::ZERO).with_link(Side::A, path);
    // Nobody answers at A, so that B has to give up on what is lost.
    let a = Registry::new().with(SendTimesFactory);
    let b = Registry::new().with(SendTimesFactory).with(NackFactory::default());
    for need in b.needs() {
        println!("to negotiate: {need}");
    }

    let mut pair = Pair::new(&a, &b, options)?;
    pair.bind(Side::A, described(3))?;
    println!("bytes to leave free in each packet: {:?}", pair.chain(Side::A).headroom(SSRC));
    assert_eq!(pair.chain(Side::A).headroom(SSRC), Some(8), "a header of 4, an element of 1 + 3");
    pair.feed(Side::A, rtp(SSRC).payload_len(900).stream().every(10 * MS).take(400));
    pair.run_for(2000 * MS);

    // Signalling changes its mind in the middle: another identifier, and RTX.
    let anew = described(7).with_rtx(RTX, 97);
    pair.with_chain(Side::A, |chain, now| chain.amend_local(anew.clone(), now))?;
    pair.with_chain(Side::B, |chain, now| chain.amend_remote(anew, now))?;
    pair.run_for(4000 * MS);
    print!("at B, from the wire up:\n{}", pair.chain(Side::B).layout());

    let sent = pair.with_chain(Side::A, |chain, _| {
        chain.with_streams::<SendTimes, _>(|_, mut streams| streams.local(SSRC).cloned())
    });
    let sent = sent.flatten().ok_or("A has no such stream")?;
    println!("A: {sent:?}");
    assert_eq!(sent, Sent { id: Some(7), stamped: 400, unstamped: 0, amended: 1 });

    let received = pair.with_chain(Side::B, |chain, _| {
        chain.with_streams::<SendTimes, _>(|_, mut streams| streams.remote(SSRC).cloned())
    });
    let received = received.flatten().ok_or("B has no such stream")?;
    println!("B: {received:?}");
    let Received { packets, stamped, on_the_way, keyframes_needed, amended, .. } = received;
    assert_eq!(packets, 395, "five are lost");
    assert_eq!(stamped, 393, "two were on the way under the old identifier when the new one was agreed");
    assert_eq!(amended, 1, "and it counts on after the change");
    assert!(on_the_way.abs_diff(20 * MS) < Duration::from_micros(5), "{on_the_way:?}, in steps of 3.8 µs");
    assert!(keyframes_needed > 0, "the NACK interceptor has given up, and this one has heard it");

    let carried = |id| pair.received_rtp(Side::B).filter(|packet| packet.extension(id).is_some()).count();
    println!("packets with element 3: {}, with element 7: {}", carried(3), carried(7));
    assert_eq!(carried(3) + carried(7), 395);
    assert!(
        carried(3) >= 190 && carried(7) >= 190,
        "the first half of the call under one, the second under the other"
    );
    Ok(())
}

/// Video whose send times travel under `id`.
fn described(id: u8) -> StreamInfo {
    stream_info::video(SSRC).with_extension(id, AbsSendTime::URI)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_goes_as_it_says() {
        main().unwrap();
    }

    // What every interceptor keeps to. This one changes header extensions on purpose.
    interceptor_test::check_interceptor!(SendTimesFactory, |contract| contract
        .adds_header_extensions()
        .with_streams(
            |ssrc| stream_info::video_with_rtx(ssrc, ssrc + 1_000_000).with_extension(3, AbsSendTime::URI)
        ));
}

//! A call over a path that loses and delays packets, and what the receiver tells the sender of it.

use std::error::Error;
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_core::packet::Rtcp;
use interceptor_test::{Jitter, LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};
use interceptor_twcc::TwccFactory;

/// A line for each feedback message, and how many packets they call missing and the path has lost.
fn told() -> Result<(Vec<String>, usize, usize), Box<dyn Error>> {
    let ms = Duration::from_millis;
    let registry = Registry::new().with(TwccFactory::default());
    let path = LinkOptions::default()
        .with_delay(ms(40))
        .with_jitter(Jitter::uniform(ms(5)))
        .with_loss(Loss::random(0.05));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_link(Side::A, path))?;
    pair.bind(Side::A, stream_info::video(1))?;
    pair.feed(Side::A, rtp(1).payload_len(1100).stream().every(ms(10)).take(100));
    assert!(pair.run_until_quiet(ms(5000)));

    let (mut lines, mut all) = (Vec::new(), std::collections::BTreeSet::new());
    for received in pair.received(Side::A) {
        for view in received.rtcp().iter().flat_map(|packet| packet.packets()) {
            let Rtcp::Twcc(feedback) = view else { continue };
            let packets = feedback.packets().into_iter().flatten();
            let missing: Vec<u16> =
                packets.filter(|(_, status)| !status.is_received()).map(|(number, _)| number).collect();
            let (base, count) = (feedback.base_sequence_number(), feedback.packet_status_count());
            lines.push(format!("{count:3} packets from number {base}, missing {missing:?}"));
            all.extend(missing);
        }
    }
    Ok((lines, all.len(), pair.link(Side::A).counters().lost as usize))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (lines, missing, lost) = told()?;
    println!("{}\n{missing} missing of {lost} that were lost", lines.join("\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_sender_hears_of_what_the_path_has_lost() {
        let (lines, missing, lost) = told().unwrap();
        assert!(lines.len() > 2, "{lines:?}");
        // Nothing is missing that came, and of what was lost all but the last, which nothing has followed.
        assert!(missing > 0 && (lost - 1..=lost).contains(&missing), "{missing} of {lost}");
    }
}

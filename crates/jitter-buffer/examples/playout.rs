//! A call over wireless: packets come in bursts, out of order, and some not at all. What a player gets, and what that costs.

use std::error::Error;
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_jitter_buffer::{Aim, JitterBufferCounters, JitterBufferFactory, JitterBufferOptions};
use interceptor_test::{Jitter, LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};

const MS: Duration = Duration::from_millis(1);

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:<22}{:>10}{:>8}{:>8}{:>12}", "aim", "received", "late", "missed", "mean delay");
    for aim in [Aim::Interactive, Aim::Balanced, Aim::Smooth, Aim::Fixed(20 * MS), Aim::Fixed(200 * MS)] {
        let book = call(aim)?;
        // Late ones found a newer one gone; those of an underrun were waited for.
        let (JitterBufferCounters { received, lost, .. }, late) = (book, book.late + book.underruns);
        let (name, delay) = (format!("{aim:?}"), format!("{} ms", book.mean_delay().as_millis()));
        println!("{name:<22}{received:>10}{late:>8}{lost:>8}{delay:>12}");
    }
    Ok(())
}

/// A minute of audio, a packet each 20 ms.
fn call(aim: Aim) -> Result<JitterBufferCounters, Box<dyn Error>> {
    let factory = JitterBufferFactory::new(JitterBufferOptions::default().with_aim(aim))?;
    let handle = factory.handle();
    let player = Registry::new().with(factory);
    let link = LinkOptions::default()
        .with_delay(50 * MS)
        .with_jitter(Jitter::uniform(45 * MS))
        .with_jitter_reorders(true)
        .with_loss(Loss::random(0.01));
    let mut pair = Pair::new(&Registry::new(), &player, PairOptions::default().with_links(link))?;
    pair.bind(Side::A, stream_info::audio(1))?;
    pair.feed(Side::A, rtp(1).pt(111).payload_len(80).stream().ts_step(960).every(20 * MS).take(3000));
    pair.run_for(62 * Duration::from_secs(1));
    // Whatever the path does: in order.
    let numbers = pair.received_rtp(Side::B).map(|packet| packet.sequence_number());
    debug_assert!(numbers.is_sorted());
    Ok(handle.totals())
}

#[test]
fn a_longer_delay_is_late_less_often() -> Result<(), Box<dyn Error>> {
    let [short, balanced, long] =
        [call(Aim::Fixed(20 * MS))?, call(Aim::Balanced)?, call(Aim::Fixed(200 * MS))?];
    let [late, few, none] = [short, balanced, long].map(|book| book.late + book.underruns);
    assert!(late > 100 && few < 20 && none == 0, "{short:?} {balanced:?} {long:?}");
    assert!(balanced.mean_delay() < 100 * MS);
    Ok(())
}

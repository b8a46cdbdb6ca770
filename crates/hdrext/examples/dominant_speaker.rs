//! Who speaks in a call of three: told from the levels in packet headers, without decoding anything.

use std::error::Error;
use std::time::{Duration, Instant};

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::AudioLevel;
use interceptor_core::{Registry, StreamInfo};
use interceptor_hdrext::{AudioLevelFactory, Levels};
use interceptor_test::{Pair, PairOptions, Side, rtp};

const ID: u8 = 1;
/// A level that lies so far under another counts for nothing beside it.
const CLEARLY_LOUDER: f32 = 6.0;
/// Who has sent nothing for so long is silent.
const STALE: Duration = Duration::from_millis(500);

fn audio(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 111, 48_000).with_mime_type("audio/opus").with_extension(ID, AudioLevel::URI)
}

/// The loudest of those who speak; the one before stays unless somebody is clearly louder.
fn dominant(levels: &Levels, before: Option<u32>, now: Instant) -> Option<u32> {
    let recent = |at: Instant| now.saturating_duration_since(at) < STALE;
    let speaking: Vec<(u32, f32)> = levels
        .all()
        .into_iter()
        .filter(|(_, _, level)| recent(level.last_packet) && level.last_voice.is_some_and(recent))
        .map(|(_, ssrc, level)| (ssrc, level.smoothed))
        .collect();
    let loudest = speaking.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let current = speaking.iter().find(|(ssrc, _)| Some(*ssrc) == before);
    Some(current.filter(|current| current.1 < loudest.1 + CLEARLY_LOUDER).unwrap_or(loudest).0)
}

/// Who is heard after each half of a second: 1 speaks, then 2 with 1 murmuring, then nobody.
fn heard() -> Result<Vec<Option<u32>>, Box<dyn Error>> {
    let factory = AudioLevelFactory::default();
    let levels = factory.levels();
    let mut pair = Pair::new(&Registry::new(), &Registry::new().with(factory), PairOptions::default())?;
    let level = |step: u64, ssrc: u32| match (step / 50, ssrc) {
        (0, 1) | (1, 2) => AudioLevel::new(true, 25),
        (1, 1) => AudioLevel::new(true, 45),
        _ => AudioLevel::new(false, 90),
    };
    for ssrc in 1..4 {
        pair.bind(Side::A, audio(ssrc))?;
    }
    let (mut speaker, mut heard) = (None, Vec::new());
    for step in 0..175 {
        for ssrc in 1..4 {
            let number = u16::try_from(step)?;
            let packet = rtp(ssrc).pt(111).seq(number).ts(960 * u32::from(number)).payload_len(60);
            pair.write_rtp(Side::A, packet.ext(ID, &level(step, ssrc).to_bytes()).build());
        }
        pair.run_for(Duration::from_millis(20));
        speaker = dominant(&levels, speaker, pair.now());
        if step % 25 == 24 {
            heard.push(speaker);
        }
    }
    Ok(heard)
}

fn main() -> Result<(), Box<dyn Error>> {
    for (half, speaker) in heard()?.into_iter().enumerate() {
        let speaker = speaker.map_or_else(|| "nobody".to_owned(), |ssrc| format!("participant {ssrc}"));
        println!("{:.1} s: {speaker}", (half + 1) as f32 / 2.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::heard;

    #[test]
    fn the_one_who_speaks_is_heard_and_murmurs_do_not_interrupt() {
        let heard = heard().unwrap();
        assert_eq!(heard, [Some(1), Some(1), Some(2), Some(2), None, None, None]);
    }
}

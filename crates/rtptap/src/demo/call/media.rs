//! What a call sends: the embedded sample, or video that follows a target beside its audio.

use std::collections::VecDeque;
use std::iter::{Filter, Peekable};
use std::time::Duration;

use super::pattern::PatternVideo;
use super::streams::StreamPlan;
use crate::sample::{Kind, MediaPacket, MediaSource, SampleError};

/// A call's media, in the order in which it is to be sent.
pub(super) enum Media {
    /// As it was encoded.
    Sample(Peekable<MediaSource>),
    /// The sample's audio, and video of any rate.
    Following { audio: Audio, video: PatternVideo, frame: VecDeque<MediaPacket> },
}

type Audio = Peekable<Filter<MediaSource, fn(&MediaPacket) -> bool>>;

impl Media {
    /// The sample as it is, with the timestamps of a plan.
    pub(super) fn sample(plan: &[StreamPlan; 2]) -> Result<Self, SampleError> {
        Ok(Self::Sample(MediaSource::new(StreamPlan::media(plan))?.peekable()))
    }

    /// Video that follows a target, with the timestamps of a plan.
    pub(super) fn following(plan: &[StreamPlan; 2]) -> Result<Self, SampleError> {
        let is_audio: fn(&MediaPacket) -> bool = |packet| packet.kind == Kind::Audio;
        let audio = MediaSource::new(StreamPlan::media(plan))?.filter(is_audio).peekable();
        let [_, video] = plan;
        Ok(Self::Following { audio, video: PatternVideo::new(video.first_timestamp), frame: VecDeque::new() })
    }

    /// When the next packet is to be sent, since the start.
    pub(super) fn due(&mut self) -> Duration {
        match self {
            Self::Sample(source) => due(source),
            Self::Following { audio, video, frame } => {
                frame.front().map_or_else(|| video.due(), |packet| packet.send_at).min(due(audio))
            }
        }
    }

    /// The next packet, once it is due. `video_rate` is what the video may have now, in bits of payload a second; where that is
    /// too little for a frame, there is none.
    pub(super) fn next(&mut self, video_rate: u64) -> Option<MediaPacket> {
        match self {
            Self::Sample(source) => source.next(),
            Self::Following { audio, video, frame } => {
                if !frame.is_empty() {
                    return frame.pop_front();
                }
                if due(audio) <= video.due() {
                    return audio.next();
                }
                frame.extend(video.next_frame(video_rate));
                frame.pop_front()
            }
        }
    }
}

fn due(source: &mut Peekable<impl Iterator<Item = MediaPacket>>) -> Duration {
    source.peek().map_or(Duration::MAX, |packet| packet.send_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> [StreamPlan; 2] {
        StreamPlan::both(1)
    }

    fn sent(mut media: Media, rate: impl Fn(Duration) -> u64, end: Duration) -> Vec<MediaPacket> {
        let mut sent = Vec::new();
        while let due = media.due()
            && due < end
        {
            sent.extend(media.next(rate(due)).inspect(|packet| assert_eq!(packet.send_at, due)));
        }
        sent
    }

    #[test]
    fn the_sample_is_sent_as_it_is() {
        let end = Duration::from_secs(7);
        let options = StreamPlan::media(&plan());
        let expect: Vec<_> =
            MediaSource::new(options).unwrap().take_while(|packet| packet.send_at < end).collect();
        assert_eq!(sent(Media::sample(&plan()).unwrap(), |_| 0, end), expect);
    }

    #[test]
    fn video_follows_the_rate_and_audio_is_the_samples() {
        let second = Duration::from_secs(1);
        let rate = |at: Duration| if at < second { 400_000 } else { 900_000 };
        let sent = sent(Media::following(&plan()).unwrap(), rate, 2 * second);
        assert!(sent.is_sorted_by_key(|packet| packet.send_at));
        let bits = |from: Duration| {
            let video = sent.iter().filter(|packet| packet.kind == Kind::Video);
            let of = video.filter(|packet| (from..from + second).contains(&packet.send_at));
            of.map(|packet| packet.payload.len() * 8).sum::<usize>()
        };
        assert_eq!((bits(Duration::ZERO), bits(second)), (400_000, 900_000));
        let options = StreamPlan::media(&plan());
        let expect = MediaSource::new(options).unwrap().take_while(|packet| packet.send_at < 2 * second);
        let expect: Vec<_> = expect.filter(|packet| packet.kind == Kind::Audio).collect();
        assert_eq!(sent.into_iter().filter(|packet| packet.kind == Kind::Audio).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_video_that_may_send_nothing_does_not_hold_the_audio_up() {
        let sent = sent(Media::following(&plan()).unwrap(), |_| 0, Duration::from_secs(1));
        assert_eq!(sent.len(), 50);
    }
}

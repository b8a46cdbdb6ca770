//! Levels of what comes, in a handle, and of what leaves, where the application knows them.

use interceptor_core::StreamInfo;
use interceptor_core::packet::ext::{AudioLevel, MixerLevels};
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_hdrext::{AudioLevelFactory, AudioLevelOptions, AudioLevels, Levels, SourceLevel};
use interceptor_test::rtp;

use crate::kit::{Bench, ID, MEDIA, foreign, ms};

pub(crate) const MIXER: u8 = 4;

fn audio(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 111, 48_000)
        .with_mime_type("audio/opus")
        .with_extension(ID, AudioLevel::URI)
        .with_extension(MIXER, MixerLevels::URI)
}

pub(crate) fn receiver(options: AudioLevelOptions) -> (Bench, Levels) {
    let factory = AudioLevelFactory::new(options).unwrap();
    let levels = factory.levels();
    (Bench::new(factory).receiving(audio(MEDIA)), levels)
}

fn loud(voice: bool, level: u8) -> RtpPacket {
    rtp(MEDIA).pt(111).ext(ID, &AudioLevel::new(voice, level).to_bytes()).build()
}

#[test]
fn the_handle_has_the_smoothed_level_and_the_last_voice_of_each_stream() {
    let (mut bench, levels) = receiver(AudioLevelOptions::default());
    assert_eq!(levels.level("test", MEDIA), None, "nothing has come");
    bench.read(loud(true, 40));
    let spoke = bench.now;
    for _ in 0..3 {
        bench.pass(ms(20)).read(loud(false, 120));
    }
    let level = levels.level("test", MEDIA).unwrap();
    // An eighth of the way each: 50, 58.75, 66.4.
    assert!((66.0..67.0).contains(&level.smoothed) && level.latest == 120, "{level:?}");
    assert_eq!((level.last_voice, level.last_packet), (Some(spoke), bench.now));
    assert_eq!((levels.level("other", MEDIA), levels.level("test", 7)), (None, None));
    let all = levels.all();
    assert_eq!((all.len(), &*all[0].0, all[0].1, &all[0].2), (1, "test", MEDIA, &level));
    bench.chain.unbind_remote(MEDIA, bench.now).unwrap();
    assert_eq!((levels.level("test", MEDIA), levels.all().len()), (None, 0));
    assert_eq!(bench.get::<AudioLevels>().counters().read, 4);
}

#[test]
fn a_chain_that_is_dropped_leaves_nothing_in_the_handle() {
    let (mut bench, levels) = receiver(AudioLevelOptions::default());
    bench.read(loud(true, 40));
    assert_eq!(levels.all().len(), 1);
    drop(bench);
    assert_eq!(levels.all().len(), 0);
}

#[test]
fn what_a_mixer_says_of_its_sources_stands_beside_them() {
    let (mut bench, levels) = receiver(AudioLevelOptions::default().with_attributes(true));
    let mix = rtp(MEDIA).csrc(21).csrc(22).ext(ID, &[30]).ext(MIXER, &[35, 60, 99]).build();
    let read = bench.read(mix);
    let attributes = &read.info().attributes;
    assert_eq!(attributes.get(), Some(&AudioLevel::new(false, 30)));
    assert_eq!(attributes.get(), MixerLevels::new(&[35, 60, 99]).as_ref());
    let source = |ssrc, level| SourceLevel { ssrc, level };
    assert_eq!(levels.level("test", MEDIA).unwrap().sources, [source(21, 35), source(22, 60)]);
    bench.read(rtp(MEDIA).csrc(22).ext(MIXER, &[50]).build());
    assert_eq!(levels.level("test", MEDIA).unwrap().sources, [source(22, 50)]);
}

#[test]
fn what_the_application_has_attached_leaves_with_the_packet_and_nothing_else() {
    let mut bench = Bench::new(AudioLevelFactory::default()).sending(audio(MEDIA));
    let mut packet = rtp(MEDIA).pt(111).csrc(1).build();
    packet.info_mut().attributes.insert(AudioLevel::new(true, 20));
    packet.info_mut().attributes.insert(MixerLevels::new(&[20]).unwrap());
    let packet = bench.write(packet);
    assert!(packet.extensions().eq([(ID, &[0x80 | 20][..]), (MIXER, &[20])]));
    assert_eq!(bench.write(rtp(MEDIA).pt(111).build()).extension_block(), None, "nobody decodes anything");
    let mut unable = foreign();
    unable.info_mut().attributes.insert(AudioLevel::default());
    assert_eq!(bench.write(unable), foreign());
    let counters = bench.get::<AudioLevels>().counters();
    assert_eq!((counters.stamped, counters.not_stamped), (2, 1));
    assert_eq!(bench.chain.headroom(MEDIA), Some(24));
}

#[test]
fn two_connections_of_a_factory_share_the_handle_and_an_amendment_keeps_what_was_heard() {
    let factory = AudioLevelFactory::default();
    let levels = factory.levels();
    let mut benches = [(); 2].map(|()| Bench::new(factory.clone()).receiving(audio(MEDIA)));
    for (bench, level) in benches.iter_mut().zip([10, 70]) {
        bench.read(loud(false, level));
    }
    assert_eq!(levels.all().iter().map(|(_, _, level)| level.latest).collect::<Vec<_>>(), [10, 70]);
    let [bench, _] = &mut benches;
    let moved = StreamInfo::new(MEDIA, 111, 48_000).with_extension(9, AudioLevel::URI);
    bench.chain.amend_remote(moved, bench.now).unwrap();
    bench.read(rtp(MEDIA).ext(9, &[12]).build());
    assert_eq!(levels.all()[0].2.latest, 12);
    bench.chain.amend_remote(StreamInfo::new(MEDIA, 111, 48_000), bench.now).unwrap();
    assert_eq!(levels.all().len(), 1);
}

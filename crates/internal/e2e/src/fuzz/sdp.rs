//! Session descriptions: whatever is read can be written, answered and bound.

use interceptor_core::{Media, Need};
use interceptor_sdp::{Answer, Demux, Description, Endpoint, LocalSource, ReadOptions};

/// The first byte says how strictly the rest is read, and what the answer wants.
pub fn sdp(data: &[u8]) {
    let Some((control, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let strict = control & 1 == 0;
    let options = ReadOptions::default().with_max_bytes(1 << 16).with_skip_malformed(!strict);
    let Ok(description) = Description::parse_with(&text, &options) else { return };
    assert!(strict || description.skipped().len() <= options.max_entries);
    let again = Description::parse_with(&description.to_string(), &options.clone().with_max_bytes(1 << 20));
    assert_eq!(
        again.as_ref().map(Description::sections),
        Ok(description.sections()),
        "what is written is read"
    );

    let sends = description.sends();
    for section in sends.iter().chain(&description.takes()) {
        let made = section.layers.iter().chain([&section.template]).map(|template| template.stream(1));
        for stream in section.announced.iter().cloned().chain(made) {
            assert!(stream.check().is_ok(), "{stream:?}");
        }
    }
    let _ = Demux::new(&sends);
    answer(&description, *control);
}

fn answer(offer: &Description, wants: u8) {
    let needs = [
        Need::feedback(Media::Any, "nack", ""),
        Need::codec(Media::Any, "rtx"),
        Need::codec(Media::Any, "red"),
        Need::codec(Media::Any, "ulpfec"),
        Need::header_extension(Media::Any, "urn:ietf:params:rtp-hdrext:sdes:mid"),
        Need::header_extension(Media::Any, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    ];
    let needs: Vec<_> = needs.into_iter().enumerate().filter(|(at, _)| wants & (2 << at) != 0).collect();
    let needs: Vec<_> = needs.into_iter().map(|(_, need)| need).collect();
    let endpoint = Endpoint::at(([127, 0, 0, 1], 4000).into()).with_fingerprint("sha-256 A");
    let answer =
        Answer::to(offer).with(&needs).at(endpoint).sending(0, LocalSource::new(7).with_rtx(8).with_fec(9));
    let Ok(answered) = answer.answer() else { return };
    let sections = answered.description.sections();
    assert_eq!(sections.len(), offer.sections().len());
    for (offered, answered) in offer.sections().iter().zip(sections) {
        let known = |number: u8| offered.format(number).is_some();
        assert!(answered.is_rejected() || answered.formats.iter().all(|format| known(format.number)));
    }
}

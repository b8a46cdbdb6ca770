//! What of an offered section both ends can and want: everything that an answer accepts was offered.

use interceptor_core::{Codec, Need};
use interceptor_packet::HeaderExtension;
use interceptor_packet::ext::Rid;

use super::codec;
use crate::section::format::{Format, Role};
use crate::section::{Alternative, Extension, Feedback, Section, Simulcast};

/// What this end can make use of.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) needs: Vec<Need>,
    /// In order of preference; `None`: all.
    pub(super) codecs: Option<Vec<Codec>>,
}

impl Wanted {
    /// The offered section, less what is not wanted. Still as its author sees it. `None`: no media is left.
    pub(super) fn accept(&self, offered: &Section) -> Option<Section> {
        let mut section = offered.clone();
        section.formats = self.formats(offered);
        if section.codecs().is_empty() {
            return None;
        }
        let formats = &section.formats;
        section.feedback.retain(|feedback| {
            let of_ours = formats.iter().any(|format| feedback.is_for(format.number));
            of_ours && self.wants_feedback(offered, feedback)
        });
        section.extensions.retain(|extension| self.wants_extension(offered, extension));
        restrict_layers(&mut section);
        Some(section)
    }

    fn formats(&self, offered: &Section) -> Vec<Format> {
        let mut formats = self.media(offered);
        let wants = |name: &str| self.wants_codec(offered, name);
        let offers = || offered.formats.iter().filter(|format| format.listed);
        let others = offers().filter(|format| matches!(format.role(), Role::Red | Role::Fec(_)));
        for format in others.filter(|format| wants(&format.name)) {
            let carried = format.redundant().all(|number| formats.iter().any(|known| known.number == number));
            if carried {
                formats.push(format.clone());
            }
        }
        for format in offers().filter(|_| wants("rtx")) {
            let Role::Rtx(Some(media)) = format.role() else { continue };
            if formats.iter().any(|known| known.number == media && !known.is("rtx")) {
                formats.push(format.clone());
            }
        }
        if self.codecs.is_none() {
            // RFC 3264 §6.1: what the offer prefers, RED before what it wraps for example, the answer prefers as well.
            let place =
                |format: &Format| offered.formats.iter().position(|known| known.number == format.number);
            formats.sort_by_key(place);
        }
        formats
    }

    fn media(&self, offered: &Section) -> Vec<Format> {
        let offers = || offered.media_formats().filter(|format| format.listed);
        let Some(codecs) = &self.codecs else { return offers().cloned().collect() };
        let mut formats: Vec<Format> = Vec::new();
        for ours in codecs {
            let agree = offers().filter(|format| codec::agrees(ours, &offered.media, format));
            for format in agree {
                if formats.iter().all(|known| known.number != format.number) {
                    let fmtp = if ours.fmtp.is_empty() { format.fmtp.clone() } else { ours.fmtp.clone() };
                    formats.push(Format { fmtp, ..format.clone() });
                }
            }
        }
        formats
    }

    fn wants_codec(&self, section: &Section, name: &str) -> bool {
        self.needs.iter().any(|need| match need {
            Need::Codec { media, name: wanted, .. } => {
                section.is(*media) && wanted.eq_ignore_ascii_case(name)
            }
            _ => false,
        })
    }

    fn wants_feedback(&self, section: &Section, feedback: &Feedback) -> bool {
        self.needs.iter().any(|need| match need {
            Need::Feedback { media, kind, parameter, .. } => {
                section.is(*media) && feedback.is(kind, parameter)
            }
            _ => false,
        })
    }

    fn wants_extension(&self, section: &Section, extension: &Extension) -> bool {
        let useful = extension.wire_id().is_some() && (extension.is_sent() || extension.is_received());
        useful && self.wants_uri(section, &extension.uri)
    }

    fn wants_uri(&self, section: &Section, wanted: &str) -> bool {
        self.needs.iter().any(|need| match need {
            Need::HeaderExtension { media, uri, .. } => section.is(*media) && *uri == wanted,
            _ => false,
        })
    }
}

/// Encodings are told apart by their RID: without the extension only one can be taken (RFC 8853 §5.3).
fn restrict_layers(section: &mut Section) {
    if section.extension_id(Rid::URI).is_none() {
        section.rids.clear();
        section.simulcast = Simulcast::default();
        return;
    }
    let formats = &section.formats;
    let accepted = |number: &u8| formats.iter().any(|format| format.number == *number);
    section.rids.retain_mut(|rid| {
        let bound = !rid.numbers.is_empty();
        rid.numbers.retain(accepted);
        !bound || !rid.numbers.is_empty()
    });
    let rids = &section.rids;
    for (streams, sends) in [(&mut section.simulcast.send, true), (&mut section.simulcast.recv, false)] {
        let known = |alternative: &Alternative| {
            rids.iter().any(|rid| rid.sends == sends && rid.id == alternative.rid)
        };
        streams.iter_mut().for_each(|stream| stream.retain(known));
        streams.retain(|stream| !stream.is_empty());
    }
}

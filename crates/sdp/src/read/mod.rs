//! From the lines of a description to its sections.

mod attribute;
mod budget;
mod lines;

use interceptor_core::Media as Kind;
use sdp_types::{Attribute, Media, Session};

use self::budget::Budget;
pub(crate) use self::lines::Lines;
use crate::error::Reason;
use crate::section::format::payload_type;
use crate::section::{Bandwidth, Format, Section};
use crate::{ReadOptions, SdpError};

/// Where something is wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// The `m=` line of a section.
    Section(usize),
    /// An attribute by its number, of a section or of none.
    Attribute(Option<usize>, usize),
}

/// Something wrong, before its line is known.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) at: At,
    pub(crate) reason: Reason,
}

/// The sections of a description, and the attributes that were passed over.
pub(crate) fn sections(session: &Session, options: &ReadOptions) -> Result<(Vec<Section>, Vec<Flaw>), Flaw> {
    if session.medias.len() > options.max_sections {
        let reason = Reason::TooMany { what: "media sections", max: options.max_sections };
        return Err(Flaw { at: At::Section(options.max_sections), reason });
    }
    let mut reader = Reader { options, budget: Budget::new(options.max_bytes), skipped: Vec::new() };
    let mut common = Section { bandwidth: Bandwidth::of(&session.bandwidths), ..Section::default() };
    common.address = address(session.connection.iter());
    reader.attributes(&mut common, None, &session.attributes)?;
    let spent = reader.budget.spend_on_sections(session.medias.len(), &session.attributes);
    spent.map_err(|reason| Flaw { at: At::Section(0), reason })?;
    let medias = session.medias.iter().enumerate();
    let sections = medias.map(|(index, media)| reader.section(&common, index, media));
    let sections = sections.collect::<Result<_, _>>()?;
    Ok((sections, reader.skipped))
}

struct Reader<'a> {
    options: &'a ReadOptions,
    budget: Budget,
    skipped: Vec<Flaw>,
}

impl Reader<'_> {
    fn section(&mut self, common: &Section, index: usize, media: &Media) -> Result<Section, Flaw> {
        let mut section = Section {
            index,
            media: media.media.clone(),
            port: media.port,
            proto: media.proto.clone(),
            address: address(media.connections.iter()).or(common.address),
            extensions: common.extensions.clone(),
            mixed_extensions: common.mixed_extensions,
            direction: common.direction,
            ..Section::default()
        };
        if section.is_rtp() {
            self.formats(&mut section, &media.fmt)?;
        }
        self.attributes(&mut section, Some(index), &media.attributes)?;
        let spent = self.budget.spend_on_streams(&section, &media.attributes);
        spent.map_err(|reason| Flaw { at: At::Section(index), reason })?;
        section.connectivity.inherit(&common.connectivity);
        section.bandwidth = Bandwidth::of(&media.bandwidths).or(common.bandwidth);
        Ok(section)
    }

    fn formats(&mut self, section: &mut Section, list: &str) -> Result<(), Flaw> {
        for word in list.split_whitespace() {
            match payload_type(word) {
                Some(number) if section.format(number).is_none() => {
                    section.formats.push(Format::listed(number, section.is(Kind::Audio)));
                }
                Some(_) => {}
                None => {
                    let line = format!("m={} {} {} {list}", section.media, section.port, section.proto);
                    let form = "KIND PORT RTP/… NUMBERS in 0..=127, such as `m=video 5004 RTP/AVP 96`";
                    self.flaw(At::Section(section.index), Reason::attribute(&line, form))?;
                }
            }
        }
        Ok(())
    }

    fn attributes(
        &mut self,
        section: &mut Section,
        index: Option<usize>,
        lines: &[Attribute],
    ) -> Result<(), Flaw> {
        for (number, line) in lines.iter().enumerate() {
            let value = line.value.as_deref().unwrap_or_default();
            let at = At::Attribute(index, number);
            if let Err(form) = attribute::read(section, &line.attribute, value) {
                let text = format!("a={}:{value}", line.attribute);
                self.flaw(at, Reason::attribute(&text, form))?;
            }
            if let Some(what) = attribute::over(section, self.options.max_entries) {
                return Err(Flaw { at, reason: Reason::TooMany { what, max: self.options.max_entries } });
            }
        }
        Ok(())
    }

    fn flaw(&mut self, at: At, reason: Reason) -> Result<(), Flaw> {
        let flaw = Flaw { at, reason };
        if !self.options.skip_malformed {
            return Err(flaw);
        }
        if self.skipped.len() >= self.options.max_entries {
            let reason = Reason::TooMany { what: "lines that make no sense", max: self.options.max_entries };
            return Err(Flaw { at, reason });
        }
        self.skipped.push(flaw);
        Ok(())
    }
}

fn address<'a>(mut lines: impl Iterator<Item = &'a sdp_types::Connection>) -> Option<std::net::IpAddr> {
    lines.find_map(|line| line.try_address().ok()).map(|address| address.ip)
}

impl Flaw {
    /// With its line, where there is a text that has lines.
    pub(crate) fn located(self, lines: Option<&Lines>) -> SdpError {
        SdpError::new(lines.and_then(|lines| lines.find(self.at)), self.reason)
    }
}

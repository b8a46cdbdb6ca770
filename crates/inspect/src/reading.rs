//! What is known of a capture besides its streams: records, link types, damage.

use std::io::Read;

use super::capture::{CaptureReader, Damage, MAX_DESCRIBED, MAX_LINKS};
use super::frame::link_name;
use super::problem::Problem;

/// What was read so far, of one file or of several.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) records: u64,
    links: Vec<u16>,
    /// The format of the first file.
    format: Option<&'static str>,
    damage: Vec<Damage>,
    more_damage: u64,
    /// Bytes of the last file.
    end: u64,
}

impl Reading {
    /// A frame of this link type came.
    pub(super) fn saw(&mut self, link: u16) {
        if !self.links.contains(&link) && self.links.len() < MAX_LINKS {
            self.links.push(link);
        }
    }

    /// A file has been read to its end.
    pub(super) fn ended<R: Read>(&mut self, reader: &CaptureReader<R>) {
        reader.link_types().into_iter().for_each(|link| self.saw(link));
        self.format.get_or_insert(reader.format());
        for damage in reader.damage() {
            if self.damage.len() < MAX_DESCRIBED {
                self.damage.push(damage.clone());
            } else {
                self.more_damage += 1;
            }
        }
        self.more_damage += reader.more_damage();
        self.end = reader.offset();
    }

    pub(super) fn damage(&self) -> Vec<Problem> {
        let described = self.damage.iter().cloned().map(Problem::Damage);
        let more = Problem::MoreDamage { places: self.more_damage, offset: self.end };
        described.chain((self.more_damage > 0).then_some(more)).collect()
    }

    /// Link types that are not understood.
    pub(super) fn unknown_links(&self) -> Vec<u16> {
        self.links.iter().copied().filter(|link| link_name(*link).is_none()).collect()
    }

    /// For a person: the names of the link types, or the format.
    pub(super) fn link_type(&self) -> String {
        let name = |link: &u16| link_name(*link).map_or_else(|| format!("link type {link}"), str::to_owned);
        let names: Vec<String> = self.links.iter().map(name).collect();
        if names.is_empty() { self.format.unwrap_or_default().to_owned() } else { names.join(", ") }
    }
}

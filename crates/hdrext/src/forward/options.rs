//! What can be set, its defaults and its bounds.

use interceptor_core::{OptionsError, StreamInfo};

/// Which header extensions are removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StripExtensions {
    /// None: what is not known goes on untouched.
    #[default]
    None,
    /// All, of foreign profiles as well.
    All,
    /// All but those with these identifiers, which are those that packets come with.
    Keep(Vec<u8>),
}

/// An identifier in place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Remap {
    /// What packets come with, 1..=255.
    pub from: u8,
    /// What they leave with, 1..=255.
    pub to: u8,
}

/// Options of [`ForwardExtensionsFactory`](crate::ForwardExtensionsFactory); checked when that is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForwardOptions {
    /// What is removed. Default: nothing.
    pub strip: StripExtensions,
    /// What is renamed; identifiers are exchanged where they cross, each stands once on each side. Default: nothing.
    pub remap: Vec<Remap>,
}

impl ForwardOptions {
    /// What makes the packets of one stream fit what another has negotiated: extensions that both name get the identifier of the
    /// second, all others go.
    ///
    /// ```
    /// use interceptor_core::StreamInfo;
    /// use interceptor_hdrext::{ForwardOptions, Remap, StripExtensions};
    ///
    /// let level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    /// let publisher = StreamInfo::new(1, 111, 48_000).with_extension(4, level).with_extension(9, "urn:example:theirs");
    /// let subscriber = StreamInfo::new(2, 111, 48_000).with_extension(1, level);
    /// let options = ForwardOptions::between(&publisher, &subscriber);
    /// assert_eq!(options.strip, StripExtensions::Keep(vec![4]));
    /// assert_eq!(options.remap, [Remap { from: 4, to: 1 }]);
    /// ```
    #[must_use]
    pub fn between(publisher: &StreamInfo, subscriber: &StreamInfo) -> Self {
        let both = publisher.header_extensions.iter().filter_map(|extension| {
            Some(Remap { from: extension.id, to: subscriber.extension_id(&extension.uri)? })
        });
        let remap: Vec<Remap> = both.collect();
        Self { strip: StripExtensions::Keep(remap.iter().map(|remap| remap.from).collect()), remap }
    }

    /// What is removed. See [`strip`](Self::strip).
    #[must_use]
    pub fn with_strip(mut self, strip: StripExtensions) -> Self {
        self.strip = strip;
        self
    }

    /// One more identifier that is renamed. See [`remap`](Self::remap).
    #[must_use]
    pub fn with_remap(mut self, from: u8, to: u8) -> Self {
        self.remap.push(Remap { from, to });
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "ForwardOptions", field, value, range)
        };
        let keep = !matches!(&self.strip, StripExtensions::Keep(ids) if ids.contains(&0));
        unless(keep, "strip", &self.strip, "of identifiers in 1..=255")?;
        let (mut from, mut to) = ([false; 256], [false; 256]);
        for remap in &self.remap {
            unless(remap.from > 0 && remap.to > 0, "remap", remap, "of identifiers in 1..=255")?;
            let taken = [(&mut from, remap.from), (&mut to, remap.to)].map(|(seen, id)| {
                seen.get_mut(usize::from(id)).is_some_and(|seen| std::mem::replace(seen, true))
            });
            unless(taken == [false; 2], "remap", remap, "each identifier once on each side")?;
        }
        Ok(())
    }
}

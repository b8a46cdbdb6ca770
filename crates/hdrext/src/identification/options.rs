//! What can be set, its defaults and its bounds.

use interceptor_core::OptionsError;

/// How long packets say whose they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identify {
    /// Until the peer shows that it has had one of them.
    #[default]
    UntilAcknowledged,
    /// All the time, for peers that bind streams anew in the middle, as SFUs do.
    Always,
    /// Never: only what comes in is looked at.
    Never,
}

/// Options of [`IdentificationFactory`](crate::IdentificationFactory) and
/// [`RepairIdentificationFactory`](crate::RepairIdentificationFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentificationOptions {
    /// How long packets say whose they are. Default: [`UntilAcknowledged`](Identify::UntilAcknowledged), as libwebrtc.
    pub identify: Identify,
    /// The identifier of the MID extension in what comes in, 1..=255. Default: none, then that of any stream that was bound, as all
    /// bundled streams have the same (RFC 8843 §9.2).
    pub mid_id: Option<u8>,
    /// The same of the RID extension.
    pub rid_id: Option<u8>,
    /// The same of the repaired RID extension.
    pub repaired_rid_id: Option<u8>,
    /// Unbound SSRCs that are remembered, so that each is told once, 1..=65 536; some 64 bytes each. Default 256; the oldest go.
    pub max_unbound: usize,
    /// Events a second, 1..=65 536. Default 256; what goes over is counted, and told when packets still come later.
    pub max_events: u32,
}

impl Default for IdentificationOptions {
    fn default() -> Self {
        Self {
            identify: Identify::default(),
            mid_id: None,
            rid_id: None,
            repaired_rid_id: None,
            max_unbound: 256,
            max_events: 256,
        }
    }
}

impl IdentificationOptions {
    /// How long packets say whose they are. See [`identify`](Self::identify).
    #[must_use]
    pub const fn with_identify(mut self, identify: Identify) -> Self {
        self.identify = identify;
        self
    }

    /// The identifier of the MID extension in what comes in. See [`mid_id`](Self::mid_id).
    #[must_use]
    pub const fn with_mid_id(mut self, id: u8) -> Self {
        self.mid_id = Some(id);
        self
    }

    /// The identifier of the RID extension in what comes in. See [`rid_id`](Self::rid_id).
    #[must_use]
    pub const fn with_rid_id(mut self, id: u8) -> Self {
        self.rid_id = Some(id);
        self
    }

    /// The identifier of the repaired RID extension in what comes in. See [`repaired_rid_id`](Self::repaired_rid_id).
    #[must_use]
    pub const fn with_repaired_rid_id(mut self, id: u8) -> Self {
        self.repaired_rid_id = Some(id);
        self
    }

    /// Unbound SSRCs that are remembered. See [`max_unbound`](Self::max_unbound).
    #[must_use]
    pub const fn with_max_unbound(mut self, ssrcs: usize) -> Self {
        self.max_unbound = ssrcs;
        self
    }

    /// Events a second. See [`max_events`](Self::max_events).
    #[must_use]
    pub const fn with_max_events(mut self, events: u32) -> Self {
        self.max_events = events;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "IdentificationOptions", field, value, range)
        };
        let ids =
            [("mid_id", self.mid_id), ("rid_id", self.rid_id), ("repaired_rid_id", self.repaired_rid_id)];
        for (field, id) in ids {
            unless(id != Some(0), field, &id, "None or in 1..=255")?;
        }
        let most = 1..=65_536;
        unless(most.contains(&self.max_unbound), "max_unbound", &self.max_unbound, "in 1..=65536")?;
        let right = most.contains(&(self.max_events as usize));
        unless(right, "max_events", &self.max_events, "in 1..=65536")
    }
}

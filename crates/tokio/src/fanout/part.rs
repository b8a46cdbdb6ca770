//! What a fan-out has to know of a packet.

/// What part of a picture a packet is, as its codec says (`interceptor-keyframe`, module `detect`, for key frames; the payload
/// descriptor of VP8 and VP9, the dependency descriptor of AV1, for layers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// It begins a key frame, or something else from which on a decoder can go on. With sound each packet does.
    pub starts_key_frame: bool,
    /// The layer that its frame is of, from 0: what a decoder can do without as long as it does without all above, too. Temporal
    /// layers, as a rule.
    pub layer: u8,
    /// A decoder that had only the layers below can go on with this one from this frame on (VP8's layer sync bit, VP9's switching up
    /// point).
    pub sync: bool,
}

impl Part {
    /// A part of a frame that others need.
    pub const BASE: Self = Self { starts_key_frame: false, layer: 0, sync: false };

    /// The first packet of a key frame, or any packet of sound.
    pub const KEY: Self = Self { starts_key_frame: true, ..Self::BASE };

    /// A part of a frame of this layer.
    #[must_use]
    pub const fn of_layer(layer: u8, sync: bool) -> Self {
        Self { layer, sync, ..Self::BASE }
    }
}

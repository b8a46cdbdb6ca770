//! One sub-packet as the view of its type.

use std::ops::Deref;

use super::{
    App, Bye, Ccfb, Feedback, Fir, Frame, Nack, ReceiverReport, Remb, Rpsi, Sdes, SenderReport, Sli, Tmmb,
    Twcc, Xr,
};

/// A well-formed RTCP packet, as a borrowed view of its type.
///
/// All views give [`raw`](Frame::raw), [`packet_type`](Frame::packet_type) and the rest of [`Frame`], and so does
/// this.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Rtcp<'a> {
    /// Sender report, packet type 200 (RFC 3550 §6.4.1).
    SenderReport(SenderReport<'a>),
    /// Receiver report, packet type 201 (RFC 3550 §6.4.2).
    ReceiverReport(ReceiverReport<'a>),
    /// Source description, packet type 202 (RFC 3550 §6.5).
    Sdes(Sdes<'a>),
    /// Goodbye, packet type 203 (RFC 3550 §6.6).
    Bye(Bye<'a>),
    /// Application-defined, packet type 204 (RFC 3550 §6.7).
    App(App<'a>),
    /// Generic NACK, packet type 205 format 1 (RFC 4585 §6.2.1).
    Nack(Nack<'a>),
    /// Temporary maximum media bit rate request, packet type 205 format 3 (RFC 5104 §4.2.1).
    Tmmbr(Tmmb<'a>),
    /// Temporary maximum media bit rate notification, packet type 205 format 4 (RFC 5104 §4.2.2).
    Tmmbn(Tmmb<'a>),
    /// Congestion control feedback, packet type 205 format 11 (RFC 8888).
    Ccfb(Ccfb<'a>),
    /// Transport-wide feedback, packet type 205 format 15 (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    Twcc(Twcc<'a>),
    /// Picture loss indication, packet type 206 format 1 (RFC 4585 §6.3.1).
    Pli(Feedback<'a>),
    /// Slice loss indication, packet type 206 format 2 (RFC 4585 §6.3.2).
    Sli(Sli<'a>),
    /// Reference picture selection indication, packet type 206 format 3 (RFC 4585 §6.3.3).
    Rpsi(Rpsi<'a>),
    /// Full intra request, packet type 206 format 4 (RFC 5104 §4.3.1).
    Fir(Fir<'a>),
    /// Receiver estimated maximum bitrate, packet type 206 format 15 with the identifier `REMB`
    /// (draft-alvestrand-rmcat-remb-03).
    Remb(Remb<'a>),
    /// Extended report, packet type 207 (RFC 3611).
    Xr(Xr<'a>),
    /// Any other packet type or format, not looked into.
    Other(Frame<'a>),
}

impl<'a> Rtcp<'a> {
    /// The view of a frame's type, `None` when the content does not fit the type.
    pub(crate) fn of(frame: Frame<'a>) -> Option<Self> {
        Some(match (frame.packet_type(), frame.count()) {
            (200, _) => Self::SenderReport(SenderReport::of(frame)?),
            (201, _) => Self::ReceiverReport(ReceiverReport::of(frame)?),
            (202, _) => Self::Sdes(Sdes::of(frame)?),
            (203, _) => Self::Bye(Bye::of(frame)?),
            (204, _) => Self::App(App::of(frame)?),
            (205, 1) => Self::Nack(Nack::of(frame)?),
            (205, 3) => Self::Tmmbr(Tmmb::of(frame)?),
            (205, 4) => Self::Tmmbn(Tmmb::of(frame)?),
            (205, 11) => Self::Ccfb(Ccfb::of(frame)?),
            (205, 15) => Self::Twcc(Twcc::of(frame)?),
            (206, 1) => Self::Pli(Feedback::of(frame)?),
            (206, 2) => Self::Sli(Sli::of(frame)?),
            (206, 3) => Self::Rpsi(Rpsi::of(frame)?),
            (206, 4) => Self::Fir(Fir::of(frame)?),
            (206, 15) if Remb::is_remb(frame) => Self::Remb(Remb::of(frame)?),
            (207, _) => Self::Xr(Xr::of(frame)?),
            _ => Self::Other(frame),
        })
    }

    /// The bytes, whatever the type.
    #[must_use]
    pub fn frame(&self) -> Frame<'a> {
        match self {
            Self::SenderReport(view) => **view,
            Self::ReceiverReport(view) => **view,
            Self::Sdes(view) => **view,
            Self::Bye(view) => **view,
            Self::App(view) => **view,
            Self::Nack(view) => ***view,
            Self::Tmmbr(view) | Self::Tmmbn(view) => ***view,
            Self::Ccfb(view) => **view,
            Self::Twcc(view) => ***view,
            Self::Pli(view) => **view,
            Self::Sli(view) => ***view,
            Self::Rpsi(view) => ***view,
            Self::Fir(view) => ***view,
            Self::Remb(view) => ***view,
            Self::Xr(view) => **view,
            Self::Other(frame) => *frame,
        }
    }

    /// The bytes of the sub-packet on the wire: header, body and padding.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.frame().raw()
    }

    /// The packet type.
    #[must_use]
    pub fn packet_type(&self) -> u8 {
        self.frame().packet_type()
    }

    /// The SSRC of who sent this: the first word of every type but SDES, which gives its first chunk's.
    /// `None` when there is none, as in an empty SDES or BYE.
    #[must_use]
    pub fn sender_ssrc(&self) -> Option<u32> {
        self.frame().first_word()
    }
}

/// Gives a view the methods of what it is made of.
macro_rules! deref_to {
    ($view:ident, $target:ident) => {
        impl<'a> Deref for $view<'a> {
            type Target = $target<'a>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.base
            }
        }
    };
}

deref_to!(SenderReport, Frame);
deref_to!(ReceiverReport, Frame);
deref_to!(Sdes, Frame);
deref_to!(Bye, Frame);
deref_to!(App, Frame);
deref_to!(Feedback, Frame);
deref_to!(Ccfb, Frame);
deref_to!(Xr, Frame);
deref_to!(Nack, Feedback);
deref_to!(Tmmb, Feedback);
deref_to!(Twcc, Feedback);
deref_to!(Sli, Feedback);
deref_to!(Rpsi, Feedback);
deref_to!(Fir, Feedback);
deref_to!(Remb, Feedback);

//! Which of the host's errors mean that nothing comes any more.

use std::error::Error as StdError;

use interceptor::Error;

/// What the host's traits return.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// What `webrtc` says of a sender or transport that has ended; its type is not in reach of the traits.
const CLOSED_PIPE: &str = "DataChannel is not opened";

/// Has the reader ended? All else (a packet that does not parse, one longer than the buffer) leaves it as it was.
pub(crate) fn is_end(error: &Error) -> bool {
    use webrtc_util::Error as Util;
    if matches!(error, Error::ErrIoEOF) {
        return true;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        cause = match error.downcast_ref::<Util>() {
            Some(Util::ErrBufferClosed | Util::ErrAlreadyClosed | Util::ErrUseClosedNetworkConn) => {
                return true;
            }
            // It does not name what it wraps as its source.
            Some(Util::Std(wrapped)) => Some(&*wrapped.0),
            _ => error.source(),
        };
    }
    error.to_string() == CLOSED_PIPE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_buffer_is_the_end_however_it_is_wrapped() {
        use webrtc_util::Error as Util;
        assert!(is_end(&Error::ErrIoEOF));
        assert!(is_end(&Error::Util(Util::ErrBufferClosed)));
        let wrapped = Error::Util(Util::from_std(Error::Util(Util::ErrBufferClosed)));
        assert!(is_end(&wrapped));
        assert!(is_end(&Error::Other(CLOSED_PIPE.to_owned())));
    }

    #[test]
    fn a_packet_that_cannot_be_read_is_not() {
        use webrtc_util::Error as Util;
        assert!(!is_end(&Error::Rtp(rtp::Error::ErrShortPacket)));
        assert!(!is_end(&Error::Rtcp(rtcp::Error::PacketTooShort)));
        assert!(!is_end(&Error::Util(Util::ErrBufferShort)));
        assert!(!is_end(&Error::Util(Util::from_std(rtp::Error::ErrShortPacket))));
        assert!(!is_end(&Error::ErrShortBuffer));
    }
}

//! A call's `tracing` span; nothing at all without the feature.

#[cfg(feature = "tracing")]
pub(crate) use with::CallSpan;
#[cfg(not(feature = "tracing"))]
pub(crate) use without::CallSpan;

#[cfg(feature = "tracing")]
mod with {
    //! The span as it is.

    use std::sync::atomic::{AtomicBool, Ordering};

    use interceptor_stream::{Direction, Meter, StreamStats};
    use tonic::Code;
    use tracing::span::Entered;
    use tracing::{Level, Span, debug, event, field, info_span, warn};

    use crate::CallInfo;
    use crate::call::Side;
    use crate::observer::Message;

    #[derive(Debug)]
    pub(crate) struct CallSpan {
        span: Option<Span>,
        /// Whether a large message has been warned of, each way.
        warned: [AtomicBool; 2],
    }

    impl CallSpan {
        pub(crate) fn new(wanted: bool, side: Side, info: &CallInfo) -> Self {
            let span = wanted.then(|| {
                info_span!(
                    "grpc.call",
                    otel.kind = match side {
                        Side::Server => "server",
                        Side::Client => "client",
                    },
                    rpc.service = info.service(),
                    rpc.method = info.method(),
                    peer = info.peer().map(field::display),
                    code = field::Empty,
                )
            });
            Self { span, warned: [AtomicBool::new(false), AtomicBool::new(false)] }
        }

        #[inline]
        pub(crate) fn enter(&self) -> Option<Entered<'_>> {
            self.span.as_ref().map(Span::enter)
        }

        /// A span that is disabled if none is wanted.
        pub(crate) fn span(&self) -> &Span {
            static NONE: Span = Span::none();
            self.span.as_ref().unwrap_or(&NONE)
        }

        /// A peer can send as many large messages as it likes, but only the first is worth a warning.
        pub(crate) fn passed(&self, message: &Message, meter: &Meter) {
            let Some(span) = self.span.as_ref().filter(|_| message.large) else { return };
            let [received, sent] = &self.warned;
            let warned = match message.direction {
                Direction::Received => received,
                Direction::Sent => sent,
            };
            let _entered = span.enter();
            let (bytes, limit) = (message.bytes, meter.limits().warn_message_bytes);
            if warned.swap(true, Ordering::Relaxed) {
                debug!(bytes, limit, direction = message.direction.as_str(), "large message");
            } else {
                warn!(bytes, limit, direction = message.direction.as_str(), "large message");
            }
        }

        /// The last that is said of a call: at a level by its code.
        pub(crate) fn handled(&self, stats: &StreamStats, code: Code) {
            let Some(span) = &self.span else { return };
            span.record("code", field::debug(code));
            let _entered = span.enter();
            macro_rules! handled {
                ($level:expr) => {
                    event!(
                        $level,
                        ?code,
                        duration = ?stats.duration,
                        received_messages = stats.received.messages,
                        received_bytes = stats.received.bytes,
                        sent_messages = stats.sent.messages,
                        sent_bytes = stats.sent.bytes,
                        cause = stats.ended.map(field::display),
                        "call handled"
                    )
                };
            }
            match code {
                // Ours to mend.
                Code::Unknown | Code::Internal | Code::DataLoss => handled!(Level::ERROR),
                // Somebody should look whether there are many.
                Code::DeadlineExceeded | Code::ResourceExhausted | Code::Aborted | Code::Unavailable => {
                    handled!(Level::WARN);
                }
                // The caller's doing, or nothing to speak of.
                _ => handled!(Level::DEBUG),
            }
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod without {
    //! No span.

    use interceptor_stream::{Meter, StreamStats};
    use tonic::Code;

    use crate::CallInfo;
    use crate::call::Side;
    use crate::observer::Message;

    #[derive(Debug)]
    pub(crate) struct CallSpan;

    /// In no span.
    pub(crate) struct Entered;

    impl CallSpan {
        pub(crate) const fn new(_: bool, _: Side, _: &CallInfo) -> Self {
            Self
        }

        pub(crate) const fn enter(&self) -> Entered {
            Entered
        }

        pub(crate) const fn passed(&self, _: &Message, _: &Meter) {}

        pub(crate) const fn handled(&self, _: &StreamStats, _: Code) {}
    }
}

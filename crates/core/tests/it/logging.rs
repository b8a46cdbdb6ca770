//! What a failing hook costs while nobody listens, and what is heard by who does.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Context, Flow, Interceptor, Result, Stage, StreamInfo};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::probe::{SSRC, config, rtp};

/// How often it was made into text.
#[derive(Clone, Debug, Default)]
struct Expensive(Arc<AtomicU64>);

impl fmt::Display for Expensive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fetch_add(1, Ordering::Relaxed);
        f.write_str("expensive")
    }
}

impl std::error::Error for Expensive {}

/// Fails with each packet.
struct Fails(Expensive);

impl Interceptor for Fails {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        Err(self.0.clone())?
    }
}

/// Keeps every event from `level` up, on one line each.
struct Listener {
    level: Level,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("interceptor_core") && *metadata.level() <= self.level
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                self.0 += &format!(" {}={value:?}", field.name());
            }
        }
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.heard.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn chain(text: &Expensive) -> Chain {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.insert("fails", Stage::NACK, Fails(text.clone()), now).unwrap();
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain
}

fn listen(level: Level, act: impl FnOnce()) -> Vec<String> {
    let heard = Arc::default();
    let listener = Listener { level, heard: Arc::clone(&heard) };
    tracing::subscriber::with_default(listener, act);
    std::mem::take(&mut heard.lock().unwrap())
}

#[test]
fn errors_are_made_into_text_only_for_who_listens() {
    let text = Expensive::default();
    let mut chain = chain(&text);
    let now = chain.config().now;
    let written = || text.0.load(Ordering::Relaxed);

    (0..100).for_each(|number| chain.write_rtp(rtp(SSRC, number), now));
    assert_eq!((chain.counters().hook_errors, written()), (100, 0), "nobody listens");

    assert!(listen(Level::INFO, || chain.write_rtp(rtp(SSRC, 100), now)).is_empty());
    assert_eq!(written(), 0, "a peer's doing is not above DEBUG");

    let heard = listen(Level::DEBUG, || chain.write_rtp(rtp(SSRC, 101), now));
    assert_eq!(heard, [r#"DEBUG message=hook failed interceptor="fails" error=expensive"#]);
    assert_eq!((chain.counters().hook_errors, written()), (102, 1));
    assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 102, "every packet left");
}

#[test]
fn a_packet_that_nothing_happens_to_is_not_traced() {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    let heard = listen(Level::TRACE, || {
        chain.write_rtp(rtp(SSRC, 1), now);
        chain.read_rtp(rtp(9, 1), now);
    });
    assert!(heard.is_empty(), "{heard:?}");
}

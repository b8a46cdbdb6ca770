//! What hooks said when they failed: the chain traces it, and who runs a check listens.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::dispatcher::{self, Dispatch};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Event, Metadata, Subscriber};

/// Hears the first failure of a hook in what it is made to listen to.
pub(in crate::contract) struct Ear {
    first: Arc<Mutex<Option<String>>>,
    dispatch: Dispatch,
}

impl Ear {
    pub(in crate::contract) fn new() -> Self {
        let first = Arc::default();
        // Whoever runs the tests may have a subscriber of their own: it goes on hearing everything.
        let outer = dispatcher::get_default(Clone::clone);
        let dispatch = Dispatch::new(Listener { first: Arc::clone(&first), outer });
        Self { first, dispatch }
    }

    pub(in crate::contract) fn listen<R>(&self, act: impl FnOnce() -> R) -> R {
        dispatcher::with_default(&self.dispatch, act)
    }

    /// Which interceptor failed first, and what it said.
    pub(in crate::contract) fn take(&self) -> Option<String> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Listener {
    first: Arc<Mutex<Option<String>>>,
    outer: Dispatch,
}

impl Listener {
    fn is_alone(&self) -> bool {
        self.outer.is::<NoSubscriber>()
    }
}

/// The chain's own event for a hook that returned an error.
fn is_failure(metadata: &Metadata<'_>) -> bool {
    let fields = metadata.fields();
    metadata.target().starts_with("interceptor_core")
        && fields.field("interceptor").is_some()
        && fields.field("error").is_some()
}

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match (self.is_alone(), is_failure(metadata)) {
            (_, true) => Interest::always(),
            (true, false) => Interest::never(),
            (false, false) => Interest::sometimes(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.is_alone().then_some(LevelFilter::DEBUG)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_failure(metadata) || self.outer.enabled(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        if is_failure(event.metadata()) {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| {
                let mut said = Said::default();
                event.record(&mut said);
                format!("`{}`: {}", said.interceptor, said.error)
            });
        }
        if self.outer.enabled(event.metadata()) {
            self.outer.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.outer.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outer.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outer.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.outer.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outer.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.outer.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.outer.try_close(id)
    }
}

/// The fields of a failure.
#[derive(Default)]
struct Said {
    interceptor: String,
    error: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = match field.name() {
            "interceptor" => &mut self.interceptor,
            "error" => &mut self.error,
            _ => return,
        };
        // A `String` takes every write.
        let _ = write!(text, "{value:?}");
    }
}

//! What becomes of the interceptors that were built when another one cannot be, or cannot be closed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use interceptor_core::{
    BuildContext, BuildError, Chain, ChainError, Context, Factory, Interceptor, Nested, Registry,
    RegistryError, Result, Stage, Streams,
};

use crate::probe::{Act, Log, config};
use crate::registry::{passes_everything, probe};

/// Panics instead of building.
struct Panics;

impl Factory for Panics {
    type Interceptor = Stubborn;

    fn name(&self) -> &'static str {
        "panics"
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Stubborn, BuildError> {
        panic!("told to panic")
    }
}

#[test]
fn a_failing_factory_in_a_nested_registry_closes_what_was_built_inside_and_then_outside() {
    let log = Log::default();
    let inner =
        Registry::new().with(probe("inner", Act::Nothing, &log)).with(probe("broken", Act::Refuse, &log));
    let outer = Registry::new()
        .with(probe("outer", Act::Nothing, &log))
        .with(Nested::new("nested", Stage::RTX, inner))
        .with(probe("never", Act::Nothing, &log));
    let error = outer.build(config()).unwrap_err();
    assert_eq!(*log.lock().unwrap(), ["inner close", "outer close"]);
    let text = "building interceptor `nested` failed: building interceptor `broken` failed: told to refuse";
    assert_eq!((error.to_string(), error.interceptor()), (text.to_owned(), Some("nested")));
    let RegistryError::Factory { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.downcast_ref().and_then(RegistryError::interceptor), Some("broken"));
}

#[test]
fn the_error_that_made_a_factory_fail_is_kept() {
    let failed = std::io::Error::new(std::io::ErrorKind::NotFound, "no such directory");
    let error = BuildError::caused_by(failed);
    assert_eq!(error.to_string(), "no such directory");
    assert_eq!(error.downcast_ref().map(std::io::Error::kind), Some(std::io::ErrorKind::NotFound));
    assert!(BuildError::new("no room").downcast_ref::<std::io::Error>().is_none());
}

#[test]
fn a_panicking_factory_closes_what_was_built_in_reverse_order_and_panics_on() {
    let log = Log::default();
    let inner = Registry::new().with(probe("inner", Act::Nothing, &log)).with(Panics);
    // One that fails while it closes holds up no other one.
    let registry = Registry::new()
        .with(probe("first", Act::Nothing, &log))
        .with(probe("fails", Act::Fail, &log))
        .with(Nested::new("nested", Stage::RTX, inner));
    let panic = catch_unwind(AssertUnwindSafe(|| registry.build(config()).map(drop))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"told to panic"));
    assert_eq!(*log.lock().unwrap(), ["inner close", "fails close", "first close"]);
}

#[test]
fn a_factory_that_panics_leaves_a_running_chain_as_it_was() {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    let inserted = catch_unwind(AssertUnwindSafe(|| chain.insert_with(&Panics, now)));
    assert!(inserted.is_err());
    assert!(chain.layout().rows().is_empty());
    passes_everything(chain);
}

/// Fails to close in its own way.
struct Stubborn;

impl Interceptor for Stubborn {
    type Local = ();
    type Remote = ();

    fn close(&mut self, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        Err(std::io::Error::new(std::io::ErrorKind::StorageFull, "disk full"))?
    }
}

#[test]
fn errors_at_the_close_keep_their_types_and_names_in_nested_chains_too() {
    let mut inner = Chain::new(config());
    let now = inner.config().now;
    inner.insert("low", Stage::CAPTURE, Stubborn, now).unwrap();
    inner.insert("high", Stage::NACK, Stubborn, now).unwrap();
    let mut chain = Chain::new(config());
    chain.insert("inner", Stage::NACK, inner, now).unwrap();
    chain.insert("top", Stage::APPLICATION, Stubborn, now).unwrap();
    let error = chain.close(now).unwrap_err();
    let text =
        "closing failed in `top`: disk full; `inner`: closing failed in `high`: disk full; `low`: disk full";
    assert_eq!(error.to_string(), text);
    let ChainError::Close(errors) = error else { panic!("{error:?}") };
    let kind = errors[0].1.downcast_ref().map(std::io::Error::kind);
    assert_eq!(kind, Some(std::io::ErrorKind::StorageFull));
    let Some(ChainError::Close(inside)) = errors[1].1.downcast_ref() else { panic!("{errors:?}") };
    assert_eq!(inside.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["high", "low"]);
}

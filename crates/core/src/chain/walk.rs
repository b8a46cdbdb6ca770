//! One packet's way past the hooks: errors counted, panics caught, the packet never lost.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::interceptors::{Interceptors, dispose};
use crate::context::Context;
use crate::erased::{ErasedInterceptor, Verdict};
use crate::place::NodeId;
use crate::routes::Entry;
use crate::{Error, Event, Flow};

/// Which way a walk goes along its hops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the wire up to the application.
    Up,
    /// From the application down to the wire.
    Down,
}

/// Calls `hook` for each of the hops, which are ordered from the wire up, until one consumes the packet. A panic costs
/// one `catch_unwind` a walk, not one a hook: the walk starts again behind the interceptor that panicked.
#[inline]
pub(super) fn walk(
    way: Way,
    interceptors: &mut Interceptors,
    cx: &mut Context<'_>,
    mut hops: &[Entry],
    mut hook: impl FnMut(&mut dyn ErasedInterceptor, u32, &mut Context<'_>) -> Verdict,
) -> Flow {
    if !cx.shared.hot.isolate_panics {
        return run(way, interceptors, cx, hops, &mut hook);
    }
    loop {
        // Where a walk stands lives in registers; after a panic the context tells whose hook it was.
        match catch_unwind(AssertUnwindSafe(|| run(way, interceptors, cx, hops, &mut hook))) {
            Ok(flow) => return flow,
            Err(panic) => {
                bypass(interceptors, cx, &*panic);
                hops = behind(way, hops, cx.node);
            }
        }
    }
}

#[inline(always)]
fn run(
    way: Way,
    interceptors: &mut Interceptors,
    cx: &mut Context<'_>,
    hops: &[Entry],
    hook: &mut impl FnMut(&mut dyn ErasedInterceptor, u32, &mut Context<'_>) -> Verdict,
) -> Flow {
    let mut step = |hop: &Entry| {
        let Some(interceptor) = interceptors.get_mut(hop.node) else { return Flow::Forward };
        cx.node = hop.node;
        match hook(interceptor, hop.slot, cx) {
            Verdict::Forward => Flow::Forward,
            Verdict::Consumed => Flow::Consumed,
            Verdict::Failed => {
                failed_here(interceptors, cx);
                Flow::Forward
            }
        }
    };
    let consumed = match way {
        Way::Up => hops.iter().any(|hop| step(hop) == Flow::Consumed),
        Way::Down => hops.iter().rev().any(|hop| step(hop) == Flow::Consumed),
    };
    if consumed { Flow::Consumed } else { Flow::Forward }
}

/// The hops that a walk still has before it after the one of interceptor `node`.
#[cold]
fn behind(way: Way, hops: &[Entry], node: NodeId) -> &[Entry] {
    let at = hops.iter().position(|hop| hop.node == node).unwrap_or(hops.len());
    let rest = match way {
        Way::Up => hops.get(at + 1..),
        Way::Down => hops.get(..at),
    };
    rest.unwrap_or_default()
}

/// Calls one hook of one interceptor, outside any packet's walk. `None`: it panicked.
pub(super) fn call<R>(
    interceptors: &mut Interceptors,
    cx: &mut Context<'_>,
    id: NodeId,
    hook: impl FnOnce(&mut dyn ErasedInterceptor, &mut Context<'_>) -> R,
) -> Option<R> {
    let isolate = cx.shared.hot.isolate_panics;
    cx.node = id;
    let interceptor = interceptors.get_mut(id)?;
    if !isolate {
        return Some(hook(interceptor, cx));
    }
    match catch_unwind(AssertUnwindSafe(|| hook(interceptor, cx))) {
        Ok(result) => Some(result),
        Err(panic) => {
            bypass(interceptors, cx, &*panic);
            None
        }
    }
}

#[cold]
fn failed_here(interceptors: &mut Interceptors, cx: &mut Context<'_>) {
    if let Some(error) = cx.shared.failure.take() {
        failed(interceptors, cx, &error);
    }
}

/// A hook failed: count it, trace it, tell its interceptor, which may panic at that as in any hook. The packet goes on.
#[cold]
pub(super) fn failed(interceptors: &mut Interceptors, cx: &mut Context<'_>, error: &Error) {
    cx.shared.counters.hook_errors += 1;
    if let Some(node) = cx.shared.roster.get_mut(cx.node) {
        node.errors += 1;
    }
    tracing::debug!(interceptor = cx.name(), %error, "hook failed");
    let id = cx.node;
    call(interceptors, cx, id, |interceptor, cx| interceptor.handle_error(error, cx));
}

/// A hook panicked: its interceptor takes no part from now on.
#[cold]
fn bypass(interceptors: &mut Interceptors, cx: &mut Context<'_>, panic: &(dyn Any + Send)) {
    let (interceptor, message) = (cx.name(), message(panic));
    tracing::error!(interceptor, message, "interceptor panicked and is bypassed");
    let shared = &mut *cx.shared;
    shared.counters.panics += 1;
    shared.hot.wakes.clear(cx.node);
    if let Some(node) = shared.roster.get_mut(cx.node) {
        node.bypassed = true;
    }
    shared.broken.push(cx.node);
    shared.hot.pending = true;
    // The destructor of what is broken may well panic too; one panic an interceptor is enough to report.
    let _ = dispose(interceptors.take(cx.node));
    shared.push_event(Event::Bypassed { interceptor, message });
}

/// What a panic says.
pub(super) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

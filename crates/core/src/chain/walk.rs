//! One packet's way past the hooks: errors counted, panics caught, the packet never lost.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::nodes::Nodes;
use crate::context::Context;
use crate::erased::{ErasedInterceptor, Verdict};
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
    nodes: &mut Nodes,
    cx: &mut Context<'_>,
    mut hops: &[Entry],
    mut hook: impl FnMut(&mut dyn ErasedInterceptor, u32, &mut Context<'_>) -> Verdict,
) -> Flow {
    if !cx.shared.config.isolate_panics {
        return run(way, nodes, cx, hops, &mut hook);
    }
    loop {
        // Where a walk stands lives in registers; after a panic the context tells whose hook it was.
        match catch_unwind(AssertUnwindSafe(|| run(way, nodes, cx, hops, &mut hook))) {
            Ok(flow) => return flow,
            Err(panic) => {
                bypass(nodes, cx, &*panic);
                hops = behind(way, hops, cx.node);
            }
        }
    }
}

#[inline(always)]
fn run(
    way: Way,
    nodes: &mut Nodes,
    cx: &mut Context<'_>,
    hops: &[Entry],
    hook: &mut impl FnMut(&mut dyn ErasedInterceptor, u32, &mut Context<'_>) -> Verdict,
) -> Flow {
    let mut step = |hop: &Entry| {
        let Some(interceptor) = nodes.interceptor(hop.node) else { return Flow::Forward };
        cx.node = hop.node;
        match hook(interceptor, hop.slot, cx) {
            Verdict::Forward => Flow::Forward,
            Verdict::Consumed => Flow::Consumed,
            Verdict::Failed => {
                failed_here(nodes, cx);
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
fn behind(way: Way, hops: &[Entry], node: u16) -> &[Entry] {
    let at = hops.iter().position(|hop| hop.node == node).unwrap_or(hops.len());
    let rest = match way {
        Way::Up => hops.get(at + 1..),
        Way::Down => hops.get(..at),
    };
    rest.unwrap_or_default()
}

/// Calls one hook of one interceptor, outside any packet's walk. `None`: it panicked.
pub(super) fn call<R>(
    nodes: &mut Nodes,
    cx: &mut Context<'_>,
    id: u16,
    hook: impl FnOnce(&mut dyn ErasedInterceptor, &mut Context<'_>) -> R,
) -> Option<R> {
    let isolate = cx.shared.config.isolate_panics;
    cx.node = id;
    let interceptor = nodes.interceptor(id)?;
    if !isolate {
        return Some(hook(interceptor, cx));
    }
    match catch_unwind(AssertUnwindSafe(|| hook(interceptor, cx))) {
        Ok(result) => Some(result),
        Err(panic) => {
            bypass(nodes, cx, &*panic);
            None
        }
    }
}

#[cold]
fn failed_here(nodes: &mut Nodes, cx: &mut Context<'_>) {
    if let Some(error) = cx.shared.failure.take() {
        failed(nodes, cx, &error);
    }
}

/// A hook failed: count it, trace it, tell its interceptor. The packet goes on.
#[cold]
pub(super) fn failed(nodes: &mut Nodes, cx: &mut Context<'_>, error: &Error) {
    cx.shared.counters.hook_errors += 1;
    if let Some(errors) = cx.shared.errors.get_mut(usize::from(cx.node)) {
        *errors += 1;
    }
    tracing::debug!(interceptor = cx.name(), %error, "hook failed");
    if let Some(interceptor) = nodes.interceptor(cx.node) {
        interceptor.handle_error(error, cx);
    }
}

/// A hook panicked: its interceptor takes no part from now on.
#[cold]
fn bypass(nodes: &mut Nodes, cx: &mut Context<'_>, panic: &(dyn Any + Send)) {
    let message = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    cx.shared.counters.panics += 1;
    cx.shared.wakes.clear(cx.node);
    let interceptor = cx.name();
    tracing::error!(interceptor, message, "interceptor panicked and is bypassed");
    let broken = nodes.bypass(cx.node);
    // Its destructor may panic as well; that must not reach the call either.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(broken)));
    cx.shared.push_event(Event::Bypassed { interceptor, message });
}

//! One packet's way past the hooks: errors counted, panics caught, the packet never lost.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::nodes::Nodes;
use crate::context::Context;
use crate::erased::{ErasedInterceptor, Verdict};
use crate::{Error, Event, Flow};

/// Calls `hook` for each (interceptor, slot) until one consumes the packet. A panic costs one `catch_unwind` a walk,
/// not one a hook: the walk starts again behind the interceptor that panicked.
#[inline]
pub(super) fn walk(
    nodes: &mut Nodes,
    cx: &mut Context<'_>,
    mut hops: impl Iterator<Item = (u16, u32)>,
    mut hook: impl FnMut(&mut dyn ErasedInterceptor, u32, &mut Context<'_>) -> Verdict,
) -> Flow {
    if !cx.shared.config.isolate_panics {
        return run(nodes, cx, &mut hops, &mut hook);
    }
    loop {
        match catch_unwind(AssertUnwindSafe(|| run(nodes, cx, &mut hops, &mut hook))) {
            Ok(flow) => return flow,
            Err(panic) => bypass(nodes, cx, &*panic),
        }
    }
}

#[inline]
fn run(
    nodes: &mut Nodes,
    cx: &mut Context<'_>,
    hops: &mut impl Iterator<Item = (u16, u32)>,
    hook: &mut impl FnMut(&mut dyn ErasedInterceptor, u32, &mut Context<'_>) -> Verdict,
) -> Flow {
    for (id, slot) in hops {
        let Some(interceptor) = nodes.interceptor(id) else { continue };
        cx.node = id;
        match hook(interceptor, slot, cx) {
            Verdict::Forward => {}
            Verdict::Consumed => return Flow::Consumed,
            Verdict::Failed => failed_here(nodes, cx),
        }
    }
    Flow::Forward
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
    if let Some(wake) = cx.shared.wakes.get_mut(usize::from(cx.node)) {
        *wake = None;
    }
    let interceptor = cx.name();
    tracing::error!(interceptor, message, "interceptor panicked and is bypassed");
    let broken = nodes.bypass(cx.node);
    // Its destructor may panic as well; that must not reach the call either.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(broken)));
    cx.shared.push_event(Event::Bypassed { interceptor, message });
}

//! What is beside the media: buckets and stacks, with other shapes of middleware beside them.

mod bucket;
pub mod grpc;
mod ours;
#[cfg(feature = "stream-peers")]
mod peers;
mod request;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::contender::{Case, Contender, Role};

/// What `--scenario` calls it.
pub const NAME: &str = "streams";

/// Interceptors in a stack.
pub const LENGTHS: [usize; 4] = [1, 2, 4, 8];

/// Stacks of these lengths that the compiler knows.
pub const COMPILED: [&str; 4] = ["compiled, 1", "compiled, 2", "compiled, 4", "compiled, 8"];

/// Stacks of these lengths that the compiler knows, around a struct.
pub const REQUEST: [&str; 4] = ["request, 1", "request, 2", "request, 4", "request, 8"];

/// Stacks of these lengths that are put together at run time.
pub const RUN_TIME: [&str; 4] = ["run time, 1", "run time, 2", "run time, 4", "run time, 8"];

/// All cases that are built in.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = bucket::cases();
    cases.extend(ours::cases());
    cases.extend(request::cases());
    cases.extend(grpc::cases());
    #[cfg(feature = "stream-peers")]
    cases.extend(peers::cases());
    cases
}

/// Does one thing, again and again: a number goes in and another comes out.
#[derive(Debug)]
struct Again<F> {
    once: F,
    items: u64,
}

impl<F: FnMut(u64) -> u64> Contender for Again<F> {
    fn prepare(&mut self, items: usize) {
        self.items = items as u64;
    }

    fn run(&mut self) {
        for item in 0..self.items {
            black_box((self.once)(black_box(item)));
        }
    }
}

fn case<F: FnMut(u64) -> u64 + 'static>(
    variant: &'static str,
    who: (Role, &'static str),
    make: impl Fn() -> F + 'static,
) -> Case {
    Case::timed((NAME, variant, 1), who, move || Ok(Again { once: make(), items: 0 }))
}

/// What a future gives that waits for nothing.
#[inline]
fn ready<T: Default>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => T::default(),
    }
}

/// What an interceptor does on the way in: something that cannot be done for several of them at once.
#[inline]
const fn way_in(number: u64, by: u64) -> u64 {
    number.rotate_left(7).wrapping_add(by)
}

/// And on the way out.
#[inline]
const fn way_out(number: u64, by: u64) -> u64 {
    number.rotate_right(9).wrapping_add(by)
}

//! Interceptors as data around any unit of work: enter, leave and error, sync and async, without a runtime.
//!
//! An *interceptor* is up to three functions with one parameter, a context: `enter` on the way in, `leave` on the way out, `error` on the way out when
//! something has failed. A *stack* is a list of them. It does no more than call them in order, so that each can be small: one opens and closes,
//! one checks, one measures, one does the work.
//!
//! ```
//! use interceptor_stack::{Execute, Step, interceptor, stack};
//!
//! #[derive(Default)]
//! struct Transfer { amount: u32, balance: u32, locked: bool }
//!
//! let lock = interceptor("lock")
//!     .enter(|transfer: &mut Transfer| { transfer.locked = true; Ok(Step::Next) })
//!     .leave(|transfer: &mut Transfer| { transfer.locked = false; Ok(()) })
//!     .error(|transfer: &mut Transfer, error| { transfer.locked = false; Err(error) });
//! let validate = interceptor("validate").enter(|transfer: &mut Transfer| match transfer.amount {
//!     0 => Ok(Step::Turn), // nothing to do: back from here
//!     amount if amount > transfer.balance => Err("not enough money"),
//!     _ => Ok(Step::Next),
//! });
//! let withdraw = interceptor("withdraw").enter(|transfer: &mut Transfer| {
//!     transfer.balance -= transfer.amount;
//!     Ok(Step::Next)
//! });
//! let stack = stack![lock, validate, withdraw];
//!
//! let mut transfer = Transfer { amount: 30, balance: 100, ..Transfer::default() };
//! assert_eq!(stack.execute(&mut transfer), Ok(()));
//! assert_eq!((transfer.balance, transfer.locked), (70, false));
//!
//! transfer.amount = 80;
//! assert_eq!(stack.execute(&mut transfer), Err("not enough money"));
//! assert_eq!((transfer.balance, transfer.locked), (70, false));
//! ```
//!
//! # What is called when
//!
//! The way in goes from the first to the last, the way out back. The context is lent to each in turn, and is the caller's afterwards.
//!
//! | case | what happens |
//! |---|---|
//! | empty stack | `Ok`, the context untouched |
//! | `enter` gives [`Step::Next`] | the next one's `enter`; after the last one its own `leave` |
//! | `enter` gives [`Step::Turn`] | its own `leave`, then outwards; nobody further in is called |
//! | `enter` fails | its own `error`; never its `leave`; nobody further in is called |
//! | `leave` fails | its own `error` |
//! | `error` gives `Ok` | dealt with: the previous one's `leave`. The way in is not taken up again |
//! | `error` gives `Err`, the same or another | the previous one's `error` gets that; from the first one it is the result |
//! | a function is absent | as if it were empty: in to the next, out to the previous; an error is passed on |
//! | a function panics | it unwinds through the stack, and no `leave` or `error` runs |
//! | a function panics in [`Contain`] | as if it had failed with [`Panicked`]; a panic of `error` takes the place of the error it got |
//! | work in [`for_each`] or [`Worker`] fails | what is to be done with it decides: `Ok` goes on with the next piece, `Err` unwinds the outer stack |
//! | an asynchronous execution is dropped | nothing more is called: no `leave`, no `error` |
//!
//! All executors do the same: 20 000 random stacks are compared with a model in every form below.
//!
//! # Forms
//!
//! | form | interceptors | an execution allocates |
//! |---|---|---|
//! | [`stack!`] with [`Execute`] | [`Interceptor`], known to the compiler | nothing |
//! | [`Stack`] with [`Execute`] | [`Interceptor`], put together at run time | nothing |
//! | [`stack!`] with [`AsyncExecute`] | [`AsyncInterceptor`], known to the compiler | nothing |
//! | [`AsyncStack`] with [`AsyncExecute`] | [`AsyncInterceptor`], put together at run time | once an interceptor that waits |
//!
//! An interceptor is what [`interceptor`](fn@interceptor) makes of functions, or a type that implements the trait. Behind `&` or `Arc` it can stand
//! in several stacks. One that waits for nothing stands among others that do in [`Immediate`], or at run time by
//! [`AsyncStack::push_immediate`].
//!
//! # Contexts and errors
//!
//! The context is any type, best a struct of one's own; [`Bag`] is one of keys and values, whose keys are types. Both traits are generic over the
//! error as well: an interceptor that raises none and passes on all can be written once for every error.
//!
//! An interceptor does one thing, to about one field of the context, and handles no errors but its own: it fails with `?`, and gives back in `leave` and
//! `error` what it took in `enter`. Two small ones are better than a large one; a step costs next to nothing.
//!
//! # A service
//!
//! What is gathered once stands in an outer stack, whose last interceptor takes messages off a queue and executes an inner stack around each:
//! [`Worker`], or [`for_each`] where nothing waits. End it by a signal that [`Queue::next`] waits for; the message that is being worked on is
//! finished, and the outer stack's `leave`s run once. **Never end it by dropping or aborting its future**, and a timeout around it is the same: what
//! has been entered would not be left. `examples/queue_service.rs` is a whole service.
//!
//! # Who watches
//!
//! [`Execute::execute_with`] tells an [`Observer`] of every call before and after, with name, phase, depth, context and outcome. Absent functions are
//! not told. It is a generic argument, and `()` is none.
//!
//! # What it is not
//!
//! - **tower** has a request, a response and a service that may not be ready; here is one context that goes in and comes out, and nothing to poll
//!   before. Retries, buffers and load balancing are tower's.
//! - **Pedestal and sieppari** keep the queue of a running stack in the context, where an interceptor may change it; here it is fixed, and more work is
//!   a stack inside. There an error of `leave` goes to the previous interceptor's `error`; here to its own, as one of `enter` does.
//! - No thread-local context, no futures that are not `Send`, no retry: what failed half-way through `enter` is not entered again.

mod asynchronous;
mod bag;
mod calls;
mod contain;
mod each;
mod execute;
mod functions;
mod interceptor;
mod observer;
mod stack;

pub use asynchronous::{AsyncExecute, AsyncInterceptor, AsyncStack, Immediate, Queue, Worker};
pub use bag::Bag;
pub use contain::{Contain, Panicked};
pub use each::{ForEach, for_each};
pub use execute::Execute;
pub use functions::{Absent, Enter, Functions, Leave, OnError, interceptor};
pub use interceptor::{Interceptor, Phase, Step};
pub use observer::{Call, Observer, Outcome};
pub use stack::Stack;

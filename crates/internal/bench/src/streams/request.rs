//! What stacks are for: a struct as the context, errors that have a destructor, and interceptors that each touch a field of their own.

use std::hint::black_box;

use interceptor_stack::{Execute, Interceptor, Step, stack};

use super::{REQUEST, case, way_in, way_out};
use crate::contender::{Case, Role};

const STACK: (Role, &str) = (Role::Subject, "interceptor-stack, stack!");
const BY_HAND: (Role, &str) = (Role::Variant, "by hand, without interceptors");

/// About as large as the head of an HTTP request.
#[derive(Debug, Default)]
pub(super) struct Request {
    path: String,
    fields: [u64; 16],
}

impl Request {
    pub(super) fn new(number: u64) -> Self {
        let mut fields = [0; 16];
        fields[0] = number;
        Self { path: String::new(), fields }
    }

    /// Of all that was done to it.
    pub(super) fn sum(&self) -> u64 {
        self.path.len() as u64 + self.fields.iter().fold(0, |sum, field| sum ^ field)
    }
}

/// What one interceptor does: it changes a field on the way in and out, and there it may fail. The compiler knows neither the field nor the
/// numbers, so it cannot do several at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touches {
    field: usize,
    by: u64,
    fails_at: u64,
}

impl Touches {
    pub(super) fn new(field: usize) -> Self {
        Self { field: black_box(field), by: black_box(3), fails_at: black_box(u64::MAX) }
    }

    #[inline]
    pub(super) fn way_in(&self, request: &mut Request) {
        if let Some(field) = request.fields.get_mut(self.field % 16) {
            *field = way_in(*field, self.by);
        }
    }

    #[inline]
    pub(super) fn way_out(&self, request: &mut Request) -> Result<(), String> {
        let Some(field) = request.fields.get_mut(self.field % 16) else { return Ok(()) };
        *field = way_out(*field, self.by);
        if *field == self.fails_at { Err(failure(*field)) } else { Ok(()) }
    }
}

#[cold]
fn failure(number: u64) -> String {
    format!("{number} is too much")
}

impl Interceptor<Request, String> for Touches {
    fn name(&self) -> &str {
        "touches"
    }

    fn enter(&self, request: &mut Request) -> Result<Step, String> {
        self.way_in(request);
        Ok(Step::Next)
    }

    fn leave(&self, request: &mut Request) -> Result<(), String> {
        self.way_out(request)
    }
}

fn execute(stack: impl Execute<Request, String>) -> impl FnMut(u64) -> u64 {
    move |number| {
        let mut request = Request::new(number);
        match stack.execute(&mut request) {
            Ok(()) => request.sum(),
            Err(error) => error.len() as u64,
        }
    }
}

fn by_hand<const N: usize>() -> impl FnMut(u64) -> u64 {
    let all: [Touches; N] = std::array::from_fn(Touches::new);
    let run = move |request: &mut Request| {
        all.iter().for_each(|one| one.way_in(request));
        all.iter().rev().try_for_each(|one| one.way_out(request))
    };
    move |number| {
        let mut request = Request::new(number);
        match run(&mut request) {
            Ok(()) => request.sum(),
            Err(error) => error.len() as u64,
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    let [one, two, four, eight] = REQUEST;
    let t = Touches::new;
    vec![
        case(one, BY_HAND, by_hand::<1>),
        case(two, BY_HAND, by_hand::<2>),
        case(four, BY_HAND, by_hand::<4>),
        case(eight, BY_HAND, by_hand::<8>),
        case(one, STACK, move || execute(stack![t(0)])),
        case(two, STACK, move || execute(stack![t(0), t(1)])),
        case(four, STACK, move || execute(stack![t(0), t(1), t(2), t(3)])),
        case(eight, STACK, move || execute(stack![t(0), t(1), t(2), t(3), t(4), t(5), t(6), t(7)])),
    ]
}

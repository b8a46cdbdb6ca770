//! The same as layers of tower, and as a chain of objects with a `Next`.

use std::borrow::BorrowMut;
use std::convert::Infallible;
use std::future::{Ready, ready as done};
use std::hint::black_box;
use std::sync::Arc;

use async_trait::async_trait;
use tower::util::BoxCloneService;
use tower::{Service, ServiceExt as _, service_fn};

use super::request::{Request, Touches};
use super::{COMPILED, LENGTHS, REQUEST, RUN_TIME, case, ready, way_in, way_out};
use crate::contender::{Case, Role};

const TOWER: (Role, &str) = (Role::Peer, "tower 0.5.3, nested services");
const TOWER_AROUND_BOXES: (Role, &str) = (Role::Peer, "tower 0.5.3, nested, request boxed");
const TOWER_BOXED: (Role, &str) = (Role::Peer, "tower 0.5.3, BoxCloneService");
const NEXT: (Role, &str) = (Role::Peer, "async-trait objects with a Next");

/// What is inside all layers.
fn innermost() -> impl Service<u64, Response = u64, Error = Infallible, Future: Send> + Clone + Send {
    service_fn(|number| -> Ready<Result<u64, Infallible>> { done(Ok(number)) })
}

/// One layer: adds on the way in, changes on the way out.
fn layer<S>(inner: S) -> impl Service<u64, Response = u64, Error = Infallible, Future: Send> + Clone + Send
where
    S: Service<u64, Response = u64, Error = Infallible, Future: Send> + Clone + Send,
{
    let by = black_box(3_u64);
    inner.map_response(move |number| way_out(number, by)).map_request(move |number| way_in(number, by))
}

/// The same around a struct, which is moved in and out, or around a box of it.
fn touching<R, S>(
    touches: Touches,
    inner: S,
) -> impl Service<R, Response = R, Error = String, Future: Send> + Clone + Send
where
    R: BorrowMut<Request> + Send,
    S: Service<R, Response = R, Error = String, Future: Send> + Clone + Send,
{
    let out = move |result: Result<R, String>| {
        let mut request = result?;
        touches.way_out(request.borrow_mut()).map(|()| request)
    };
    let enter = move |mut request: R| {
        touches.way_in(request.borrow_mut());
        request
    };
    inner.map_result(out).map_request(enter)
}

fn request<R: BorrowMut<Request> + From<Request>>(
    mut service: impl Service<R, Response = R, Error = String>,
) -> impl FnMut(u64) -> u64 {
    move |number| {
        let called = service.call(Request::new(number).into());
        ready(async {
            match called.await {
                Ok(request) => request.borrow().sum(),
                Err(error) => error.len() as u64,
            }
        })
    }
}

fn service(mut service: impl Service<u64, Response = u64, Error = Infallible>) -> impl FnMut(u64) -> u64 {
    move |number| {
        let called = service.call(number);
        ready(async { called.await.unwrap_or_default() })
    }
}

fn boxed(length: usize) -> BoxCloneService<u64, u64, Infallible> {
    (0..length).fold(BoxCloneService::new(innermost()), |inner, _| BoxCloneService::new(layer(inner)))
}

/// Middleware as HTTP clients have it: one method around the rest.
#[async_trait]
trait Middleware: Send + Sync {
    async fn handle(&self, number: &mut u64, next: Next<'_>) -> Result<(), Infallible>;
}

/// What is further in.
struct Next<'a>(&'a [Arc<dyn Middleware>]);

impl Next<'_> {
    async fn run(self, number: &mut u64) -> Result<(), Infallible> {
        match self.0.split_first() {
            Some((first, rest)) => first.handle(number, Next(rest)).await,
            None => Ok(()),
        }
    }
}

struct Adds(u64);

#[async_trait]
impl Middleware for Adds {
    async fn handle(&self, number: &mut u64, next: Next<'_>) -> Result<(), Infallible> {
        *number = way_in(*number, self.0);
        next.run(number).await?;
        *number = way_out(*number, self.0);
        Ok(())
    }
}

fn chain(length: usize) -> impl FnMut(u64) -> u64 {
    let chain: Vec<Arc<dyn Middleware>> =
        (0..length).map(|_| Arc::new(Adds(black_box(3))) as Arc<dyn Middleware>).collect();
    move |number| {
        ready(async {
            let mut number = number;
            let failed = Next(&chain).run(&mut number).await.is_err();
            number + u64::from(failed)
        })
    }
}

/// Layers that each touch a field, the first outermost.
macro_rules! layers {
    ($request:ty;) => { service_fn(|request| -> Ready<Result<$request, String>> { done(Ok(request)) }) };
    ($request:ty; $field:literal $($further:literal)*) => {
        touching(Touches::new($field), layers!($request; $($further)*))
    };
}

macro_rules! around {
    ($cases:ident, $who:expr, $request:ty) => {{
        let [one, two, four, eight] = REQUEST;
        $cases.push(case(one, $who, || request(layers!($request; 0))));
        $cases.push(case(two, $who, || request(layers!($request; 0 1))));
        $cases.push(case(four, $who, || request(layers!($request; 0 1 2 3))));
        $cases.push(case(eight, $who, || request(layers!($request; 0 1 2 3 4 5 6 7))));
    }};
}

pub(super) fn cases() -> Vec<Case> {
    let [one, two, four, eight] = COMPILED;
    let mut cases = vec![
        case(one, TOWER, || service(layer(innermost()))),
        case(two, TOWER, || service(layer(layer(innermost())))),
        case(four, TOWER, || service(layer(layer(layer(layer(innermost())))))),
        case(eight, TOWER, || service(layer(layer(layer(layer(layer(layer(layer(layer(innermost())))))))))),
    ];
    around!(cases, TOWER, Request);
    around!(cases, TOWER_AROUND_BOXES, Box<Request>);
    for (length, variant) in LENGTHS.into_iter().zip(RUN_TIME) {
        cases.push(case(variant, TOWER_BOXED, move || service(boxed(length))));
        cases.push(case(variant, NEXT, move || chain(length)));
    }
    cases
}

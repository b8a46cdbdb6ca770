//! The pattern as it is usually told: a context with an `error` key, a queue of those to enter and a list of those entered.

use std::collections::{BTreeMap, VecDeque};

use interceptor_stack::Phase;

use crate::scripted::{Log, OnEnter, OnError, OnLeave, Scripted};

/// What is called in which order, and the `error` key at the end.
pub(crate) fn run(stack: &[Scripted]) -> (Log, Option<u32>) {
    let mut context = Context::default();
    let mut queue: VecDeque<&Scripted> = stack.iter().collect();
    let mut entered = Vec::new();
    while let Some(current) = queue.pop_front() {
        match current.enter {
            OnEnter::Absent => {}
            OnEnter::Ok => context.log(current, Phase::Enter),
            OnEnter::Turn => {
                context.log(current, Phase::Enter);
                queue.clear();
            }
            OnEnter::Fail => {
                context.log(current, Phase::Enter);
                context.keys.insert("error", current.fault(Phase::Enter));
                context.error(current);
                // It has had its turn, and nobody is entered any more.
                queue.clear();
                continue;
            }
        }
        entered.push(current);
    }
    while let Some(current) = entered.pop() {
        if context.keys.contains_key("error") {
            context.error(current);
            continue;
        }
        match current.leave {
            OnLeave::Absent => {}
            OnLeave::Ok => context.log(current, Phase::Leave),
            OnLeave::Fail => {
                context.log(current, Phase::Leave);
                context.keys.insert("error", current.fault(Phase::Leave));
                context.error(current);
            }
        }
    }
    (context.log, context.keys.remove("error"))
}

#[derive(Default)]
struct Context {
    keys: BTreeMap<&'static str, u32>,
    log: Log,
}

impl Context {
    fn log(&mut self, current: &Scripted, phase: Phase) {
        self.log.push((current.place, phase, None));
    }

    fn error(&mut self, current: &Scripted) {
        if current.error != OnError::Absent {
            self.log.push((current.place, Phase::Error, self.keys.get("error").copied()));
        }
        match current.error {
            OnError::Absent | OnError::Keep => {}
            OnError::Clear => drop(self.keys.remove("error")),
            OnError::Replace => drop(self.keys.insert("error", current.fault(Phase::Error))),
        }
    }
}

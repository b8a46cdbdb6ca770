//! One function of one interceptor, with who watches.

/// Calls and waits. A macro, since an `async fn` would be one more future around each function, in time and in size.
macro_rules! call {
    ($this:ident.enter($context:ident), $depth:expr, $observer:expr) => {
        call!(
            $this,
            Enter,
            $this.enter($context),
            Ok(Step::Next),
            crate::calls::entered,
            $context,
            $depth,
            $observer
        )
    };
    ($this:ident.leave($context:ident), $depth:expr, $observer:expr) => {
        call!($this, Leave, $this.leave($context), Ok(()), crate::calls::left, $context, $depth, $observer)
    };
    ($this:ident.error($context:ident, $error:ident), $depth:expr, $observer:expr) => {
        call!(
            $this,
            Error,
            $this.error($context, $error),
            Err($error),
            crate::calls::left,
            $context,
            $depth,
            $observer
        )
    };
    ($this:ident, $phase:ident, $call:expr, $absent:expr, $outcome:path, $context:ident, $depth:expr, $observer:expr) => {{
        let phase = crate::Phase::$phase;
        if $this.defines(phase) {
            // Made twice rather than kept while the function waits.
            if $observer.watches() {
                $observer.before(crate::Call { name: $this.name(), phase, depth: $depth }, $context);
            }
            let outcome = $call.await;
            if $observer.watches() {
                let call = crate::Call { name: $this.name(), phase: crate::Phase::$phase, depth: $depth };
                $observer.after(call, $context, $outcome(&outcome));
            }
            outcome
        } else {
            $absent
        }
    }};
}

pub(super) use call;

//! The interceptor trait, stages, registry and the sans-IO chain.

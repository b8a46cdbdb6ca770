//! Loss over a link with a delay, both directions.

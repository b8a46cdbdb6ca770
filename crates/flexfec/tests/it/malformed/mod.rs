//! The rows of the table of malformed and hostile input.

mod broadcast;
mod hostile;
mod protecting;
mod recovering;

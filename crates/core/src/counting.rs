//! Structs of counters, as interceptors keep them for each stream and add them up for a connection.

/// Declares structs of `u64` counters that can be added up.
///
/// ```
/// interceptor_core::counters! {
///     /// What was counted of a stream.
///     pub struct Seen {
///         /// Packets that passed.
///         packets,
///         /// Bytes of these.
///         bytes,
///     }
/// }
/// let mut total = Seen::default();
/// let mut stream = Seen::default();
/// stream.packets += 3;
/// total += stream;
/// total += stream;
/// assert_eq!(total.packets, 6);
/// ```
#[macro_export]
macro_rules! counters {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$doc:meta])* $field:ident,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        $vis struct $name {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl ::core::ops::AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                $(self.$field += other.$field;)*
            }
        }
    )*};
}

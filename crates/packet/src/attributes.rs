//! A typed map that costs nothing while empty.

use std::any::Any;
use std::fmt;

/// A map with at most one value a type, like `http::Extensions`. Eight bytes and no allocation while empty.
///
/// Meant for a handful of values: look-ups walk a list. Cloning clones every value.
///
/// ```
/// # use interceptor_packet::Attributes;
/// #[derive(Clone, Debug, PartialEq)]
/// struct Layer(u8);
///
/// let mut attributes = Attributes::default();
/// assert_eq!(attributes.insert(Layer(1)), None);
/// assert_eq!(attributes.insert(Layer(2)), Some(Layer(1)));
/// assert_eq!(attributes.get::<Layer>(), Some(&Layer(2)));
/// ```
#[derive(Clone, Default)]
pub struct Attributes {
    // The box keeps the empty map at one word: a packet carries it whether or not anyone uses it.
    entries: Option<Box<Entries>>,
}

#[derive(Clone, Default)]
struct Entries(Vec<Box<dyn Value>>);

impl Drop for Attributes {
    /// Every packet drops one, nearly always empty: that is a comparison, and what else there is stands elsewhere.
    #[inline]
    fn drop(&mut self) {
        #[cold]
        fn end(entries: Box<Entries>) {
            drop(entries);
        }
        if let Some(entries) = self.entries.take() {
            end(entries);
        }
    }
}

impl Attributes {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: None }
    }

    /// Sets the value of type `T`, and gives back the one it replaces.
    pub fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) -> Option<T> {
        if let Some(current) = self.get_mut::<T>() {
            return Some(std::mem::replace(current, value));
        }
        self.entries.get_or_insert_default().0.push(Box::new(value));
        None
    }

    /// The value of type `T`.
    #[must_use]
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.entries.as_ref()?.0.iter().find_map(|value| (**value).as_any().downcast_ref())
    }

    /// The value of type `T`, to change in place.
    #[must_use]
    pub fn get_mut<T: Clone + Send + Sync + 'static>(&mut self) -> Option<&mut T> {
        self.entries.as_mut()?.0.iter_mut().find_map(|value| (**value).as_any_mut().downcast_mut())
    }

    /// Takes the value of type `T` out.
    pub fn remove<T: Clone + Send + Sync + 'static>(&mut self) -> Option<T> {
        let entries = self.entries.as_mut()?;
        let at = entries.0.iter().position(|value| (**value).as_any().is::<T>())?;
        let value = entries.0.swap_remove(at);
        if entries.0.is_empty() {
            self.entries = None;
        }
        value.into_any().downcast().ok().map(|value| *value)
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.as_ref().map_or(0, |entries| entries.0.len())
    }

    /// Whether there is no value.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_none()
    }

    /// Drops all values.
    pub fn clear(&mut self) {
        self.entries = None;
    }
}

impl fmt::Debug for Attributes {
    /// Names the types; values need not be `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.as_ref().map_or(&[][..], |entries| &entries.0);
        f.debug_set().entries(entries.iter().map(|value| (**value).type_name())).finish()
    }
}

trait Value: Send + Sync {
    fn boxed_clone(&self) -> Box<dyn Value>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    fn type_name(&self) -> &'static str;
}

impl<T: Clone + Send + Sync + 'static> Value for T {
    fn boxed_clone(&self) -> Box<dyn Value> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }
}

impl Clone for Box<dyn Value> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}

//! A context of keys and values, for those who want one: its keys are types.

use std::any::{Any, TypeId, type_name};
use std::fmt;

/// A context for interceptors that do not know of each other: at most one value a type. Where all are known a struct is better, since then the
/// compiler sees that nothing is missing.
///
/// Meant for a handful of values: look-ups walk a list.
///
/// ```
/// use interceptor_stack::{Bag, Execute, Step, interceptor, stack};
///
/// struct User(String);
/// struct Greeting(String);
///
/// let login = interceptor("login").enter(|bag: &mut Bag| {
///     bag.insert(User("Ada".into()));
///     Ok(Step::Next)
/// });
/// let greet = interceptor("greet").enter(|bag: &mut Bag| {
///     let User(name) = bag.get().ok_or("nobody has logged in")?;
///     let greeting = Greeting(format!("Hello, {name}"));
///     bag.insert(greeting);
///     Ok(Step::Next)
/// });
/// let mut bag = Bag::new();
/// assert_eq!(stack![login, &greet].execute(&mut bag), Ok(()));
/// assert_eq!(bag.get::<Greeting>().map(|greeting| &*greeting.0), Some("Hello, Ada"));
/// assert_eq!(stack![&greet].execute(&mut Bag::new()), Err("nobody has logged in"));
/// ```
#[derive(Default)]
pub struct Bag {
    values: Vec<Value>,
}

struct Value {
    key: TypeId,
    name: &'static str,
    value: Box<dyn Any + Send>,
}

impl Bag {
    /// An empty one; it allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// With this value.
    #[must_use]
    pub fn with<T: Send + 'static>(mut self, value: T) -> Self {
        self.insert(value);
        self
    }

    /// Sets the value of type `T`, and gives back the one it replaces.
    pub fn insert<T: Send + 'static>(&mut self, value: T) -> Option<T> {
        if let Some(current) = self.get_mut::<T>() {
            return Some(std::mem::replace(current, value));
        }
        let (key, name) = (TypeId::of::<T>(), type_name::<T>());
        self.values.push(Value { key, name, value: Box::new(value) });
        None
    }

    /// The value of type `T`.
    #[must_use]
    pub fn get<T: Send + 'static>(&self) -> Option<&T> {
        self.values.iter().find(|value| value.key == TypeId::of::<T>())?.value.downcast_ref()
    }

    /// The value of type `T`, to change in place.
    #[must_use]
    pub fn get_mut<T: Send + 'static>(&mut self) -> Option<&mut T> {
        self.values.iter_mut().find(|value| value.key == TypeId::of::<T>())?.value.downcast_mut()
    }

    /// Takes the value of type `T` out.
    pub fn remove<T: Send + 'static>(&mut self) -> Option<T> {
        let at = self.values.iter().position(|value| value.key == TypeId::of::<T>())?;
        self.values.swap_remove(at).value.downcast().ok().map(|value| *value)
    }

    /// Whether there is a value of type `T`.
    #[must_use]
    pub fn contains<T: Send + 'static>(&self) -> bool {
        self.get::<T>().is_some()
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Debug for Bag {
    /// Names the types; values need not be `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.iter().map(|value| value.name)).finish()
    }
}

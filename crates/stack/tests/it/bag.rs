//! The typed map.

use interceptor_stack::{Bag, Execute, Step, interceptor, stack};

#[derive(Debug, PartialEq)]
struct User(&'static str);

#[test]
fn there_is_one_value_a_type() {
    let mut bag = Bag::new();
    assert!(bag.is_empty() && !bag.contains::<User>());
    assert_eq!(bag.insert(User("Ada")), None);
    assert_eq!(bag.insert(User("Grace")), Some(User("Ada")));
    assert_eq!(bag.insert(7_u32), None);
    *bag.get_mut::<u32>().unwrap() += 1;
    assert_eq!((bag.get::<User>(), bag.get::<u32>(), bag.len()), (Some(&User("Grace")), Some(&8), 2));
    assert_eq!(bag.remove::<User>(), Some(User("Grace")));
    assert_eq!((bag.remove::<User>(), bag.get::<User>(), bag.len()), (None, None, 1));
}

#[test]
fn its_types_can_be_read_in_a_log() {
    let text = format!("{:?}", Bag::new().with(1_u8).with(User("Ada")));
    assert!(text.contains("u8") && text.contains("User") && !text.contains("Ada"), "{text}");
}

#[test]
fn it_can_move_to_another_thread() {
    fn sends<T: Send>() {}
    sends::<Bag>();
}

/// What has gone wrong, as a key of the context.
#[derive(Debug, PartialEq)]
struct Fault(&'static str);

#[test]
fn a_stack_works_on_keys_and_values_and_its_error_may_be_one_of_them() {
    let login = interceptor("login").enter(|bag: &mut Bag| {
        bag.insert(User("Ada"));
        Ok(Step::Next)
    });
    // What would hold an error in the context puts it there: whoever looks at the key further out finds it.
    let keeps = interceptor("keeps").error(|bag: &mut Bag, error| {
        bag.insert(Fault(error));
        Ok(())
    });
    let fails = interceptor("fails").enter(|bag: &mut Bag| {
        bag.insert(7_u32);
        Err("refused")
    });
    let mut bag = Bag::new();
    assert_eq!(stack![login, keeps, fails].execute(&mut bag), Ok(()));
    assert_eq!((bag.get(), bag.get()), (Some(&User("Ada")), Some(&Fault("refused"))));
    assert_eq!(
        (bag.remove::<u32>(), bag.len()),
        (Some(7), 2),
        "what was put in before the error is still there"
    );
}

//! The typed map.

use interceptor_stack::Bag;

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

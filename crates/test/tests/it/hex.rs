//! Hexadecimal vectors.

use interceptor_test::hex;

#[test]
fn reads_digits_in_either_case_and_skips_separators_and_comments() {
    let bytes = hex("80 60\n0a:0B-0c_0D # the rest is not read: 99\n\tfF");
    assert_eq!(bytes, [0x80, 0x60, 0x0a, 0x0b, 0x0c, 0x0d, 0xff].as_slice());
    assert!(hex("  # nothing").is_empty());
}

#[test]
#[should_panic(expected = "'x' at line 2, column 4")]
fn says_where_another_character_is() {
    let _ = hex("80\n60 xx");
}

#[test]
#[should_panic(expected = "odd number of digits")]
fn refuses_half_a_byte() {
    let _ = hex("80 6");
}

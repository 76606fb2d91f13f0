//! What the compiler keeps: no read without a permit, no permit but the door's, each used once.

#[test]
fn the_door_cannot_be_gone_around() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

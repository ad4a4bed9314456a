//! Wrong programs do not compile: acting without a warrant, and acting twice with one.

#[test]
fn an_executor_cannot_act_without_a_warrant_nor_twice_with_one() {
    trybuild::TestCases::new().compile_fail("tests/compile-fail/*.rs");
}

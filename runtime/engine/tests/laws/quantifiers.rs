//! Quantifiers in three values, over nothing, over what is not known, and within each other; and what is asked of texts.

use leeway_engine::Truth;
use leeway_units::{Quantity, Record, Unit, Value};

use crate::parts::{free, pod};
use crate::world::now;

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

#[test]
fn any_and_all_are_kleenes() {
    for (crashed, any, all) in [
        (&[][..], Truth::False, Truth::True),
        (&[YES][..], Truth::True, Truth::True),
        (&[NO][..], Truth::False, Truth::False),
        (&[YES, NO][..], Truth::True, Truth::False),
        (&[None][..], Truth::Unknown, Truth::Unknown),
        (&[YES, None][..], Truth::True, Truth::Unknown),
        (&[NO, None][..], Truth::Unknown, Truth::False),
        (&[YES, NO, None][..], Truth::True, Truth::False),
    ] {
        let world = free("").pods(crashed.iter().map(|crashed| pod(*crashed, None)).collect());
        let asked = (world.truth("any pod in pods: pod.crashed"), world.truth("all pod in pods: pod.crashed"));
        assert_eq!(asked, (any, all), "{crashed:?}");
    }
}

#[test]
fn what_counts_is_unknown_if_an_element_is() {
    let world = free("").pods(vec![pod(YES, Some(4)), pod(NO, Some(1)), pod(YES, Some(2))]);
    let one_unknown = free("").pods(vec![pod(YES, Some(4)), pod(None, None)]);
    for (expr, value) in [
        ("count pod in pods: pod.crashed", "2"),
        ("count pod in pods: pod.restarts > 1", "2"),
        ("sum pod in pods: pod.restarts", "7"),
        ("min pod in pods: pod.restarts", "1"),
        ("max pod in pods: pod.restarts", "4"),
    ] {
        assert!(world.is(expr, value), "{expr}");
        assert!(one_unknown.is_unknown(expr), "{expr}");
        assert!(free("").is_unknown(expr), "no pods were seen: {expr}");
    }
}

#[test]
fn over_nothing_a_sum_is_zero_of_its_unit_and_there_is_no_least() {
    let world = free("").pods(vec![]);
    for (expr, value) in [
        ("count pod in pods: pod.crashed", "0"),
        ("sum pod in pods: pod.restarts", "0"),
        ("sum pod in pods: pod.age", "0s"),
        ("sum pod in pods: pod.age * 2", "0s"),
    ] {
        assert!(world.is(expr, value), "{expr}");
    }
    assert!(world.is_unknown("min pod in pods: pod.restarts"));
    assert!(world.is_unknown("max pod in pods: pod.restarts"));
}

#[test]
fn a_field_that_cannot_be_is_unknown_and_the_others_are_not() {
    let minus = Value::Quantity(Quantity::new(Unit::Count, -1.0).unwrap());
    let pod =
        |crashed: bool| Record::new([("crashed".into(), Value::Bool(crashed)), ("restarts".into(), minus.clone())]);
    let world = free("").pods(vec![Value::Record(pod(true)), Value::Record(pod(false))]);
    assert_eq!(world.truth("any pod in pods: pod.crashed"), Truth::True);
    assert_eq!(world.truth("any pod in pods: pod.restarts < 3"), Truth::Unknown);
}

#[test]
fn a_collection_that_is_too_large_is_unknown() {
    let crowd = |size: usize| free("").pods(vec![pod(YES, Some(0)); size]);
    assert_eq!(crowd(1_000).truth("any pod in pods: pod.crashed"), Truth::True);
    let too_many = crowd(1_001);
    assert_eq!(too_many.truth("any pod in pods: pod.crashed"), Truth::Unknown);
    let seen = &too_many.snapshot.facts[usize::from(too_many.fact("pods").0)];
    assert_eq!(seen.at(now()).why(), Some("invalid"));
}

#[test]
fn a_quantifier_within_another_sees_both_elements() {
    let world = free("").pods(vec![pod(NO, Some(4)), pod(NO, Some(1))]);
    assert!(world.is("count pod in pods: (all other in pods: other.restarts <= pod.restarts)", "1"));
}

#[test]
fn texts_are_asked_by_their_letters_and_enums_by_their_words() {
    let world = free("").with("image", "shop/web:1.4").with("strategy", "recreate");
    for (condition, truth) in [
        ("image starts_with \"shop/\"", Truth::True),
        ("image starts_with \"web\"", Truth::False),
        ("image ends_with \":1.4\"", Truth::True),
        ("image matches \"^shop/[a-z]+:\"", Truth::True),
        ("image matches \"latest$\"", Truth::False),
        ("strategy == recreate", Truth::True),
        ("strategy in [rolling_update]", Truth::False),
    ] {
        assert_eq!(world.truth(condition), truth, "{condition}");
        assert_eq!(free("").truth(condition), Truth::Unknown, "nothing was seen: {condition}");
    }
}

//! What is written is read back; what was changed since is refused, whatever was changed.

use leeway_ir::bundle::{read, write};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{UNSIGNED, opened, policy, refused, sealed};

#[test]
fn what_is_written_is_read_back_and_written_alike() {
    let sources = [
        include_str!("../../../../blueprints/rate_limiter.leeway"),
        include_str!("../../../../blueprints/backend.leeway"),
        include_str!("../../../../blueprints/frontend.leeway"),
        crate::EVERYTHING,
    ];
    for text in sources {
        let policy = policy(text);
        let bundle = write(&policy, None).unwrap();
        let again = read(bundle.as_bytes(), &[]).unwrap();
        assert_eq!(again, policy);
        assert_eq!(write(&again, None).unwrap(), bundle);
    }
}

#[test]
fn what_is_no_bundle_says_what_it_is() {
    let bundle = &*UNSIGNED;
    let with = |name: &str, value: Value| {
        let mut document = opened(bundle);
        document[name] = value;
        serde_jcs::to_string(&document).unwrap()
    };
    let length = bundle.len();
    for (bundle, message) in [
        (String::new(), "the bundle is cut off after 0 bytes".to_owned()),
        (bundle[..length - 1].to_owned(), format!("the bundle is cut off after {} bytes", length - 1)),
        ("blueprint".to_owned(), "this is no bundle: expected value at line 1 column 1".to_owned()),
        ("[]".to_owned(), "this is no bundle: its `format` is not `leeway-bundle`".to_owned()),
        (with("format", json!("zip")), "this is no bundle: its `format` is not `leeway-bundle`".to_owned()),
        (with("version", json!(2)), "this bundle is of version 2, and this program reads version 1".to_owned()),
        (with("version", json!("1")), "this bundle is of version \"1\", and this program reads version 1".to_owned()),
        (format!("{bundle}\n"), format!("the bundle is not in canonical form (RFC 8785) from byte {} on", length + 1)),
        (bundle.replacen("{\"digest", "{ \"digest", 1), canonical_from(2)),
        (bundle.replacen("{\"digest\":", "{\"digest\":\"\",\"digest\":", 1), canonical_from(12)),
        (with("extra", json!(1)), "the bundle cannot be read: unknown field `extra`".to_owned()),
        (with("digest", json!("sha256:0")), "the digest does not fit the policy: one of them was changed".to_owned()),
        (with("signature", json!({})), "the bundle cannot be read: missing field `algorithm`".to_owned()),
        ("[".repeat(2_000), "at byte 289 this nests deeper than any bundle".to_owned()),
        ("{\"a\":".repeat(2_000), "at byte 721 this nests deeper than any bundle".to_owned()),
        (" ".repeat(16 * 1024 * 1024 + 1), "a bundle has at most 16777216 bytes, and this has more".to_owned()),
    ] {
        let said = refused(&bundle);
        assert!(said.to_string().starts_with(&message), "{message}\n{said}");
        assert!(!said.help().is_empty());
    }
}

fn canonical_from(byte: usize) -> String {
    format!("the bundle is not in canonical form (RFC 8785) from byte {byte} on")
}

#[test]
fn a_fingerprint_that_does_not_fit_is_refused_though_the_digest_does() {
    let mut document = opened(&UNSIGNED);
    document["policy"]["clauses"][0]["kind"] = json!("forbid");
    document["digest"] = leeway_ir::canonical_digest(&document["policy"]).into();
    let said = refused(&serde_jcs::to_string(&document).unwrap());
    assert_eq!(said.to_string(), "the fingerprint does not fit the policy: one of them was changed");
}

#[test]
fn what_a_later_version_would_say_is_not_left_out_silently() {
    let mut document = opened(&UNSIGNED);
    document["policy"]["clauses"][0]["unless"] = json!(true);
    assert_eq!(refused(&sealed(document)).to_string(), "the policy has members that this program does not know");
}

#[test]
fn the_deepest_expression_that_compiles_is_shipped() {
    let sum = |first: &str| format!("{first}{}", " + 1".repeat(60));
    let text = format!(
        "use std.ratelimiter\nblueprint acme for ratelimiter.tenant(\"acme\") {{\n let a = {}\n let b = {}\n \
         allow set_burst(to) when to not in (if b > 1 then b else 2)..9 else approve\n}}",
        sum("burst"),
        sum("a"),
    );
    let policy = policy(&text);
    assert_eq!(read(write(&policy, None).unwrap().as_bytes(), &[]).unwrap(), policy);
}

proptest! {
    #[test]
    fn any_changed_byte_is_seen(place in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = UNSIGNED.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        prop_assert!(read(&bytes, &[]).is_err());
    }

    #[test]
    fn a_bundle_cut_off_anywhere_is_refused(place in any::<prop::sample::Index>()) {
        let bundle = &*UNSIGNED;
        prop_assert!(read(&bundle.as_bytes()[..place.index(bundle.len())], &[]).is_err());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes, &[]).is_err());
    }
}

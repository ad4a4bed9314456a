//! Signatures: whose are taken, and which files are keys.

use leeway_ir::bundle::{BundleError, PublicKey, SecretKey, read, write};
use serde_json::json;

use crate::{POLICY, UNSIGNED, opened, refused};

// Made for these tests by `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`; they open nothing.
const SECRET: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHLakqrqYswqB+OFmfnT+pbD1U8X1u8n3QFWPmV20X/y
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAa9BM3J92tomvmGv3IFZ1x+31XakGtoV5WrL9JLX1WGs=
-----END PUBLIC KEY-----
";
const OTHER_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA+AyEv6GH+WtZp1dzFtEB3eqUpu44T5k7kNUDEThzb9o=
-----END PUBLIC KEY-----
";
const X25519: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIIATRR8lE/DUuRkuPhHP0ImfoO2yzKOasiiLAPILmsNY
-----END PRIVATE KEY-----
";

fn public(pem: &str) -> PublicKey {
    PublicKey::from_pem(pem).unwrap()
}

fn signed() -> String {
    write(&POLICY, Some(&SecretKey::from_pem(SECRET).unwrap())).unwrap()
}

#[test]
fn only_what_a_trusted_key_has_signed_is_taken() {
    let (ours, other) = (public(PUBLIC), public(OTHER_PUBLIC));
    let (signed, unsigned) = (signed(), &*UNSIGNED);
    let read = |bundle: &str, trusted: &[PublicKey]| read(bundle.as_bytes(), trusted);
    assert_eq!(SecretKey::from_pem(SECRET).unwrap().public(), ours);
    assert_eq!(read(&signed, &[ours]), Ok(POLICY.clone()));
    assert_eq!(read(&signed, &[other, ours]), Ok(POLICY.clone()));
    assert_eq!(read(&signed, &[]), Ok(POLICY.clone()));
    assert_eq!(read(unsigned, &[]), Ok(POLICY.clone()));
    assert_eq!(read(&signed, &[other]), Err(BundleError::Stranger(ours.to_string())));
    assert_eq!(read(unsigned, &[ours]), Err(BundleError::Unsigned));
}

#[test]
fn a_signature_is_for_one_policy_and_one_key() {
    let signature = |bundle: &str| opened(bundle)["signature"].clone();
    let text = |document| serde_jcs::to_string(&document).unwrap();
    // Put under another policy, whose digest and fingerprint are right.
    let mut other =
        opened(&write(&crate::policy(include_str!("../../../../blueprints/backend.leeway")), None).unwrap());
    other["signature"] = signature(&signed());
    assert_eq!(refused(&text(other)), BundleError::Signature);
    // Claimed for another key.
    let mut claimed = opened(&signed());
    claimed["signature"]["key"] = json!(public(OTHER_PUBLIC).to_string());
    assert_eq!(refused(&text(claimed)), BundleError::Signature);
    // A second way to write the same signature would be a second bundle.
    let mut upper = opened(&signed());
    upper["signature"]["value"] = json!(upper["signature"]["value"].as_str().unwrap().to_uppercase());
    assert!(matches!(refused(&text(upper)), BundleError::Unreadable(_)));
    let mut weak = opened(&signed());
    weak["signature"]["algorithm"] = json!("none");
    assert!(matches!(refused(&text(weak)), BundleError::Unreadable(_)));
}

#[test]
fn a_secret_key_is_not_shown() {
    let shown = format!("{:?}", SecretKey::from_pem(SECRET).unwrap());
    assert_eq!(shown, format!("SecretKey({:?})", public(PUBLIC)));
}

#[test]
fn what_is_no_key_says_what_it_is() {
    let secret = |text: &str| SecretKey::from_pem(text).unwrap_err();
    let public = |text: &str| PublicKey::from_pem(text).unwrap_err();
    let encrypted = SECRET.replace("PRIVATE", "ENCRYPTED PRIVATE");
    for (error, message, help) in [
        (
            secret(PUBLIC),
            "this is `PUBLIC KEY`, and a secret key in PKCS#8 (`PRIVATE KEY`) is wanted",
            "openssl genpkey",
        ),
        (public(SECRET), "this is `PRIVATE KEY`, and a public key (`PUBLIC KEY`) is wanted", "-pubout"),
        (
            secret(&encrypted),
            "this is `ENCRYPTED PRIVATE KEY`, and a secret key in PKCS#8 (`PRIVATE KEY`) is wanted",
            "password",
        ),
        (secret("ssh-ed25519 AAAA"), "this is no key in PEM: there is no line `-----BEGIN …-----`", "openssl genpkey"),
        (secret(X25519), "this is no Ed25519 key", "openssl genpkey"),
        (secret(&SECRET.replace("MC4C", "MC4!")), "this is no Ed25519 key", "openssl genpkey"),
    ] {
        assert!(error.to_string().starts_with(message), "{error}");
        assert!(error.help().contains(help), "{}", error.help());
    }
    assert!(SecretKey::from_pem(&format!("a comment\n{SECRET}")).is_ok());
}

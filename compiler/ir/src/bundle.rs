//! A policy as one file that can be shipped and enforced where nothing can be compiled. Read by `leeway run x.bundle`; the format
//! is described in `docs/bundles.md`.

mod error;
mod key;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fingerprint::{Fingerprint, canonical_digest};
use crate::policy::Policy;
use crate::well_formed::well_formed;

pub use error::BundleError;
pub use key::{KeyError, PublicKey, SecretKey};

/// What tells a bundle from other JSON.
const FORMAT: &str = "leeway-bundle";

/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;

/// A bundle has at most so many bytes.
pub const BUNDLE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How deep its objects nest: one for each level of an expression, and some around it.
const OBJECTS_DEPTH_MAX: usize = crate::EXPRESSION_DEPTH_MAX + 16;

/// How deep its lists nest: at most two for each level of an expression.
const LISTS_DEPTH_MAX: usize = 2 * OBJECTS_DEPTH_MAX;

/// How many regular expressions it holds: each may take 256 KiB once it is read.
const PATTERNS_MAX: usize = 2_000;

/// The members of a bundle.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    policy: Value,
    /// That of the policy's canonical form: what its fingerprint leaves out, such as reasons, must not change unseen either.
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<Signature>,
}

/// Who vouches for all other members, in canonical form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    algorithm: Algorithm,
    key: PublicKey,
    value: key::Signed,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Algorithm {
    Ed25519,
}

/// The policy as a bundle: canonical JSON, the same bytes on every machine. Signed, if there is a key.
///
/// # Errors
/// When the policy is larger or deeper than a bundle may be.
pub fn write(policy: &Policy, key: Option<&SecretKey>) -> Result<String, BundleError> {
    let policy = serde_json::to_value(policy).map_err(BundleError::unreadable)?;
    let digest = canonical_digest(&policy);
    let mut document = Document { format: FORMAT.to_owned(), version: VERSION, policy, digest, signature: None };
    if let Some(key) = key {
        let value = key.sign(canonical(&document)?.as_bytes());
        document.signature = Some(Signature { algorithm: Algorithm::Ed25519, key: key.public(), value });
    }
    let text = canonical(&document)?;
    // Nothing is handed out that would not be taken back.
    read(text.as_bytes(), &[])?;
    Ok(text)
}

/// The policy of a bundle. With trusted keys, only of one that was signed with one of them.
///
/// # Errors
/// When it is no bundle, is damaged or of another version, is not signed as it must be, or holds a policy that no compiler makes.
/// Nothing of such a bundle is enforced.
pub fn read(bytes: &[u8], trusted: &[PublicKey]) -> Result<Policy, BundleError> {
    if bytes.len() > BUNDLE_BYTES_MAX {
        return Err(BundleError::TooLarge);
    }
    let value = parse(bytes)?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(BundleError::NoBundle);
    }
    match value.get("version") {
        Some(version) if *version == VERSION => {}
        version => return Err(BundleError::Version(version.unwrap_or(&Value::Null).to_string())),
    }
    // One spelling of a bundle: no key twice, no member that readers could take differently.
    let same = canonical(&value)?;
    if same.as_bytes() != bytes {
        let at = same.bytes().zip(bytes).take_while(|(one, other)| one == *other).count();
        return Err(BundleError::NotCanonical { at: at + 1 });
    }
    let mut document: Document = serde_json::from_value(value).map_err(BundleError::unreadable)?;
    vouched(&mut document, trusted)?;
    if canonical_digest(&document.policy) != document.digest {
        return Err(BundleError::Digest);
    }
    let patterns = patterns(&document.policy);
    if patterns > PATTERNS_MAX {
        return Err(BundleError::Patterns(patterns));
    }
    let policy = Policy::deserialize(&document.policy).map_err(BundleError::unreadable)?;
    // What this version does not know would be left out silently.
    if canonical_digest(&serde_json::to_value(&policy).map_err(BundleError::unreadable)?) != document.digest {
        return Err(BundleError::Unknown);
    }
    if Fingerprint::of(&policy) != policy.fingerprint {
        return Err(BundleError::Fingerprint);
    }
    well_formed(&policy)?;
    Ok(policy)
}

/// Whether the bundle is signed as it must be; a signature that nobody asked for must be right, too.
fn vouched(document: &mut Document, trusted: &[PublicKey]) -> Result<(), BundleError> {
    let Some(Signature { algorithm: Algorithm::Ed25519, key, value }) = document.signature.take() else {
        return if trusted.is_empty() { Ok(()) } else { Err(BundleError::Unsigned) };
    };
    if !trusted.is_empty() && !trusted.contains(&key) {
        return Err(BundleError::Stranger(key.to_string()));
    }
    if key.verify(canonical(document)?.as_bytes(), &value) { Ok(()) } else { Err(BundleError::Signature) }
}

fn canonical(document: &impl Serialize) -> Result<String, BundleError> {
    serde_jcs::to_string(document).map_err(BundleError::unreadable)
}

fn parse(bytes: &[u8]) -> Result<Value, BundleError> {
    if let Some(at) = too_deep(bytes) {
        return Err(BundleError::TooDeep { at });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // Its own bound is too low for what the compiler takes; the depth was looked at above.
    reader.disable_recursion_limit();
    let value = Value::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        if error.is_eof() {
            BundleError::Truncated { bytes: bytes.len() }
        } else {
            BundleError::NoJson(error.to_string())
        }
    })
}

/// The first byte, from 1, at which brackets nest too deep.
fn too_deep(bytes: &[u8]) -> Option<usize> {
    let (mut objects, mut lists) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' if !in_text => objects += 1,
            b'}' if !in_text => objects = objects.saturating_sub(1),
            b'[' if !in_text => lists += 1,
            b']' if !in_text => lists = lists.saturating_sub(1),
            _ => {}
        }
        if objects > OBJECTS_DEPTH_MAX || lists > LISTS_DEPTH_MAX {
            return Some(at + 1);
        }
    }
    None
}

/// How many regular expressions would be compiled to read the policy.
fn patterns(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, member)| usize::from(name == "matches") + patterns(member)).sum()
        }
        Value::Array(list) => list.iter().map(patterns).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

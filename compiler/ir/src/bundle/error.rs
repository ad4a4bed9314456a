//! Why a bundle is refused, and what to do then.

use super::{BUNDLE_BYTES_MAX, FORMAT, PATTERNS_MAX, VERSION};
use crate::well_formed::Malformed;

/// Why a bundle is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is larger than bundles are.
    #[error("a bundle has at most {BUNDLE_BYTES_MAX} bytes, and this has more")]
    TooLarge,
    /// Its brackets nest deeper than those of bundles.
    #[error("at byte {at} this nests deeper than any bundle")]
    TooDeep {
        /// The first byte that is too deep, from 1.
        at: usize,
    },
    /// It ends too early.
    #[error("the bundle is cut off after {bytes} bytes")]
    Truncated {
        /// How many there are.
        bytes: usize,
    },
    /// It is no JSON; the text says where not.
    #[error("this is no bundle: {0}")]
    NoJson(String),
    /// It is JSON of another kind.
    #[error("this is no bundle: its `format` is not `{FORMAT}`")]
    NoBundle,
    /// It is a bundle of another version.
    #[error("this bundle is of version {0}, and this program reads version {VERSION}")]
    Version(String),
    /// It was written by something else, or written anew.
    #[error("the bundle is not in canonical form (RFC 8785) from byte {at} on")]
    NotCanonical {
        /// The first byte that is not, from 1.
        at: usize,
    },
    /// A signature is required, and there is none.
    #[error("the bundle is not signed, and only what a trusted key has signed is taken")]
    Unsigned,
    /// It is signed, by nobody who is trusted.
    #[error("the bundle is signed with the key {0}, which is not a trusted one")]
    Stranger(String),
    /// It was changed after it was signed.
    #[error("the signature does not fit the bundle: one of them was changed")]
    Signature,
    /// The policy was changed after it was compiled.
    #[error("the digest does not fit the policy: one of them was changed")]
    Digest,
    /// The policy does not mean what the fingerprint says.
    #[error("the fingerprint does not fit the policy: one of them was changed")]
    Fingerprint,
    /// It holds too many regular expressions.
    #[error("the policy matches {0} regular expressions, and a bundle holds at most {PATTERNS_MAX}")]
    Patterns(usize),
    /// A member is missing or of another type; the text says which.
    #[error("the bundle cannot be read: {0}")]
    Unreadable(String),
    /// It says something that this program does not know.
    #[error("the policy has members that this program does not know")]
    Unknown,
    /// The policy is none that a compiler makes.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl BundleError {
    pub(super) fn unreadable(error: serde_json::Error) -> BundleError {
        BundleError::Unreadable(error.to_string())
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            BundleError::TooLarge | BundleError::TooDeep { .. } | BundleError::Patterns(_) => {
                "say it in a smaller way, or split the blueprint"
            }
            BundleError::Truncated { .. } => "copy or download it again, whole",
            BundleError::NoJson(_) | BundleError::NoBundle => {
                "a bundle is what `leeway compile BLUEPRINT -o x.bundle` writes"
            }
            BundleError::Version(_) | BundleError::Unknown => {
                "use the version of this program that compiled it, or compile the blueprint with this one"
            }
            BundleError::NotCanonical { .. }
            | BundleError::Digest
            | BundleError::Fingerprint
            | BundleError::Unreadable(_)
            | BundleError::Malformed(_) => "copy it again from where it was compiled, or compile the blueprint again",
            BundleError::Unsigned => "sign it where the key is: `leeway compile x.bundle --sign KEY -o signed.bundle`",
            BundleError::Stranger(_) => "trust that key, if it is one of yours, or have a trusted one sign the bundle",
            BundleError::Signature => "do not use it; get it again from who signed it",
        }
    }
}

//! Ed25519 keys that vouch for bundles, in the files that `openssl` writes.

use std::fmt;

use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use ed25519_dalek::{PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hexadecimal::hexadecimal;

/// A key that signs. It is never shown.
pub struct SecretKey(SigningKey);

/// The key that shows what its [`SecretKey`] has signed; written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A signature; written as 128 hexadecimal digits.
pub(super) struct Signed([u8; SIGNATURE_LENGTH]);

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is something else that is written as PEM.
    #[error("this is `{found}`, and {wanted} is wanted")]
    Other {
        /// What it says it is.
        found: String,
        /// What is wanted.
        wanted: &'static str,
    },
    /// It is no PEM.
    #[error("this is no key in PEM: there is no line `-----BEGIN …-----`")]
    NoPem,
    /// It says that it is one, and is not.
    #[error("this is no Ed25519 key: {0}")]
    Unreadable(String),
}

const SECRET: (&str, &str) = ("PRIVATE KEY", "a secret key in PKCS#8 (`PRIVATE KEY`)");
const PUBLIC: (&str, &str) = ("PUBLIC KEY", "a public key (`PUBLIC KEY`)");

impl KeyError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            KeyError::Other { found, .. } if found.starts_with("ENCRYPTED") => {
                "`openssl pkey -in encrypted.key -out deploy.key` takes its password away"
            }
            KeyError::Other { .. } | KeyError::NoPem | KeyError::Unreadable(_) => {
                "`openssl genpkey -algorithm ed25519 -out deploy.key` makes a secret key, and `openssl pkey -in deploy.key -pubout -out deploy.pub` its public one"
            }
        }
    }
}

impl SecretKey {
    /// Reads PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// When it is something else; the error says what.
    pub fn from_pem(text: &str) -> Result<SecretKey, KeyError> {
        let read = SigningKey::from_pkcs8_pem(labelled(text, SECRET)?);
        read.map(SecretKey).map_err(|error| KeyError::Unreadable(error.to_string()))
    }

    /// The key that shows what this one has signed.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Signed {
        Signed(self.0.sign(bytes).to_bytes())
    }
}

impl PublicKey {
    /// Reads PEM, as `openssl pkey -pubout` writes it.
    ///
    /// # Errors
    /// When it is something else; the error says what.
    pub fn from_pem(text: &str) -> Result<PublicKey, KeyError> {
        let read = VerifyingKey::from_public_key_pem(labelled(text, PUBLIC)?);
        read.map(PublicKey).map_err(|error| KeyError::Unreadable(error.to_string()))
    }

    /// Whether its secret key signed these bytes.
    pub(super) fn verify(&self, bytes: &[u8], signed: &Signed) -> bool {
        self.0.verify_strict(bytes, &signed.0.into()).is_ok()
    }
}

/// The text from the line that begins a key, if it is of the kind wanted.
fn labelled<'a>(text: &'a str, (label, wanted): (&str, &'static str)) -> Result<&'a str, KeyError> {
    const BEGIN: &str = "-----BEGIN ";
    let text = text.get(text.find(BEGIN).ok_or(KeyError::NoPem)?..).unwrap_or_default();
    let found = text.strip_prefix(BEGIN).and_then(|rest| rest.split("-----").next()).unwrap_or_default();
    if found == label { Ok(text.trim()) } else { Err(KeyError::Other { found: found.to_owned(), wanted }) }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretKey").field(&self.public()).finish()
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = bytes::<PUBLIC_KEY_LENGTH, D>(deserializer)?;
        VerifyingKey::from_bytes(&bytes).map(PublicKey).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Signed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hexadecimal(&self.0))
    }
}

impl<'de> Deserialize<'de> for Signed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bytes::<SIGNATURE_LENGTH, D>(deserializer).map(Signed)
    }
}

/// So many bytes, each as two lower-case hexadecimal digits: there is one way to write them.
fn bytes<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; N], D::Error> {
    let text = String::deserialize(deserializer)?;
    let pair = |at: usize| text.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let read: Option<Vec<u8>> = (0..N).map(pair).collect();
    let read = read.and_then(|read| <[u8; N]>::try_from(read).ok()).filter(|read| hexadecimal(read) == text);
    read.ok_or_else(|| serde::de::Error::custom(format!("expected {} hexadecimal digits", 2 * N)))
}

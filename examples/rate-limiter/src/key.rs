//! What a request is about: a key, and the tenant it belongs to where the caller says so.

use thiserror::Error;

use crate::tenant::{NAME_BYTES_MAX, TenantName, TenantNameError};

/// A key as the caller sends it: from one byte to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a>(&'a str);

/// A key, and its tenant's name if the caller names one. Without it the key itself says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    tenant: Option<Key<'a>>,
    key: Key<'a>,
}

/// Why a text is not a [`Key`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Nothing was sent.
    #[error("a key may not be empty")]
    Empty,
    /// Longer than 256 bytes.
    #[error("a key has at most 256 bytes, not {0}")]
    TooLong(usize),
    /// The tenant's name is none.
    #[error(transparent)]
    Tenant(#[from] TenantNameError),
}

impl<'a> Key<'a> {
    /// Takes `text` as a key.
    ///
    /// # Errors
    /// When it is empty or longer than 256 bytes.
    pub fn parse(text: &'a str) -> Result<Self, KeyError> {
        match text.len() {
            0 => Err(KeyError::Empty),
            1..=NAME_BYTES_MAX => Ok(Self(text)),
            bytes => Err(KeyError::TooLong(bytes)),
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> Subject<'a> {
    /// Takes `key`, and `tenant` if there is one.
    ///
    /// # Errors
    /// When either is empty or longer than 256 bytes.
    pub fn parse(tenant: Option<&'a str>, key: &'a str) -> Result<Self, KeyError> {
        let key = Key::parse(key)?;
        let tenant = tenant.map(|tenant| TenantName::check(tenant).map(|()| Key(tenant))).transpose()?;
        Ok(Self { tenant, key })
    }

    /// What the tenants' patterns are compared with: the tenant's name, or else the key.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.tenant.unwrap_or(self.key).0
    }

    /// The tenant's name, if the caller names one.
    #[must_use]
    pub fn tenant(&self) -> Option<&'a str> {
        self.tenant.map(Key::as_str)
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &'a str {
        self.key.0
    }
}

//! The registry of codes: each finding has one, with a page under `docs/errors/`; none is ever reused.

use std::fmt;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Compilation stops.
    Error,
    /// It compiles, but is probably not meant.
    Warning,
}

/// What is known of a code.
#[derive(Debug)]
pub struct CodeInfo {
    /// The code's name in this crate and its text: `E0304`.
    pub text: &'static str,
    /// The finding in a few words.
    pub title: &'static str,
    /// The page that explains it, in Markdown.
    pub page: &'static str,
}

/// One kind of finding.
#[derive(Clone, Copy)]
pub struct Code(&'static CodeInfo);

macro_rules! codes {
    ($($code:ident $title:literal)*) => {
        impl Code {
            $(#[doc = $title] pub const $code: Code = Code(&CodeInfo {
                text: stringify!($code),
                title: $title,
                page: include_str!(concat!("../../../docs/errors/", stringify!($code), ".md")),
            });)*

            /// Every code, in order.
            pub const ALL: &[Code] = &[$(Code::$code),*];
        }
    };
}

codes! {
    E0101 "unexpected text"
    E0102 "character that is not allowed"
    E0103 "text without an end"
    E0104 "malformed number or unit"
    E0105 "nested too deeply"
    E0106 "too large"
    E0107 "malformed name"
    E0108 "not in this version of the language yet"
    E0109 "malformed version"
    E0110 "malformed escape"
    E0201 "unknown name"
    E0202 "name declared twice"
    E0203 "unknown module"
    E0204 "unknown target"
    E0205 "unknown action"
    E0206 "declaration that depends on itself"
    E0207 "unknown type"
    E0208 "stated twice"
    E0209 "unknown policy"
    E0210 "policy for another target"
    E0211 "policies included under one name"
    E0212 "needed metric that is missing"
    E0213 "test of a policy that cannot stand by itself"
    E0214 "expectation without a proposal"
    E0215 "metrics that respond to each other in a circle"
    E0301 "unlike types"
    E0302 "unlike units"
    E0303 "no such operation"
    E0304 "bare number where a unit is needed"
    E0305 "wrong arguments"
    E0306 "condition that is no condition"
    E0307 "collection or element used as a value"
    E0308 "quantifier over what is no collection"
    E0309 "word of several enums"
    E0310 "series of a test"
    E0401 "permission for what cannot be undone"
    E0402 "hidden fact"
    E0403 "action that does not say how it is undone"
    E0404 "permission that rests on untrusted data alone"
    E0405 "wider than its version says"
    E0501 "time or limit that cannot work"
    E0502 "window over something that is not sampled"
    E0503 "service level objective that cannot work"
    E0504 "response that reads more than its moment"
    E0701 "malformed metric selector"
    E0702 "malformed query"
    E0703 "malformed pattern"
    E0801 "YAML that cannot be read"
    E0802 "YAML that is too large"
    E0803 "unknown key"
    E0804 "key written twice"
    E0805 "wrong value"
    E0806 "missing key"
    W0401 "action that no clause speaks about"
    W0402 "permission without a condition"
    W0403 "parameter that the condition does not read"
    W0404 "restraint that reads untrusted data"
    W0405 "clause that can never apply"
    W0406 "clause that another makes redundant"
    W0407 "permission that an empty collection gives"
    W0408 "comparison with itself"
    W0501 "action whose success cannot be seen"
    W0502 "`for` that closes a longer condition"
}

impl Code {
    /// The code's text: `E0304`.
    pub fn text(self) -> &'static str {
        self.0.text
    }

    /// The finding in a few words.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Codes that begin with `W` are warnings.
    pub fn severity(self) -> Severity {
        if self.0.text.starts_with('W') { Severity::Warning } else { Severity::Error }
    }

    /// The page that explains it, from the root of the project.
    pub fn url(self) -> String {
        format!("docs/errors/{}.md", self.0.text)
    }

    /// The text of that page, in Markdown.
    pub fn page(self) -> &'static str {
        self.0.page
    }

    /// The code of that text.
    pub fn find(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.text().eq_ignore_ascii_case(text))
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

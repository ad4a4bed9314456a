//! What one semantic version says beside another.

use semver::Version;

/// From one version to the next.
pub(super) enum Step {
    /// Neither has one.
    Unversioned,
    /// There was one, this.
    Missing(String),
    /// It is lower than before.
    Down {
        /// The old one.
        before: Version,
        /// The new one.
        now: Version,
    },
    /// It says that what holds may hold no longer: a new major, of 0.x a new minor, or the first version of all.
    Major,
    /// It says that what held holds: the same, or a higher minor or patch.
    Minor {
        /// The old one.
        before: Version,
        /// The new one.
        now: Version,
    },
}

/// What the step says. A version with numbers that no computer counts to is taken for none.
pub(super) fn step(old: Option<&str>, new: Option<&str>) -> Step {
    let read = |text: Option<&str>| text.and_then(|text| Version::parse(text).ok());
    match (read(old), read(new)) {
        (None, None) => Step::Unversioned,
        (Some(before), None) => Step::Missing(before.to_string()),
        (None, Some(_)) => Step::Major,
        (Some(before), Some(now)) if now.cmp_precedence(&before).is_lt() => Step::Down { before, now },
        (Some(before), Some(now)) => {
            let higher = now.cmp_precedence(&before).is_gt();
            // What only led up to a major promised nothing yet.
            if higher && (line(&now) > line(&before) || leads_up(&before)) {
                Step::Major
            } else {
                Step::Minor { before, now }
            }
        }
    }
}

/// The lowest version that says that what held may hold no longer.
pub(super) fn next(before: &Version) -> Version {
    match before.major {
        0 => Version::new(0, before.minor.saturating_add(1), 0),
        major => Version::new(major.saturating_add(1), 0, 0),
    }
}

/// Versions of one line keep what they promise: those of one major, of 0.x those of one minor.
fn line(version: &Version) -> (u64, u64) {
    (version.major, if version.major == 0 { version.minor } else { 0 })
}

/// Whether it is a pre-release of the first version of its line.
fn leads_up(version: &Version) -> bool {
    !version.pre.is_empty() && version.patch == 0 && (version.major == 0 || version.minor == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(old: &'static str, new: &'static str) -> &'static str {
        let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        match step(some(old), some(new)) {
            Step::Unversioned => "unversioned",
            Step::Missing(_) => "missing",
            Step::Down { .. } => "down",
            Step::Major => "major",
            Step::Minor { .. } => "minor",
        }
    }

    #[test]
    fn steps_say_what_semantic_versions_say() {
        for (old, new, expected) in [
            ("", "", "unversioned"),
            ("", "0.1.0", "major"),
            ("1.0.0", "", "missing"),
            ("1.4.0", "1.4.0", "minor"),
            ("1.4.0", "1.4.1", "minor"),
            ("1.4.0", "1.5.0", "minor"),
            ("1.4.0", "2.0.0", "major"),
            ("1.4.0", "2.0.0-rc.1", "major"),
            ("2.0.0-rc.1", "2.0.0-rc.1", "minor"),
            ("2.0.0-rc.1", "2.0.0-rc.2", "major"),
            ("2.0.0-rc.1", "2.0.0", "major"),
            ("2.1.0-rc.1", "2.1.0", "minor"),
            ("0.3.1", "0.3.2", "minor"),
            ("0.3.1", "0.4.0", "major"),
            ("0.3.1", "1.0.0", "major"),
            ("1.4.0", "1.3.9", "down"),
            ("1.0.0", "1.0.0-rc.1", "down"),
            ("1.0.0+7", "1.0.0+6", "minor"),
        ] {
            assert_eq!(word(old, new), expected, "{old} to {new}");
        }
    }
}

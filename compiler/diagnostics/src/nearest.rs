//! What was probably meant: the known name that is nearest to what was written.

/// The known name nearest to `written`, of those that differ from it in at most a third of its letters; among equally near ones
/// the first.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = written.chars().count();
    // More would suggest names that have nothing in common; and of a name of one letter nothing would be left.
    let allowed = (letters / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, _)| *distance <= allowed && *distance < letters)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

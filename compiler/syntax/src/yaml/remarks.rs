//! The comments around a document, which are carried over when it becomes a text of the language.

/// What editors read of a comment; it is about the YAML alone.
const EDITORS: &str = "yaml-language-server:";

/// `text`, which was written from `yaml`, with the comments that stand before the first key and behind the last value.
pub fn with_remarks(yaml: &str, text: &str) -> String {
    let before: String = remarks(yaml.trim_start_matches('\u{feff}').lines()).collect();
    let mut behind: Vec<String> = remarks(yaml.lines().rev()).collect();
    behind.reverse();
    format!("{before}{}\n{}", text.trim_end(), behind.concat())
}

/// The comments among these lines up to the first that says something. Whatever stands in a block is indented.
fn remarks<'a>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    let around = lines.take_while(|line| line.starts_with('#') || line.trim().is_empty());
    around.filter_map(|line| line.strip_prefix('#')).filter(|text| !text.trim_start().starts_with(EDITORS)).map(
        |text| {
            // Three strokes would document what follows.
            let apart = if text.starts_with('/') { " " } else { "" };
            format!("//{apart}{text}\n")
        },
    )
}

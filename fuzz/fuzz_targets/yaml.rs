//! Any bytes: the YAML front end answers, with every place in the document; what it reads without a word is a text of the language.

#![no_main]

use leeway_diagnostics::SourceMap;
use leeway_syntax::{format, parse, yaml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = SourceMap::default();
    let file = sources.add("fuzz.leeway.yaml", text.as_ref());
    let parsed = yaml::parse(&mut sources, file);
    for finding in parsed.diagnostics.iter().map(|finding| sources.finding(finding.clone())) {
        assert_eq!(finding.primary.span.file, file, "{finding:?}");
        assert!(finding.primary.span.end as usize <= text.len(), "{finding:?}");
        assert!(text.get(finding.primary.span.range()).is_some(), "{finding:?}");
    }
    let written = sources.files().last().map(|(view, source)| (view, source.text.clone()));
    if let (Some((view, written)), true) = (written, parsed.diagnostics.is_empty()) {
        assert_eq!(parsed.tree.blueprints.len(), 1, "{written}");
        assert!(format(view, &written).is_ok(), "{written}");
        // And back: what was written in the language has a twin, which is read.
        if let Ok(twin) = yaml::to_yaml(view, &written) {
            let mut sources = SourceMap::default();
            let file = sources.add("twin.leeway.yaml", twin.as_str());
            assert_eq!(yaml::parse(&mut sources, file).diagnostics, [], "{twin}");
            assert_eq!(parse(view, &written).tree.blueprints.len(), 1);
        }
    }
});

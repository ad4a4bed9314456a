//! Text to YAML nodes, bounded: no tags, no merge keys, one document, and aliases that do not explode.

use std::collections::BTreeMap;
use std::ops::Range;

use leeway_diagnostics::{Code, Diagnostic, FileId, Span};
use leeway_units::is_bidirectional;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput};

use super::node::{Entry, Node, Scalar, Size, Style, Value};
use crate::parse::{FILE_SIZE_MAX, MARK};

/// The most nodes that aliases may stand for, all together.
pub const ALIASED_NODES_MAX: usize = 10_000;

/// How deep lists and mappings may nest.
pub const YAML_DEPTH_MAX: usize = 32;

/// What is wrong with a document; boxed, since mostly nothing is.
type Refusal = Box<Diagnostic>;

/// Reads the one document in `text`.
pub(super) fn document(file: FileId, text: &str) -> Result<Node, Refusal> {
    let whole = Span::new(file, 0, 0);
    if text.len() > FILE_SIZE_MAX {
        let message = format!("a file is at most {FILE_SIZE_MAX} bytes long, this one has {}", text.len());
        return Err(Box::new(Diagnostic::new(Code::E0802, whole, message).help("split it into several files")));
    }
    if let Some((at, found)) = text.char_indices().find(|(_, c)| is_bidirectional(*c)) {
        let span = Span::new(file, at, at + found.len_utf8());
        let message = format!("`U+{:04X}` changes the direction of text and is not allowed anywhere", u32::from(found));
        return Err(Box::new(
            Diagnostic::new(Code::E0801, span, message)
                .help("it makes a source look different from what it says; remove it"),
        ));
    }
    let mark = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let body = text.get(mark..).unwrap_or_default();
    Reader::new(file, body, mark).read()
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    /// What stands before `text`.
    mark: usize,
    /// Where each character begins, unless each is one byte.
    bytes: Option<Vec<usize>>,
    /// The lists and mappings that have no end yet.
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    aliased: Size,
    root: Option<Node>,
}

/// A list or mapping that has no end yet.
struct Open {
    start: usize,
    anchor: usize,
    value: Value,
    /// The key whose value is next.
    key: Option<(Scalar, Range<usize>)>,
}

impl<'a> Reader<'a> {
    fn new(file: FileId, text: &'a str, mark: usize) -> Reader<'a> {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Reader {
            file,
            text,
            mark,
            bytes,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            aliased: Size::default(),
            root: None,
        }
    }

    fn read(mut self) -> Result<Node, Refusal> {
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(self.text);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|error| self.malformed(*error.marker(), error.info()))?;
            let range = self.byte(span.start)..self.byte(span.end);
            self.event(event, range)?;
        }
        let end = self.mark + self.text.len();
        self.root.take().filter(|root| !root.is_nothing()).ok_or_else(|| {
            let help = "a blueprint begins with `apiVersion: leeway.dev/v1`; `leeway init --yaml` writes one";
            self.refusal(Code::E0801, end..end, "this document is empty", help)
        })
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), Refusal> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.root.is_some() => Err(self.refusal(
                Code::E0801,
                range,
                "a second document begins here",
                "a file holds one blueprint; write the other into a file of its own",
            )),
            Event::DocumentStart(_) => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &range)?;
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal => Style::Block,
                    ScalarStyle::Folded => Style::Folded,
                };
                self.add(Node { value: Value::Scalar(Scalar { text: text.into_owned(), style }), range }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), &range)?;
                self.begin(range, anchor, Value::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), &range)?;
                self.begin(range, anchor, Value::Map(Vec::new()))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { start, anchor, value, .. }) = self.open.pop() else { return Ok(()) };
                // What is written over several lines ends where the next thing begins.
                let end =
                    self.text.get(..range.end - self.mark).map_or(range.end, |text| text.trim_end().len() + self.mark);
                self.add(Node { value, range: start..end.max(start) }, anchor)
            }
            Event::Alias(anchor) => self.alias(anchor, range),
        }
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Refusal> {
        let Some(known) = self.anchors.get(&anchor).cloned() else {
            let message = "this alias stands in what it means";
            return Err(self.refusal(Code::E0801, range, message, "write out what is meant"));
        };
        let size = known.size();
        self.aliased = Size {
            nodes: self.aliased.nodes + size.nodes,
            bytes: self.aliased.bytes + size.bytes,
            depth: self.open.len() + size.depth,
        };
        if self.aliased.nodes > ALIASED_NODES_MAX || self.aliased.bytes > FILE_SIZE_MAX {
            let message = format!(
                "the aliases up to here stand for more than {ALIASED_NODES_MAX} nodes or {FILE_SIZE_MAX} bytes"
            );
            return Err(self.refusal(Code::E0802, range, &message, "write out what is meant, or split the file"));
        }
        if self.aliased.depth > YAML_DEPTH_MAX {
            return Err(self.too_deep(range));
        }
        self.add(known, 0)
    }

    fn too_deep(&self, range: Range<usize>) -> Refusal {
        let message = format!("lists and mappings nest more than {YAML_DEPTH_MAX} deep");
        self.refusal(Code::E0802, range, &message, "no blueprint needs that; `docs/yaml.md` shows its form")
    }

    fn begin(&mut self, range: Range<usize>, anchor: usize, value: Value) -> Result<(), Refusal> {
        if self.open.len() >= YAML_DEPTH_MAX {
            return Err(self.too_deep(range));
        }
        self.open.push(Open { start: range.start, anchor, value, key: None });
        Ok(())
    }

    /// Puts a node where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Refusal> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(entries), Some((key, at))) => entries.push(Entry { key, at, value: node }),
            (Value::Map(_), None) => {
                let Value::Scalar(key) = node.value else {
                    return Err(self.refusal(
                        Code::E0801,
                        node.range,
                        "a key is a word, not a list or a mapping",
                        "write the word before the `:`",
                    ));
                };
                if key.text == "<<" && key.style == Style::Plain {
                    return Err(self.refusal(
                        Code::E0801,
                        node.range,
                        "merge keys mean nothing here",
                        "write out what is to be merged",
                    ));
                }
                open.key = Some((key, node.range));
            }
            (Value::Scalar(_), _) => {}
        }
        Ok(())
    }

    fn refuse_tag(&self, tagged: bool, range: &Range<usize>) -> Result<(), Refusal> {
        if !tagged {
            return Ok(());
        }
        Err(self.refusal(
            Code::E0801,
            range.clone(),
            "this has a tag, and tags mean nothing here",
            "remove the `!…` before it",
        ))
    }

    fn malformed(&self, at: Marker, info: &str) -> Refusal {
        let mut start = self.byte(at);
        if info.contains("tab") {
            // The mark may stand before it.
            start += self.text.get(start - self.mark..).and_then(|rest| rest.find('\t')).unwrap_or(0);
        }
        let width = self.text.get(start - self.mark..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let (_, help) = MALFORMED
            .iter()
            .find(|(known, _)| info.contains(known))
            .unwrap_or(&("", "`docs/yaml.md` shows the form of a blueprint"));
        let message = if info.contains("tab") {
            "YAML is indented with spaces, and this is a tab".to_owned()
        } else {
            format!("this is no YAML: {info}")
        };
        self.refusal(Code::E0801, start..start + width, &message, help)
    }

    fn refusal(&self, code: Code, range: Range<usize>, message: &str, help: &str) -> Refusal {
        Box::new(Diagnostic::new(code, Span::new(self.file, range.start, range.end), message).help(help))
    }

    /// The byte at a mark, which counts characters.
    fn byte(&self, at: Marker) -> usize {
        let end = self.text.len();
        let byte =
            self.bytes.as_ref().map_or(at.index().min(end), |bytes| bytes.get(at.index()).copied().unwrap_or(end));
        self.mark + byte
    }
}

/// What to do about what the YAML parser says.
const MALFORMED: &[(&str, &str)] = &[
    ("tab", "write two spaces for each step"),
    ("mapping values are not allowed", "a value with `: ` in it stands in quotes"),
    ("unknown anchor", "an alias `*name` repeats what `&name` marks before it"),
    ("did not find expected key", "the keys of one mapping stand in the same column"),
    ("quoted scalar", "end the text with its quote"),
    ("recursion limit", "no blueprint nests that deep"),
    ("did not find expected ',' or", "close the bracket"),
    ("invalid indentation", "what belongs together stands in the same column"),
];

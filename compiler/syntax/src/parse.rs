//! `parse`: text to tree. It cuts a file into items and members and reads each by itself, so that what is broken stays alone.

use std::ops::Range;

use leeway_diagnostics::{Code, Diagnostic, FileId, Span};

use crate::ast;
use crate::boundary::{Block, ends_declaration, is_item_word, member_end, starts_item, starts_member};
use crate::grammar::{self, Failure, Rule};
use crate::later;
use crate::lexer::lex;
use crate::lost;
use crate::message::{self, Place};
use crate::nesting::{NESTING_MAX, too_deep};
use crate::token::{TokenKind, Tokens};
use crate::tree::{Builder, Built, Pair};
use crate::word::is_reserved;

/// The largest file, in bytes.
pub const FILE_SIZE_MAX: usize = 1024 * 1024;

/// The most members of one file.
pub const MEMBERS_MAX: usize = 10_000;

/// The most findings that are reported of one file.
pub const DIAGNOSTICS_MAX: usize = 1_000;

/// What may stand before a file, and says nothing.
pub(crate) const MARK: char = '\u{feff}';

/// What was read: always a tree, and what is wrong with the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What is whole.
    pub tree: ast::File,
    /// What is not, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads `text`, whose spans will be in `file`. It cannot fail: what is broken is left out of the tree whole, and said.
pub fn parse(file: FileId, text: &str) -> Parsed {
    read(file, text).0
}

/// What a file consists of, by its tokens.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// A `use`.
    Use(Range<usize>),
    /// The header of a declaration, with its `{`, and the rule that reads it.
    Header(Rule, Range<usize>),
    /// A whole member of the declaration, and the rule that reads it.
    Member(Rule, Range<usize>),
    /// The `}` of the declaration.
    End,
}

/// Reads `text`, and tells its parts in order.
pub(crate) fn read(file: FileId, text: &str) -> (Parsed, Vec<Part>) {
    if text.len() > FILE_SIZE_MAX {
        let message = format!("a file is at most {FILE_SIZE_MAX} bytes long, this one has {}", text.len());
        let diagnostic =
            Diagnostic::new(Code::E0106, Span::new(file, 0, 0), message).help("split it into several files");
        return (Parsed { tree: ast::File::default(), diagnostics: vec![diagnostic] }, Vec::new());
    }
    // A byte-order mark says that the text is UTF-8, which it is anyway; spaces in its place keep every offset.
    let without_mark = text.strip_prefix(MARK).map(|rest| format!("{}{rest}", " ".repeat(MARK.len_utf8())));
    let text = without_mark.as_deref().unwrap_or(text);
    let (tokens, of_tokens) = lex(file, text);
    let (tree, diagnostics, parts) = (ast::File::default(), Vec::new(), Vec::new());
    let mut parser = Parser { tokens: &tokens, at: 0, members: 0, tree, diagnostics, parts };
    while parser.at < tokens.len() {
        parser.item();
    }
    let Parser { tree, mut diagnostics, parts, .. } = parser;
    diagnostics.extend(of_tokens);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.primary.span.end));
    if let Some(next) = diagnostics.get(DIAGNOSTICS_MAX) {
        let message = "more errors from here on are not shown";
        let last = Diagnostic::new(Code::E0106, next.primary.span, message).help("mend those before them first");
        diagnostics.truncate(DIAGNOSTICS_MAX);
        diagnostics.push(last);
    }
    (Parsed { tree, diagnostics }, parts)
}

struct Parser<'a> {
    tokens: &'a Tokens<'a>,
    at: usize,
    members: usize,
    tree: ast::File,
    diagnostics: Vec<Diagnostic>,
    parts: Vec<Part>,
}

/// What became of a member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    /// It belongs to a later version; its neighbours on the line are what they seem.
    Later,
    /// What follows on its line may have been meant as a part of it.
    Broken,
}

/// A block, read.
#[derive(Default)]
struct Body {
    members: Vec<(Range<usize>, Built)>,
    broken: usize,
    lost: ast::Lost,
}

impl<'a> Parser<'a> {
    /// Beyond what is reported in the end, nothing more is put into words.
    fn say(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.diagnostics.len() <= DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic());
        }
    }

    /// Reads what begins at the cursor; always moves on.
    fn item(&mut self) {
        let start = self.at;
        match self.tokens.word(start) {
            "use" => self.use_(),
            "blueprint" => self.blueprint(),
            "policy" => self.policy(),
            "target" => self.target(),
            _ => self.stray(),
        }
        self.at = self.at.max(start + 1);
    }

    fn use_(&mut self) {
        let start = self.at;
        self.at += 1;
        while self.at < self.tokens.len() {
            // Behind these words and a point, an item's word is a name.
            let part = self.tokens.sign(self.at - 1) == "." || matches!(self.tokens.word(self.at - 1), "use" | "as");
            if is_item_word(self.tokens, self.at) && (!part || starts_item(self.tokens, self.at)) {
                break;
            }
            // A member outside of a block is a mistake of its own.
            let strays = || (start + 1..self.at).any(|before| self.tokens.line_start(before));
            if self.tokens.line_start(self.at) && is_reserved(self.tokens.word(self.at)) && !strays() {
                break;
            }
            self.at += 1;
        }
        match self.read(Rule::one_use, &(start..self.at), Place::Use, Builder::use_) {
            Some(use_) => {
                self.parts.push(Part::Use(start..self.at));
                self.tree.uses.push(use_);
            }
            None => self.tree.broken += 1,
        }
    }

    fn blueprint(&mut self) {
        let start = self.at;
        let header = self.header(Rule::blueprint_header, Block::Blueprint, Builder::blueprint);
        let body = self.body(Block::Blueprint, start);
        if let Some(blueprint) = header {
            let (doc, broken, lost) = (self.tokens.doc(start), body.broken, body.lost);
            let members = self.members_of(body.members);
            self.tree.blueprints.push(ast::Blueprint { doc, members, broken, lost, ..blueprint });
        }
    }

    fn policy(&mut self) {
        let start = self.at;
        let header = self.header(Rule::policy_header, Block::Policy, Builder::policy);
        let body = self.body(Block::Policy, start);
        if let Some(policy) = header {
            let (doc, broken, lost) = (self.tokens.doc(start), body.broken, body.lost);
            let members = self.members_of(body.members);
            self.tree.policies.push(ast::Policy { doc, members, broken, lost, ..policy });
        }
    }

    fn members_of(&self, members: Vec<(Range<usize>, Built)>) -> Vec<ast::Member> {
        let members = members.into_iter().filter_map(|(range, built)| match built {
            Built::Member(kind) => {
                Some(ast::Member { doc: self.tokens.doc(range.start), kind: *kind, span: self.tokens.span_of(&range) })
            }
            Built::Fact(_) | Built::Enum(_) | Built::Collection(_) | Built::Action(_) => None,
        });
        members.collect()
    }

    fn target(&mut self) {
        let start = self.at;
        let header = self.header(Rule::target_header, Block::Target, Builder::target);
        let body = self.body(Block::Target, start);
        if let Some(mut target) = header {
            target.doc = self.tokens.doc(start);
            target.broken = body.broken;
            target.lost = body.lost;
            for (range, built) in body.members {
                let doc = self.tokens.doc(range.start);
                match built {
                    Built::Fact(fact) => target.facts.push(ast::Fact { doc, ..fact }),
                    Built::Enum(found) => target.enums.push(ast::Enum { doc, ..found }),
                    Built::Collection(found) => target.collections.push(ast::Collection { doc, ..found }),
                    Built::Action(action) => target.actions.push(ast::Action { doc, ..action }),
                    Built::Member(_) => {}
                }
            }
            self.tree.targets.push(target);
        }
    }

    /// Something that is no item, up to the next that begins a line.
    fn stray(&mut self) {
        let (start, tokens) = (self.at, self.tokens);
        self.tree.broken += 1;
        if tokens.kind(start) != Some(TokenKind::Bad) {
            self.say(|| message::no_item(tokens, start));
        }
        self.at = start + 1;
        while self.at < tokens.len() && !(tokens.line_start(self.at) && is_item_word(tokens, self.at)) {
            self.at += 1;
        }
    }

    /// The header of a declaration. Without it there is nothing to put the members into, but they are read all the same.
    fn header<T>(&mut self, rule: Rule, block: Block, build: fn(Builder, &Pair<'a>) -> Option<T>) -> Option<T> {
        let start = self.at;
        self.at = self.header_end();
        let header = self.read(rule, &(start..self.at), Place::Header(block), build);
        self.parts.push(Part::Header(rule, start..self.at));
        self.tree.broken += usize::from(header.is_none());
        header
    }

    /// Behind the `{` of the header at the cursor, or where something else begins that shows it to be missing.
    fn header_end(&self) -> usize {
        let tokens = self.tokens;
        (self.at + 1..tokens.len())
            .find_map(|at| match tokens.sign(at) {
                "{" => Some(at + 1),
                "}" => Some(at),
                _ if starts_item(tokens, at) => Some(at),
                _ if tokens.line_start(at) && starts_member(tokens, at) => Some(at),
                _ => None,
            })
            .unwrap_or(tokens.len())
    }

    /// The members of the block that began at `header`, up to behind its `}`.
    fn body(&mut self, block: Block, header: usize) -> Body {
        let mut body = Body::default();
        let mut last = Outcome::Later;
        while self.at < self.tokens.len() && !starts_item(self.tokens, self.at) {
            if ends_declaration(self.tokens, self.at) {
                self.parts.push(Part::End);
                self.at += 1;
                return body;
            }
            let range = self.at..member_end(self.tokens, block, self.at).max(self.at + 1);
            self.at = range.end;
            last = self.member(block, &range, &mut body);
            if last == Outcome::Broken {
                self.skip_line(block, &mut body.lost);
            }
        }
        self.unended(block, header, last, &mut body);
        body
    }

    /// A block without its `}`. Nothing says that its last member was meant to end there, so that it is broken too.
    fn unended(&mut self, block: Block, header: usize, last: Outcome, body: &mut Body) {
        if last == Outcome::Whole
            && let Some((range, _)) = body.members.pop()
        {
            body.broken += 1;
            lost::add(&mut body.lost, self.tokens, block, &range);
        }
        // What is broken at the end of a file mostly is what hides the `}`, and has been said.
        let (at, tokens) = (self.at, self.tokens);
        let said = self.diagnostics.last().is_some_and(|said| said.primary.span == tokens.span(at));
        if last != Outcome::Broken && !said {
            self.say(|| {
                let expected = ["the next member".to_owned(), "`}`".to_owned()];
                message::unexpected(tokens, at, &expected, [])
                    .label(tokens.span(header), "what begins here has no end")
                    .help("end it with `}`, and what stands in it with theirs")
            });
        }
    }

    /// Goes on to the next member at a line's start: what stands before it may have been meant as a part of what is broken.
    fn skip_line(&mut self, block: Block, lost: &mut ast::Lost) {
        let tokens = self.tokens;
        let start = self.at;
        while self.at < tokens.len()
            && !tokens.line_start(self.at)
            && !ends_declaration(tokens, self.at)
            && !starts_item(tokens, self.at)
        {
            self.at = member_end(tokens, block, self.at).max(self.at + 1);
        }
        lost::add(lost, tokens, block, &(start..self.at));
    }

    /// Reads the member that takes up `range`.
    fn member(&mut self, block: Block, range: &Range<usize>, body: &mut Body) -> Outcome {
        let tokens = self.tokens;
        self.members += 1;
        if self.members > MEMBERS_MAX {
            if self.members == MEMBERS_MAX + 1 {
                let message = format!("a file has at most {MEMBERS_MAX} members");
                let at = tokens.span(range.start);
                self.say(|| Diagnostic::new(Code::E0106, at, message).help("split it into several files"));
            }
            body.broken += 1;
            body.lost.everything();
            return Outcome::Later;
        }
        if let Some(diagnostic) = later::find(tokens, block, range.start) {
            self.say(|| diagnostic);
            body.broken += 1;
            return Outcome::Later;
        }
        let rule = match block {
            Block::Blueprint | Block::Policy => Rule::one_member,
            Block::Target => Rule::one_target_member,
        };
        let built = if block.words().any(|word| word == tokens.word(range.start)) {
            let built = self.read(rule, range, Place::Member(block), Builder::member);
            if built.is_none() {
                self.misspelt_members(block, range);
            }
            built
        } else {
            if tokens.kind(range.start) != Some(TokenKind::Bad) {
                self.say(|| message::no_member(tokens, block, range.start));
            }
            self.misspelt_members(block, range);
            None
        };
        match built {
            Some(built) => {
                self.parts.push(Part::Member(rule, range.clone()));
                body.members.push((range.clone(), built));
                Outcome::Whole
            }
            None => {
                body.broken += 1;
                lost::add(&mut body.lost, tokens, block, range);
                Outcome::Broken
            }
        }
    }

    /// Members whose word is misspelt are taken for a part of the broken one before them; each is pointed at all the same.
    fn misspelt_members(&mut self, block: Block, range: &Range<usize>) {
        let tokens = self.tokens;
        let mut depth = 0_usize;
        for at in range.clone().skip(1) {
            match tokens.sign(at) {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let said = self.diagnostics.last().is_some_and(|said| said.primary.span.start >= tokens.span(at).start);
            if depth == 0 && !said && tokens.line_start(at) && message::is_misspelt(tokens.word(at), block) {
                self.say(|| message::no_member(tokens, block, at));
            }
        }
    }

    /// Reads `range` as `rule`, or says why not.
    fn read<T>(
        &mut self,
        rule: Rule,
        range: &Range<usize>,
        place: Place,
        build: fn(Builder, &Pair<'a>) -> Option<T>,
    ) -> Option<T> {
        let tokens = self.tokens;
        if range.clone().any(|at| tokens.kind(at) == Some(TokenKind::Bad)) {
            return None;
        }
        let span = tokens.span_of(range);
        if let Some(at) = too_deep(tokens, range.clone()) {
            let message = format!("brackets and operators nest more than {NESTING_MAX} deep");
            let at = tokens.span(at);
            self.say(|| Diagnostic::new(Code::E0105, at, message).help("name a part of it with `let`"));
            return None;
        }
        let text = tokens.source.get(span.range()).unwrap_or_default();
        match grammar::parse(rule, text) {
            Ok(mut pairs) => {
                let builder = Builder { file: tokens.file, base: span.range().start };
                let built = pairs.next().and_then(|pair| build(builder, &pair));
                if built.is_none() {
                    self.say(|| Diagnostic::new(Code::E0101, span, "this cannot be read"));
                }
                built
            }
            Err(Failure::Misfit(misfit)) => {
                self.say(|| message::misfit(tokens, range, place, &misfit));
                None
            }
            Err(Failure::Bound) => {
                let message = "this is too large to be read";
                self.say(|| Diagnostic::new(Code::E0106, span, message).help("name parts of it with `let`"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;

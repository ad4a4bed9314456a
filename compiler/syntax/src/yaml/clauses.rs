//! `spec.clauses`: members in the language itself, which must not get out of the blueprint they stand in.

use leeway_diagnostics::{Code, SourceMap, Span};

use super::draft::Draft;
use super::node::Node;
use super::writer::Writer;
use crate::boundary::{Block, starts_item, starts_member};
use crate::lexer::lex;
use crate::message;
use crate::token::TokenKind;

impl<'a> Writer<'a> {
    pub(super) fn clauses(&mut self) {
        let Some(part) = self.spec(&["clauses"]).filter(|part| part.literal().is_some()) else { return };
        if self.stays_inside(part.node) {
            self.draft.members(part.node);
        }
    }

    /// Whether all of the text is members: what ends the blueprint, begins another declaration or goes on with the member
    /// before would say something about what stands outside.
    fn stays_inside(&mut self, node: &Node) -> bool {
        let Some(scalar) = node.scalar() else { return false };
        let mut sources = SourceMap::default();
        let file = sources.add("", "");
        let (tokens, _) = lex(file, &scalar.text);
        let mut strange = None;
        let mut open = 0_usize;
        for at in 0..tokens.len() {
            match tokens.sign(at) {
                "{" => open += 1,
                "}" if open == 0 => strange = strange.or(Some((at, "this `}` has no `{`; remove it"))),
                "}" => open -= 1,
                _ if starts_item(&tokens, at) => {
                    strange = strange
                        .or(Some((at, "`use` is a list of `spec`; other declarations stand in files of the language")));
                }
                _ => {}
            }
        }
        let at_the_start = tokens.len() > 0
            && tokens.kind(0) != Some(TokenKind::Bad)
            && !(Block::Blueprint.has(tokens.word(0)) && starts_member(&tokens, 0));
        let said = match strange {
            _ if at_the_start => Some(message::no_member(&tokens, Block::Blueprint, 0)),
            Some((at, help)) => {
                let message = format!("`{}` cannot stand in `clauses`, which holds members only", tokens.text(at));
                Some(leeway_diagnostics::Diagnostic::new(Code::E0805, tokens.span(at), message).help(help))
            }
            None => None,
        };
        let Some(mut said) = said else { return true };
        said.fixes.clear();
        // The text by itself, as a view of the document: its places are known already.
        let mut draft = Draft::new(self.draft.yaml);
        draft.members(node);
        let yaml = sources.add("", self.draft.yaml);
        let view = sources.add_view(yaml, draft.text, draft.view);
        let place = sources.shown(Span { file: view, ..said.primary.span });
        said.primary.span = Span { file: self.walk.file, ..place };
        said.labels.clear();
        self.walk.push(said);
        false
    }
}

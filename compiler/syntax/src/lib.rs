//! Text to syntax tree. Parsing never fails: it returns a tree of what is whole and says what is not.

pub mod ast;
mod boundary;
mod format;
mod grammar;
mod later;
mod lexer;
mod lost;
mod message;
mod nesting;
mod number;
mod parse;
mod slip;
mod text;
mod token;
mod tree;
mod word;
pub mod yaml;

pub use format::{Formatted, format};
pub use nesting::NESTING_MAX;
pub use parse::{DIAGNOSTICS_MAX, FILE_SIZE_MAX, MEMBERS_MAX, Parsed, parse};
pub use word::member_words;

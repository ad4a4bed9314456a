//! Text to syntax tree. Parsing never fails: it returns a tree of what is whole and says what is not.

pub mod ast;

//! From text to a tree: lexer, Pratt parser, and the resolution of what can be known before any data.

pub(crate) mod ast;
pub(crate) mod functions;
pub(crate) mod lex;
pub(crate) mod parse;
pub(crate) mod resolve;

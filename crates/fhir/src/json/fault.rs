//! Why a text is no document: each fault with its rule, and what to do about it.

use super::Place;
use crate::outcome::{Finding, Severity};

crate::problems! {
    /// Why a text is no document.
    SyntaxFault {
        /// No bytes, or only white space.
        Empty "json-empty" Structure
            "本文が空です（RFC 8259 2節では値が一つ要ります）。FHIRリソースをJSONで送ってください。"
            "The body is empty; RFC 8259, section 2, asks for one value. Send a FHIR resource as JSON."
        /// More bytes than the limit.
        TooLarge "json-too-large" TooLong
            "本文が大きすぎます（このサーバーの上限）。分けて送ってください。"
            "The body is larger than this server takes. Send it in parts."
        /// More levels than the limit.
        TooDeep "json-too-deep" TooCostly
            "入れ子が深すぎます（このサーバーの上限）。入れ子を減らしてください。"
            "The nesting is deeper than this server takes. Nest less."
        /// More values than the limit.
        TooMany "json-too-many-values" TooCostly
            "値の数が多すぎます（このサーバーの上限）。分けて送ってください。"
            "There are more values than this server takes. Send the body in parts."
        /// Starts with a byte order mark.
        ByteOrderMark "json-encoding" Structure
            "先頭にBOMがあります（RFC 8259 8.1節で禁止）。BOMなしのUTF-8で送ってください。"
            "The body starts with a byte order mark, which RFC 8259, section 8.1, forbids. Send UTF-8 without it."
        /// Looks like UTF-16 or UTF-32.
        WideEncoding "json-encoding" Structure
            "UTF-16またはUTF-32のようです。RFC 8259 8.1節とFHIRのとおり、UTF-8で送ってください。"
            "The body looks like UTF-16 or UTF-32. Send UTF-8, as RFC 8259, section 8.1, and FHIR ask."
        /// Not UTF-8.
        NotUtf8 "json-encoding" Structure
            "UTF-8として読めないバイトがあります。RFC 8259 8.1節とFHIRのとおり、UTF-8で送ってください。"
            "A byte is not UTF-8. Send UTF-8, as RFC 8259, section 8.1, and FHIR ask."
        /// Ends in the middle of a value.
        Truncated "json-truncated" Structure
            "JSONが途中で終わっています（RFC 8259 2節）。最後まで送られたか、閉じる括弧と引用符があるかを確かめてください。"
            "The JSON ends in the middle (RFC 8259, section 2). Check that all of it was sent and that brackets and quotes are closed."
        /// A member's name is there twice.
        DuplicateKey "json-unique-names" Structure
            "同じ名前の要素が一つのオブジェクトに二度あります（RFC 8259 4節）。一つにし、繰り返しはFHIRのJSONのとおり配列にしてください。"
            "An object has the same name twice (RFC 8259, section 4). Keep one; FHIR's JSON writes what repeats as an array."
        /// Half a surrogate pair in a `\u` escape.
        LoneSurrogate "json-surrogate" Structure
            "\\u の片割れのサロゲートがあります（RFC 8259 7節・8.2節）。対にするか、文字をそのまま書いてください。"
            "A \\u escape is half a surrogate pair (RFC 8259, sections 7 and 8.2). Write the pair, or the character itself."
        /// An escape that JSON does not have.
        BadEscape "json-escape" Structure
            "JSONにないエスケープがあります（RFC 8259 7節）。\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX のどれかにしてください。"
            "JSON has no such escape (RFC 8259, section 7). Use \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX."
        /// A control character inside a string.
        ControlCharacter "json-control-character" Structure
            "文字列に制御文字がそのまま入っています（RFC 8259 7節）。改行は \\n のようにエスケープしてください。"
            "A string holds a bare control character (RFC 8259, section 7). Escape it; a line break is \\n."
        /// A number that is none by JSON, or with thousands of digits.
        BadNumber "json-number" Structure
            "JSONの数ではありません（RFC 8259 6節）。正符号、先頭のゼロ、末尾の点のない十進数にしてください。"
            "This is no JSON number (RFC 8259, section 6). Write a decimal without plus sign, leading zeros or a point at its end."
        /// Text after the value.
        TrailingText "json-one-value" Structure
            "JSONの後に余分な文字があります（RFC 8259 2節では値は一つ）。取り除いてください。"
            "There is text after the JSON value; RFC 8259, section 2, allows one value. Remove it."
        /// A comma before `]` or `}`.
        TrailingComma "json-comma" Structure
            "閉じる括弧の前に余分なコンマがあります（RFC 8259 4節・5節）。取り除いてください。"
            "There is a comma before the closing bracket (RFC 8259, sections 4 and 5). Remove it."
        /// Something else stands where JSON has a value, a name, a colon or a comma.
        Unexpected "json-grammar" Structure
            "RFC 8259の文法では、ここにこの文字は書けません。前後の引用符、コンマ、コロン、括弧を確かめてください。"
            "The grammar of RFC 8259 does not allow this character here. Check quotes, commas, colons and brackets around it."
    }
}

/// What is wrong with a text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub fault: SyntaxFault,
    /// Line and column.
    pub place: Place,
    /// Byte, from 0.
    pub offset: usize,
}

impl SyntaxError {
    pub(super) fn new(fault: SyntaxFault, text: &[u8], offset: usize) -> Self {
        let offset = offset.min(text.len());
        Self { fault, place: Place::of(text, offset), offset }
    }

    /// The error as a finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        self.fault.finding(Severity::Fatal, "", Some(self.place))
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{} ({}, line {line}, column {column}, byte {})", self.fault.en(), self.fault.rule(), self.offset)
    }
}

impl std::error::Error for SyntaxError {}

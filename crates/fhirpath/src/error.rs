//! What can be wrong with an expression, and with its evaluation.
//!
//! What must hold: a message says the concept and the next step in Japanese and in English, and never repeats a value of
//! the data; names that stand in the expression are no data and may be said.

/// An expression that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} (at byte {offset})", .fault.en())]
pub struct ParseError {
    /// What is wrong.
    pub fault: ParseFault,
    /// Byte of the expression at which it was noticed.
    pub offset: usize,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseFault {
    /// More bytes than [`crate::MOST_BYTES`].
    TooLong,
    /// More nesting than [`crate::MOST_DEPTH`].
    TooDeep,
    /// A character that starts no token.
    Character,
    /// A string, delimited name or comment without an end.
    Unterminated,
    /// An escape that FHIRPath does not have.
    Escape,
    /// A number outside of what can be kept exactly.
    Number,
    /// A date or time that there is not.
    Date,
    /// Something other than what was found must stand here.
    Unexpected,
    /// A function that FHIRPath does not have.
    UnknownFunction(Box<str>),
    /// Too few or too many arguments.
    Arguments(Box<str>),
    /// A type that the definitions do not have.
    UnknownType(Box<str>),
    /// A regular expression that is wrong, too large, or needs look-around or back-references.
    Regex,
    /// Only when checked strictly: the type before it has no such element.
    UnknownElement(Box<str>),
    /// Only when checked strictly: what stands before the function has a type that it does not take.
    Operand(Box<str>),
    /// Only when checked strictly: the function needs an order that what stands before it does not have.
    Unordered(Box<str>),
}

impl ParseError {
    pub(crate) fn new(fault: ParseFault, offset: usize) -> Self {
        Self { fault, offset }
    }

    /// The message in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        format!("FHIRPath式の{}バイト目: {}", self.offset + 1, self.fault.ja())
    }

    /// The message in English.
    #[must_use]
    pub fn en(&self) -> String {
        format!("FHIRPath expression, byte {}: {}", self.offset + 1, self.fault.en())
    }
}

impl ParseFault {
    fn ja(&self) -> String {
        match self {
            Self::TooLong => format!("式が長すぎます。{}バイト以内にしてください。", crate::MOST_BYTES),
            Self::TooDeep => format!("入れ子が深すぎます。{}段以内にしてください。", crate::MOST_DEPTH),
            Self::Character => "FHIRPathにない文字です。取り除いてください。".into(),
            Self::Unterminated => "文字列・名前・コメントが閉じられていません。閉じる記号を補ってください。".into(),
            Self::Escape => {
                "FHIRPathにないエスケープです。\\' \\\" \\` \\r \\n \\t \\f \\\\ \\/ \\uXXXX を使ってください。".into()
            }
            Self::Number => "正確に扱える範囲を超える数です。小さくしてください。".into(),
            Self::Date => "存在しない日付・時刻です。直してください。".into(),
            Self::Unexpected => "ここには置けません。手前の演算子や括弧を見直してください。".into(),
            Self::UnknownFunction(name) => format!("関数 {name} はありません。綴りを確かめてください。"),
            Self::Arguments(name) => format!("関数 {name} の引数の数が違います。"),
            Self::UnknownType(name) => format!("型 {name} は定義にありません。綴りを確かめてください。"),
            Self::Regex => {
                "正規表現が誤っているか、大きすぎるか、先読み・後方参照を使っています。書き直してください。".into()
            }
            Self::UnknownElement(name) => format!("この型に要素 {name} はありません。定義を確かめてください。"),
            Self::Operand(name) => format!("{name} はこの型の値を受け取りません。"),
            Self::Unordered(name) => format!("{name} は順序を必要としますが、手前の結果には順序がありません。"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::TooLong => format!("the expression is too long; keep it within {} bytes", crate::MOST_BYTES),
            Self::TooDeep => format!("nested too deeply; keep it within {} levels", crate::MOST_DEPTH),
            Self::Character => "a character that FHIRPath does not use; remove it".into(),
            Self::Unterminated => "a string, name or comment is not closed; close it".into(),
            Self::Escape => {
                "an escape that FHIRPath does not have; use \\' \\\" \\` \\r \\n \\t \\f \\\\ \\/ \\uXXXX".into()
            }
            Self::Number => "a number beyond what can be kept exactly; make it smaller".into(),
            Self::Date => "there is no such date or time; correct it".into(),
            Self::Unexpected => "this cannot stand here; look at the operator or bracket before it".into(),
            Self::UnknownFunction(name) => format!("there is no function {name}; check its spelling"),
            Self::Arguments(name) => format!("wrong number of arguments of {name}"),
            Self::UnknownType(name) => format!("the definitions have no type {name}; check its spelling"),
            Self::Regex => {
                "the regular expression is wrong, too large, or uses look-around or back-references; rewrite it".into()
            }
            Self::UnknownElement(name) => format!("the type has no element {name}; check its definition"),
            Self::Operand(name) => format!("{name} does not take values of this type"),
            Self::Unordered(name) => format!("{name} needs an order that what stands before it does not have"),
        }
    }
}

/// An evaluation that came to no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.en())]
#[non_exhaustive]
pub enum EvalError {
    /// More than one item where one is allowed; the operator or function.
    NotSingle(&'static str),
    /// A value of a type that the operator or function does not take.
    Type(&'static str),
    /// An argument outside of what the function takes.
    Argument(&'static str),
    /// More work than [`crate::Limits::steps`].
    TooManySteps,
    /// A collection or text larger than [`crate::Limits::items`] or [`crate::Limits::text_bytes`].
    TooLarge,
    /// A regular expression that is wrong, too large, or needs look-around or back-references.
    Regex,
    /// A type that the definitions do not have.
    UnknownType,
    /// A variable (`%name`) that nobody gave.
    UnknownVariable(Box<str>),
    /// A question that cannot be answered here: a value set or profile that is not loaded, and why.
    NotChecked(Box<str>),
    /// A function that cannot be answered here.
    NotSupported(&'static str),
    /// A modifier extension that `checkModifiers()` was not told of.
    Modifier,
}

impl EvalError {
    /// The message in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        match self {
            Self::NotSingle(what) => {
                format!("{what} は値を一つだけ受け取りますが、複数ありました。first() や where() で絞ってください。")
            }
            Self::Type(what) => format!("{what} はこの型の値を受け取りません。型を確かめてください。"),
            Self::Argument(what) => format!("{what} の引数が範囲外です。"),
            Self::TooManySteps => "式の計算量が上限を超えました。式を簡単にしてください。".into(),
            Self::TooLarge => "途中の結果が大きさの上限を超えました。where() などで絞ってください。".into(),
            Self::Regex => {
                "正規表現が誤っているか、大きすぎるか、先読み・後方参照を使っています。書き直してください。".into()
            }
            Self::UnknownType => "定義にない型です。綴りを確かめてください。".into(),
            Self::UnknownVariable(name) => format!("変数 %{name} は与えられていません。"),
            Self::NotChecked(what) => {
                format!("{what} が読み込まれていないため判定できません。定義のパッケージを追加してください。")
            }
            Self::NotSupported(what) => format!("{what} はここでは使えません。"),
            Self::Modifier => "知らない修飾拡張(modifierExtension)があります。".into(),
        }
    }

    /// The message in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::NotSingle(what) => {
                format!("{what} takes one value and there were more; narrow with first() or where()")
            }
            Self::Type(what) => format!("{what} does not take values of this type; check the types"),
            Self::Argument(what) => format!("an argument of {what} is out of range"),
            Self::TooManySteps => "the expression takes more work than is allowed; make it simpler".into(),
            Self::TooLarge => "a result on the way is larger than is allowed; narrow with where()".into(),
            Self::Regex => {
                "the regular expression is wrong, too large, or uses look-around or back-references; rewrite it".into()
            }
            Self::UnknownType => "the definitions have no such type; check its spelling".into(),
            Self::UnknownVariable(name) => format!("the variable %{name} was not given"),
            Self::NotChecked(what) => format!("cannot be decided because {what} is not loaded; add its package"),
            Self::NotSupported(what) => format!("{what} cannot be used here"),
            Self::Modifier => "there is a modifier extension that is not known".into(),
        }
    }
}

//! The rules of members' files, with their words.

use super::Column;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident => $code:literal, $ja:literal, $en:literal;)+) => {
        /// A rule that a line may break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$doc])* $variant),+ }
        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its number.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// What is wrong and what to do: Japanese and English.
            #[must_use]
            pub const fn words(self) -> (&'static str, &'static str) { match self { $(Self::$variant => ($ja, $en)),+ } }
            /// The rule with this number.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
        }
    };
}

rules! {
    /// The line cannot be read as CSV.
    Csv => "M01", "この行はCSVとして読み取れません。引用符と列の数を見出しの行に合わせてください。",
        "This line cannot be read as CSV. Match its quotes and number of cells to the header.";
    /// A cell is needed.
    Needed => "M02", "この列は空にできません。値を入れてください。", "This cell cannot be empty. Give a value.";
    /// A cell has a code that the layout does not know.
    Code => "M03", "この列に使えない値です。docs/members.md の表にある値から選んでください。",
        "This value is not one of the column's. Choose one from the table in docs/members.md.";
    /// A number does not have its form.
    Form => "M04", "番号の形が正しくありません。桁数と、半角・全角をたしかめてください。",
        "The number does not have its form. Check its digits, and ASCII or full width.";
    /// A date cannot be read.
    Date => "M05", "日付を読み取れません。2026-04-01、20260401、令和8年4月1日、R8.4.1 のように書いてください。",
        "The date cannot be read. Write it as 2026-04-01, 20260401, 令和8年4月1日 or R8.4.1.";
    /// The period is empty.
    Period => "M06", "資格喪失日は資格取得日より後の日にしてください。", "The last day must come after the first.";
    /// A cell is too long.
    Length => "M07", "この列は256文字までです。短くしてください。", "A cell has at most 256 characters. Shorten it.";
    /// A cell is an individual number.
    MyNumber => "M08", "マイナンバーは、このファイルでは受け取れません。この行は保存していません。番号を消して送り直してください。",
        "Individual numbers (My Number) are not taken in this file. The line was not kept. Take the number out and send again.";
    /// The cell holds a character that the encoding could not give.
    Character => "M09", "読み取れない文字があります。UTF-8 か Shift_JIS (CP932) で保存し直してください。",
        "A character cannot be read. Save the file as UTF-8 or Shift_JIS (CP932).";
    /// The sender does not act under this insurer number.
    NotOwn => "M20", "この保険者番号は、送り手のものではありません。番号をたしかめるか、番号の持ち主が送ってください。",
        "The sender does not act under this insurer number. Check it, or let its holder send.";
    /// Nobody is known under the number.
    Unknown => "M21", "この番号の人は登録されていません。先に登録の行を送ってください。",
        "Nobody is registered under this number. Send a line that registers first.";
    /// The number leads to somebody else.
    Contradicts => "M22", "この番号の人の生年月日または性別が、登録と違います。番号と人をたしかめてください。",
        "Birth date or sex do not agree with whom the number leads to. Check number and person.";
    /// The door did not open.
    NotOpen => "M23", "この役割と目的では、この行を受け取れません。サインインの役割と目的をたしかめてください。",
        "This line is not taken in this role and for this purpose. Check the sign-in.";
    /// The institution number is wrong.
    Institution => "M24", "事業所番号が正しくありません。10桁と検査数字をたしかめてください。",
        "The office's number is wrong. Check its ten digits and check digit.";
    /// A list is full.
    Full => "M25", "この人の記録がいっぱいです。運用の担当者に知らせてください。",
        "Too much is kept of this person. Tell the operator.";
    /// The server could not write.
    Later => "M30", "いまは保存できませんでした。この行を、あとで送り直してください。",
        "It could not be saved right now. Send this line again later.";
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The column; `None` for the whole line.
    pub column: Option<Column>,
}

impl Finding {
    /// About a column.
    #[must_use]
    pub const fn at(column: Column, rule: Rule) -> Self {
        Self { rule, column: Some(column) }
    }

    /// About the whole line.
    #[must_use]
    pub const fn line(rule: Rule) -> Self {
        Self { rule, column: None }
    }
}

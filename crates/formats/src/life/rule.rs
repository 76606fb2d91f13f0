//! The rules, each with its id, how grave it is, and what to say: what is wrong, and what to do next.
//!
//! `{d}` stands for what a finding adds: a number, a name of the interface, or one character. Nothing else of a cell.

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what was meant, or refused when a record is made final.
    Warning,
    /// Against the interface.
    Error,
}

impl Severity {
    /// Its word in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Note => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! rules {
    ($($name:ident $severity:ident $id:literal $ja:literal $en:literal)*) => {
        /// A rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = $en] $name,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its id, which stays the same.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// How grave it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What to say in Japanese and English.
            #[must_use]
            pub fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($ja, $en),)* }
            }
        }
    };
}

rules! {
    // The file.
    EmptyFile Error "empty-file"
        "ファイルに何も入っていません。介護ソフトからもう一度書き出してください。"
        "The file is empty. Write it out again from the care software."
    UnknownForm Error "unknown-form"
        "1行目がLIFEの様式の名前ではありません（例：FORM_0000_2021、SERVICE_USER_INFO）。LIFE用に書き出したCSVか確かめてください。"
        "Line 1 is not the name of a LIFE form (such as FORM_0000_2021, SERVICE_USER_INFO). Check that this CSV was written for LIFE."
    OtherVersion Error "other-version"
        "この様式の、別の版のファイルです。ここで分かる版は{d}です。分かる版で書き出すか、その版の定義を加えてください。"
        "This is another version of a known form. Known here is {d}. Write the file out in that version, or add the definitions of this one."
    FirstLineExtra Warning "first-line-extra"
        "1行目の様式の名前の後ろにカンマが付いています。表計算ソフトで保存し直したときに起きます。介護ソフトが書き出したままのファイルを使ってください。"
        "Commas follow the form's name in line 1, as a spreadsheet writes them. Use the file as the care software wrote it."
    NoHeader Error "no-header"
        "2行目が項目名（care_facility_id など）の行ではありません。1行目は様式の名前、2行目は項目名、3行目からがデータです。"
        "Line 2 does not have the columns' names (care_facility_id and so on). Line 1 is the form's name, line 2 the columns' names, data begin in line 3."
    UnknownColumn Error "unknown-column"
        "この様式にない項目名です（{d}）。つづりと様式の版を確かめてください。この列は読まれません。"
        "This form has no column of this name ({d}). Check the spelling and the form's version. The column is not read."
    DuplicateColumn Error "duplicate-column"
        "同じ項目名の列が2つあります。どちらを使うか決められないので、1つにしてください。"
        "Two columns have this name. Which one counts cannot be told: leave one."
    MissingKey Error "missing-key-column"
        "どの記録かを決める項目の列がありません。この列がないと登録も更新もできません。"
        "A column that says which record is meant is missing. Without it nothing can be put in or changed."
    MissingRequired Error "missing-required-column"
        "常に必要な項目（◎）の列がありません。"
        "A column that is always required (◎) is missing."
    MissingFinal Warning "missing-final-columns"
        "確定のときに必要な項目（○）のうち、{d}個の列がありません。記録があるなら列を加えてください。"
        "{d} columns required when the record is made final (○) are missing. Add them if they were recorded."
    NameOtherForm Warning "file-name-other-form"
        "ファイル名の様式と、中の1行目の様式が違います。中の1行目（{d}）に従って読みました。別のファイルを選んでいないか確かめてください。"
        "The file's name says another form than its line 1. It was read as line 1 says ({d}). Check that it is the file you meant."
    LineEndLf Warning "line-end-lf"
        "改行がLFだけの行があります。決まりはCR-LFまたはCRです。書き出しの設定を確かめてください。"
        "Lines end with LF alone; the rule is CR-LF or CR. Check how the file is written out."
    LineEndsMixed Warning "line-ends-mixed"
        "改行の形が途中で変わっています。2つのファイルをつないでいないか確かめてください。"
        "Lines end in different ways. Check that two files were not joined."
    BlankLine Warning "blank-line"
        "何も書かれていない行があります。データとしては読みません。"
        "There is an empty line. It is not read as data."
    FewCells Error "few-cells"
        "列の数が2行目より少ない行です。送る途中で切れたか、値の中の改行が囲まれていません。この行は読まれません。書き出し直してください。"
        "The row has fewer cells than line 2. It was cut short, or a line break in a value is not quoted. The row is not read: write the file out again."
    ManyCells Error "many-cells"
        "列の数が2行目より多い行です。値の中のカンマが「\"」で囲まれていないことがよくあります。この行は読まれません。"
        "The row has more cells than line 2; often a comma in a value is not in quotes. The row is not read."
    UnclosedQuote Error "unclosed-quote"
        "この行で開いた「\"」が最後まで閉じていません。ここから後ろは読めません。値の中の「\"」は「\"\"」と2つ書き、全体を「\"」で囲んでください。"
        "A quote that opens in this line is never closed. Nothing behind it can be read. Write a quote within a value twice, and the value in quotes."
    QuoteInside Error "quote-inside"
        "囲まれていない値の中に「\"」があります。値を「\"」で囲み、中の「\"」は2つ書いてください。"
        "A quote stands in a value that is not in quotes. Put the value in quotes, and write the inner quote twice."
    AfterQuote Error "text-after-quote"
        "閉じた「\"」の後ろに文字があります。値の中の「\"」は2つ書いてください。"
        "Something follows a closing quote. Write a quote within a value twice."
    LineTooLong Error "line-too-long"
        "行が長すぎます。この行は読まれません。改行が抜けていないか確かめてください。"
        "The line is too long and is not read. Check that no line break is missing."
    NoLastLineEnd Warning "no-last-line-end"
        "最後の行が改行で終わっていません。送る途中で切れていないか、最後の行を確かめてください。"
        "The last line has no line end. Check that the file was not cut short."
    NoRows Warning "no-rows"
        "データの行がありません。"
        "There is no row of data."
    // Characters.
    BrokenCharacter Error "broken-character"
        "このファイルの文字コード（{d}）では読めない文字があります。2つの文字コードが混ざっていないか確かめてください。"
        "There are bytes that are no character in this file's encoding ({d}). Check that two encodings are not mixed."
    PrivateCharacter Error "private-character"
        "外字（{d}）が使われています。ほかの機械では別の字に見えるか、消えます。通常の字に直してください。"
        "A character of somebody's own ({d}) is used. It looks different or vanishes elsewhere. Use an ordinary character."
    OtherBytes Note "other-ms932-bytes"
        "同じ字に別の番号を使うMS932の文字があります。字は同じですが、文字コードを変えて戻すと番号が変わります。"
        "A character is written with one of two codes that MS932 has for it. The character is the same; converted and back, its code changes."
    LineBreakInCell Note "line-break-in-cell"
        "値の中に改行があります。仕様書には書かれていないので、受け取る側が読めるか確かめてください。"
        "A value has a line break in it. The specification does not speak of it: check that the receiver can read it."
    CannotWrite Error "cannot-write"
        "{d} はMS932にありません。ほかの字に直してから書き出してください。置き換えはしません。"
        "MS932 has no {d}. Change it before the file is written. Nothing is put in its place."
    // Cells.
    TooLong Error "too-long"
        "長すぎます。{d}文字以内にしてください。"
        "Too long: at most {d} characters."
    NotNumber Error "not-a-number"
        "数字ではありません。半角の数字だけで書いてください（単位やカンマ、マイナスは付けません）。"
        "Not a number. Write half-width digits only, without unit, comma or sign."
    TooManyDigits Error "too-many-digits"
        "整数の桁が多すぎます。{d}桁以内にしてください。"
        "Too many digits before the point: at most {d}."
    TooManyDecimals Error "too-many-decimals"
        "小数点より後ろの桁が多すぎます。{d}桁までです（0は整数だけ）。"
        "Too many digits after the point: at most {d} (0: whole numbers only)."
    OutOfRange Error "out-of-range"
        "決められた範囲（{d}）の外の数です。"
        "The number is outside {d}."
    NotDate Error "not-a-date"
        "日付として正しくありません。西暦の年4桁、月2桁、日2桁を続けた8桁の半角数字で書いてください（例：20210401）。"
        "Not a date. Write eight half-width digits, year, month and day, such as 20210401."
    JapaneseEra Error "japanese-era"
        "和暦で書かれています。西暦の8桁で書いてください（例：令和3年4月1日は20210401）。"
        "The date is written with a Japanese era. Write eight digits of the Western year, such as 20210401."
    DateWithMarks Error "date-with-marks"
        "日付に「/」や「-」が入っています。表計算ソフトで開いて保存すると起きます。8桁の数字だけで書いてください（例：20210401）。"
        "The date has marks in it, as a spreadsheet writes it. Write eight digits only, such as 20210401."
    NotTime Error "not-a-time"
        "時刻として正しくありません。0000から2359までの4桁で書いてください（例：1310）。"
        "Not a time. Write four digits from 0000 to 2359, such as 1310."
    UnknownCode Error "unknown-code"
        "この項目のコードではありません。使えるコード：{d}"
        "Not a code of this column. Codes: {d}"
    LeadingZero Error "leading-zero-lost"
        "先頭の0が消えています。表計算ソフトで開いて保存すると起きます。介護ソフトが書き出したままのファイルを使ってください。"
        "A leading 0 is lost, as happens in a spreadsheet. Use the file as the care software wrote it."
    PointsForCode Error "points-for-code"
        "点数が書かれています。書くのは点数ではなくコードです。使えるコード：{d}"
        "These are points. Not points, but the code is written. Codes: {d}"
    SpreadsheetNumber Error "spreadsheet-number"
        "「1.23E+09」のような形になっています。表計算ソフトが番号を数に変えたためで、元の番号は失われています。書き出し直してください。"
        "It looks like 1.23E+09: a spreadsheet has turned a number of digits into a quantity, and the digits are lost. Write the file out again."
    FullWidth Error "full-width"
        "全角の数字や英字が使われています。半角で書いてください。"
        "Full-width digits or letters are used. Write half-width ones."
    NotIcd10 Error "not-icd10"
        "ICD-10のコードの形ではありません。ピリオドを付けて書いてください（例：B15.9）。"
        "Not of the form of an ICD-10 code. Write it with its period, such as B15.9."
    NotDigits Error "not-digits"
        "数字だけのコードです。{d}桁の半角数字で書いてください。"
        "The code has digits only: write {d} half-width digits."
    FixedLength Warning "fixed-length"
        "番号の桁数が足りないか、数字でない文字があります。{d}桁の半角です。"
        "The number lacks digits, or has other characters. It has {d} half-width digits."
    BlankIsData Warning "blank-is-data"
        "空白だけですが、全角の空白や2つ以上の空白は、そのまま値として登録されます。消すなら半角の空白を1つ、変えないなら何も書かないでください。"
        "Only blanks: full-width ones, or two or more, are kept as a value. Write one half-width blank to delete, nothing to leave it alone."
    QuotedEmpty Note "quoted-empty"
        "「\"\"」と書かれています。何も書かない場合と同じく「変えない」と読みました。"
        "\"\" is written. It was read as nothing written: leave alone."
    RequiredEmpty Error "required-empty"
        "常に必要な項目（◎）に値がありません。"
        "A column that is always required (◎) has no value."
    RequiredNull Error "required-null"
        "常に必要な項目（◎）を消そうとしています（半角の空白1つ）。"
        "A column that is always required (◎) is to be deleted (one blank)."
    FinalEmpty Warning "final-empty"
        "確定のときに必要な項目（○）に値がありません。記録がなければこのままで構いません。"
        "A column required when the record is made final (○) has no value. If it was not recorded, leave it so."
    ConditionalEmpty Warning "conditional-empty"
        "ほかの項目の値により、確定のときに必要になる項目（●）に値がありません。記録がなければこのままで構いません。"
        "Other columns make this one required when the record is made final (●), and it has no value. If it was not recorded, leave it so."
    OnlyBeside Error "code-not-beside"
        "このコードは、「{d}」の値と一緒には使えません。どちらかを直してください。"
        "This code cannot stand beside the value of {d}. Change one of them."
    Implied Warning "implied-code"
        "関係する項目に「有り」があるので、ここは{d}になるはずです。"
        "A related column says yes, so this one should be {d}."
    TwoCodesOnePoint Note "two-codes-one-point"
        "この項目では、2つのコードが同じ点数（{d}点）です。点数だけを残すと、どちらのコードだったか戻せません。コードを残してください。"
        "Two codes of this column stand for the same points ({d}). Points alone do not say which: keep the code."
    Scaled Note "scaled-number"
        "小数点以下1桁までの値を{d}倍した整数を書く項目です（12.3なら123）。LIFEが{d}で割ります。"
        "A whole number: the value times {d} (123 for 12.3). LIFE divides by {d}."
    NameAgainstId Note "name-against-id"
        "仕様書で、項目名（日本語）と項目ID（英語）が逆の内容になっている項目です。排尿と排便を取り違えていないか確かめてください。"
        "In the interface the column's Japanese name contradicts its id. Check that urination and defecation are not exchanged."
    // Numbers across rows and files.
    DuplicateKey Warning "duplicate-key"
        "同じ記録（事業所・サービス・利用者・外部システム管理番号が同じ）が{d}行目にもあります。後の行で上書きされます。"
        "The same record (office, service, person and external number) stands in line {d} too. The later line overwrites it."
    TwoPeopleOneNumber Warning "one-number-two-people"
        "{d}行目の別の利用者と同じ外部システム管理番号です。番号が利用者ごとなら構いません。被保険者番号が変わった同じ人なら、別の記録になります。"
        "The external number is also used for another person in line {d}. That is fine if numbers are per person; if it is one person whose insured number changed, it becomes another record."
    TwoNumbersOnePerson Warning "one-person-two-numbers"
        "{d}行目と同じ利用者に、別の外部システム管理番号が付いています。同じ人が二重に登録されます。"
        "The person of line {d} has another external number here. The person would be registered twice."
    UserNumberForRecord Warning "user-number-for-record"
        "様式の外部システム管理番号に、利用者の番号が使われています。様式では記録ごとの番号です。次の記録を送ると前の記録が上書きされます。"
        "The form's external number is the person's. In forms it is one for each record: the next record would overwrite this one."
    NoParent Warning "no-parent"
        "親の様式に、同じ外部システム管理番号の記録がありません。明細は親と同じ番号で送ります。"
        "The parent form has no record with this external number. Details repeat their parent's number."
    NoPerson Warning "no-person"
        "利用者情報のファイルに、この利用者がいません。先に利用者情報を送ってください。"
        "The file of people does not have this person. Send the people first."
    NotCompared Note "numbers-not-compared"
        "行が多いため、{d}件より後ろの番号は重なりを調べていません。"
        "There are so many rows that numbers past {d} were not compared."
    // Leaving the office.
    PersonalLeft Error "personal-left"
        "個人を表す列（{d}）と同じ内容が、この列にも入っています。個人情報を除いた写しは作りません。この列を直してください。"
        "This column has the content of a personal one ({d}). No copy without personal columns is made: change this column."
    NoDay15 Error "no-day-15"
        "生年月日の日を15日に置き換えられません（日付として正しくありません）。"
        "The day of birth cannot be replaced by 15: it is not a date."
}

impl Rule {
    /// Whether a copy of a file in which it was found lacks something, or must not be used.
    #[must_use]
    pub fn stops_copy(self) -> bool {
        self.is_of_copying()
            || matches!(self, Self::FewCells | Self::ManyCells | Self::LineTooLong | Self::UnclosedQuote)
    }

    /// Whether it is found while a file is copied.
    #[must_use]
    pub fn is_of_copying(self) -> bool {
        matches!(self, Self::CannotWrite | Self::BrokenCharacter | Self::PersonalLeft | Self::NoDay15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_ids_of_their_own_and_words_in_both_languages() {
        let mut ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            let (ja, en) = rule.words();
            assert!(!ja.is_ascii() && en.len() > 10, "{rule:?}");
            assert_eq!(ja.contains("{d}"), en.contains("{d}"), "{rule:?}");
        }
    }
}

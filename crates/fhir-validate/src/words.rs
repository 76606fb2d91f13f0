//! What is said about faults, in Japanese and in English.
//!
//! What must hold: a message names the concept and the next step; `{0}` and `{1}` stand for names of definitions
//! (elements, types, profiles), never for a value of the document.

use tsumugi_fhir::{
    Finding, IssueType,
    outcome::{Severity, Severity::Error as E, Severity::Information as I, Severity::Warning as W},
};

use crate::{ask::Missing, invariant_words};

/// One thing that can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Say {
    pub(crate) severity: Severity,
    pub(crate) code: IssueType,
    /// The rule, where the fault is nobody's element: `json-empty`. Empty where the element's id is the rule.
    pub(crate) rule: &'static str,
    ja: &'static str,
    en: &'static str,
}

macro_rules! says {
    ($($name:ident: $severity:ident $code:ident $rule:literal $ja:literal $en:literal;)+) => {
        impl Say {$(
            pub(crate) const $name: Self =
                Self { severity: $severity, code: IssueType::$code, rule: $rule, ja: $ja, en: $en };
        )+}
    };
}

says! {
    OBJECT: E Structure "resource-object" "リソースはJSONのオブジェクトでなければなりません。" "A resource must be a JSON object.";
    NO_KIND: E Required "resource-type"
        "resourceTypeがありません。リソースの種別を文字列で書いてください。"
        "resourceType is missing. Name the resource's type as a string.";
    KIND: E NotSupported "resource-type"
        "resourceTypeがFHIR R4の種別ではありません。綴りと版を確かめてください。"
        "resourceType is no type of FHIR R4. Check spelling and version.";
    EMPTY: E Structure "json-empty"
        "空のオブジェクト・配列・文字列とnullは書けません。要素ごと省いてください。"
        "FHIR has no empty objects, arrays or strings and no null here. Leave the element out.";
    ALIGN: E Structure "json-align"
        "値の配列と、先頭に _ の付く配列は、同じ長さにしてnullで位置を揃えてください。"
        "The array of values and the one under _ must have one length; fill with null so that they align.";
    ONLY_ID: E Invariant "ele-1" "要素にはidのほかに値か拡張か子要素が必要です。" "An element needs a value, an extension or children besides its id.";
    UNKNOWN: E Structure "element-unknown"
        "FHIR R4の{0}にない要素です。綴りを確かめるか、拡張にしてください。"
        "{0} of FHIR R4 has no such element. Check the spelling, or use an extension.";
    TWICE: E Structure "choice-twice" "{0}の型は一つだけ選べます。ほかを取り除いてください。" "{0} takes one type only. Remove the others.";
    ARRAY: E Structure "json-array" "{0}は配列で書きます。角括弧で囲んでください。" "{0} is an array. Put it in brackets.";
    NO_ARRAY: E Structure "json-array" "{0}は一つだけです。配列にしないでください。" "{0} is single. Write it without brackets.";
    MIN: E Required "" "{0}が必要です(最少{1})。加えてください。" "{0} is required (at least {1}). Add it.";
    MAX: E Structure "" "{0}が多すぎます(最多{1})。減らしてください。" "There are too many of {0} (at most {1}). Remove some.";
    FORBIDDEN: E Structure "" "{0}はここでは使えません。取り除いてください。" "{0} must not be here. Remove it.";
    TYPE: E Structure "element-type" "{0}は{1}です。JSONの型を直してください。" "{0} is {1}. Correct its JSON type.";
    USE: E Structure "" "{0}にこの型は使えません。使える型: {1}" "{0} does not take this type. It takes: {1}";
    FORM: E Value "primitive-form" "{0}の形式ではありません。FHIR R4のデータ型の形式に直してください。" "This has not the form of {0}. Correct it to the form of FHIR R4's data type.";
    DATE: E Value "date-form"
        "日時は YYYY、YYYY-MM、YYYY-MM-DD、YYYY-MM-DDThh:mm:ss+09:00 のどれかの形で、暦にある日です({0})。"
        "A date is YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+09:00, and a day of the calendar ({0}).";
    ZONE: E Value "date-zone" "時刻には秒と時差が必要です。例: 09:30:00+09:00" "A time needs seconds and a zone, such as 09:30:00+09:00.";
    ID: E Value "id-form" "idは英数字・ハイフン・ピリオドの1〜64文字です。" "An id has 1 to 64 characters of A-Z a-z 0-9 - .";
    ID_TWICE: E Duplicate "id-twice" "一つのリソースの中に同じidの要素があります。別のidにしてください。" "Two elements of one resource have the same id. Give each its own.";
    LENGTH: E TooLong "" "{0}が長すぎます(最長{1}文字)。" "{0} is too long (at most {1} characters).";
    FIXED: E Value "" "{0}は、プロファイルの定める固定値でなければなりません。" "{0} must be the fixed value of the profile.";
    PATTERN: E Value "" "{0}は、プロファイルの定めるパターンを含まなければなりません。" "{0} must hold the pattern of the profile.";
    RANGE: E Value "" "{0}が、プロファイルの定める範囲の外です。" "{0} is outside of the profile's range.";
    BOUND: E CodeInvalid "" "{0}のコードは、バリューセット {1} のものでなければなりません。" "The code of {0} must be one of the value set {1}.";
    BOUND_SOFT: W CodeInvalid "" "{0}のコードがバリューセット {1} にありません。合うコードがあれば、それを使ってください。" "The code of {0} is not in the value set {1}. If one of its codes fits, use it.";
    NO_CODE: E CodeInvalid "" "{0}には、バリューセット {1} のコードが必要です。" "{0} needs a code of the value set {1}.";
    INVARIANT: E Invariant "" "制約 {0} が満たされていません。制約の定義({1})を確かめて直してください。" "The constraint {0} does not hold. See its definition ({1}) and correct the document.";
    SLICE_MIN: E Required "" "{0}に当たるものが必要です(最少{1})。加えるか、見分ける値を直してください。" "One that fits {0} is required (at least {1}). Add it, or correct the value that tells it apart.";
    SLICE_MAX: E Structure "" "{0}に当たるものが多すぎます(最多{1})。" "Too many fit {0} (at most {1}).";
    SLICE_NONE: E Structure "" "{0}の、プロファイルが許すどれにも当たりません。取り除くか、見分ける値を直してください。" "This fits none of those that the profile allows for {0}. Remove it, or correct the value that tells it apart.";
    SLICE_ORDER: E Structure "" "{0}の順序が、プロファイルの定めと違います。" "The order of {0} is not the profile's.";
    SLICE_END: E Structure "" "{0}で、プロファイルにないものは最後に置きます。" "Of {0}, what the profile does not name stands at the end.";
    PROFILE_TYPE: E Structure "profile-type" "プロファイル {0} は{1}のためのものです。" "The profile {0} is for {1}.";
    PROFILE_NONE: E Structure "" "{0}は、次のどのプロファイルにも適合しません: {1}" "{0} fits none of these profiles: {1}";
    CONTEXT: E Structure "extension-context" "拡張 {0} は、この要素には付けられません。" "The extension {0} must not stand on this element.";
    MODIFIER: E Structure "extension-modifier" "拡張 {0} は意味を変える拡張です。modifierExtensionに置いてください。" "The extension {0} is a modifier. Put it into modifierExtension.";
    NO_MODIFIER: E Structure "extension-modifier" "拡張 {0} は意味を変える拡張ではありません。extensionに置いてください。" "The extension {0} is no modifier. Put it into extension.";
    UNKNOWN_MODIFIER: E NotSupported "extension-unknown-modifier"
        "知らない意味を変える拡張(modifierExtension)です。定義のパッケージを読み込むまで受け取れません。"
        "This modifier extension is not known. It cannot be taken until the package that defines it is loaded.";
    EXT_1: E Invariant "ext-1" "拡張には、値か拡張のどちらか一方が必要です。" "An extension needs either a value or extensions, and not both.";
    REFERENCE: E Value "reference-form" "参照は 種別/id、urn:uuid:、URL、#id のどれかの形です。" "A reference is Type/id, urn:uuid:, a URL or #id.";
    CONTAINED: E Value "reference-contained" "#id が指すリソースがcontainedにありません。" "No contained resource has the id that #id points to.";
    CONTAINED_ID: E Required "contained" "containedのリソースには、その中で一つだけのidが必要です。" "A contained resource needs an id that no other has.";
    TARGET: E Structure "" "{0}が指せる種別は次のとおりです: {1}" "{0} may point to: {1}";
    TARGET_TYPE: E Value "reference-type" "Reference.typeと、参照が指す種別が違います。" "Reference.type is not the type that the reference points to.";
    TARGET_PROFILE: E Structure "" "{0}の指すリソースは、次のどれかに適合しなければなりません: {1}" "What {0} points to must fit one of: {1}";
    AGGREGATION: E Structure "" "{0}の指すリソースの置き場所が、プロファイルの定めと違います。" "What {0} points to does not stand where the profile says.";
    OUTSIDE: E NotFound "document-reference" "文書のCompositionが指すリソースは、文書の中になければなりません。" "What a document's Composition points to must stand in the document.";
    UNRESOLVED: W NotFound "bundle-reference" "この参照の指すリソースがBundleの中にありません。" "No entry of the bundle is what this reference points to.";
    FULL_URL: E Required "bundle-fullurl" "この種類のBundleのエントリーにはfullUrlが必要です。" "An entry of a bundle of this type needs fullUrl.";
    FULL_URL_ID: E Value "bundle-fullurl-id" "fullUrlの末尾は、リソースの種別とidでなければなりません。" "fullUrl must end in the resource's type and id.";
    FULL_URL_FORM: E Value "bundle-fullurl-form" "fullUrlは絶対URLかurn:uuid:かurn:oid:です。" "fullUrl is an absolute URL, urn:uuid: or urn:oid:.";
    UNREACHED: W BusinessRule "document-unreached" "Compositionからたどれないエントリーです。要らなければ取り除いてください。" "The Composition does not lead to this entry. Remove it if it is not needed.";
    ADVICE: I Informational "dom-6" "人が読むための叙述(text)のないリソースがあります(最初の一つを示しています)。付けることが勧められています。" "There are resources without a narrative (text) for people to read; this is the first. One is recommended.";
    MUCH: E TooCostly "too-costly" "検査にかかる手間が上限を超えました。文書を分けてください。" "Checking takes more work than is allowed. Split the document.";
}

impl Say {
    /// The words for one of R4's own invariants.
    pub(crate) fn of_invariant(key: &str) -> Self {
        invariant_words::of(key).map_or(Self::INVARIANT, |(ja, en)| Self { ja, en, ..Self::INVARIANT })
    }

    /// The same, as bad as stated.
    pub(crate) const fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The finding's texts, with the names put in.
    pub(crate) fn texts(self, names: [&str; 2]) -> (String, String) {
        let fill = |text: &str| text.replace("{0}", names[0]).replace("{1}", names[1]);
        (fill(self.ja), fill(self.en))
    }
}

/// The words for one of R4's own invariants, by its key.
pub(crate) fn invariant(key: &str) -> Option<(&'static str, &'static str)> {
    invariant_words::of(key)
}

/// What is said about something that was not checked.
pub(crate) fn not_checked(what: Missing, name: &str) -> Finding {
    let (ja, en) = match what {
        Missing::Profile => ("プロファイル", "the profile"),
        Missing::Extension => ("拡張の定義", "the definition of the extension"),
        Missing::ValueSet => ("バリューセット", "the value set"),
        Missing::CodeSystem => ("コードシステム", "the code system"),
        Missing::Invariant => ("制約", "the constraint"),
        Missing::Slicing => ("スライスの見分け方", "how to tell slices apart at"),
        Missing::Element => ("プロファイルの要素", "the profile's element"),
    };
    let ja = format!(
        "検査していません: {ja} {name}。読み込まれていないか、判定できません。定義のパッケージを確かめてください。"
    );
    let en = format!("Not checked: {en} {name}. It is not loaded, or cannot be decided. Check the packages.");
    Finding::new(I, IssueType::Informational, "", ja, en).rule(format!("not-checked-{}", what.code()))
}

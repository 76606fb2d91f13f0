//! What is wrong with a number, in words for whoever sent it. Nothing here repeats the number.

/// Why a value does not have its system's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberFault {
    /// A member id has not four parts.
    MemberParts,
    /// The insurer number of a member id has not eight digits.
    MemberInsurer,
    /// A part of a member id holds a space.
    MemberSpace,
    /// The branch number is neither empty nor two digits.
    MemberBranch,
    /// Neither symbol nor number: an insurer alone is nobody.
    MemberNobody,
    /// A public assistance number has not its form.
    PublicPayer,
    /// A care insurance number has not its form.
    Care,
    /// The institution of a patient number is not ten digits.
    Institution,
    /// The value is empty or longer than 64 characters.
    Length,
    /// A residence card number has not its form.
    ResidenceCard,
}

impl NumberFault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        Self::MemberParts,
        Self::MemberInsurer,
        Self::MemberSpace,
        Self::MemberBranch,
        Self::MemberNobody,
        Self::PublicPayer,
        Self::Care,
        Self::Institution,
        Self::Length,
        Self::ResidenceCard,
    ];

    /// Which rule, and what to do: Japanese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MemberParts => (
                "被保険者個人識別子は「保険者番号:記号:番号:枝番」の4つの部分です。空の部分もコロンを残してください。",
                "A member id has four parts: insurer:symbol:number:branch. Keep the colons of empty parts.",
            ),
            Self::MemberInsurer => (
                "保険者番号は半角数字8桁です。短い番号は左を0で埋めてください。",
                "The insurer number has eight ASCII digits. Fill a shorter one with zeros on the left.",
            ),
            Self::MemberSpace => (
                "記号・番号に空白は使えません。空白を取り除いてください。全角の数字はそのままで正しい値です。",
                "Symbol and number hold no space. Take spaces out; full-width digits are right as they are.",
            ),
            Self::MemberBranch => (
                "枝番は半角数字2桁です。枝番がないときは空にしてください（00は使いません）。",
                "The branch number has two ASCII digits. Leave it empty where there is none (not 00).",
            ),
            Self::MemberNobody => (
                "記号と番号の両方が空です。番号を入れてください。",
                "Both symbol and number are empty. Give the number.",
            ),
            Self::PublicPayer => (
                "生活保護の番号は「公費負担者番号8桁::受給者番号7桁:」です。",
                "A public assistance number is payer (8 digits)::recipient (7 digits):.",
            ),
            Self::Care => (
                "介護保険の番号は「保険者番号6桁:被保険者番号10桁」です（生活保護の方は先頭が英大文字）。",
                "A care insurance number is insurer (6 digits):insured (10 digits; the first may be a capital letter).",
            ),
            Self::Institution => (
                "施設患者番号の体系には、医療機関番号10桁が続きます。",
                "The system of an institution's patient number ends with the ten-digit institution number.",
            ),
            Self::Length => (
                "番号は1文字以上64文字以下です。番号を入れてください。",
                "A number has 1 to 64 characters. Give the number.",
            ),
            Self::ResidenceCard => (
                "在留カード・特別永住者証明書の番号は、半角の英大文字2字・数字8桁・英大文字2字です。",
                "The number of a residence card or special permanent resident certificate is two capitals, eight digits, two capitals.",
            ),
        }
    }
}

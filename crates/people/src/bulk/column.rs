//! The columns of a members' file. Their order is free; each is found by either of its names.

macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident => $code:literal, $ja:literal;)+) => {
        /// A column.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Column { $($(#[$doc])* $variant),+ }
        impl Column {
            /// Every column, in the order of the layout.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The name in English.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// The name in Japanese.
            #[must_use]
            pub const fn ja(self) -> &'static str { match self { $(Self::$variant => $ja),+ } }
        }
    };
}

columns! {
    /// What happens: 登録, 変更, 終了, 取消, 担当開始, 担当終了.
    Event => "event", "区分";
    /// What kind of cover.
    Kind => "kind", "種別";
    /// The payer's number.
    Insurer => "insurer", "保険者番号";
    /// 記号.
    Symbol => "symbol", "記号";
    /// 番号.
    Number => "number", "番号";
    /// 枝番.
    Branch => "branch", "枝番";
    /// 本人 or 家族.
    Relation => "relation", "本人家族";
    /// The name as written.
    Name => "name", "氏名";
    /// The name as read.
    Kana => "kana", "カナ氏名";
    /// The birth date.
    BirthDate => "birth_date", "生年月日";
    /// Administrative sex.
    Sex => "sex", "性別";
    /// 郵便番号.
    PostalCode => "postal_code", "郵便番号";
    /// The address.
    Address => "address", "住所";
    /// Whether the address must not be told.
    Protected => "protected", "不開示";
    /// 資格取得日, or the first day of the office in charge.
    From => "from", "資格取得日";
    /// 資格喪失日, or the day after the office's last.
    Until => "until", "資格喪失日";
    /// Why it ended.
    Loss => "loss", "喪失事由";
    /// For 医療扶助: whether a ticket is registered.
    Ticket => "ticket", "券の登録";
    /// The care office that is in charge.
    Office => "office", "担当事業所";
}

impl Column {
    /// The column with this name, in either language.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.code() == name || column.ja() == name)
    }
}

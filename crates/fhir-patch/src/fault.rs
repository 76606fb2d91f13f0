//! Why a patch has no result.

use tsumugi_fhir::{
    Node,
    json::Place,
    outcome::{Finding, Severity},
};

tsumugi_fhir::problems! {
    /// What is wrong with a patch, or with applying it.
    Problem {
        /// Not an array of operations, or not a `Parameters` resource.
        NotAPatch "patch-form" Structure
            "パッチの形が違います。JSON Patchは操作の配列、FHIRPath PatchはParametersで送ってください。"
            "This is no patch. Send an array of operations (JSON Patch) or a Parameters resource (FHIRPath Patch)."
        /// More than [`crate::OPERATIONS`].
        TooMany "patch-operations" TooCostly
            "操作が多すぎます。1,000件以内に分けてください。"
            "There are too many operations. Send at most 1,000."
        /// An operation that is unknown or lacks what it needs.
        NotAnOperation "patch-operation" Structure
            "操作の種類か、その操作に必要な項目（path、value、nameなど）が正しくありません。仕様の形に直してください。"
            "The kind of operation, or what it needs (path, value, name …), is wrong or missing. Follow the specification."
        /// A JSON Pointer that is none.
        Pointer "patch-pointer" Value
            "JSON Pointerとして読めません。「/」で始め、「~」は「~0」、「/」は「~1」と書いてください。"
            "This is no JSON Pointer. Start with /, and write ~ as ~0 and / as ~1."
        /// Nothing at the path.
        NoTarget "patch-target" NotFound
            "パスの示す要素がありません。現在の版を読み直して確かめてください。"
            "There is nothing at the path. Read the current version and check it."
        /// An index outside of the list, or none at all.
        Index "patch-index" Value
            "番号が一覧の範囲外です。0から始まる番号を確かめてください。"
            "The index is outside of the list. Check it; indexes start at 0."
        /// A move of a value into itself.
        IntoItself "patch-move" BusinessRule
            "要素を自分の中へは移せません。移す先を直してください。"
            "A value cannot be moved into itself. Correct where it goes."
        /// A `test` that does not hold.
        Test "patch-test" Conflict
            "testの値が現在の値と違います。現在の版を読み直してください。"
            "The value of a test is not the current one. Read the current version again."
        /// The result, or what was added, is too large.
        TooLarge "patch-size" TooLong
            "パッチの結果が大きすぎます。加える量を減らしてください。"
            "The result is too large. Add less."
        /// The result is nested too deeply.
        TooDeep "patch-depth" TooCostly
            "パッチの結果の入れ子が深すぎます。入れ子を減らしてください。"
            "The result is nested too deeply. Nest less."
        /// Too much work.
        TooCostly "patch-work" TooCostly
            "パッチの計算量が上限を超えました。操作を分けて送ってください。"
            "The patch takes too much work. Send its operations in parts."
        /// `resourceType` or `id` changed.
        Identity "patch-identity" BusinessRule
            "resourceTypeとidはパッチで変えられません。その操作を取り除いてください。"
            "A patch cannot change resourceType or id. Remove that operation."
        /// The result is no object.
        NotObject "patch-result" Structure
            "パッチの結果がオブジェクトではありません。全体を置き換える操作を見直してください。"
            "The result is no object. Check the operation that replaces the whole."
        /// A path that is no FHIRPath.
        PathSyntax "patch-path" Value
            "pathがFHIRPathとして読めません。式を直してください。"
            "The path is no FHIRPath expression. Correct it."
        /// A path that cannot be evaluated here.
        PathFailed "patch-path" Processing
            "pathを評価できません。型と関数を確かめ、式を簡単にしてください。"
            "The path cannot be evaluated. Check types and functions, and make it simpler."
        /// More than one element where one is meant.
        NotSingle "patch-single" MultipleMatches
            "pathが複数の要素を示しています。一つになるよう絞ってください。"
            "The path finds more than one element. Narrow it to one."
        /// A value, or an element of another document.
        NotElement "patch-element" Value
            "pathはこのリソースの要素を示す必要があります。値や他のリソースは変えられません。"
            "The path must find an element of this resource. Computed values and other resources cannot be patched."
        /// An element that the type does not have.
        UnknownElement "patch-unknown-element" Structure
            "この型にその名前の要素はありません。定義を確かめてください。"
            "The type has no element of that name. Check its definition."
        /// An `add` of what is there already and may be there once.
        Exists "patch-exists" Duplicate
            "一つしか持てない要素がすでにあります。addではなくreplaceを使ってください。"
            "An element that may be there once is there already. Use replace, not add."
        /// A value of a type that the element does not have.
        Type "patch-type" Structure
            "値の型が要素の型と違います。定義の型のvalue[x]で送ってください。"
            "The value's type is not that of the element. Send a value[x] of the definition's type."
        /// `insert` or `move` in what is no whole list.
        NotList "patch-list" Value
            "insertとmoveのpathは、一つの繰り返し要素の全体を示す必要があります。絞り込みを外してください。"
            "The path of insert and move must find the whole of one repeating element. Remove filters from it."
        /// The resource itself, where an element is meant.
        Root "patch-root" BusinessRule
            "リソース全体の削除や置き換えはパッチではできません。DELETEかPUTを使ってください。"
            "A patch cannot delete or replace the whole resource. Use DELETE or PUT."
        /// The document, patched by an earlier operation, is no longer JSON that can be read.
        Internal "patch-internal" Exception
            "パッチを処理できませんでした。運用者に知らせてください。"
            "The patch could not be processed. Tell the operator."
    }
}

/// Why a patch has no result, and where in the patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchFault {
    /// What is wrong.
    pub problem: Problem,
    /// The operation, from 0; `None` for the patch or the result as a whole.
    pub operation: Option<usize>,
    /// The operation in a `Parameters`, as FHIRPath; empty for JSON Patch.
    pub path: String,
    /// Line and column in the patch.
    pub place: Option<Place>,
}

impl PatchFault {
    /// A fault of the patch as a whole.
    pub(crate) fn whole(problem: Problem) -> Self {
        Self { problem, operation: None, path: String::new(), place: None }
    }

    /// A fault of operation number `at`, written at `node`.
    pub(crate) fn of(problem: Problem, at: usize, node: Node<'_>) -> Self {
        Self { problem, operation: Some(at), path: String::new(), place: Some(node.place()) }
    }

    /// The fault as a finding; operations are counted from 1 in its words.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let number = self.operation.map(|at| at + 1);
        let ja = number.map_or(String::new(), |number| format!("{number}番目の操作: "));
        let en = number.map_or(String::new(), |number| format!("Operation {number}: "));
        let finding = self.problem.finding(Severity::Error, &self.path, self.place);
        Finding { ja: ja + &finding.ja, en: en + &finding.en, ..finding }
    }
}

impl std::fmt::Display for PatchFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let finding = self.finding();
        write!(f, "{} ({})", finding.en, self.problem.rule())
    }
}

impl std::error::Error for PatchFault {}

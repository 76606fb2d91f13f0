//! Our own words for R4's invariants that documents of this country meet; others are named by key and definition.
//!
//! What must hold: words for a key are said only for R4's own rule of that key, never for a package's.

/// Japanese and English for a key.
pub(crate) fn of(key: &str) -> Option<(&'static str, &'static str)> {
    WORDS.iter().find(|(own, ..)| *own == key).map(|(_, ja, en)| (*ja, *en))
}

#[rustfmt::skip]
const WORDS: &[(&str, &str, &str)] = &[
    ("dom-2", "containedのリソースの中にcontainedは置けません。外側のcontainedに並べてください。",
        "A contained resource must not contain others. Put them into the outer contained."),
    ("dom-3", "どこからも #id で参照されていないcontainedのリソースがあります。参照するか、取り除いてください。",
        "A contained resource is not referred to by #id. Refer to it or remove it."),
    ("dom-4", "containedのリソースのmetaに、versionIdとlastUpdatedは書けません。",
        "A contained resource has no meta.versionId and no meta.lastUpdated."),
    ("dom-5", "containedのリソースのmetaに、securityは書けません。外側に付けてください。",
        "A contained resource has no meta.security. Put it on the container."),
    ("txt-1", "叙述(div)は、XHTMLの安全な要素と属性だけで、閉じられた一つのdivにします。",
        "The narrative is one well-formed div of XHTML's safe elements and attributes."),
    ("txt-2", "叙述(div)には文字か画像が必要です。",
        "The narrative needs some text or a picture."),
    ("per-1", "期間の始まりが終わりより後です。どちらかを直してください。",
        "The period starts after it ends. Correct one of them."),
    ("qty-3", "単位のコードにはsystemが必要です(UCUMなら http://unitsofmeasure.org)。",
        "A unit's code needs a system (http://unitsofmeasure.org for UCUM)."),
    ("cpt-2", "連絡先のvalueにはsystem(phone、email など)が必要です。",
        "A contact's value needs a system (phone, email, …)."),
    ("att-1", "dataのあるAttachmentにはcontentTypeが必要です。",
        "An Attachment with data needs contentType."),
    ("rng-2", "範囲の下限(low)が上限(high)より大きくなっています。",
        "The range's low is above its high."),
    ("bdl-1", "Bundle.totalは、searchsetとhistoryだけで使えます。",
        "Bundle.total is for searchset and history only."),
    ("bdl-2", "entry.searchは、searchsetだけで使えます。",
        "entry.search is for searchset only."),
    ("bdl-3", "entry.requestは、batch・transaction・historyのすべてのエントリーに必要で、ほかでは使えません。",
        "entry.request is needed in every entry of batch, transaction and history, and nowhere else."),
    ("bdl-4", "entry.responseは、応答のBundleとhistoryのすべてのエントリーに必要で、ほかでは使えません。",
        "entry.response is needed in every entry of responses and history, and nowhere else."),
    ("bdl-5", "エントリーには、resource・request・responseのどれかが必要です。",
        "An entry needs a resource, a request or a response."),
    ("bdl-7", "同じfullUrlと版のエントリーが二つあります。エントリーごとに別のfullUrlにしてください。",
        "Two entries have the same fullUrl and version. Give each its own."),
    ("bdl-8", "fullUrlに版(/_history/)は書けません。",
        "fullUrl must not name a version (/_history/)."),
    ("bdl-9", "文書のBundleには、identifierのsystemとvalueが必要です。",
        "A document needs Bundle.identifier with system and value."),
    ("bdl-10", "文書のBundleには、timestampが必要です。",
        "A document needs Bundle.timestamp."),
    ("bdl-11", "文書の最初のエントリーはCompositionでなければなりません。",
        "The first entry of a document must be a Composition."),
    ("bdl-12", "メッセージの最初のエントリーはMessageHeaderでなければなりません。",
        "The first entry of a message must be a MessageHeader."),
    ("obs-3", "基準範囲には、low・high・textのどれかが必要です。",
        "A reference range needs low, high or text."),
    ("obs-6", "値があるときは、dataAbsentReasonを書けません。",
        "dataAbsentReason must not stand beside a value."),
    ("obs-7", "componentと同じコードの検査には、値を書けません。",
        "An Observation has no value where a component has its code."),
    ("con-3", "clinicalStatusが必要です(入力誤り、問題リスト以外を除く)。",
        "clinicalStatus is needed, unless entered in error or not on the problem list."),
    ("con-4", "終わった病名(abatement)のclinicalStatusは、inactive・remission・resolvedのどれかです。",
        "With abatement, clinicalStatus is inactive, remission or resolved."),
    ("con-5", "入力誤り(entered-in-error)の病名には、clinicalStatusを書けません。",
        "An entry in error has no clinicalStatus."),
    ("ait-1", "clinicalStatusが必要です(入力誤りを除く)。",
        "clinicalStatus is needed, unless entered in error."),
    ("ait-2", "入力誤り(entered-in-error)のアレルギーには、clinicalStatusを書けません。",
        "An entry in error has no clinicalStatus."),
    ("pat-1", "連絡先には、name・telecom・address・organizationのどれかが必要です。",
        "A contact needs name, telecom, address or organization."),
    ("org-1", "Organizationには、identifierかnameが必要です。",
        "An Organization needs an identifier or a name."),
    ("cmp-1", "セクションには、text・entry・sectionのどれかが必要です。",
        "A section needs text, entries or sections."),
    ("cmp-2", "entryのあるセクションには、emptyReasonを書けません。",
        "A section with entries has no emptyReason."),
];

#[cfg(test)]
mod tests {
    use tsumugi_fhir_definitions::Definitions;

    use super::*;

    #[test]
    fn every_key_is_one_of_r4() {
        let stated: std::collections::HashSet<&str> = Definitions::r4()
            .structures()
            .flat_map(|own| &own.elements)
            .flat_map(|element| &element.constraints)
            .map(|one| &*one.key)
            .collect();
        for (key, ja, en) in WORDS {
            assert!(stated.contains(key), "{key}");
            assert_eq!(of(key), Some((*ja, *en)), "{key} stands twice");
        }
    }
}

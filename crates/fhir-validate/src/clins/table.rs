//! The rules of JP-CLINS: numbers, the keys that its profiles give them, and our own words.
//!
//! Source: JP-CLINS 1.5 `InvariantsRules` for numbers, keys and logic; its sentences are not used. Where its package is
//! loaded its profiles state the rules in FHIRPath, and the words here are said; else the native rules say them.

use tsumugi_fhir::{Finding, IssueType, Severity, json::Node};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Its number; what follows `/` tells apart several words of one rule.
    name: &'static str,
    code: IssueType,
    /// Keys of constraints in the package's profiles.
    keys: &'static [&'static str],
    ja: &'static str,
    en: &'static str,
}

impl Known {
    /// The number as it is said.
    pub(crate) fn rule(&self) -> &'static str {
        self.name.split_once('/').map_or(self.name, |(rule, _)| rule)
    }

    pub(crate) fn finding(&self, severity: Severity, path: String, node: Node<'_>) -> Finding {
        Finding::new(severity, self.code, path, self.ja, self.en).rule(self.rule()).at(node)
    }
}

/// The rule with a name.
pub(crate) fn named(name: &str) -> Option<&'static Known> {
    RULES.iter().find(|rule| rule.name == name)
}

/// The first words of a rule by its number: Japanese and English.
pub(crate) fn words(number: &str) -> Option<(&'static str, &'static str)> {
    RULES.iter().find(|rule| rule.rule() == number).map(|rule| (rule.ja, rule.en))
}

/// The rule behind a constraint's key.
pub(crate) fn of_constraint(key: &str) -> Option<&'static Known> {
    RULES.iter().find(|rule| rule.keys.contains(&key))
}

const fn rule(
    name: &'static str,
    code: IssueType,
    keys: &'static [&'static str],
    ja: &'static str,
    en: &'static str,
) -> Known {
    Known { name, code, keys, ja, en }
}

#[rustfmt::skip]
const RULES: &[Known] = &[
    rule("CLINS-type", IssueType::Value, &[],
        "5情報のBundle.typeは collection です。",
        "Bundle.type of the five kinds of information is collection."),
    rule("CLINS-type/document", IssueType::Value, &[],
        "文書のBundle.typeは document です。",
        "Bundle.type of a document is document."),
    rule("R02151", IssueType::Value, &["valid-system-bundleIdenfifier"],
        "Bundle.identifier.systemは http://jpfhir.jp/fhir/clins/bundle-identifier です。",
        "Bundle.identifier.system is http://jpfhir.jp/fhir/clins/bundle-identifier."),
    rule("R2152", IssueType::Value, &["valid-value-bundleIdenfifier"],
        "Bundle.identifier.valueは 医療機関番号10桁^西暦4桁^英数字とハイフン36文字以内 です。",
        "Bundle.identifier.value is the ten-digit institution number, ^, the year, ^, and up to 36 of A-Z a-z 0-9 -."),
    rule("R0213", IssueType::Required, &["bundle-profile-is-JP-Bundle-CLINS"],
        "BundleのmetaプロファイルにJP_Bundle_CLINSが必要です。",
        "Bundle.meta.profile must name JP_Bundle_CLINS."),
    rule("R02141", IssueType::Required, &["bundle-meta-tag-resourceType-exists"],
        "Bundle.meta.tagに、収めるリソースの種別(BundleResourceType_CS)が必要です。",
        "Bundle.meta.tag must say which kind of resource the bundle holds (BundleResourceType_CS)."),
    rule("R02143", IssueType::Required, &["mustHaveOneMoreResources-with-designatedResourceType", "bundle-mustHasOneMoreValidResourceType"],
        "Bundle.meta.tagの種別のリソースが一つもありません。",
        "No resource has the kind that Bundle.meta.tag says."),
    rule("R02142", IssueType::CodeInvalid, &["bundle-meta-tag-resourceType-valid"],
        "Bundle.meta.tagの種別は AllergyIntolerance、Condition、Observation のどれか一つです。",
        "The kind in Bundle.meta.tag is one of AllergyIntolerance, Condition, Observation."),
    rule("R0211", IssueType::Required, &["first-bundle-entry-is-Patient"],
        "最初のエントリーはPatientでなければなりません。",
        "The first entry must be a Patient."),
    rule("R0212", IssueType::Required, &["patients-profile-is-JP-Patient-eCS"],
        "最初のPatientのmeta.profileにJP_Patient_eCSが必要です。",
        "meta.profile of the first Patient must name JP_Patient_eCS."),
    rule("CLINS-kinds/prescription", IssueType::BusinessRule, &[],
        "5情報のBundleの処方は処理されません。処方は文書から取り出されます。",
        "A prescription in this bundle is not processed; prescriptions are taken from documents."),
    rule("CLINS-kinds", IssueType::BusinessRule, &[],
        "一つのBundleには、Patientのほかにmeta.tagの種別のリソースだけを入れます。",
        "Besides the Patient a bundle holds only resources of the kind in meta.tag."),
    rule("CLINS-composition", IssueType::Required, &[],
        "文書の最初のエントリーはCompositionでなければなりません。",
        "The first entry of a document must be a Composition."),
    rule("CLINS-patient", IssueType::Required, &[],
        "文書にはPatientがちょうど一つ必要です。",
        "A document holds exactly one Patient."),
    rule("CLINS-subject", IssueType::Required, &[],
        "Composition.subjectは文書の中のPatientを指さなければなりません。",
        "Composition.subject must point to the Patient in the document."),
    rule("CLINS-document-type", IssueType::CodeInvalid, &[],
        "Composition.typeは、診療情報提供書57133-1、退院時サマリー18842-5、健診53576-5、患者サマリー56447-6のどれかです。",
        "Composition.type is one of 57133-1 referral, 18842-5 discharge summary, 53576-5 checkup, 56447-6 patient summary."),
    rule("CLINS-section", IssueType::Required, &[],
        "診療情報提供書には紹介元(920)と紹介先(910)のセクションが必要です。",
        "A referral letter needs the sections of the referring (920) and the receiving (910) institution."),
    rule("CLINS-section/discharge", IssueType::Required, &[],
        "退院時サマリーの構造情報(300)に足りないセクションがあります(322 342 352 312 362 333 324 344 444 424)。",
        "The structured section (300) of the discharge summary lacks sections (322 342 352 312 362 333 324 344 444 424)."),
    rule("CLINS-pdf-only", IssueType::BusinessRule, &[],
        "PDFだけの診療情報提供書は受け付けられません。構造情報(300)かCDA参照(200)を加えてください。",
        "A referral letter of PDF alone is not allowed. Add the structured section (300) or the CDA section (200)."),
    rule("R1010", IssueType::Value, &["valid-system-local-patientID"],
        "施設の患者番号は一つで、systemは urn:oid:1.2.392.100495.20.3.51.1 に医療機関番号10桁を続けたものです。",
        "There is one patient number of the institution, with the system urn:oid:1.2.392.100495.20.3.51.1 followed by the ten-digit institution number."),
    rule("R1011", IssueType::Invariant, &["valid-system-local-patientID-with-institutionNumber"],
        "施設の患者番号のsystemの医療機関番号が、拡張JP_eCS_InstitutionNumberの番号と違います。",
        "The institution in the system of the patient number differs from the one in JP_eCS_InstitutionNumber."),
    rule("R1012", IssueType::Required, &["valid-system-insurance-patientIdentifier"],
        "被保険者個人識別子(JP_Insurance_memberID)または生活保護受給者の識別子が、合わせて一つだけ必要です。",
        "Exactly one insured person's identifier (JP_Insurance_memberID) or public assistance identifier is needed."),
    rule("R1013", IssueType::Value, &["valid-value-insurance-patientIdentifier"],
        "被保険者個人識別子は 保険者番号8桁:記号:番号:枝番2桁 です。ないところは空にし、空白は入れません(生活保護は 公費負担者番号8桁::受給者番号7桁:)。",
        "The insured person's identifier is insurer number (8 digits):symbol:number:branch (2 digits); empty where missing, without white space (public assistance: 8 digits::7 digits:)."),
    rule("R1113", IssueType::Value, &["kanjiName-kanaName-donot-contain-ZenkakuKuuhaku"],
        "患者氏名に全角空白があります。姓と名は続けて書くか、半角空白で区切ります。",
        "The patient's name holds a full-width space. Write it without a space or with a half-width one."),
    rule("R1112", IssueType::Required, &["either-KanjiName-KanaName-exist"],
        "患者氏名には、漢字(IDE)かカナ(SYL)のどちらかが必要です。",
        "The patient's name is needed in kanji (IDE) or kana (SYL)."),
    rule("R9011", IssueType::Required, &["all-entries-needs-extension-of-institutionNumber"],
        "Patient以外のリソースには拡張JP_eCS_InstitutionNumber(医療機関番号)が必要です。",
        "Every resource but the Patient needs the extension JP_eCS_InstitutionNumber."),
    rule("R9012", IssueType::Value, &["all-entries-needs-valid-institutionNumber"],
        "拡張JP_eCS_InstitutionNumberの医療機関番号は10桁(都道府県2桁、点数表1〜3、7桁)です。",
        "The number in JP_eCS_InstitutionNumber has ten digits (prefecture, 1 to 3, seven digits)."),
    rule("R9013C", IssueType::Required, &["condition-needs-contained-of-Encounter"],
        "Conditionのcontainedに、meta.profileがJP_EncounterのEncounterがありません。その受診のEncounterをcontainedに入れ、meta.profileに http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter を書いてください。",
        "The Condition contains no Encounter whose meta.profile is JP_Encounter. Put the Encounter of the visit into contained, with http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter in its meta.profile."),
    rule("R9013O", IssueType::Required, &["observation-needs-contained-of-Encounter"],
        "Observationのcontainedに、meta.profileがJP_EncounterのEncounterがありません。その受診のEncounterをcontainedに入れ、meta.profileに http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter を書いてください。",
        "The Observation contains no Encounter whose meta.profile is JP_Encounter. Put the Encounter of the visit into contained, with http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter in its meta.profile."),
    rule("R9014C", IssueType::Required, &["condition-needs-extension-of-Department"],
        "このリソースには診療科の拡張JP_eCS_Departmentが必要です。",
        "This resource needs the extension JP_eCS_Department."),
    rule("R9014O", IssueType::Required, &["observation-needs-extension-of-Department"],
        "このリソースには診療科の拡張JP_eCS_Departmentが必要です。",
        "This resource needs the extension JP_eCS_Department."),
    rule("R9016C", IssueType::Required, &["condition-needs-encounter"],
        "このリソースにはencounterが必要です。",
        "This resource needs encounter."),
    rule("R9016O", IssueType::Required, &["observation-needs-encounter"],
        "このリソースにはencounterが必要です。",
        "This resource needs encounter."),
    rule("R9015C", IssueType::Required, &["condition-needs-onsetDateTime"],
        "傷病名にはonsetDateTime(発症日または開始日)が必要です。",
        "A Condition needs onsetDateTime."),
    rule("R6021", IssueType::Required, &["needs-localCode-observation-laboresult"],
        "検体検査のcode.codingにはローカルコード(JP_CLINS_ObsLabResult_LocalCode_CS)が必要です。",
        "A laboratory result needs a local code (JP_CLINS_ObsLabResult_LocalCode_CS) in code.coding."),
    rule("R2011", IssueType::BusinessRule, &["warning-medication-allergy"],
        "薬剤禁忌として送る場合は、categoryをmedication、criticalityをhighにします。薬剤禁忌でなければこのままで構いません。",
        "To send a contraindicated medicine set category medication and criticality high. If it is none, leave it."),
    rule("R3010", IssueType::Required, &["needs-anyOfStandardCode-medication"],
        "薬剤のコードには、YJコード、一般名コード、標準コードなし(NOCODED)のどれかが必要です。",
        "A medicine's code needs a YJ code, a general-name code, or the code for no standard code."),
    rule("R5020", IssueType::Required, &["validUsage-MedicationUsage-codesystem"],
        "用法には、電子処方箋の用法コードかダミー用法コードのどちらか一方だけが必要です。",
        "The usage needs either a usage code of electronic prescriptions or the dummy code, and only one of them."),
    rule("R5021", IssueType::Invariant, &["invalidUsage-MedicationUsage-codesystem"],
        "電子処方箋の用法コードとダミー用法コードは同時に使えません。",
        "A usage code of electronic prescriptions and the dummy code must not stand together."),
    rule("R1021", IssueType::Value, &["valid-value-institutionNumber", "valid-value-institutionNumberExtension"],
        "医療機関番号は、都道府県番号2桁、点数表区分(1〜3)1桁、医療機関コード7桁の10桁です。",
        "The institution number has ten digits: prefecture (2), fee table 1 to 3, institution (7)."),
    rule("R901101", IssueType::Required, &["resource-needs-extension-of-institutionNumber"],
        "このリソースには拡張JP_eCS_InstitutionNumber(医療機関番号)が必要です。",
        "This resource needs the extension JP_eCS_InstitutionNumber."),
    rule("R1090", IssueType::Value, &["valid-system-local-doctorID"],
        "施設の医師番号は一つで、systemは urn:oid:1.2.392.100495.20.3.41.1 に医療機関番号10桁を続けたものです。",
        "There is one staff number of the institution, with the system urn:oid:1.2.392.100495.20.3.41.1 followed by the ten-digit institution number."),
    rule("R2012", IssueType::CodeInvalid, &["valid-contraIndication-code"],
        "薬剤禁忌(categoryがmedication、criticalityがhigh)の医薬品は、YJコードか一般名コードで表します。",
        "The medicine of a contraindication (category medication, criticality high) needs a YJ code or a general-name code."),
    rule("R2013", IssueType::CodeInvalid, &["valid-allergy-code"],
        "薬剤禁忌でないアレルギーは、J-FAGYのコードで表します。",
        "An allergy that is no contraindicated medicine needs a code of J-FAGY."),
    rule("R3011", IssueType::CodeInvalid, &["needs-anyOfYJorGeneral-medication"],
        "標準コードのない医薬品は、5情報と文書の外では使えないことがあります。YJコードか一般名コードがあれば使ってください。",
        "A medicine without a standard code may not be usable elsewhere. Use a YJ code or a general-name code if there is one."),
    rule("R9017O", IssueType::Required, &["observation-needs-performer"],
        "検査結果にはperformer(実施者)があることが望まれます。",
        "A result should have performer."),
    rule("R9018C", IssueType::Required, &["condition-needs-abatementDateTime"],
        "傷病名にはabatementDateTime(終了日)があることが望まれます。続いている病名なら、このままで構いません。",
        "A Condition should have abatementDateTime. If it goes on, leave it."),
    rule("R9019O", IssueType::Required, &["observation-needs-contained-of-Practitioner"],
        "検査結果にはcontainedにPractitioner(JP_Practitioner)があることが望まれます。",
        "A result should have a contained Practitioner (JP_Practitioner)."),
    rule("CLINS-entry-profile", IssueType::Required, &["validEntryProfile-AllergyIntolerance", "validEntryProfile-Condition", "validEntryProfile-ObservationLabResult", "validEntryProfile-MedicationRequest"],
        "このBundleでは、リソースのmeta.profileが種別ごとに定められたeCSのプロファイルでなければなりません。",
        "In this bundle meta.profile of each resource must name the eCS profile of its kind."),
    rule("CLINS-cda-or-structure", IssueType::Required, &["checkExist-CDASection-or-CompositionSection", "checkExist-CDASection-or-structuredSection"],
        "CDA参照のセクション(200)と構造情報のセクション(300)は、どちらか一方だけが必要です。",
        "Exactly one of the CDA section (200) and the structured section (300) is needed."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_key_stands_once() {
        let names: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        let keys: Vec<_> = RULES.iter().flat_map(|rule| rule.keys).collect();
        assert_eq!(names.len(), RULES.len());
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), keys.len());
    }
}

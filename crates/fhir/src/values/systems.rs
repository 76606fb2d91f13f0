//! Code and identifier systems that rules look at, and old `urn:oid:` names of systems that have URLs now.
//!
//! Source: the JP Core and JP-CLINS lists of systems (`guide-urlmap`, `InvariantsRules`); JP-CLINS 1.5.0 moved from
//! object identifiers to URLs. Both are taken, and both find each other.

use std::borrow::Cow;

/// Flags of ours in `meta.tag`: `to-be-explained`, `self-only`.
pub const RELEASE: &str = "http://tsumugi.example/fhir/CodeSystem/release";
/// Flags of JP-CLINS in `meta.tag`: `LTS`, `UNINFORMED`, `UNDELIVERED`.
pub const INDICATION: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
/// Kind of resources in a JP-CLINS collection, in `Bundle.meta.tag`.
pub const BUNDLE_RESOURCE_TYPE: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS";
/// `Bundle.identifier` of JP-CLINS.
pub const BUNDLE_IDENTIFIER: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";
/// 被保険者個人識別子.
pub const MEMBER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
/// 生活保護受給者の識別子.
pub const PUBLIC_PAYER_MEMBER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID";
/// 施設患者番号: followed by `1` and the ten-digit institution number.
pub const LOCAL_PATIENT: &str = "urn:oid:1.2.392.100495.20.3.51.";
/// 医療機関番号10桁.
pub const INSTITUTION: &str = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
/// The extension of JP-CLINS that names the institution.
pub const INSTITUTION_EXTENSION: &str =
    "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber";
/// The extension of JP-CLINS that names the department.
pub const DEPARTMENT_EXTENSION: &str = "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department";
/// Core laboratory items of JP-CLINS.
pub const CORE_LABO: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS";
/// Infection items of JP-CLINS.
pub const INFECTION_LABO: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS";
/// Local laboratory codes of JP-CLINS.
pub const LOCAL_LABO: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";
/// 電子処方箋用法コード.
pub const USAGE: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription";
/// Usage without a code of JP-CLINS.
pub const USAGE_UNCODED: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS";
/// The one code of [`USAGE_UNCODED`].
pub const USAGE_DUMMY: &str = "0X0XXXXXXXXX0000";
/// YJコード.
pub const YJ: &str = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
/// 一般名処方マスター.
pub const GENERAL_NAME: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode";
/// 標準コードなし.
pub const MEDICATION_NOCODED: &str = "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS";
/// How a name is written: `IDE` 漢字, `SYL` カナ.
pub const NAME_REPRESENTATION: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// Our activities of daily living: the Barthel index and its items.
pub const ADL: &str = "http://tsumugi.example/fhir/CodeSystem/adl";
/// Our precautions handed over: `swallowing`, `moving`, `medication`.
pub const PRECAUTION: &str = "http://tsumugi.example/fhir/CodeSystem/precaution";
/// Our kinds of care notes.
pub const CARE: &str = "http://tsumugi.example/fhir/CodeSystem/care";

const OIDS: &[(&str, &str)] = &[
    ("urn:oid:1.2.392.100495.20.2.73", YJ),
    ("urn:oid:1.2.392.200119.4.403.1", "http://medis.or.jp/CodeSystem/master-HOT9"),
    ("urn:oid:1.2.392.200119.4.403.2", "http://medis.or.jp/CodeSystem/master-HOT7"),
    ("urn:oid:1.2.392.200119.4.402.1", "http://medis.or.jp/CodeSystem/master-HOT13"),
    ("urn:oid:1.2.392.100495.20.2.81", GENERAL_NAME),
    ("urn:oid:1.2.392.100495.20.1.81", GENERAL_NAME),
    ("urn:oid:1.2.392.200119.4.101.2", "http://medis.or.jp/CodeSystem/master-disease-keyNumber"),
    ("urn:oid:1.2.392.200119.4.101.6", "http://medis.or.jp/CodeSystem/master-disease-exCode"),
    ("urn:oid:1.2.392.200119.4.201.5", "http://medis.or.jp/CodeSystem/master-disease-modExCode"),
    ("urn:oid:1.2.392.200119.4.504", "http://medis.or.jp/CodeSystem/master-JLAC10-17digits"),
    ("urn:oid:1.2.392.200250.2.2.20.20", "http://jami.jp/CodeSystem/MedicationUsage"),
    ("urn:oid:1.2.392.200250.2.2.2", "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment"),
    ("urn:oid:1.2.392.100495.20.3.21", "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/PrefectureNo-2digits"),
    ("urn:oid:1.2.392.100495.20.3.22", "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationFeeScoreType"),
    ("urn:oid:1.2.392.100495.20.3.23", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicalOrganizationID"),
    ("urn:oid:1.2.392.100495.20.3.31", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/medicalRegistrationNumber"),
    ("urn:oid:1.2.392.100495.20.3.61", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"),
    ("urn:oid:1.2.392.100495.20.3.62", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsuredPersonSymbol"),
    ("urn:oid:1.2.392.100495.20.3.63", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsuredPersonNumber"),
    ("urn:oid:1.2.392.100495.20.3.71", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/PublicPayerNumber"),
    ("urn:oid:1.2.392.100495.20.3.72", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/PublicInsuredPersonNumber"),
    ("urn:oid:1.2.392.100495.20.3.81", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber"),
    ("urn:oid:1.2.392.100495.20.3.82", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex"),
];

/// The system's present name: the URL for an old object identifier, else the text itself.
#[must_use]
pub fn present(system: Cow<'_, str>) -> Cow<'_, str> {
    if !system.starts_with("urn:oid:1.2.392.") {
        return system;
    }
    match OIDS.iter().find(|(oid, _)| *oid == system) {
        Some((_, url)) => Cow::Borrowed(url),
        None => system,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_identifier_and_its_url_are_one_system() {
        assert_eq!(
            present("urn:oid:1.2.392.200119.4.504".into()),
            "http://medis.or.jp/CodeSystem/master-JLAC10-17digits"
        );
        assert_eq!(present("urn:oid:1.2.392.200119.4.5041".into()), "urn:oid:1.2.392.200119.4.5041");
        assert_eq!(present(LOINC.into()), LOINC);
    }
}

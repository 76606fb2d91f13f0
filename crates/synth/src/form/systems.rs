//! Identifier and code systems (JP-CLINS `guide-urlmap`, JP Core 1.1.2, HL7), and the few of our own.

/// Insured person's identifier (被保険者個人識別子).
pub const MEMBER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
/// 生活保護受給者's identifier.
pub const PUBLIC_PAYER_MEMBER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID";
/// 保険者番号, eight digits.
pub const INSURER_NUMBER: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber";
/// Patient number at an institution: this, then `1` and the ten digits.
pub const HOSPITAL_NUMBER: &str = "urn:oid:1.2.392.100495.20.3.51.1";
/// Physician's number at an institution: this, then `1` and the ten digits.
pub const PHYSICIAN_NUMBER: &str = "urn:oid:1.2.392.100495.20.3.41.1";
/// Licences of physicians, dentists and users of narcotics (JP Core).
pub const LICENCE: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_MedicalLicenseCertificate_CS";
/// Ten-digit number of a medical institution.
pub const INSTITUTION: &str = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
/// Identifier of a resource at its source.
pub const RESOURCE_ID: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
/// `Bundle.identifier` of everything sent to the sharing service.
pub const BUNDLE_ID: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";
/// Which kind of resource a collection carries.
pub const BUNDLE_TAG: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS";
/// 長期保存, 未告知, 未提供.
pub const INDICATION: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
/// Sections of documents.
pub const SECTION: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section";
/// Clinical departments of SS-MIX2.
pub const DEPARTMENT: &str = "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment";
/// Extension: ten-digit number of the sending institution.
pub const EXT_INSTITUTION: &str = "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber";
/// Extension: department.
pub const EXT_DEPARTMENT: &str = "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department";
/// Extension: how a name is written (IDE ideographic, SYL syllabic).
pub const EXT_NAME: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";
/// Base of the eCS profiles.
pub const ECS: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/";
/// Base of the JP Core profiles.
pub const CORE: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/";
/// ICD-10 as Japan uses it (2013).
pub const ICD10: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full";
/// MEDIS disease master. Its licence does not let us ship it: every disease here carries "not coded" there and its
/// meaning in ICD-10 and in words.
pub const DISEASE_KEY: &str = "http://medis.or.jp/CodeSystem/master-disease-keyNumber";
/// "Not coded" in the disease master.
pub const DISEASE_UNCODED: &str = "99999999";
/// Simple observation categories of JP Core.
pub const OBSERVATION_CATEGORY: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
/// Laboratory items: the institution's own code.
pub const LAB_LOCAL: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";
/// Laboratory items: core items of JP-CLINS (JLAC10).
pub const LAB_CORE: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS";
/// Medicines by product (YJ).
pub const YJ: &str = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
/// Medicines by generic name (一般名処方).
pub const GENERIC: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode";
/// Usage codes of the electronic prescription.
pub const USAGE: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription";
/// RP番号: the group of a prescription's lines.
pub const RP_GROUP: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber";
/// RP内連番: a line's place in its group.
pub const RP_INDEX: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// J-FAGY, food.
pub const ALLERGEN_FOOD: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS";
/// J-FAGY, neither food nor medicine.
pub const ALLERGEN_OTHER: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS";
/// Units of medicines (MERIT-9).
pub const MERIT9: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code";
/// Units of measure.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// HL7 v3 act codes (kinds of encounters).
pub const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// Our own: activities of daily living (Barthel index and its items, care notes).
pub const ADL: &str = "http://tsumugi.example/fhir/CodeSystem/adl";
/// Our own: what a precaution is about (`swallowing`, `moving`, `medication`).
pub const PRECAUTION: &str = "http://tsumugi.example/fhir/CodeSystem/precaution";
/// Our own: ids of the directory of people who sign in.
pub const PERSON: &str = "http://tsumugi.example/fhir/IdSystem/person";
/// Our own: ids of the directory of organisations.
pub const ORGANIZATION: &str = "http://tsumugi.example/fhir/IdSystem/organization";
/// Our own: what happens in care (applications, levels, plans, services, falls, measures).
pub const CARE: &str = "http://tsumugi.example/fhir/CodeSystem/care";
/// Our own: levels of certified need (`support-1` … `care-5`, `none`).
pub const CARE_LEVEL: &str = "http://tsumugi.example/fhir/CodeSystem/care-level";
/// Our own: causes of care need.
pub const CARE_CAUSE: &str = "http://tsumugi.example/fhir/CodeSystem/care-cause";
/// Our own: the graded answers of the survey for certification.
pub const CARE_ANSWER: &str = "http://tsumugi.example/fhir/CodeSystem/care-survey-answer";
/// Our own: the survey for certification (認定調査票).
pub const CARE_SURVEY: &str = "http://tsumugi.example/fhir/Questionnaire/care-survey";
/// Our own: kinds of services of long-term care insurance, by their two digits (サービス種類コード).
pub const CARE_SERVICE: &str = "http://tsumugi.example/fhir/CodeSystem/care-service";
/// Our own: the insured person's number of long-term care insurance (介護保険被保険者番号), ten digits.
pub const CARE_INSURED: &str = "http://tsumugi.example/fhir/IdSystem/care-insured-number";

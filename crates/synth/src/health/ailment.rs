//! The illnesses of the town: words, ICD-10 (2013), who treats them.
//!
//! How often they are found and how they run stands in `data/health.json` under the same keys.

use crate::form::clinical::Disease;

/// Who treats: one clinic each for a person, but for the hospital's out-patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Specialty {
    /// 内科, the family doctor.
    Internal,
    /// 眼科.
    Eyes,
    /// 整形外科.
    Bones,
    /// 精神科・心療内科.
    Mind,
    /// 皮膚科・耳鼻科.
    Skin,
    /// 小児科.
    Children,
    /// 産婦人科.
    Women,
    /// A hospital's out-patients.
    Hospital,
    /// 人工透析.
    Dialysis,
    /// 歯科.
    Teeth,
}

/// How many specialties there are.
pub const SPECIALTIES: usize = 10;

impl Specialty {
    /// All, in order.
    pub const ALL: [Self; SPECIALTIES] = [
        Self::Internal,
        Self::Eyes,
        Self::Bones,
        Self::Mind,
        Self::Skin,
        Self::Children,
        Self::Women,
        Self::Hospital,
        Self::Dialysis,
        Self::Teeth,
    ];
}

/// What somebody can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each has its words in SPECS beside its code")]
pub enum Ailment {
    Hypertension,
    Diabetes,
    Lipids,
    Kidney,
    Dialysis,
    Fibrillation,
    Ischaemia,
    HeartFailure,
    Copd,
    Osteoporosis,
    Knee,
    Back,
    Eye,
    Reflux,
    Gout,
    Prostate,
    Thyroid,
    Insomnia,
    Rheumatism,
    Parkinson,
    Dementia,
    Rhinitis,
    AsthmaOfChildren,
    Asthma,
    Atopic,
    Depression,
    Schizophrenia,
    Complaint,
    Stroke,
    Haemorrhage,
    Paresis,
    Dysphagia,
    HipFracture,
    VertebralFracture,
    Infarction,
    Pneumonia,
    StomachCancer,
    ColonCancer,
    LungCancer,
    BreastCancer,
    ProstateCancer,
    Appendicitis,
    Ileus,
    Cholecystitis,
    Pyelonephritis,
    Dehydration,
    Polyp,
    Stone,
    Enteritis,
    AsthmaAttack,
    Delivery,
    Senility,
    WisdomTooth,
}

/// How many there are.
pub const AILMENTS: usize = SPECS.len();

/// What is fixed about an ailment.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Which.
    pub ailment: Ailment,
    /// Its key in `data/health.json`.
    pub key: &'static str,
    /// Words and code.
    pub disease: Disease,
    /// Who treats it.
    pub by: Specialty,
}

const fn spec(ailment: Ailment, key: &'static str, text: &'static str, icd10: &'static str, by: Specialty) -> Spec {
    Spec { ailment, key, disease: Disease { text, icd10 }, by }
}

use Ailment as A;
use Specialty as S;

/// Every ailment, in the order of [`Ailment`].
pub const SPECS: [Spec; 53] = [
    spec(A::Hypertension, "hypertension", "高血圧症", "I10", S::Internal),
    spec(A::Diabetes, "diabetes", "2型糖尿病", "E119", S::Internal),
    spec(A::Lipids, "lipids", "脂質異常症", "E785", S::Internal),
    spec(A::Kidney, "kidney", "慢性腎臓病", "N189", S::Internal),
    spec(A::Dialysis, "dialysis", "末期腎不全", "N185", S::Dialysis),
    spec(A::Fibrillation, "fibrillation", "心房細動", "I489", S::Internal),
    spec(A::Ischaemia, "ischaemia", "狭心症", "I209", S::Internal),
    spec(A::HeartFailure, "heart-failure", "慢性心不全", "I509", S::Internal),
    spec(A::Copd, "copd", "慢性閉塞性肺疾患", "J449", S::Internal),
    spec(A::Osteoporosis, "osteoporosis", "骨粗鬆症", "M819", S::Bones),
    spec(A::Knee, "knee", "変形性膝関節症", "M179", S::Bones),
    spec(A::Back, "back", "腰痛症", "M545", S::Bones),
    spec(A::Eye, "eye", "白内障", "H259", S::Eyes),
    spec(A::Reflux, "reflux", "逆流性食道炎", "K210", S::Internal),
    spec(A::Gout, "gout", "高尿酸血症", "E790", S::Internal),
    spec(A::Prostate, "prostate", "前立腺肥大症", "N40", S::Internal),
    spec(A::Thyroid, "thyroid", "甲状腺機能低下症", "E039", S::Internal),
    spec(A::Insomnia, "insomnia", "不眠症", "G470", S::Internal),
    spec(A::Rheumatism, "rheumatism", "関節リウマチ", "M069", S::Bones),
    spec(A::Parkinson, "parkinson", "パーキンソン病", "G20", S::Hospital),
    spec(A::Dementia, "dementia", "アルツハイマー型認知症", "G309", S::Internal),
    spec(A::Rhinitis, "rhinitis", "アレルギー性鼻炎", "J304", S::Skin),
    spec(A::AsthmaOfChildren, "asthma-of-children", "小児喘息", "J450", S::Children),
    spec(A::Asthma, "asthma", "気管支喘息", "J459", S::Internal),
    spec(A::Atopic, "atopic", "アトピー性皮膚炎", "L209", S::Skin),
    spec(A::Depression, "depression", "うつ病", "F329", S::Mind),
    spec(A::Schizophrenia, "schizophrenia", "統合失調症", "F209", S::Mind),
    spec(A::Complaint, "complaint", "湿疹", "L309", S::Skin),
    spec(A::Stroke, "stroke", "脳梗塞", "I639", S::Internal),
    spec(A::Haemorrhage, "haemorrhage", "脳出血", "I619", S::Internal),
    spec(A::Paresis, "paresis", "片麻痺", "G819", S::Internal),
    spec(A::Dysphagia, "dysphagia", "嚥下障害", "R13", S::Internal),
    spec(A::HipFracture, "hip-fracture", "大腿骨頚部骨折", "S7200", S::Bones),
    spec(A::VertebralFracture, "vertebral-fracture", "腰椎圧迫骨折", "S3200", S::Bones),
    spec(A::Infarction, "infarction", "急性心筋梗塞", "I219", S::Internal),
    spec(A::Pneumonia, "pneumonia", "肺炎", "J189", S::Internal),
    spec(A::StomachCancer, "stomach-cancer", "胃癌", "C169", S::Hospital),
    spec(A::ColonCancer, "colon-cancer", "大腸癌", "C189", S::Hospital),
    spec(A::LungCancer, "lung-cancer", "肺癌", "C349", S::Hospital),
    spec(A::BreastCancer, "breast-cancer", "乳癌", "C509", S::Hospital),
    spec(A::ProstateCancer, "prostate-cancer", "前立腺癌", "C61", S::Hospital),
    spec(A::Appendicitis, "appendicitis", "急性虫垂炎", "K358", S::Hospital),
    spec(A::Ileus, "ileus", "腸閉塞", "K567", S::Hospital),
    spec(A::Cholecystitis, "cholecystitis", "急性胆嚢炎", "K810", S::Hospital),
    spec(A::Pyelonephritis, "pyelonephritis", "急性腎盂腎炎", "N10", S::Hospital),
    spec(A::Dehydration, "dehydration", "脱水症", "E86", S::Internal),
    spec(A::Polyp, "polyp", "大腸ポリープ", "K635", S::Hospital),
    spec(A::Stone, "stone", "尿管結石症", "N201", S::Hospital),
    spec(A::Enteritis, "enteritis", "感染性胃腸炎", "A099", S::Children),
    spec(A::AsthmaAttack, "asthma-attack", "喘息発作", "J46", S::Children),
    spec(A::Delivery, "delivery", "正常分娩", "O809", S::Women),
    spec(A::Senility, "senility", "老衰", "R54", S::Internal),
    spec(A::WisdomTooth, "wisdom-tooth", "埋伏智歯", "K011", S::Teeth),
];

impl Ailment {
    /// What is fixed about it.
    #[must_use]
    pub const fn spec(self) -> &'static Spec {
        &SPECS[self as usize]
    }

    /// Whether it is a cancer.
    #[must_use]
    pub const fn is_cancer(self) -> bool {
        matches!(
            self,
            Self::StomachCancer | Self::ColonCancer | Self::LungCancer | Self::BreastCancer | Self::ProstateCancer
        )
    }
}

/// Illnesses found by a curve by age, in the order in which liabilities are drawn: a later one may lean on an earlier.
pub const CHRONIC: [Ailment; 22] = [
    A::Hypertension,
    A::Diabetes,
    A::Lipids,
    A::Kidney,
    A::Dialysis,
    A::Fibrillation,
    A::Ischaemia,
    A::HeartFailure,
    A::Copd,
    A::Osteoporosis,
    A::Knee,
    A::Back,
    A::Eye,
    A::Reflux,
    A::Gout,
    A::Prostate,
    A::Thyroid,
    A::Insomnia,
    A::Rheumatism,
    A::Parkinson,
    A::Dementia,
    A::Rhinitis,
];

/// Illnesses that come and go: from an age, for some years.
pub const EPISODES: [Ailment; 5] = [A::AsthmaOfChildren, A::Asthma, A::Atopic, A::Depression, A::Schizophrenia];

/// What leads to a stay, year by year.
pub const EVENTS: [Ailment; 21] = [
    A::Stroke,
    A::Haemorrhage,
    A::HipFracture,
    A::VertebralFracture,
    A::Infarction,
    A::Pneumonia,
    A::HeartFailure,
    A::StomachCancer,
    A::ColonCancer,
    A::LungCancer,
    A::BreastCancer,
    A::ProstateCancer,
    A::Appendicitis,
    A::Ileus,
    A::Cholecystitis,
    A::Pyelonephritis,
    A::Dehydration,
    A::Polyp,
    A::Stone,
    A::Enteritis,
    A::WisdomTooth,
];

/// What somebody attends a clinic for besides the illnesses above, by stage of life: child, adult, older.
pub const COMPLAINTS: [&[(Disease, Specialty)]; 3] = [
    &[
        (Disease { text: "湿疹", icd10: "L309" }, S::Skin),
        (Disease { text: "近視", icd10: "H521" }, S::Eyes),
        (Disease { text: "便秘症", icd10: "K590" }, S::Children),
        (Disease { text: "滲出性中耳炎", icd10: "H659" }, S::Skin),
    ],
    &[
        (Disease { text: "湿疹", icd10: "L309" }, S::Skin),
        (Disease { text: "ドライアイ", icd10: "H041" }, S::Eyes),
        (Disease { text: "慢性胃炎", icd10: "K295" }, S::Internal),
        (Disease { text: "頚肩腕症候群", icd10: "M531" }, S::Bones),
        (Disease { text: "片頭痛", icd10: "G439" }, S::Internal),
        (Disease { text: "不安神経症", icd10: "F411" }, S::Mind),
    ],
    &[
        (Disease { text: "慢性胃炎", icd10: "K295" }, S::Internal),
        (Disease { text: "便秘症", icd10: "K590" }, S::Internal),
        (Disease { text: "肩関節周囲炎", icd10: "M750" }, S::Bones),
        (Disease { text: "皮脂欠乏症", icd10: "L853" }, S::Skin),
        (Disease { text: "難聴", icd10: "H919" }, S::Skin),
        (Disease { text: "過活動膀胱", icd10: "N328" }, S::Internal),
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_stand_in_the_order_of_ailments() {
        for (place, spec) in SPECS.iter().enumerate() {
            assert_eq!(spec.ailment as usize, place, "{}", spec.key);
            assert_eq!(SPECS.iter().filter(|other| other.key == spec.key).count(), 1, "{}", spec.key);
            let code = spec.disease.icd10.as_bytes();
            assert!(code.len() >= 3 && code[0].is_ascii_uppercase() && code[1..].iter().all(u8::is_ascii_digit));
        }
    }
}

//! What people see a doctor for now and then: colds, injuries, teeth. How often stands in `data/health.json`.

use super::Specialty;
use crate::form::{
    clinical::Disease,
    medicine::{self as m, Medicine},
};

/// Something that passes.
#[derive(Debug)]
pub struct Acute {
    /// Key of its row `acute.<key>`.
    pub key: &'static str,
    /// Words and code.
    pub disease: Disease,
    /// Who is seen for it; children see the paediatrician instead of the family doctor.
    pub by: Specialty,
    /// What is given, and for how many days.
    pub medicines: &'static [(Medicine, u32)],
}

const fn acute(
    key: &'static str,
    text: &'static str,
    icd10: &'static str,
    by: Specialty,
    medicines: &'static [(Medicine, u32)],
) -> Acute {
    Acute { key, disease: Disease { text, icd10 }, by, medicines }
}

use Specialty as S;

/// All of them.
pub static ACUTE: [Acute; 16] = [
    acute("cold", "急性上気道炎", "J069", S::Internal, &[(m::CARBOCISTEINE, 5), (m::ACETAMINOPHEN, 5)]),
    acute("bronchitis", "急性気管支炎", "J209", S::Internal, &[(m::CARBOCISTEINE, 7)]),
    acute("influenza", "インフルエンザ", "J111", S::Internal, &[(m::OSELTAMIVIR, 5), (m::ACETAMINOPHEN, 5)]),
    acute("gastroenteritis", "感染性胃腸炎", "A099", S::Internal, &[(m::BIFIDOBACTERIUM, 5)]),
    acute("pollen", "花粉症", "J301", S::Skin, &[(m::FEXOFENADINE, 28)]),
    acute("ear", "急性中耳炎", "H669", S::Skin, &[(m::AMOXICILLIN, 5)]),
    acute("hand-foot-mouth", "手足口病", "B084", S::Children, &[(m::ACETAMINOPHEN, 3)]),
    acute("conjunctivitis", "アレルギー性結膜炎", "H101", S::Eyes, &[(m::FEXOFENADINE, 14)]),
    acute("eczema", "急性湿疹", "L309", S::Skin, &[(m::FEXOFENADINE, 14)]),
    acute("urticaria", "じんましん", "L509", S::Skin, &[(m::FEXOFENADINE, 14)]),
    acute("cystitis", "急性膀胱炎", "N300", S::Internal, &[(m::LEVOFLOXACIN, 3)]),
    acute("sprain", "足関節捻挫", "S934", S::Bones, &[(m::LOXOPROFEN, 7), (m::REBAMIPIDE, 7)]),
    acute("wrist", "橈骨遠位端骨折", "S5250", S::Bones, &[(m::LOXOPROFEN, 14), (m::REBAMIPIDE, 14)]),
    acute("wound", "挫創", "T141", S::Bones, &[(m::LOXOPROFEN, 3)]),
    acute("back", "急性腰痛症", "M545", S::Bones, &[(m::LOXOPROFEN, 14), (m::REBAMIPIDE, 14)]),
    acute("headache", "緊張型頭痛", "G442", S::Internal, &[(m::ACETAMINOPHEN, 10)]),
];

/// What teeth are treated for.
pub static TEETH: [Acute; 3] = [
    acute("caries", "う蝕", "K029", S::Teeth, &[]),
    acute("periodontitis", "慢性歯周炎", "K053", S::Teeth, &[]),
    acute("pulpitis", "歯髄炎", "K040", S::Teeth, &[(m::LOXOPROFEN, 3)]),
];

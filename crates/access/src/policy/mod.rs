//! The policies: parsed once, sliced by purpose, asked once per request.
//!
//! A decision depends on a [`Question`] and nothing else, so equal questions are answered from memory; the policies
//! themselves change only with a restart.
//!
//! A policy is Cedar text with annotations: `@id`, `@shows` (the categories that a permit opens, see
//! [`CategoryMask::parse`]), `@ja` and `@en` (the words in which the citizen reads the rule), `@source` (law,
//! guideline or decision page), and where needed `@of("own")` (only facts that the asking organisation put there) and
//! `@restrictions("law")` (a duty that a law names, which the citizen's restrictions do not touch) and
//! `@relation("none")` (it grants without a care relation or a consent, so that a look by it alone is told as unusual).

mod past;
pub mod profile;

use std::{
    collections::HashMap,
    str::FromStr as _,
    sync::{PoisonError, RwLock},
};

use cedar_policy::{
    Authorizer, Context, Decision, Effect, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

pub use past::PolicyPastError;
pub use profile::PolicyProfile;

use crate::{ActionGroup, Caller, CategoryMask};

/// The schema that every policy is checked against.
pub const SCHEMA: &str = include_str!("schema.cedarschema");

/// One policy as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Id: what leaves name.
    pub id: String,
    /// The purpose for which it holds; none for all.
    pub purpose: Option<Purpose>,
    /// Whether it permits; otherwise it forbids.
    pub permits: bool,
    /// Categories that it opens.
    pub shows: CategoryMask,
    /// Only facts that the asking organisation put there.
    pub own_facts_only: bool,
    /// The citizen's restrictions do not touch it.
    pub lawful: bool,
    /// It grants without a care relation or a consent: a look by it alone is unusual.
    pub unrelated: bool,
    /// Plain Japanese.
    pub ja: String,
    /// Plain English.
    pub en: String,
    /// Law, guideline or decision page.
    pub source: String,
    /// Cedar's own text.
    pub text: String,
}

/// What is wrong with a policy file.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFault {
    /// The text is not Cedar.
    #[error("the policies of {file} cannot be read: {detail}")]
    Syntax {
        /// The file.
        file: String,
        /// Cedar's message.
        detail: String,
    },
    /// An annotation is missing or not of its form.
    #[error("policy {policy} of {file} has no valid @{annotation}")]
    Annotation {
        /// The file.
        file: String,
        /// The policy.
        policy: String,
        /// The annotation.
        annotation: &'static str,
    },
    /// Two policies have one id.
    #[error("two policies have the id {0}")]
    Twice(String),
    /// A policy does not fit the schema.
    #[error("the policies do not fit the schema: {0}")]
    Schema(String),
}

/// The circumstances that policies may look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Circumstances {
    /// Codes of the organisation's relations that hold.
    pub relations: Vec<&'static str>,
    /// Codes of the consents that hold.
    pub consents: Vec<&'static str>,
    /// The caller is the citizen.
    pub own: bool,
    /// The caller holds a mandate for the purpose.
    pub mandate: bool,
    /// The mandate covers the log.
    pub mandate_for_log: bool,
    /// The sign-in is for another citizen.
    pub bound_to_another: bool,
    /// The disaster mode is open where the caller's organisation is.
    pub disaster: bool,
    /// The caller or the caller's organisation was called to account.
    pub asked: bool,
}

/// All that a decision depends on: no name, no id, no time. The same question has the same answer, so answers are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    role: Role,
    organization: OrganizationKind,
    purpose: Purpose,
    group: ActionGroup,
    has_reason: bool,
    whole: bool,
    automatic: bool,
    circumstances: Circumstances,
}

/// A kept answer: rules by their index.
#[derive(Clone, Debug)]
enum Answer {
    Granted(Vec<usize>),
    Denied(Vec<usize>),
    Failed,
}

/// Most answers kept; the questions that occur in practice are some hundreds.
const ANSWERS_MOST: usize = 4_096;

/// What the policies say.
#[derive(Clone, Debug)]
pub enum Verdict<'a> {
    /// Granted by these rules.
    Granted(Vec<&'a Rule>),
    /// Denied; by these forbidding rules, or by none that permits.
    Denied(Vec<&'a Rule>),
    /// A policy could not be evaluated; that denies.
    Failed,
}

/// The policies of a profile.
pub struct Policies {
    profile: PolicyProfile,
    files: Vec<(String, String)>,
    slices: Vec<PolicySet>,
    rules: Vec<Rule>,
    by_id: HashMap<PolicyId, usize>,
    authorizer: Authorizer,
    actions: Vec<EntityUid>,
    person: EntityUid,
    citizen: EntityUid,
    answers: RwLock<HashMap<Question, Answer>>,
}

impl Policies {
    /// Reads a profile's policies, checks them strictly against the schema, and slices them by purpose.
    ///
    /// # Errors
    /// [`PolicyFault`] names the file and the policy.
    pub fn load(profile: PolicyProfile) -> Result<Self, PolicyFault> {
        Self::from_files(profile, profile.files())
    }

    /// The same, from other files: (name, text). A file is named after its purpose; `ALWAYS` goes into every slice.
    ///
    /// # Errors
    /// [`PolicyFault`] names the file and the policy.
    pub fn from_files(profile: PolicyProfile, files: &[(&str, &str)]) -> Result<Self, PolicyFault> {
        let mut slices = vec![PolicySet::new(); Purpose::ALL.len()];
        let (mut rules, mut by_id) = (Vec::new(), HashMap::new());
        let mut whole = PolicySet::new();
        for (file, text) in files {
            let set = PolicySet::from_str(text)
                .map_err(|error| PolicyFault::Syntax { file: (*file).into(), detail: error.to_string() })?;
            let mut policies: Vec<&Policy> = set.policies().collect();
            policies.sort_by_key(|policy| policy.id().to_string());
            for policy in policies {
                let rule = read(file, policy)?;
                let policy = policy.new_id(PolicyId::new(&rule.id));
                let twice = |_| PolicyFault::Twice(rule.id.clone());
                whole.add(policy.clone()).map_err(twice)?;
                for (slice, purpose) in slices.iter_mut().zip(Purpose::ALL) {
                    if *file == "ALWAYS" || *file == purpose.code() {
                        slice.add(policy.clone()).map_err(twice)?;
                    }
                }
                by_id.insert(policy.id().clone(), rules.len());
                rules.push(rule);
            }
        }
        check(&whole)?;
        let uid = |text: &str| EntityUid::from_str(text).map_err(|error| PolicyFault::Schema(error.to_string()));
        Ok(Self {
            profile,
            files: files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            slices,
            rules,
            by_id,
            authorizer: Authorizer::new(),
            actions: ActionGroup::ALL
                .iter()
                .map(|group| uid(&format!("Action::\"{}\"", group.code())))
                .collect::<Result<_, _>>()?,
            // INVARIANT: policies ask nothing of caller and citizen but what the question says, so one name stands for
            // all of them; a policy cannot name a person, and an answer holds for everybody who asks the same.
            person: uid("Person::\"the-caller\"")?,
            citizen: uid("Citizen::\"the-citizen\"")?,
            answers: RwLock::new(HashMap::new()),
        })
    }

    /// Which profile this is.
    #[must_use]
    pub const fn profile(&self) -> PolicyProfile {
        self.profile
    }

    /// The files they were read from: (name, text).
    #[must_use]
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }

    /// The same with one file's text changed; `None` if there is no such file.
    #[must_use]
    pub fn with_file(&self, file: &str, text: &str) -> Option<Result<Self, PolicyFault>> {
        let mut files: Vec<_> = self.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        files.iter_mut().find(|(name, _)| *name == file)?.1 = text;
        Some(Self::from_files(self.profile, &files))
    }

    /// Every rule.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Whether any rule permits anything for this purpose: a profile may do without it.
    #[must_use]
    pub fn know(&self, purpose: Purpose) -> bool {
        self.rules.iter().any(|rule| rule.permits && rule.purpose == Some(purpose))
    }

    /// Asks the policies, once; a question that was asked before is answered from memory.
    #[must_use]
    pub fn ask(&self, caller: &Caller, group: ActionGroup, circumstances: &Circumstances) -> Verdict<'_> {
        let question = Question {
            role: caller.role,
            organization: caller.organization_kind,
            purpose: caller.purpose,
            group,
            has_reason: caller.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty()),
            whole: caller.whole,
            automatic: caller.automatic,
            circumstances: circumstances.clone(),
        };
        let kept = self.answers.read().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        let answer = kept.unwrap_or_else(|| {
            let answer = self.decide(&question);
            let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
            if answers.len() >= ANSWERS_MOST {
                answers.clear();
            }
            answers.insert(question, answer.clone());
            answer
        });
        let rules = |indexes: Vec<usize>| indexes.into_iter().map(|index| &self.rules[index]).collect();
        match answer {
            Answer::Granted(indexes) => Verdict::Granted(rules(indexes)),
            Answer::Denied(indexes) => Verdict::Denied(rules(indexes)),
            Answer::Failed => Verdict::Failed,
        }
    }

    /// One decision by Cedar.
    fn decide(&self, question: &Question) -> Answer {
        let Some((request, entities)) = self.request(question) else { return Answer::Failed };
        let slice = &self.slices[question.purpose as usize];
        let response = self.authorizer.is_authorized(&request, slice, &entities);
        // A policy that cannot be evaluated might have forbidden; Cedar would pass it over.
        if response.diagnostics().errors().next().is_some() {
            return Answer::Failed;
        }
        let mut indexes: Vec<usize> =
            response.diagnostics().reason().filter_map(|id| self.by_id.get(id)).copied().collect();
        indexes.sort_by(|a, b| self.rules[*a].id.cmp(&self.rules[*b].id));
        match response.decision() {
            Decision::Allow => Answer::Granted(indexes),
            Decision::Deny => Answer::Denied(indexes),
        }
    }

    fn request(&self, question: &Question) -> Option<(cedar_policy::Request, Entities)> {
        let at = &question.circumstances;
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let yes = RestrictedExpression::new_bool;
        let texts = |codes: &[&str]| RestrictedExpression::new_set(codes.iter().map(|code| text(code)));
        let attributes = HashMap::from([
            ("role".to_owned(), text(question.role.code())),
            ("organization".to_owned(), text(question.organization.code())),
        ]);
        let entity = Entity::new(self.person.clone(), attributes, std::collections::HashSet::new()).ok()?;
        let context = Context::from_pairs([
            ("purpose".to_owned(), text(question.purpose.code())),
            ("relations".to_owned(), texts(&at.relations)),
            ("consents".to_owned(), texts(&at.consents)),
            ("own".to_owned(), yes(at.own)),
            ("mandate".to_owned(), yes(at.mandate)),
            ("mandateForLog".to_owned(), yes(at.mandate_for_log)),
            ("boundToAnother".to_owned(), yes(at.bound_to_another)),
            ("reason".to_owned(), yes(question.has_reason)),
            ("whole".to_owned(), yes(question.whole)),
            ("automatic".to_owned(), yes(question.automatic)),
            ("disaster".to_owned(), yes(at.disaster)),
            ("asked".to_owned(), yes(at.asked)),
        ])
        .ok()?;
        let action = self.actions[question.group as usize].clone();
        // The policies were checked against the schema when they were read; the request's form is fixed here.
        let request =
            cedar_policy::Request::new(self.person.clone(), action, self.citizen.clone(), context, None).ok()?;
        Some((request, Entities::from_entities([entity], None).ok()?))
    }
}

fn read(file: &str, policy: &Policy) -> Result<Rule, PolicyFault> {
    let fault = |annotation| PolicyFault::Annotation { file: file.into(), policy: policy.id().to_string(), annotation };
    let words = |key: &'static str| {
        policy
            .annotation(key)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| fault(key))
    };
    let permits = policy.effect() == Effect::Permit;
    let one_of = |key: &'static str, value: &str| match policy.annotation(key) {
        None => Ok(false),
        Some(found) if found == value => Ok(true),
        Some(_) => Err(fault(key)),
    };
    Ok(Rule {
        id: words("id")?,
        purpose: Purpose::from_code(file),
        permits,
        shows: if permits {
            CategoryMask::parse(&words("shows")?).ok_or_else(|| fault("shows"))?
        } else {
            CategoryMask::NONE
        },
        own_facts_only: one_of("of", "own")?,
        lawful: one_of("restrictions", "law")?,
        unrelated: one_of("relation", "none")?,
        ja: words("ja")?,
        en: words("en")?,
        source: words("source")?,
        text: policy.to_string(),
    })
}

fn check(set: &PolicySet) -> Result<(), PolicyFault> {
    let (schema, warnings) =
        Schema::from_cedarschema_str(SCHEMA).map_err(|error| PolicyFault::Schema(error.to_string()))?;
    if let Some(warning) = warnings.into_iter().next() {
        return Err(PolicyFault::Schema(warning.to_string()));
    }
    let result = Validator::new(schema).validate(set, ValidationMode::Strict);
    if result.validation_passed_without_warnings() {
        return Ok(());
    }
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    Err(PolicyFault::Schema(errors.chain(warnings).collect::<Vec<_>>().join("; ")))
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Policies({}, {} rules)", self.profile.code(), self.rules.len())
    }
}

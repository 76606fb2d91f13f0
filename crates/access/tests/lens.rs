//! A restricted fact never shows, whatever else stands there and in whatever order.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use proptest::prelude::*;
use town::{NOW, Town, caller, organization, person, town};
use tsumugi_access::{
    Action, Against, Change, Hides, Holder, Lens, Mandate, PolicyProfile, Restriction, Shown, Traits, standing::Period,
};
use tsumugi_kernel::{Flags, Kind, OrganizationKind, Purpose, RecordCategory, Role};

fn hides() -> impl Strategy<Value = Hides> {
    prop_oneof![
        Just(Hides::Everything),
        proptest::collection::vec(0..23_u8, 1..4).prop_map(|numbers| Hides::Categories(
            numbers.into_iter().filter_map(RecordCategory::from_number).collect()
        )),
        proptest::collection::vec(0..20_u64, 1..4)
            .prop_map(|numbers| Hides::facts(numbers.into_iter().map(|n| (Kind::OBSERVATION, n)))),
        prop_oneof![Just("hospital"), Just("elsewhere")].prop_map(|id| Hides::Source(organization(id))),
        (0..40_i32, 0..40_i32).prop_map(|(a, b)| Hides::Days { first: a.min(b), last: a.max(b) }),
    ]
}

fn against() -> impl Strategy<Value = Against> {
    prop_oneof![
        Just(Against::Everyone),
        Just(Against::Person(person("the-physician"))),
        Just(Against::Person(person("somebody"))),
        Just(Against::Organization(organization("hospital"))),
        Just(Against::OrganizationKind(OrganizationKind::Hospital)),
        Just(Against::OrganizationKind(OrganizationKind::Pharmacy)),
    ]
}

fn restrictions() -> impl Strategy<Value = Vec<Restriction>> {
    let one = (against(), hides(), any::<bool>(), -5..5_i64, 0..5_i64);
    proptest::collection::vec(one, 0..6).prop_map(|list| {
        let numbered =
            list.into_iter().enumerate().map(|(index, (against, hides, emergency_may_override, from, length))| {
                let from = NOW.plus_millis(from);
                let period =
                    if length == 0 { Period::since(from) } else { Period::between(from, from.plus_millis(length)) };
                Restriction { id: index.to_string(), against, hides, emergency_may_override, period }
            });
        numbered.collect()
    })
}

fn facts() -> Vec<(u64, RecordCategory, Flags, Option<i32>, &'static str)> {
    let mut facts = Vec::new();
    for (index, category) in RecordCategory::ALL.iter().enumerate() {
        let number = index as u64;
        let day = (index % 5 != 0).then_some(i32::try_from(index).unwrap_or(0));
        for source in ["hospital", "elsewhere"] {
            for flags in [Flags::default(), Flags::UNINFORMED, Flags::UNDELIVERED, Flags::SELF_ONLY, Flags::EXPLAIN] {
                facts.push((number, *category, flags, day, source));
            }
        }
    }
    facts
}

async fn lens(town: &Town, role: Role, purpose: Purpose, kind: OrganizationKind) -> Lens {
    let permit = town.admit(&caller(role, purpose, kind), Action::Search).await.unwrap();
    let lens = permit.lens().clone();
    permit.seal(Shown::none()).await.unwrap();
    lens
}

fn shown(lens: &Lens) -> Vec<usize> {
    let seen = |(_, fact): &(usize, (u64, RecordCategory, Flags, Option<i32>, &str))| {
        let (number, category, flags, day, source) = *fact;
        lens.shows(&Traits { kind: Kind::OBSERVATION, number, category, flags, day, source })
    };
    facts().into_iter().enumerate().filter(seen).map(|(index, _)| index).collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn restricted(list: &[Restriction]) -> Town {
    let town = town(PolicyProfile::SpecialLaw);
    let changes: Vec<Change> = list.iter().cloned().map(Change::Restrict).collect();
    town.herself(&changes).await;
    town
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_restricted_is_not_shown(list in restrictions()) {
        run(async {
            let town = restricted(&list).await;
            let open = shown(&lens(&town_without(), Role::Physician, Purpose::Treat, OrganizationKind::Hospital).await);
            let seen = shown(&lens(&town, Role::Physician, Purpose::Treat, OrganizationKind::Hospital).await);
            // Said again, independently of the lens: who is meant, when, and what of it is another's.
            for (index, (number, category, flags, day, source)) in facts().into_iter().enumerate() {
                let barred = list.iter().any(|r| {
                    let personal = matches!(&r.against, Against::Person(p) if p.as_str() == "the-physician");
                    let meant = personal || match &r.against {
                        Against::Everyone => true,
                        Against::Person(_) => false,
                        Against::Organization(o) => o.as_str() == "hospital",
                        Against::OrganizationKind(kind) => *kind == OrganizationKind::Hospital,
                    };
                    let now = r.period.from.0 <= NOW.0 && r.period.until.is_none_or(|until| NOW.0 < until.0);
                    let about = match &r.hides {
                        Hides::Everything => true,
                        Hides::Categories(list) => list.contains(&category),
                        Hides::Facts(list) => list.iter().any(|(_, n)| *n == number),
                        // Who the person is stays.
                        Hides::Source(_) | Hides::Days { .. } if category == RecordCategory::Identity => false,
                        Hides::Source(o) => o.as_str() == source,
                        Hides::Days { first, last } => match day { None => true, Some(day) => *first <= day && day <= *last },
                    };
                    meant && now && about && (personal || source != "hospital")
                });
                let expected = open.contains(&index) && !barred;
                assert_eq!(seen.contains(&index), expected, "{category:?} {flags:?} {day:?} {source} under {list:?}");
            }
        });
    }

    #[test]
    fn the_order_of_restrictions_does_not_matter(list in restrictions(), seed in any::<u64>()) {
        run(async {
            let mut turned = list.clone();
            let by = usize::try_from(seed % 7).unwrap_or(0) % list.len().max(1);
            turned.rotate_left(by);
            turned.reverse();
            let (a, b) = (restricted(&list).await, restricted(&turned).await);
            for (role, purpose, kind) in [
                (Role::Physician, Purpose::Treat, OrganizationKind::Hospital),
                (Role::Physician, Purpose::EmergencyTreat, OrganizationKind::Hospital),
            ] {
                assert_eq!(shown(&lens(&a, role, purpose, kind).await), shown(&lens(&b, role, purpose, kind).await));
            }
        });
    }

    #[test]
    fn an_emergency_lifts_only_what_she_allowed(list in restrictions()) {
        run(async {
            let kept: Vec<Restriction> = list.iter().filter(|r| !r.emergency_may_override).cloned().collect();
            let (a, b) = (restricted(&list).await, restricted(&kept).await);
            let ask = (Role::Physician, Purpose::EmergencyTreat, OrganizationKind::Hospital);
            assert_eq!(shown(&lens(&a, ask.0, ask.1, ask.2).await), shown(&lens(&b, ask.0, ask.1, ask.2).await));
        });
    }
}

fn town_without() -> Town {
    town(PolicyProfile::SpecialLaw)
}

#[tokio::test]
async fn she_sees_her_record_under_every_restriction_but_nothing_withheld() {
    let everything = Restriction {
        id: "all".into(),
        against: Against::Everyone,
        hides: Hides::Everything,
        emergency_may_override: false,
        period: Period::since(NOW),
    };
    let town = restricted(&[everything]).await;
    let seen = shown(&lens(&town, Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household).await);
    for (index, (_, _, flags, day, _)) in facts().into_iter().enumerate() {
        // Every day of these facts is decades ago: what has one waits for no explanation any more.
        let waits = flags.has(Flags::EXPLAIN) && day.is_none();
        let withheld = waits || flags.has(Flags::UNINFORMED) || flags.has(Flags::UNDELIVERED);
        assert_eq!(seen.contains(&index), !withheld);
    }
    let mandate = Mandate {
        id: "m".into(),
        holder: Holder::Person(person("the-proxy")),
        parental: false,
        holder_name: String::new(),
        relation: String::new(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::since(NOW),
    };
    town.herself(&[Change::Give(mandate)]).await;
    let proxy = shown(&lens(&town, Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household).await);
    for (index, (_, _, flags, _, _)) in facts().into_iter().enumerate() {
        assert_eq!(proxy.contains(&index), seen.contains(&index) && !flags.has(Flags::SELF_ONLY));
    }
    // A duty that a law names is not touched; care is.
    let insurer = shown(&lens(&town, Role::Insurer, Purpose::Payment, OrganizationKind::Insurer).await);
    assert!(!insurer.is_empty());
    assert!(
        shown(&lens(&town, Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters).await).is_empty()
    );
}

#[tokio::test]
async fn undelivered_facts_show_to_their_source_only() {
    let town = town_without();
    for (role, purpose, kind) in [
        (Role::Physician, Purpose::Treat, OrganizationKind::Hospital),
        (Role::Physician, Purpose::Treat, OrganizationKind::Clinic),
    ] {
        let seen = shown(&lens(&town, role, purpose, kind).await);
        for (index, (_, category, flags, _, source)) in facts().into_iter().enumerate() {
            if flags.has(Flags::UNDELIVERED) {
                // What the person decided about others shows in no chart, not even where it was taken down.
                let own = source == kind.code() && category != RecordCategory::Mandate;
                assert_eq!(seen.contains(&index), own, "{category:?} {source}");
            }
        }
    }
}

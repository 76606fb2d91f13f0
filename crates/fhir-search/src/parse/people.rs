//! Whom a search names.
//!
//! A search is about one person. The person is named by a reference to one of their `Patient`s in any condition of the
//! resource itself (`patient=`, `subject=`, `beneficiary=` …), by a personal identifier behind such a reference
//! (`patient:identifier=`, `patient.identifier=`), or, for `Patient` itself, by `_id` or `identifier`.

use tsumugi_kernel::Kind;

use crate::{
    param::Param,
    query::{Clause, Named, Query, Target, Test, Token, Wish},
};

pub(super) fn named(query: &Query) -> Vec<Named> {
    let mut out = Vec::new();
    for clause in &query.clauses {
        match &clause.test {
            Test::Ids(ids) if query.kinds == [Kind::PATIENT] => out.extend(ids.iter().cloned().map(Named::Id)),
            Test::Values { of, wish } => values(query, of.iter().map(|(_, param)| &**param), wish, &mut out),
            Test::Chain { of, then } if of.iter().any(|(_, param)| leads_to_person(param)) => {
                then.iter().filter(|(kind, _)| *kind == Kind::PATIENT).for_each(|(_, clause)| behind(clause, &mut out));
            }
            _ => {}
        }
    }
    out.dedup();
    out
}

fn values<'a>(query: &Query, mut of: impl Iterator<Item = &'a Param>, wish: &Wish, out: &mut Vec<Named>) {
    match wish {
        Wish::References(any) => {
            let person = of.all(leads_to_person);
            for referred in any {
                match &referred.target {
                    Target::Local { kind: Some(Kind::PATIENT), id, .. } => out.push(Named::Id(id.clone())),
                    Target::Local { kind: None, id, .. } if person => out.push(Named::Id(id.clone())),
                    _ => {}
                }
            }
        }
        Wish::LogicalReferences(any) if of.all(leads_to_person) => identifiers(any, out),
        Wish::Tokens { not: false, any }
            if query.kinds == [Kind::PATIENT] && of.all(|param| &*param.code == "identifier") =>
        {
            identifiers(any, out);
        }
        _ => {}
    }
}

/// `patient.identifier=` and `patient._id=`.
fn behind(clause: &Clause, out: &mut Vec<Named>) {
    match &clause.test {
        Test::Ids(ids) => out.extend(ids.iter().cloned().map(Named::Id)),
        Test::Values { of, wish: Wish::Tokens { not: false, any } }
            if of.iter().all(|(_, param)| &*param.code == "identifier") =>
        {
            identifiers(any, out);
        }
        _ => {}
    }
}

/// An identifier names somebody only with its system.
fn identifiers(any: &[Token], out: &mut Vec<Named>) {
    for token in any {
        if let Token { system: Some(system), code: Some(value) } = token {
            out.push(Named::Identifier { system: system.clone(), value: value.clone() });
        }
    }
}

/// Whether a bare id in this parameter is a person's: `patient`, `subject`, and what can point to nothing else.
fn leads_to_person(param: &Param) -> bool {
    ["patient", "subject"].contains(&&*param.code) || param.only_target() == Some(Kind::PATIENT)
}

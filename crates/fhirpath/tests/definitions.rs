//! Every invariant and search parameter of R4 is an expression that can be prepared.

use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::Expression;

#[test]
fn every_invariant_of_r4_is_prepared() {
    let defs = Definitions::r4();
    let (mut seen, mut wrong) = (0, Vec::new());
    for structure in defs.structures() {
        for element in &structure.elements {
            // Where the element's own type is known, names are resolved from there, as validation does.
            let ty = element.types.first().filter(|_| element.types.len() == 1);
            let ty = defs.type_named(&element.path).or_else(|| ty.and_then(|ty| defs.type_named(&ty.code)));
            for constraint in &element.constraints {
                let Some(expression) = &constraint.expression else { continue };
                seen += 1;
                if let Err(error) = Expression::prepare(expression, defs, ty) {
                    wrong.push(format!("{} {}: {expression}\n    {error}", element.path, constraint.key));
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(seen > 5_000, "{seen}");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_search_parameter_of_r4_is_prepared() {
    let defs = Definitions::r4();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (ty, definition) in defs.types() {
        for param in defs.search_params(&definition.name) {
            let Some(expression) = &param.expression else { continue };
            seen += 1;
            if let Err(error) = Expression::prepare(expression, defs, Some(ty)) {
                wrong.push(format!("{} {}: {expression}\n    {error}", definition.name, param.code));
            }
            for component in &param.components {
                if let Err(error) = Expression::prepare(&component.expression, defs, None) {
                    wrong.push(format!("{} {}: {}\n    {error}", definition.name, param.code, component.expression));
                }
            }
        }
    }
    assert!(seen > 1_400, "{seen}");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

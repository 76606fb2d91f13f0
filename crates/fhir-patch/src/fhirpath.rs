//! FHIRPath Patch (R4, `fhirpatch.html`).

use bytes::Bytes;
use tsumugi_fhir::{
    Document, Node,
    json::{Limits, SyntaxFault},
};
use tsumugi_fhir_definitions::{Definitions, Field, TypeId, TypeKind};
use tsumugi_fhirpath::{Context, EvalError, Expression, Item, UNTYPED};
use tsumugi_kernel::Instant;

use crate::{
    BYTES, Budget, OPERATIONS, PatchFault, Problem,
    locate::{Step, kind_of, locate},
    operation::{Kind, Operation},
    place::{self, Pair},
    same_identity,
    tree::Value,
    value::{self, New},
};

/// Most bytes read again, over all operations: each sees what those before it did.
const READ_AGAIN: usize = 256 << 20;
/// Most steps of FHIRPath, over all operations.
const STEPS: u64 = 20_000_000;

/// The resource after the operations of a FHIRPath Patch.
///
/// `document` is a resource, `parameters` a `Parameters` with at most [`OPERATIONS`] parameters named `operation`. Each
/// operation sees the document as those before it left it. `now` is the moment that `now()` in a path means.
///
/// A `delete` that finds nothing succeeds, as R4 says; every other operation needs its element. `insert` at 0 of a list
/// that is not there yet makes it. A value's type is that of the element; a primitive's may be another that JSON writes
/// alike (`valueString` for a code), since the result is validated anyway.
///
/// # Errors
/// [`PatchFault`] names the operation and what is wrong; then no operation counts.
pub fn fhirpath_patch(
    document: Node<'_>,
    parameters: Node<'_>,
    defs: &Definitions,
    now: Instant,
) -> Result<Vec<u8>, PatchFault> {
    if parameters.get_str("resourceType").as_deref() != Some("Parameters") {
        return Err(PatchFault::whole(Problem::NotAPatch));
    }
    let count = parameters.get("parameter").map_or(0, |list| list.items().count());
    if count > OPERATIONS {
        return Err(PatchFault::whole(Problem::TooMany));
    }
    let mut patching =
        Patching { defs, now, budget: Budget::new(), again: READ_AGAIN, steps: STEPS / (count.max(5) as u64) };
    let mut bytes = Bytes::copy_from_slice(document.raw().as_bytes());
    for (at, parameter) in parameters.get("parameter").into_iter().flat_map(Node::items).enumerate() {
        bytes = patching.apply(bytes, parameter).map_err(|problem| PatchFault {
            path: format!("Parameters.parameter[{at}]"),
            ..PatchFault::of(problem, at, parameter)
        })?;
    }
    let after = read(bytes.clone()).map_err(PatchFault::whole)?;
    if !same_identity(document, after.root()) {
        return Err(PatchFault::whole(Problem::Identity));
    }
    Ok(bytes.into())
}

fn read(bytes: Bytes) -> Result<Document, Problem> {
    Document::parse(bytes, &Limits { bytes: BYTES, ..Limits::default() }).map_err(|error| match error.fault {
        SyntaxFault::TooLarge | SyntaxFault::TooMany => Problem::TooLarge,
        SyntaxFault::TooDeep => Problem::TooDeep,
        _ => Problem::Internal,
    })
}

struct Patching<'d> {
    defs: &'d Definitions,
    now: Instant,
    budget: Budget,
    again: usize,
    steps: u64,
}

/// An element that a path found.
struct Found {
    /// The way down to it; empty for the resource.
    steps: Vec<Step>,
    /// Its type.
    ty: TypeId,
}

impl Patching<'_> {
    fn apply(&mut self, bytes: Bytes, parameter: Node<'_>) -> Result<Bytes, Problem> {
        let operation = Operation::read(parameter)?;
        self.again = self.again.checked_sub(bytes.len()).ok_or(Problem::TooCostly)?;
        let document = read(bytes)?;
        let root = document.root();
        let mut tree = Value::Node(root);
        match operation.kind {
            Kind::Add => {
                let container = self.one(root, &operation.path)?.ok_or(Problem::NoTarget)?;
                self.add(&mut tree, container, &operation)?;
            }
            Kind::Insert => self.insert(root, &mut tree, &operation)?,
            Kind::Delete => {
                if let Some(found) = self.one(root, &operation.path)? {
                    place::remove(&mut tree, &found.steps, &mut self.budget)?;
                }
            }
            Kind::Replace => self.replace(root, &mut tree, &operation)?,
            Kind::Move => self.shift(root, &mut tree, &operation)?,
        }
        let mut out = Vec::with_capacity(root.raw().len() + 256);
        tree.write(&mut out);
        Ok(out.into())
    }

    /// The elements that a path finds in the resource.
    fn find(&self, root: Node<'_>, path: &str) -> Result<Vec<Found>, Problem> {
        let ty = kind_of(self.defs, root).ok_or(Problem::NotElement)?;
        let path = Expression::prepare(path, self.defs, Some(ty)).map_err(|_| Problem::PathSyntax)?;
        let mut context = Context::new(self.defs, root, self.now);
        context.limits.steps = context.limits.steps.min(self.steps);
        let found = path.evaluate_node(&context, root, ty).map_err(|error| match error {
            EvalError::TooManySteps | EvalError::TooLarge => Problem::TooCostly,
            _ => Problem::PathFailed,
        })?;
        let places = found.iter().map(|item| match item {
            Item::Node(element) => locate(self.defs, root, element).map(|steps| Found { steps, ty: element.ty }),
            _ => None,
        });
        places.collect::<Option<_>>().ok_or(Problem::NotElement)
    }

    fn one(&self, root: Node<'_>, path: &str) -> Result<Option<Found>, Problem> {
        let mut found = self.find(root, path)?;
        if found.len() > 1 { Err(Problem::NotSingle) } else { Ok(found.pop()) }
    }

    /// Puts a value under a name into an element: at the end of a list, or where nothing is yet.
    fn add<'a>(&mut self, tree: &mut Value<'a>, container: Found, operation: &Operation<'a>) -> Result<(), Problem> {
        let name = operation.name.as_deref().ok_or(Problem::NotAnOperation)?;
        let part = operation.value.ok_or(Problem::NotAnOperation)?;
        let (steps, ty) = self.inside(tree, container)?;
        let (field, asked) = value::field(self.defs, ty, name).ok_or(Problem::UnknownElement)?;
        let New { key, pair } = value::build(self.defs, part, field, asked)?;
        self.budget.grow(pair.size() + 4 * key.len())?;
        let members = place::object(tree, &steps, &mut self.budget)?;
        if field.array {
            let mut pairs = place::take_list(members, &key, &mut self.budget)?;
            pairs.push(pair);
            place::put_list(members, &key, pairs);
            return Ok(());
        }
        if field.types.iter().any(|one| place::has(members, &one.key)) {
            return Err(Problem::Exists);
        }
        place::put_pair(members, &key, pair);
        Ok(())
    }

    /// The object in which an element's own elements stand: of a primitive, the one beside its value.
    fn inside(&mut self, tree: &mut Value<'_>, container: Found) -> Result<(Vec<Step>, TypeId), Problem> {
        let Found { steps, ty } = container;
        if ty == UNTYPED {
            return Err(Problem::UnknownElement);
        }
        match self.defs.ty(ty).kind {
            TypeKind::Primitive | TypeKind::System => {
                let element = self.defs.type_named("Element").ok_or(Problem::Internal)?;
                Ok((place::beside(tree, &steps, &mut self.budget)?, element))
            }
            _ => Ok((steps, ty)),
        }
    }

    fn replace<'a>(&mut self, root: Node<'_>, tree: &mut Value<'a>, operation: &Operation<'a>) -> Result<(), Problem> {
        let part = operation.value.ok_or(Problem::NotAnOperation)?;
        let found = self.one(root, &operation.path)?.ok_or(Problem::NoTarget)?;
        let (step, above) = found.steps.split_last().ok_or(Problem::Root)?;
        let field = step.field(self.defs).ok_or(Problem::UnknownElement)?;
        let New { key, pair } = value::build(self.defs, part, field, None)?;
        self.budget.grow(pair.size() + 4 * key.len())?;
        if key == step.key {
            return place::set(tree, &found.steps, pair, &mut self.budget);
        }
        // A choice of another type has another key.
        let members = place::object(tree, above, &mut self.budget)?;
        place::put_pair(members, step.plain(), Pair::default());
        place::put_pair(members, &key, pair);
        Ok(())
    }

    fn insert<'a>(&mut self, root: Node<'_>, tree: &mut Value<'a>, operation: &Operation<'a>) -> Result<(), Problem> {
        let part = operation.value.ok_or(Problem::NotAnOperation)?;
        let index = operation.index.ok_or(Problem::NotAnOperation)?;
        let found = self.find(root, &operation.path)?;
        let (above, key, field) = match list_of(self.defs, &found)? {
            Some(list) => list,
            None => self.empty_list(root, &operation.path)?,
        };
        let New { pair, .. } = value::build(self.defs, part, field, None)?;
        self.budget.grow(pair.size() + 4 * key.len())?;
        let members = place::object(tree, &above, &mut self.budget)?;
        let mut pairs = place::take_list(members, &key, &mut self.budget)?;
        if pairs.len() != found.len() {
            return Err(Problem::NotList);
        }
        if index > pairs.len() {
            return Err(Problem::Index);
        }
        pairs.insert(index, pair);
        place::put_list(members, &key, pairs);
        Ok(())
    }

    /// The list that a path names and that is not there yet: `Patient.name` where there is no name.
    fn empty_list(&self, root: Node<'_>, path: &str) -> Result<List<'_>, Problem> {
        let (around, name) = path.trim().rsplit_once('.').ok_or(Problem::NoTarget)?;
        let container = self.one(root, around)?.ok_or(Problem::NoTarget)?;
        if container.ty == UNTYPED {
            return Err(Problem::UnknownElement);
        }
        let (field, _) = value::field(self.defs, container.ty, name).ok_or(Problem::NoTarget)?;
        match field.types.first() {
            Some(one) if field.array => Ok((container.steps, one.key.to_string(), field)),
            _ => Err(Problem::NotList),
        }
    }

    fn shift(&mut self, root: Node<'_>, tree: &mut Value<'_>, operation: &Operation<'_>) -> Result<(), Problem> {
        let (Some(source), Some(destination)) = (operation.source, operation.destination) else {
            return Err(Problem::NotAnOperation);
        };
        let found = self.find(root, &operation.path)?;
        let (above, key, _) = list_of(self.defs, &found)?.ok_or(Problem::NoTarget)?;
        let members = place::object(tree, &above, &mut self.budget)?;
        let mut pairs = place::take_list(members, &key, &mut self.budget)?;
        if pairs.len() != found.len() {
            return Err(Problem::NotList);
        }
        if source >= pairs.len() || destination >= pairs.len() {
            return Err(Problem::Index);
        }
        let pair = pairs.remove(source);
        pairs.insert(destination, pair);
        place::put_list(members, &key, pairs);
        Ok(())
    }
}

/// The object of a list, its key and its field.
type List<'d> = (Vec<Step>, String, &'d Field);

/// The list whose occurrences `found` are, all from the first on; `None` where nothing was found.
fn list_of<'d>(defs: &'d Definitions, found: &[Found]) -> Result<Option<List<'d>>, Problem> {
    let Some(first) = found.first() else { return Ok(None) };
    let (step, above) = first.steps.split_last().ok_or(Problem::NotList)?;
    let field = step.field(defs).filter(|field| field.array).ok_or(Problem::NotList)?;
    let in_order = found.iter().enumerate().all(|(at, one)| match one.steps.split_last() {
        Some((last, around)) => around == above && last.key == step.key && last.index == Some(at),
        None => false,
    });
    if in_order { Ok(Some((above.to_vec(), step.key.clone(), field))) } else { Err(Problem::NotList) }
}

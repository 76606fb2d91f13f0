//! Parameters for results: order, page, what comes along, how much is shown.

use tsumugi_kernel::{Kind, limits};

use super::{Parser, text::alternatives, trouble::Trouble};
use crate::{
    bounds,
    query::{Include, Sort, SortBy, Subset, Total},
};

impl Parser<'_> {
    /// Takes a parameter for results; `false` if it is none.
    pub(super) fn control(&mut self, name: &str, value: &str) -> Result<bool, Trouble> {
        match name {
            "_sort" => self.query.sort = self.sort(value)?,
            "_count" => self.query.count = Some(count(value)?),
            "_page" => self.query.page = Some(value.to_owned()),
            "_total" => {
                self.query.total = match value {
                    "none" => Total::None,
                    "estimate" | "accurate" => Total::Accurate,
                    _ => {
                        return Err(Trouble::Value(
                            "none、estimate、accurate です。",
                            "it is none, estimate or accurate.",
                        ));
                    }
                };
            }
            "_summary" => self.summary(value)?,
            "_elements" => self.elements(value)?,
            "_contained" if value == "false" => {}
            "_contained" | "_containedType" => {
                return Err(Trouble::Refused(
                    "中に含まれるリソースだけをさがすことはできません。参照をたどる条件を使ってください。",
                    "contained resources are not results of their own. Use a chain to look into them.",
                ));
            }
            "_score" => {
                return Err(Trouble::Refused("順位の点は付けていません。", "matches have no score here."));
            }
            // How the answer is written is the matter of whoever writes it.
            "_format" | "_pretty" => {}
            _ => return self.includes(name, value),
        }
        Ok(true)
    }

    pub(super) fn types(&mut self, value: &str) -> Result<(), Trouble> {
        if self.ask.kind.is_some() {
            return Err(Trouble::Unknown);
        }
        let read = |name: &String| {
            Kind::from_name(name).ok_or(Trouble::Value("FHIR R4にない種別です。", "this is no type of FHIR R4."))
        };
        let mut kinds: Vec<Kind> = alternatives(value).iter().map(read).collect::<Result<_, _>>()?;
        kinds.sort_unstable();
        kinds.dedup();
        self.query.kinds = kinds;
        Ok(())
    }

    fn sort(&mut self, value: &str) -> Result<Vec<Sort>, Trouble> {
        let keys = alternatives(value);
        if keys.len() > bounds::SORT_KEYS {
            return Err(Trouble::Costly("並べ替えの項目が多すぎます。", "it has too many keys to sort by."));
        }
        keys.iter()
            .map(|key| {
                let (name, descending) = key.strip_prefix('-').map_or((key.as_str(), false), |name| (name, true));
                let by = match name {
                    "_lastUpdated" => SortBy::LastUpdated,
                    "_id" => SortBy::Id,
                    _ => SortBy::Param(self.sorted_by(name)?),
                };
                Ok(Sort { by, descending })
            })
            .collect()
    }

    fn sorted_by(&self, name: &str) -> Result<Vec<(Kind, std::sync::Arc<crate::param::Param>)>, Trouble> {
        let kinds: Vec<Kind> =
            if self.query.kinds.is_empty() { Kind::all().collect() } else { self.query.kinds.clone() };
        let of = self.of(&kinds, name).map_err(|_| {
            Trouble::Value(
                "その名前では並べ替えられません。CapabilityStatementにある名前か、_id、_lastUpdated です。",
                "there is no such parameter to sort by. Use one of the CapabilityStatement, _id or _lastUpdated.",
            )
        })?;
        if of.iter().all(|(_, param)| param.is_sortable()) {
            return Ok(of);
        }
        Err(Trouble::Value("組み合わせの条件では並べ替えられません。", "a composite has no order."))
    }

    fn summary(&mut self, value: &str) -> Result<(), Trouble> {
        self.query.subset = match value {
            "true" => Subset::Summary,
            "text" => Subset::Text,
            "data" => Subset::Data,
            "count" => Subset::Count,
            "false" => Subset::Whole,
            _ => {
                return Err(Trouble::Value(
                    "true、text、data、count、false のどれかです。",
                    "it is true, text, data, count or false.",
                ));
            }
        };
        Ok(())
    }

    fn elements(&mut self, value: &str) -> Result<(), Trouble> {
        let read = |text: &String| {
            let (kind, name) = match text.split_once('.') {
                Some((kind, name)) => (Kind::from_name(kind), name),
                None => (None, text.as_str()),
            };
            let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
            if !plain || (kind.is_none() && text.contains('.')) {
                return Err(Trouble::Value(
                    "リソース直下の要素名を並べます(例:status,code)。",
                    "it lists names of elements of the resource, like status,code.",
                ));
            }
            Ok((kind, name.to_owned()))
        };
        let elements = alternatives(value).iter().map(read).collect::<Result<_, _>>()?;
        // A count shows nothing, whatever elements are named.
        if self.query.subset != Subset::Count {
            self.query.subset = Subset::Elements(elements);
        }
        Ok(())
    }

    fn includes(&mut self, name: &str, value: &str) -> Result<bool, Trouble> {
        let (head, modifier) = name.split_once(':').map_or((name, None), |(head, modifier)| (head, Some(modifier)));
        let reverse = match head {
            "_include" => false,
            "_revinclude" => true,
            _ => return Ok(false),
        };
        let iterate = match modifier {
            None => false,
            // `recurse` was the name before R4.
            Some("iterate" | "recurse") => true,
            Some(_) => {
                return Err(Trouble::Refused("修飾子は :iterate だけです。", "its only modifier is :iterate."));
            }
        };
        if self.query.includes.len() >= bounds::INCLUDES {
            return Err(Trouble::Costly("付け足しの指定が多すぎます。", "there are too many of them."));
        }
        self.query.includes.push(self.include(reverse, iterate, value)?);
        Ok(true)
    }

    fn include(&self, reverse: bool, iterate: bool, value: &str) -> Result<Include, Trouble> {
        let form = || {
            Trouble::Value(
                "種別:参照の条件[:参照先の種別]、種別:*、* のどれかの形です。",
                "it is Type:reference[:target type], Type:* or *.",
            )
        };
        if value == "*" {
            return Ok(Include { reverse, iterate, source: None, code: None, target: None });
        }
        let parts: Vec<&str> = value.split(':').collect();
        let (source, code, target) = match parts.as_slice() {
            [source, code] => (*source, *code, None),
            [source, code, target] => (*source, *code, Some(Kind::from_name(target).ok_or_else(form)?)),
            _ => return Err(form()),
        };
        let source = Kind::from_name(source).ok_or_else(form)?;
        let code = match code {
            "*" => None,
            code => {
                let param = self.params.get(source, code);
                let is_reference = |ty| ty == tsumugi_fhir_definitions::SearchType::Reference;
                if !param.is_some_and(|param| is_reference(param.ty)) {
                    return Err(Trouble::Value(
                        "その種別に、その名前の参照の条件はありません。",
                        "this type has no reference parameter of that name.",
                    ));
                }
                Some(code.to_owned())
            }
        };
        Ok(Include { reverse, iterate, source: Some(source), code, target })
    }
}

fn count(value: &str) -> Result<usize, Trouble> {
    let bad = Trouble::Value("件数は0以上の整数です。", "a count is a whole number from 0.");
    if value.is_empty() || value.len() > 18 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad);
    }
    value.parse::<usize>().map(|count| count.min(limits::PAGE_MOST)).map_err(|_| bad)
}

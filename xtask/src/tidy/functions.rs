//! The functions of a Rust file and how long they are, as the compiler's grammar has it.

use syn::visit::{self, Visit};

use super::Finding;
use super::tokens::Source;

/// A function with a body: free, of an `impl` or a trait, or within another one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// With the modules, types and functions that it stands in: `tests::Type::name`.
    pub(super) name: String,
    /// From `fn` to the one of its closing brace. Documentation and attributes do not count.
    pub(super) lines: usize,
}

/// Every function of a file, in order. What macros make is not seen.
pub(super) fn find(source: &Source<'_>) -> Result<Vec<Function>, Finding> {
    let file = syn::parse_file(source.text).map_err(|error| {
        Finding::at(source.path, error.span().start().line, format!("is not Rust: {error}"))
    })?;
    let mut finder = Finder { place: Vec::new(), found: Vec::new() };
    finder.visit_file(&file);
    Ok(finder.found)
}

struct Finder {
    place: Vec<String>,
    found: Vec<Function>,
}

impl Finder {
    fn within(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.place.push(name);
        visit(self);
        self.place.pop();
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block, visit: impl FnOnce(&mut Self)) {
        self.within(signature.ident.to_string(), |finder| {
            let first = signature.fn_token.span.start().line;
            let last = body.brace_token.span.close().end().line;
            finder.found.push(Function { name: finder.place.join("::"), lines: last - first + 1 });
            visit(finder);
        });
    }
}

impl Visit<'_> for Finder {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.within(item.ident.to_string(), |finder| visit::visit_item_mod(finder, item));
    }

    fn visit_item_impl(&mut self, item: &syn::ItemImpl) {
        self.within(type_name(&item.self_ty), |finder| visit::visit_item_impl(finder, item));
    }

    fn visit_item_trait(&mut self, item: &syn::ItemTrait) {
        self.within(item.ident.to_string(), |finder| visit::visit_item_trait(finder, item));
    }

    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        self.function(&item.sig, &item.block, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        self.function(&item.sig, &item.block, |finder| visit::visit_impl_item_fn(finder, item));
    }

    fn visit_trait_item_fn(&mut self, item: &syn::TraitItemFn) {
        let Some(body) = &item.default else { return };
        self.function(&item.sig, body, |finder| visit::visit_trait_item_fn(finder, item));
    }
}

/// The last word of a type's path; `_` for references, tuples and the like.
fn type_name(ty: &syn::Type) -> String {
    let last = match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    };
    last.unwrap_or_else(|| "_".to_owned())
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;

    fn found(text: &str) -> Vec<(String, usize)> {
        let file = TextFile { path: "a.rs".to_owned(), text: text.to_owned() };
        let functions = find(&Source::parse(&file).unwrap()).unwrap();
        functions.into_iter().map(|function| (function.name, function.lines)).collect()
    }

    #[test]
    fn every_kind_of_function_is_found_with_its_place() {
        let text = "fn a() {}\n\
            impl<T> x::B<T> { fn c(\n&self) {\n fn d() {\n}\n} }\n\
            impl Y for &[u8] { async fn e() {} }\n\
            trait F { fn g(); fn h() {\n} }\n\
            mod i { const fn j() {} }\n";
        let expected = [("a", 1), ("B::c", 5), ("B::c::d", 2), ("_::e", 1), ("F::h", 2), ("i::j", 1)];
        assert_eq!(found(text), expected.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[test]
    fn documentation_attributes_and_braces_in_strings_do_not_count() {
        let text = "/// Long.\n/// Longer.\n#[must_use]\npub fn a() -> &'static str {\n    \"}\"\n}\n";
        assert_eq!(found(text), [("a".to_owned(), 3)]);
    }

    #[test]
    fn what_is_no_grammar_is_a_finding() {
        let file = TextFile { path: "a.rs".to_owned(), text: "//! A.\nfn fn() {}\n".to_owned() };
        let finding = find(&Source::parse(&file).unwrap()).unwrap_err();
        assert!(finding.to_string().starts_with("a.rs:2: is not Rust"), "{finding}");
    }
}

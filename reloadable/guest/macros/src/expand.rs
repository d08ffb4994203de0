//! Writes, beside the function, its record and the glue between MessagePack and Rust.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, Type};

use crate::parse::{Function, Parameter, State, plain};
use crate::signature::tidy;

/// `#[export]`: the item as it stands, and behind it the glue or a compile error.
pub(crate) fn export(arguments: &TokenStream, item: &TokenStream) -> TokenStream {
    let parsed = if arguments.is_empty() {
        syn::parse2::<Function>(item.clone())
    } else {
        Err(Error::new(arguments.span(), "`#[export]` takes no arguments: the function is called by its own name"))
    };
    let beside = match parsed {
        Ok(function) => glue(&function),
        Err(error) => error.to_compile_error(),
    };
    quote!(#item #beside)
}

fn glue(function: &Function) -> TokenStream {
    let Function { cfgs, docs, name, signature, state, parameters, returned } = function;
    let sdk = quote!(::exuvia_guest::__private);
    let text = name.unraw().to_string();

    let access = match state {
        None => quote!(#sdk::NoState),
        Some(State { exclusive: true, ty }) => quote!(#sdk::Exclusive<#ty>),
        Some(State { exclusive: false, ty }) => quote!(#sdk::Shared<#ty>),
    };
    let check_state = state.iter().map(
        |State { ty, .. }| quote_spanned!(at(ty)=> const _: () = ::exuvia_guest::__private::check_state::<#ty>();),
    );
    let arguments: Vec<Argument> = parameters.iter().enumerate().map(Argument::new).collect();
    let names = arguments.iter().map(|it| (&it.name, &it.written)).map(|(name, ty)| quote!((#name, #ty)));
    let describe = arguments.iter().map(|Argument { ty, owned, .. }| quote!(#sdk::Described::new::<#ty, #owned>(),));
    // A `match`, because `?` is a function of its own for each type, to be compiled with each reload.
    let decode = arguments.iter().map(|Argument { local, owned, span, .. }| {
        quote_spanned! {*span=>
            let #local: #owned = match __exuvia_arguments.decode_next() {
                ::core::result::Result::Ok(__exuvia_it) => __exuvia_it,
                ::core::result::Result::Err(__exuvia_why) => return ::core::result::Result::Err(__exuvia_why),
            };
        }
    });
    let pass = arguments.iter().map(Argument::pass);
    let state_value = state.iter().map(|_| Ident::new("__exuvia_state", Span::call_site()));
    let any_lifetime = without_lifetimes(returned.to_token_stream());

    let answer = quote_spanned! {at(returned)=>
        ::core::result::Result::Ok(
            (&&&::exuvia_guest::__private::Returned(&__exuvia_returned)).kind().answer(&__exuvia_returned),
        )
    };

    quote! {
        #(#cfgs)*
        #[allow(deprecated, reason = "the host may call what the guest's own code should not")]
        const _: () = {
            struct __ExuviaExport;

            #(#check_state)*

            impl #sdk::Glue for __ExuviaExport {
                type Access = #access;
                const NAME: &'static str = #text;
                const PARAMETERS: &'static [(&'static str, &'static str)] = &[#(#names),*];

                const TYPES: &'static [#sdk::Described] =
                    &[#(#describe)* #sdk::Described::new::<#any_lifetime, #any_lifetime>()];

                fn run(
                    __exuvia_state: ::core::option::Option<<Self::Access as #sdk::Access>::Ref<'_>>,
                    mut __exuvia_arguments: #sdk::Arguments<'_>,
                ) -> ::core::result::Result<#sdk::Answer, #sdk::String> {
                    #[allow(unused_imports, reason = "one of the three is used")]
                    use #sdk::{ReturnsText as _, ReturnsValue as _, ReturnsValues as _};
                    #(#decode)*
                    let ::core::option::Option::Some(__exuvia_state) = __exuvia_state else {
                        return ::core::result::Result::Ok(#sdk::Answer::Checked);
                    };
                    #[allow(clippy::let_unit_value, reason = "`()` is an answer like any other")]
                    let __exuvia_returned = #name(#(#state_value,)* #(#pass),*);
                    #answer
                }
            }

            #[#sdk::linkme::distributed_slice(#sdk::EXPORTS)]
            #[linkme(crate = #sdk::linkme)]
            static __EXUVIA_EXPORT: #sdk::ExportDef =
                #sdk::ExportDef::new::<__ExuviaExport>(#docs, #signature, (::core::file!(), ::core::line!()));
        };
    }
}

/// Where the author wrote a type, so that rustc's messages point there. Names are looked up as in the
/// rest of the glue: within a `macro_rules` the author's own span would not see the glue's locals.
fn at(tokens: &impl ToTokens) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// One argument, as the glue's lines want it.
struct Argument {
    name: String,
    /// Its type, as the author wrote it.
    written: String,
    /// The same for use in a function body, where lifetimes are inferred.
    ty: TokenStream,
    /// What is decoded: the type itself, or what a reference to it borrows from.
    owned: TokenStream,
    /// What a reference borrows; `None` for a value.
    borrowed: Option<TokenStream>,
    local: Ident,
    span: Span,
}

impl Argument {
    fn new((index, Parameter { name, ty }): (usize, &Parameter)) -> Self {
        let span = at(ty);
        let borrowed = match plain(ty) {
            Type::Reference(reference) => Some(without_lifetimes(reference.elem.to_token_stream())),
            _ => None,
        };
        let any_lifetime = without_lifetimes(ty.to_token_stream());
        let owned = match &borrowed {
            Some(target) => {
                quote_spanned!(span=> <#target as ::exuvia_guest::__private::ToOwned>::Owned)
            }
            None => any_lifetime.clone(),
        };
        Self {
            name: name.unraw().to_string(),
            written: tidy(ty.to_token_stream()),
            ty: any_lifetime,
            owned,
            borrowed,
            local: format_ident!("__exuvia_{index}"),
            span,
        }
    }

    fn pass(&self) -> TokenStream {
        let local = &self.local;
        match &self.borrowed {
            Some(target) => {
                quote_spanned!(self.span=> ::exuvia_guest::__private::Borrow::<#target>::borrow(&#local))
            }
            None => quote!(#local),
        }
    }
}

/// Every lifetime but `'static` becomes `'_`: the glue has none of the function's own.
fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut quoted = false;
    let mut output = TokenStream::new();
    for token in tokens {
        let was_quoted = quoted;
        quoted = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        output.extend([match token {
            TokenTree::Ident(ident) if was_quoted && ident != "static" => {
                TokenTree::Ident(Ident::new("_", ident.span()))
            }
            TokenTree::Group(group) => {
                let mut inferred = Group::new(group.delimiter(), without_lifetimes(group.stream()));
                inferred.set_span(group.span());
                TokenTree::Group(inferred)
            }
            other => other,
        }]);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(arguments: &str, item: &str) -> String {
        let tokens = |text: &str| text.parse::<TokenStream>().expect("tokens");
        export(&tokens(arguments), &tokens(item)).to_string()
    }

    #[test]
    fn what_cannot_be_exported_is_refused_with_a_reason() {
        let sixteen_and_one: Vec<String> = (0..17).map(|n| format!("a{n}: u8")).collect();
        let many = format!("fn f({}) {{}}", sixteen_and_one.join(", "));
        for (item, reason) in [
            ("async fn f() {}", "has no executor"),
            ("pub unsafe fn f() {}", "Export a safe function around it"),
            ("fn f<T>(a: T) {}", "cannot be generic"),
            ("fn f<const N: usize>(a: [u8; N]) {}", "cannot be generic"),
            ("fn f(a: impl Into<u8>) {}", "`a: impl Trait` has no type"),
            ("fn f(a: Vec<impl Into<u8>>) {}", "`a: impl Trait` has no type"),
            ("fn f(self) {}", "a method cannot be exported"),
            ("fn f(&self) {}", "a method cannot be exported"),
            ("fn f<'a>(&'a mut self, b: u8) {}", "a method cannot be exported"),
            ("fn f(mut self: Box<Self>) {}", "a method cannot be exported"),
            ("fn f(a: &mut Vec<u8>) {}", "`a` cannot be `&mut`"),
            ("fn f(a: u8, state: &mut S) {}", "put it first and call it `state`"),
            ("fn f(a: &'static str) {}", "lives as long as the call"),
            ("fn f((a, b): (u8, u8)) {}", "needs a plain name"),
            ("fn f(_: u8) {}", "needs a plain name"),
            ("fn f(Some::<u8>(a): Option<u8>) {}", "needs a plain name"),
            ("extern \"C\" fn f(a: u8, ...) {}", "cannot be variadic"),
            ("extern \"C\" fn f(a: ...) {}", "cannot be variadic"),
            ("fn f() -> ! { loop {} }", "must return"),
            ("fn f() -> impl Display { 1 }", "needs a type with a name"),
            ("fn f();", "needs a body"),
            ("struct S;", "belongs on a function"),
            (&many, "at most 16 arguments, this one has 17"),
        ] {
            let output = expand("", item);
            assert!(output.contains("compile_error"), "{item}: accepted");
            assert!(output.contains(reason), "{item}: {output}");
            assert!(!output.contains("distributed_slice"), "{item}: a record all the same");
        }
        assert!(expand("name = \"g\"", "fn f() {}").contains("takes no arguments"));
    }

    #[test]
    fn the_function_stays_as_written() {
        let item = "# [inline] pub fn f (mut a : u8) -> u8 { a += 1 ; a }";
        assert!(expand("", item).starts_with(item));
    }

    #[test]
    fn the_record_holds_docs_signature_and_parameters() {
        for (item, expected) in [
            ("/// Adds.\n///\n///   Well.\nfn f() {}", r#""Adds.\n\n  Well.""#),
            ("/** One\n    two */ fn f() {}", r#""One\n   two""#),
            ("pub(crate) fn f(\n a: u8,\n mut b: &str,\n) {}", r#""fn f(a: u8, b: &str)""#),
            ("fn r#match(r#type: u8) {}", r#"("type" , "u8")"#),
            ("fn r#match(r#type: u8) {}", r#"NAME : & 'static str = "match""#),
            ("fn f(state: &mut S, a: u8) {}", r#""fn f(state: &mut S, a: u8)""#),
            ("fn f(state: &mut S, a: u8) {}", r#"Exclusive < S >"#),
            ("fn f(_state: &m::S) {}", r#"Shared < m :: S >"#),
            ("fn f(state: u8) {}", r#"NoState"#),
            ("fn f<'a>(a: &'a str) -> &'a str { a }", r#"Described :: new :: < & '_ str , & '_ str >"#),
            ("#[cfg(unix)] fn f() {}", "# [cfg (unix)] # [allow"),
        ] {
            let output = expand("", item);
            assert!(!output.contains("compile_error"), "{item}: {output}");
            assert!(output.contains(expected), "{item}: {output}");
        }
    }
}

//! Reads the header of an exported function, and refuses with a reason what cannot be exported.
//!
//! `syn` is used without its "full" feature (half of its compile time), hence no `syn::ItemFn`:
//! the header is read by hand, and the body stays the tokens that it is.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, GenericParam, Generics, Lit, Meta, Result, Token, Type, Visibility};

use crate::signature::tidy;

/// More parameters than anybody fills in by hand.
const MOST_PARAMETERS: usize = 16;

/// What the glue needs to know of a function.
pub(crate) struct Function {
    /// Its `#[cfg]`s, which hold for the glue as well.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) docs: String,
    pub(crate) name: Ident,
    /// In one line, without visibility and qualifiers.
    pub(crate) signature: String,
    pub(crate) state: Option<State>,
    pub(crate) parameters: Vec<Parameter>,
    /// `()` where none is written.
    pub(crate) returned: Type,
}

/// The parameter by which a function takes the guest's state.
pub(crate) struct State {
    pub(crate) exclusive: bool,
    pub(crate) ty: TokenStream,
}

/// A parameter that the caller passes.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        qualifiers(input)?;
        let fn_token: Token![fn] = input.parse()?;
        let name: Ident = input.parse()?;
        let generics: Generics = input.parse()?;
        refuse_generics(&generics)?;

        let inside;
        syn::parenthesized!(inside in input);
        let mut all = Vec::new();
        while !inside.is_empty() {
            all.push(parameter(&inside)?);
            if !inside.is_empty() {
                inside.parse::<Token![,]>()?;
            }
        }
        let arrow: Option<Token![->]> = input.parse()?;
        let returned: Type = if arrow.is_some() { input.parse()? } else { syn::parse_quote!(()) };
        refuse_returned(&returned)?;
        // A where clause of lifetimes only, then the body.
        let rest: TokenStream = input.parse()?;
        let body = rest.into_iter().last();
        if !matches!(&body, Some(TokenTree::Group(_))) {
            return Err(Error::new(name.span(), "an export needs a body: the host calls this function"));
        }

        let written = all.iter().map(|Parameter { name, ty }| quote!(#name: #ty));
        let header = quote!(#fn_token #name #generics ( #(#written),* ));
        let header = if arrow.is_some() { quote!(#header -> #returned) } else { header };
        let mut function = Self {
            docs: docs(&attributes),
            cfgs: attributes.into_iter().filter(|it| it.path().is_ident("cfg")).collect(),
            signature: tidy(header),
            name,
            state: None,
            parameters: all,
            returned,
        };
        function.take_state();
        function.refuse_parameters()?;
        Ok(function)
    }
}

impl Function {
    /// The first parameter is the state if it is called so and is a reference.
    fn take_state(&mut self) {
        let Some(first) = self.parameters.first() else { return };
        if (first.name == "state" || first.name == "_state")
            && let Type::Reference(reference) = plain(&first.ty)
        {
            let exclusive = reference.mutability.is_some();
            self.state = Some(State { exclusive, ty: reference.elem.to_token_stream() });
            self.parameters.remove(0);
        }
    }

    fn refuse_parameters(&self) -> Result<()> {
        for Parameter { name, ty } in &self.parameters {
            if has_impl(ty.to_token_stream()) {
                return Err(Error::new(
                    ty.span(),
                    format!("`{name}: impl Trait` has no type that a caller's value could be turned into; name one"),
                ));
            }
            let Type::Reference(reference) = plain(ty) else { continue };
            if reference.mutability.is_some() {
                let why = format!(
                    "`{name}` cannot be `&mut`: a caller passes values. Take it by value, or, if it is the \
                     guest's state, put it first and call it `state`"
                );
                return Err(Error::new(ty.span(), why));
            }
            if reference.lifetime.as_ref().is_some_and(|it| it.ident == "static") {
                let why = format!("`{name}` lives as long as the call, not `'static`; leave the lifetime out");
                return Err(Error::new(ty.span(), why));
            }
        }
        let count = self.parameters.len();
        if let Some(extra) = self.parameters.get(MOST_PARAMETERS) {
            let why = format!(
                "an export takes at most {MOST_PARAMETERS} arguments, this one has {count}: gather them in a struct"
            );
            return Err(Error::new(extra.name.span(), why));
        }
        Ok(())
    }
}

/// Reads what stands between the visibility and `fn`.
fn qualifiers(input: ParseStream<'_>) -> Result<()> {
    input.parse::<Option<Token![const]>>()?;
    if let Some(token) = input.parse::<Option<Token![async]>>()? {
        let why = "an export cannot be `async`: the host has no executor. Block inside the function";
        return Err(Error::new(token.span, why));
    }
    if let Some(token) = input.parse::<Option<Token![unsafe]>>()? {
        let why = "an export cannot be `unsafe`: the host cannot keep its promises. Export a safe function around it";
        return Err(Error::new(token.span, why));
    }
    if input.parse::<Option<Token![extern]>>()?.is_some() && input.peek(syn::LitStr) {
        input.parse::<syn::LitStr>()?;
    }
    if !input.peek(Token![fn]) {
        return Err(input.error("`#[export]` belongs on a function"));
    }
    Ok(())
}

/// Reads one parameter, `name: Type`.
fn parameter(input: ParseStream<'_>) -> Result<Parameter> {
    input.call(Attribute::parse_outer)?;
    refuse_self(input)?;
    if input.peek(Token![...]) {
        return Err(input.error("an export cannot be variadic: take a `Vec`"));
    }
    input.parse::<Option<Token![mut]>>()?;
    let named = input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]);
    if !named || input.peek(Token![_]) {
        let why = "an export's parameter needs a plain name, by which callers and messages know it: \
                   write `name: Type` and take it apart in the body";
        return Err(input.error(why));
    }
    let name = input.parse()?;
    input.parse::<Token![:]>()?;
    if input.peek(Token![...]) {
        return Err(input.error("an export cannot be variadic: take a `Vec`"));
    }
    Ok(Parameter { name, ty: input.parse()? })
}

fn refuse_self(input: ParseStream<'_>) -> Result<()> {
    let ahead = input.fork();
    if ahead.parse::<Option<Token![&]>>()?.is_some() {
        ahead.parse::<Option<syn::Lifetime>>()?;
    }
    ahead.parse::<Option<Token![mut]>>()?;
    if ahead.peek(Token![self]) {
        let why = "a method cannot be exported: export a free function whose first parameter is `state: &mut T`";
        return Err(ahead.error(why));
    }
    Ok(())
}

fn refuse_generics(generics: &Generics) -> Result<()> {
    for parameter in &generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            let why = "an export cannot be generic: the host calls one function, with types that are known now. \
                       Export a function that names them";
            return Err(Error::new(parameter.span(), why));
        }
    }
    Ok(())
}

fn refuse_returned(ty: &Type) -> Result<()> {
    if matches!(plain(ty), Type::Never(_)) {
        return Err(Error::new(ty.span(), "an export must return, or nobody gets an answer"));
    }
    if has_impl(ty.to_token_stream()) {
        return Err(Error::new(ty.span(), "an export's result needs a type with a name, not `impl Trait`"));
    }
    Ok(())
}

/// The type without the brackets that mean nothing: `(T)`, and those of a `macro_rules` variable.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        _ => ty,
    }
}

fn has_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => has_impl(group.stream()),
        _ => false,
    })
}

/// The doc comment: its lines joined by `\n`, without the indentation that they share.
fn docs(attributes: &[Attribute]) -> String {
    let mut text = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(value) = &pair.value
            && let Lit::Str(line) = &value.lit
        {
            text.extend(line.value().lines().map(|line| line.trim_end().to_owned()));
            if line.value().is_empty() {
                text.push(String::new());
            }
        }
    }
    let filled = text.iter().filter(|line| !line.is_empty());
    let indent = filled.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = text.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    lines.join("\n").trim().to_owned()
}

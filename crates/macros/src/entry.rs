//! `#[gaggle::main]` and `#[gaggle::test]`: a function that starts goroutines, from an `unsafe fn`.

use crate::attribute::Settings;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Error, Ident, ItemFn, Result, ReturnType, Type, parse2};

const TEST_SECONDS: u64 = 60;

pub(crate) fn main(arguments: TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let settings = Settings::parse(arguments, &["procs"])?;
    let function: ItemFn = parse2(item.clone())?;
    check(&function, "#[gaggle::main]")?;
    if function.sig.ident != "main" {
        return Err(Error::new_spanned(
            &function.sig.ident,
            "#[gaggle::main] is for the function `main`; tests have #[gaggle::test], \
             and other threads may call gaggle::run",
        ));
    }
    let procs = option(settings.procs);
    let entry = quote! { ::gaggle::macro_support::main_entry(#procs, main) };
    Ok(assemble(&function, &quote! {}, &quote! { -> ::std::process::ExitCode }, &entry))
}

/// The error, and a `main` in place of the refused one, or the compiler would miss it too.
pub(crate) fn refused(error: &Error, item: &TokenStream) -> TokenStream {
    let text = error.to_compile_error();
    match parse2::<ItemFn>(item.clone()) {
        Ok(function) if function.sig.ident == "main" => quote! { #text fn main() {} },
        _ => text,
    }
}

pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let settings = Settings::parse(arguments, &["procs", "timeout", "leaks"])?;
    let function: ItemFn = parse2(item)?;
    check(&function, "#[gaggle::test]")?;
    let name = &function.sig.ident;
    let procs = option(settings.procs);
    let seconds = settings.timeout.unwrap_or(TEST_SECONDS);
    let leaks = settings.leaks.unwrap_or_else(|| Ident::new("Fail", Span::mixed_site()));
    let entry = quote! {
        ::gaggle::macro_support::test_entry(
            ::gaggle::macro_support::Setup {
                name: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                procs: #procs,
                limit: ::core::time::Duration::from_secs(#seconds),
                leaks: ::gaggle::macro_support::Leaks::#leaks,
            },
            #name,
        )
    };
    let harness = quote! { #[::core::prelude::v1::test] };
    // `#[should_panic]` is allowed on tests that return `()` only.
    Ok(if returns_unit(&function.sig.output) {
        let entry = quote! { let _success = #entry };
        assemble(&function, &harness, &quote! {}, &quote! { #entry; })
    } else {
        assemble(&function, &harness, &quote! { -> ::std::process::ExitCode }, &entry)
    })
}

/// True if it says nothing, or `()`.
fn returns_unit(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, of) => matches!(&**of, Type::Tuple(tuple) if tuple.elems.is_empty()),
    }
}

fn option(number: Option<usize>) -> TokenStream {
    match number {
        Some(number) => quote! { ::core::option::Option::Some(#number) },
        None => quote! { ::core::option::Option::None },
    }
}

/// Refuses what cannot be the root of a goroutine, at the place where it is written.
fn check(function: &ItemFn, attribute: &str) -> Result<()> {
    let signature = &function.sig;
    if signature.unsafety.is_none() {
        return Err(Error::new_spanned(
            signature.fn_token,
            format!(
                "{attribute} needs `unsafe fn {}`: goroutines move between threads, and the \
                 `unsafe` is your promise that no thread-local is used across a switch point \
                 (docs/thread-locals.md); the body itself is compiled as safe code",
                signature.ident
            ),
        ));
    }
    let refuse = |span: Span, why: &str| Err(Error::new(span, format!("{attribute}: {why}")));
    if let Some(word) = &signature.asyncness {
        return refuse(
            word.span(),
            "no `async`: a goroutine blocks by itself, so call blocking code directly",
        );
    }
    if let Some(word) = &signature.constness {
        return refuse(word.span(), "a goroutine's function cannot be `const`");
    }
    if let Some(abi) = &signature.abi {
        return refuse(abi.span(), "a goroutine's function has Rust's own ABI");
    }
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        return refuse(
            signature.generics.span(),
            "no generic parameters: nobody is there to choose them",
        );
    }
    if !signature.inputs.is_empty() {
        return refuse(signature.inputs.span(), "no parameters: nobody is there to pass them");
    }
    Ok(())
}

/// The outer function with its attributes, around the inner one with the body (Safe Body) and the
/// attributes that stand in it.
fn assemble(
    function: &ItemFn,
    harness: &TokenStream,
    output: &TokenStream,
    entry: &TokenStream,
) -> TokenStream {
    let ItemFn { attrs, vis, block, sig } = function;
    let (name, inner_output) = (&sig.ident, &sig.output);
    let of = |inner: bool| {
        attrs.iter().filter(move |at| matches!(at.style, AttrStyle::Inner(_)) == inner)
    };
    let (outside, inside, body) = (of(false), of(true), &block.stmts);
    // Mixed site: lints about `unsafe` blocks are for code that people write.
    let call = quote_spanned! { Span::mixed_site() =>
        // SAFETY: the author of the `unsafe fn` promised the thread-local contract.
        unsafe { #entry }
    };
    quote! {
        #harness
        #(#outside)*
        #vis fn #name() #output {
            fn #name() #inner_output {
                #(#inside)*
                #(#body)*
            }
            #call
        }
    }
}

//! `go!`: which part of a statement is evaluated now, and which in the new goroutine.
//!
//! *Source Order*: each part becomes a `let` of its own, in the order of the source. What has no
//! effect of its own stays in the call, where types can be inferred: literals, closures, and a path
//! as the function. The goroutine's closure captures what they name, by move, now.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprCall, ExprMethodCall, Result, parse2};

/// Go's own text for a statement that is no call.
const NO_CALL: &str = "expression in go must be function call";

pub(crate) fn expand(statement: TokenStream) -> Result<TokenStream> {
    if statement.is_empty() {
        return Err(Error::new(Span::call_site(), NO_CALL));
    }
    goroutine(strip(parse2(statement)?))
}

fn goroutine(statement: Expr) -> Result<TokenStream> {
    match statement {
        Expr::Call(call) => Ok(function(call)),
        Expr::MethodCall(call) => Ok(method(call)),
        Expr::Closure(closure) => {
            if !closure.inputs.is_empty() {
                return Err(Error::new(
                    closure.inputs.span(),
                    "go!: nobody passes arguments to this closure; to evaluate them now, \
                     call it: go!((|x| ..)(value))",
                ));
            }
            if let Some(word) = &closure.asyncness {
                return Err(no_async(word.span()));
            }
            Ok(start(&quote! { let __gaggle_f = #closure; }, &quote! { __gaggle_f() }))
        }
        Expr::Block(block) => Ok(start(&quote! {}, &quote! { #block })),
        Expr::Unsafe(block) => Ok(start(&quote! {}, &quote! { #block })),
        Expr::Async(block) => Err(no_async(block.async_token.span())),
        Expr::Macro(call) => Err(Error::new_spanned(
            call,
            "go!: what this macro evaluates now and what later cannot be seen; \
             write go!({ .. }) to run all of it in the goroutine",
        )),
        other => Err(Error::new_spanned(other, NO_CALL)),
    }
}

fn no_async(span: Span) -> Error {
    Error::new(
        span,
        "go!: no `async`: a goroutine blocks by itself, so call blocking code directly",
    )
}

/// Without the brackets, visible or not, that mean nothing.
fn strip(expression: Expr) -> Expr {
    match expression {
        Expr::Paren(inner) => strip(*inner.expr),
        Expr::Group(inner) => strip(*inner.expr),
        other => other,
    }
}

fn function(call: ExprCall) -> TokenStream {
    let (lets, names) = arguments(call.args);
    let span = call.paren_token.span.join();
    match strip(*call.func) {
        path @ Expr::Path(_) => start(&lets, &quote_spanned! { span => #path(#(#names),*) }),
        function => start(
            &quote! { let __gaggle_f = #function; #lets },
            &quote_spanned! { span => __gaggle_f(#(#names),*) },
        ),
    }
}

fn method(call: ExprMethodCall) -> TokenStream {
    let ExprMethodCall { receiver, method, turbofish, .. } = call;
    let (lets, names) = arguments(call.args);
    let before = quote! {
        #[allow(unused_mut, reason = "whether the method needs it is not to be seen here")]
        let mut __gaggle_receiver = #receiver;
        #lets
    };
    start(&before, &quote! { __gaggle_receiver.#method #turbofish (#(#names),*) })
}

/// The `let`s that evaluate the arguments, and what then stands in the call.
fn arguments(arguments: impl IntoIterator<Item = Expr>) -> (TokenStream, Vec<TokenStream>) {
    let mut lets = TokenStream::new();
    let names = arguments.into_iter().enumerate().map(|(at, argument)| match argument {
        Expr::Closure(_) | Expr::Lit(_) => quote! { #argument },
        _ => {
            let name: Ident = format_ident!("__gaggle_{at}", span = Span::mixed_site());
            lets.extend(quote! { let #name = #argument; });
            quote! { #name }
        }
    });
    let names = names.collect();
    (lets, names)
}

fn start(before: &TokenStream, call: &TokenStream) -> TokenStream {
    quote! {{
        #before
        ::gaggle::go(move || {
            let _ = #call;
        })
    }}
}

//! What stands in the brackets of an attribute: `procs = 2, timeout = 5`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, Ident, Lit, MetaNameValue, Result, Token};

/// The settings of one attribute; each at most once.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The number of Ps.
    pub(crate) procs: Option<usize>,
    /// Seconds; tests only.
    pub(crate) timeout: Option<u64>,
    /// What becomes of a leak, `Fail` or `Allow`; tests only.
    pub(crate) leaks: Option<Ident>,
}

impl Settings {
    /// Reads `tokens`, where the names in `known` may stand.
    pub(crate) fn parse(tokens: TokenStream, known: &[&str]) -> Result<Settings> {
        let pairs = Punctuated::<MetaNameValue, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut settings = Settings::default();
        for pair in &pairs {
            let name = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
            if !known.contains(&name.as_str()) {
                let text = format!("unknown setting; there is `{} = N`", known.join(" = N`, `"));
                let text = text.replace("leaks = N", "leaks = \"allow\"");
                return Err(Error::new_spanned(&pair.path, text));
            }
            let twice = match name.as_str() {
                "leaks" => settings.leaks.replace(leaks(&pair.value)?).is_some(),
                "procs" => {
                    let number = number(&pair.value, &name)?;
                    settings.procs.replace(fit(number, &pair.value)?).is_some()
                }
                _ => settings.timeout.replace(number(&pair.value, &name)?).is_some(),
            };
            if twice {
                return Err(Error::new_spanned(pair, format!("`{name}` is set twice")));
            }
        }
        Ok(settings)
    }
}

/// The variant that `"fail"` or `"allow"` names.
fn leaks(value: &Expr) -> Result<Ident> {
    if let Expr::Lit(ExprLit { lit: Lit::Str(word), .. }) = value {
        match word.value().as_str() {
            "fail" => return Ok(Ident::new("Fail", word.span())),
            "allow" => return Ok(Ident::new("Allow", word.span())),
            _ => {}
        }
    }
    Err(Error::new_spanned(value, "`leaks` takes \"fail\" or \"allow\""))
}

fn number(value: &Expr, name: &str) -> Result<u64> {
    if let Expr::Lit(ExprLit { lit: Lit::Int(digits), .. }) = value {
        let number = digits.base10_parse::<u64>()?;
        if number > 0 {
            return Ok(number);
        }
    }
    Err(Error::new_spanned(value, format!("`{name}` takes a whole number above 0")))
}

fn fit(number: u64, value: &Expr) -> Result<usize> {
    usize::try_from(number).map_err(|error| Error::new_spanned(value, error))
}

//! The `#[export]` attribute of `exuvia-guest`; use it through that crate.
//!
//! It leaves the function as it stands and writes beside it a record and the glue that decodes the
//! arguments, calls it and encodes what it returns. The output holds no `unsafe` of ours: that is
//! all in `exuvia_guest`'s `shim` module, generic over the glue.
//!
//! | module | what it does |
//! |---|---|
//! | `parse` | reads the function's header and refuses what cannot be exported, with a reason |
//! | `signature` | prints tokens the way a person writes them, in one line |
//! | `expand` | writes the record and the glue |

mod expand;
mod parse;
mod signature;

use proc_macro::TokenStream;

/// Makes a function callable by name from the host.
///
/// It goes on a free function: `fn` or `pub fn`, in any module of the guest. Arguments may be of
/// any type that deserializes, or a reference to one (`&str`, `&[i32]`, `&Config`); the result may
/// be of any type that serializes, and a `Result` is shown as such (an error type that does not
/// serialize is shown by its `Display` text).
///
/// A first parameter named `state` (or `_state`) of type `&T` or `&mut T` is the guest's state: the
/// host hands it over, callers do not pass it, and `T` must be the type named by
/// `exuvia_guest::state!`.
///
/// The function stays as it is written and can be called as usual.
#[proc_macro_attribute]
pub fn export(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::export(&arguments.into(), &item.into()).into()
}

//! Lists of what is named on the command line.

/// Declares an enum from a list of variants and ids.
macro_rules! named {
    ($(#[$said:meta])* $name:ident { $($variant:ident = $id:literal,)* }) => {
        $(#[$said])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $id, "`")] $variant,)*
        }

        impl $name {
            /// All of them, sorted by id.
            pub fn all() -> &'static [Self] {
                &[$(Self::$variant,)*]
            }

            /// Its id, as it is named on the command line.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }
        }
    };
}

pub(crate) use named;

//! SPDX licence expressions: can one be satisfied with what is allowed? AND binds tighter than OR, and the
//! old `/` means OR. What cannot be read is an error, never a yes.

/// Whether some choice of licences that the expression offers is allowed throughout.
pub(crate) fn satisfied(expression: &str, allows: &dyn Fn(&str) -> bool) -> Result<bool, &'static str> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut parser = Parser {
        words: spaced.split_whitespace().peekable(),
        allows,
    };
    let answer = parser.any()?;
    match parser.words.next() {
        None => Ok(answer),
        Some(_) => Err("goes on after its end"),
    }
}

struct Parser<'a, W: Iterator<Item = &'a str>> {
    words: std::iter::Peekable<W>,
    allows: &'a dyn Fn(&str) -> bool,
}

impl<'a, W: Iterator<Item = &'a str>> Parser<'a, W> {
    fn any(&mut self) -> Result<bool, &'static str> {
        let mut answer = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            answer |= self.all()?;
        }
        Ok(answer)
    }

    fn all(&mut self) -> Result<bool, &'static str> {
        let mut answer = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool, &'static str> {
        match self.words.next() {
            Some("(") => {
                let answer = self.any()?;
                self.words
                    .next_if_eq(&")")
                    .map(|_| answer)
                    .ok_or("lacks a closing parenthesis")
            }
            None | Some(")" | "AND" | "OR" | "WITH") => Err("lacks a licence"),
            Some(licence) if self.words.next_if_eq(&"WITH").is_some() => {
                let exception = self.words.next().ok_or("lacks an exception")?;
                Ok((self.allows)(&format!("{licence} WITH {exception}")))
            }
            Some(licence) => Ok((self.allows)(licence)),
        }
    }
}

#[track_caller]
fn judged(expression: &str, expected: Result<bool, ()>) {
    let allows = |id: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&id);
    let found = satisfied(expression, &allows).map_err(|_| ());
    assert_eq!(found, expected, "{expression}");
}

#[test]
fn expressions_are_judged() {
    judged("MIT", Ok(true));
    judged("GPL-3.0", Ok(false));
    judged("GPL-3.0 OR MIT", Ok(true));
    judged("GPL-3.0/MIT", Ok(true));
    judged("GPL-3.0 AND MIT", Ok(false));
    judged("ISC AND (GPL-3.0 OR MIT)", Ok(true));
    judged("MIT OR GPL-3.0 AND GPL-2.0", Ok(true));
    judged("(MIT OR GPL-3.0) AND GPL-2.0", Ok(false));
    judged("Apache-2.0", Ok(false));
    judged("Apache-2.0 WITH LLVM-exception", Ok(true));
    judged("MIT WITH LLVM-exception", Ok(false));
}

#[test]
fn what_cannot_be_read_is_not_allowed() {
    for expression in ["", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT MIT", "MIT WITH"] {
        judged(expression, Err(()));
    }
}

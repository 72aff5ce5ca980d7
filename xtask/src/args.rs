//! A command line of flags and values, nothing more.

use crate::failure::{Failure, Result};

pub struct Args(Vec<String>);

impl Args {
    pub fn new(words: Vec<String>) -> Self {
        // `--name=value` is the same as `--name value`.
        let split = words.into_iter().flat_map(|word| match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                vec![name.to_owned(), value.to_owned()]
            }
            _ => vec![word],
        });
        Self(split.collect())
    }

    pub fn asks_for_help(&self) -> bool {
        self.0.iter().any(|word| word == "--help" || word == "-h")
    }

    /// Takes the flag `name`; true if it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// Takes every `name VALUE`.
    pub fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        while let Some(at) = self.0.iter().position(|word| word == name) {
            self.0.remove(at);
            if at >= self.0.len() || self.0[at].starts_with("--") {
                return Err(Failure::Usage(format!("{name} wants a value.")));
            }
            found.push(self.0.remove(at));
        }
        Ok(found)
    }

    /// Takes `name VALUE`, parsed; `default` if it is not there.
    pub fn value<T: std::str::FromStr>(&mut self, name: &str, default: T) -> Result<T> {
        match self.values(name)?.pop() {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| Failure::Usage(format!("{name} {text}: not understood.")))
            }
        }
    }

    /// Takes the words that are no options.
    pub fn words(&mut self) -> Vec<String> {
        let (words, rest) = self.0.drain(..).partition(|word| !word.starts_with("--"));
        self.0 = rest;
        words
    }

    /// Refuses whatever nobody took.
    pub fn finish(self) -> Result {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(Failure::Usage(format!("`{word}` is not understood here."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn takes_flags_values_and_words() {
        let mut args = args("--full one --port 8 --only a --only=b two");
        assert!(args.flag("--full"));
        assert!(!args.flag("--full"));
        assert_eq!(args.value("--port", 3000_u16).unwrap(), 8);
        assert_eq!(args.value("--sandbox-port", 3001_u16).unwrap(), 3001);
        assert_eq!(args.values("--only").unwrap(), ["a", "b"]);
        assert_eq!(args.words(), ["one", "two"]);
        args.finish().unwrap();
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(args("--fulll").finish().is_err());
        assert!(args("--port x").value("--port", 1_u16).is_err());
        assert!(args("--only --full").values("--only").is_err());
    }
}

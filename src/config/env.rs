//! Where configuration looks for environment variables: behind a trait, so that tests never change the process's own.

use std::collections::HashMap;
use std::hash::BuildHasher;

/// Environment variables, by name.
pub trait Env {
    /// The value of one variable; what is not UTF-8 in it becomes U+FFFD, which configuration then refuses.
    fn get(&self, name: &str) -> Option<String>;

    /// Names of all variables.
    fn names(&self) -> Vec<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
    }
}

impl<S: BuildHasher> Env for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Env, ProcessEnv};

    #[test]
    fn the_environment_of_the_process_is_read() {
        assert!(ProcessEnv.names().contains(&"PATH".to_owned()));
        assert_eq!(ProcessEnv.get("PATH"), std::env::var("PATH").ok());
        assert_eq!(ProcessEnv.get("CMHT_NO_SUCH_VARIABLE"), None);
    }
}

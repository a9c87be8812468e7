//! The hash table for what is looked up for every code and extension of an instance: quicker than the standard library's.
//! For tables filled from definitions; what senders name is kept in tables whose hash is made to withstand them.

use std::collections::HashMap;

/// Looked up often, filled from definitions.
pub(super) type Table<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

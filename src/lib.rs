//! Bailiwick

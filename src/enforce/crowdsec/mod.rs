//! CrowdSec's Local API.

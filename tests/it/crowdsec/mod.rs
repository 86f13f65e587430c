//! The LAPI's client against CrowdSec's real server, and against a scripted one for what newer and broken servers do.

mod live;
mod scripted;

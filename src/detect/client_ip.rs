//! Who the client is. With trusted proxies configured: the right-most address of X-Forwarded-For that is not one of
//! them. Without: the peer. Never the left-most: anyone can write that and have a stranger banned.

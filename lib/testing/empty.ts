// Replaces `server-only` outside React's server build.
export {};

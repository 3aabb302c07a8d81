/** Headers that the front server sets after it removed incoming ones of these names (S3). No others are trusted. */
export const ADDRESS_HEADER = "x-dingkeep-address";
export const NONCE_HEADER = "x-dingkeep-nonce";
export const PATH_HEADER = "x-dingkeep-path";
/** Carries a secret of the process, which marks Next's own requests for the page after an action's redirect. */
export const PASS_HEADER = "x-dingkeep-pass";

/** Choices of "since" when events are sent again, in hours. Events are kept for 30 days. */
export const RESEND_HOURS = [1, 24, 7 * 24, 30 * 24] as const;

export const ATTEMPT_OUTCOMES = ["delivered", "failed"] as const;
